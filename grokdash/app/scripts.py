"""What the browser runs and how it looks: the modules, Plotly, one sheet of styles."""

import base64
import hashlib
import html
import re
from pathlib import Path

from grokdash.app.bundle import bundle
from grokdash.app.kept import Kept

ENTRY = "main.js"
_FIRST_PAINT = "first-paint.js"
PLOTLY = "plotly-cartesian.min.js"
STYLES = "styles.css"
_SHEETS = ("bootstrap.min.css", "grokdash.css", "css/*.css")
_JAVASCRIPT = "text/javascript"
_GRID = re.compile(r'<script src="([^"]*/dash_ag_grid/[^"]*)"></script>\n?')
_START = """
{
  const laidOut = new Promise((then) => addEventListener("DOMContentLoaded", then));
  import(document.querySelector("script[type=module]").src).then(
    () => laidOut.then(() => new DashRenderer()),
    () => {
      document.getElementById("first-frame").remove();
      document.getElementById("react-entry-point").textContent =
        "The scripts of this page cannot be loaded. If a proxy serves grokdash below " +
        "a path, start grokdash with --base-path and that path.";
    },
  );
}
"""


def kept_files(assets: Path) -> Kept:
    """Read what a page loads of the folder of assets."""
    scripts = assets / "js"
    modules = {
        path.relative_to(scripts).as_posix(): path.read_text("utf-8")
        for path in sorted(scripts.rglob("*.js"))
    }
    del modules[_FIRST_PAINT]
    sheets = [path for one in _SHEETS for path in sorted(assets.glob(one))]
    plotly = assets / "plotly" / PLOTLY
    return Kept(
        {
            ENTRY: (bundle(modules).encode(), _JAVASCRIPT),
            PLOTLY: (plotly.read_bytes(), _JAVASCRIPT),
            STYLES: (b"\n".join(one.read_bytes() for one in sheets), "text/css"),
        }
    )


def first_paint(assets: Path) -> str:
    """Read the one script that is no module: it runs before anything is painted."""
    return (assets / "js" / _FIRST_PAINT).read_text("utf-8")


def policy_hash(script: str) -> str:
    """Name a script that stands in the page, as a Content-Security-Policy does."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def start() -> str:
    """Write the script that starts Dash once its own scripts and the modules are there.

    So everything that a callback, a slider or a grid looks up by name exists before
    the first of them is drawn. It is the same text wherever the app is mounted, so
    the policy can name its hash.
    """
    return _START


def deferred(scripts: str) -> str:
    """Let a page be painted before the scripts of Dash run; the grid waits for its use.

    Parameters
    ----------
    scripts
        The tags that Dash writes.
    """
    grid = _GRID.search(scripts)
    rest = _GRID.sub("", scripts).replace("<script src=", "<script defer src=")
    address = html.escape(grid[1]) if grid else ""
    return f'{rest}\n<meta name="grid" content="{address}">'
