"""What the browser runs and how it looks: the modules, Plotly, one sheet of styles."""

import base64
import hashlib
import html
import re
from collections.abc import Mapping
from pathlib import Path

from grokdash.app.kept import Kept, digest_of
from grokdash.bundle import bundle, reached, read_modules

FIRST = "first.js"
ENTRY = "main.js"
_FIRST_PAINT = "first-paint.js"
_FILM = "film/reel.js"
"""Asked for by what draws films, and by no page."""
PLOTLY = "plotly-cartesian.min.js"
PDF = (
    "jspdf.umd.min.js",
    "svg2pdf.umd.min.js",
    "DejaVuSansCondensed.ttf",
    "DejaVuSansCondensed-Bold.ttf",
)
"""What makes PDF files: it is fetched when the first of them is asked for."""
STYLES = "styles.css"
_SHEETS = ("bootstrap.min.css", "grokdash.css", "css/*.css")
_JAVASCRIPT = "text/javascript"
_FONT = "font/ttf"
_GRID = re.compile(r'<script src="([^"]*/dash_ag_grid/[^"]*)"></script>\n?')
_UNUSED = re.compile(
    r'<script src="[^"]*/(?:dash_table/|deps/polyfill@)[^"]*"></script>\n?'
)
"""No page has a table; who runs modules needs nothing filled in but what dbc brings."""
_SCRIPT = re.compile(r'<script src="([^"]*)"></script>')
_PRELOAD = (
    r'<link rel="preload" as="script" fetchpriority="low" href="\1" data-src="\1">'
)
"""With ``src``: Dash refuses a page in which it finds no script of its own."""
_START = """
{
  const laidOut = new Promise((then) => addEventListener("DOMContentLoaded", then));
  const load = (src) => new Promise((then, fail) => {
    const script = document.createElement("script");
    Object.assign(script, { src, async: false, onload: then, onerror: fail });
    document.head.append(script);
  });
  const all = (selector) => [...document.querySelectorAll(selector)];
  const rest = () => [
    import(document.querySelector("link[rel=modulepreload]").href),
    ...all("link[data-src]").map(({ href }) => load(href)),
  ];
  import(document.querySelector("script[type=module]").src)
    .then(({ modules }) => modules["first.js"].sketched)
    .then(() => laidOut)
    .then(() => Promise.all(rest()))
    .then(
      () => new DashRenderer(),
      () => {
        document.getElementById("first-frame").remove();
        document.getElementById("react-entry-point").textContent =
          "The scripts of this page cannot be loaded. If a proxy serves grokdash " +
          "below a path, start grokdash with --base-path and that path.";
      },
    );
}
"""


def kept_files(assets: Path) -> Kept:
    """Read what a page loads of the folder of assets."""
    modules = read_modules(assets)
    plotly = assets / "plotly" / PLOTLY
    pdf = {
        name: (
            (assets / "pdf" / name).read_bytes(),
            _FONT if name.endswith(".ttf") else _JAVASCRIPT,
        )
        for name in PDF
    }
    first, rest = _bundles(modules)
    return Kept(
        {
            FIRST: (first, _JAVASCRIPT),
            ENTRY: (rest, _JAVASCRIPT),
            PLOTLY: (plotly.read_bytes(), _JAVASCRIPT),
            STYLES: (style_sheet(assets), "text/css"),
        }
        | pdf
    )


def style_sheet(assets: Path) -> bytes:
    """Write the sheets of the app as one."""
    sheets = [path for one in _SHEETS for path in sorted(assets.glob(one))]
    return b"\n".join(one.read_bytes() for one in sheets)


def _bundles(modules: Mapping[str, str]) -> tuple[bytes, bytes]:
    """Write what the first picture needs, and everything else, which builds on it."""
    early = reached(modules, FIRST)
    entries = [one for one in (ENTRY, _FILM) if one in modules]
    wanted = {name for one in entries for name in reached(modules, one)}
    first = bundle({name: modules[name] for name in early}).encode()
    address = f"../{digest_of(first)}/{FIRST}"
    others = {name: modules[name] for name in wanted - early}
    return first, bundle(others, after=address, given=early).encode()


def first_paint(assets: Path) -> str:
    """Read the one script that is no module: it runs before anything is painted."""
    return (assets / "js" / _FIRST_PAINT).read_text("utf-8")


def policy_hash(script: str) -> str:
    """Name a script that stands in the page, as a Content-Security-Policy does."""
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def start() -> str:
    """Write the script that starts Dash once its own scripts and the modules are there.

    They are fetched at once, and run once the first picture stands. Everything that a
    callback, a slider or a grid looks up by name exists before the first of them is
    drawn. It is the same text wherever the app is mounted, so the policy can name its
    hash.
    """
    return _START


def deferred(scripts: str) -> str:
    """Fetch the scripts of Dash for later; the grid waits for its use.

    Parameters
    ----------
    scripts
        The tags that Dash writes.
    """
    grid = _GRID.search(scripts)
    rest = _UNUSED.sub("", _GRID.sub("", scripts))
    address = html.escape(grid[1]) if grid else ""
    return f'{_SCRIPT.sub(_PRELOAD, rest)}\n<meta name="grid" content="{address}">'
