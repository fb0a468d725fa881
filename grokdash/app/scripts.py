"""The modules of the browser: one address for all of them that names their content.

A module imports others by relative paths, so what the entry's address begins with is
what all of theirs begin with: a browser cannot mix copies of two versions, and may keep
each for ever. They are read once, when the app is made, so that files which change on
disk while the server runs change nothing.
"""

import hashlib
from pathlib import Path

import flask

ENTRY = "main.js"
FIRST_PAINT = "first-paint.js"
"""The one script that is no module: it runs before anything is painted."""
_FOR_EVER = "public, max-age=31536000, immutable"
_START = """
import(document.querySelector("link[rel=modulepreload][href$='/ENTRY']").href).then(
  () => new DashRenderer(),
  () => {
    document.getElementById("react-entry-point").textContent =
      "The scripts of this page cannot be loaded. If a proxy serves grokdash below a " +
      "path, start grokdash with --base-path and that path.";
  },
);
"""


class Scripts:
    """The scripts in ``assets/js``, served under an address that names their content.

    Parameters
    ----------
    folder
        Where they lie; folders in it too.
    """

    def __init__(self, folder: Path) -> None:
        paths = sorted(folder.rglob("*.js"))
        self._texts = {
            path.relative_to(folder).as_posix(): path.read_bytes() for path in paths
        }
        digest = hashlib.sha256()
        for name, text in self._texts.items():
            digest.update(f"{name}\0{len(text)}\0".encode() + text)
        self.version = digest.hexdigest()[:16]

    @property
    def modules(self) -> list[str]:
        """Names of the modules, the entry among them."""
        return [name for name in self._texts if name != FIRST_PAINT]

    def address(self, name: str, prefix: str = "/") -> str:
        """Give the address of a script of an app that is mounted at ``prefix``."""
        return f"{prefix}js/{self.version}/{name}"

    def blueprint(self) -> flask.Blueprint:
        """Make the route that serves them."""
        routes = flask.Blueprint("scripts", __name__)
        routes.add_url_rule("/js/<version>/<path:name>", view_func=self._serve)
        return routes

    def _serve(self, version: str, name: str) -> flask.Response:
        text = self._texts.get(name)
        if text is None or version != self.version:
            gone = "grokdash was updated: load the page again"
            return flask.Response(gone, 404, mimetype="text/plain")
        response = flask.Response(text, mimetype="text/javascript")
        response.headers["Cache-Control"] = _FOR_EVER
        return response

    def preloads(self, prefix: str = "/") -> str:
        """Write the tags that fetch all modules at once, not import by import."""
        return "\n".join(
            f'<link rel="modulepreload" href="{self.address(name, prefix)}">'
            for name in self.modules
        )

    def start(self) -> str:
        """Write the script that starts Dash once the modules are there.

        So everything that a callback, a slider or a grid looks up by name exists before
        the first of them is drawn. It is the same text wherever the app is mounted, so
        the policy can name its hash.
        """
        return _START.replace("ENTRY", ENTRY)
