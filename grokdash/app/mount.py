"""Where the app is mounted: the path below which the browser of a request sees it.

A proxy may serve the app below a path. ``--base-path`` says which; else the proxy may,
in ``X-Forwarded-Prefix``. That header is believed of a proxy on this computer alone,
and only if it is a plain path: the addresses of scripts are made from it.
"""

import hmac
import re
from collections.abc import Callable, Collection, Iterable
from typing import Any
from urllib.parse import unquote, unquote_to_bytes

import dash
import flask
from dash._utils import AttributeDict  # what Dash makes of its settings

from grokdash.app.names import is_this_computer
from grokdash.app.scripts import deferred
from grokdash.errors import ConfigError

PLACEHOLDER = "MOUNTED-AT/"
"""Stands in the frame of every page for where the app is mounted."""
_MOUNTED_AT = "grokdash.mounted_at"
_PATH = re.compile(r"(?:/(?!\.\.?(?:/|$))[A-Za-z0-9._~%@+:=-]+)+")


def checked_base_path(text: str, taken: Collection[str] = ()) -> str:
    """Give a base path as "/a/b", or nothing for none.

    Parameters
    ----------
    text
        With or without a slash at its ends.
    taken
        First parts of the paths that the app has itself: a path that begins like one
        could not be told from it.

    Raises
    ------
    ConfigError
        If it is no plain path or begins with a taken part.
    """
    stripped = text.strip("/")
    if not stripped:
        return ""
    path = f"/{stripped}"
    if not _PATH.fullmatch(path):
        raise ConfigError(
            f"--base-path: expected a path such as /grokdash, got {text[:80]!r}"
        )
    if (first := stripped.partition("/")[0]) in taken:
        raise ConfigError(
            f"--base-path: /{first} is a path of the app itself; put another name "
            "first, for example /grokdash"
        )
    return path


class Mount:
    """Tell the app below it where it is mounted, as WSGI's ``SCRIPT_NAME``.

    Parameters
    ----------
    app
        A WSGI application.
    base_path
        As :func:`checked_base_path` gives it. Requests may come with it or, from a
        proxy that takes it off, without.
    secret
        First part that the path of every request must have, after the base path; empty
        for none. What begins otherwise does not exist.
    """

    def __init__(self, app: Any, base_path: str = "", secret: str = "") -> None:
        self._app = app
        self._base_path = base_path
        self._secret = secret

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        path, below = environ.get("PATH_INFO", ""), _forwarded(environ)
        if self._base_path:
            below = self._base_path
            with_it = _as_wsgi(below)
            if path == with_it or path.startswith(f"{with_it}/"):
                path = path[len(with_it) :]
        if self._secret:
            first, _, rest = path.lstrip("/").partition("/")
            if not hmac.compare_digest(first.encode(), self._secret.encode()):
                start_response("404 Not Found", [("Content-Type", "text/plain")])
                return [b"nothing is here"]
            below, path = f"{below}/{self._secret}", f"/{rest}"
        environ["SCRIPT_NAME"], environ["PATH_INFO"] = _as_wsgi(below), path
        environ[_MOUNTED_AT] = below
        return self._app(environ, start_response)


def _forwarded(environ: dict[str, Any]) -> str:
    path = environ.get("HTTP_X_FORWARDED_PREFIX", "").rstrip("/")
    near = is_this_computer(environ.get("REMOTE_ADDR", ""))
    return path if near and _PATH.fullmatch(path) else ""


def _as_wsgi(path: str) -> str:
    """Decode a path to the characters that WSGI writes its bytes in."""
    return unquote_to_bytes(path).decode("latin-1")


def mounted_at() -> str:
    """Give the path of the app in this request as its proxy writes it, and a slash."""
    asked = flask.request.environ if flask.has_request_context() else {}
    return f"{asked.get(_MOUNTED_AT, '')}/"


class _Settings(AttributeDict):
    """Settings of Dash, whose prefix of addresses is that of each request."""

    @property
    def requests_pathname_prefix(self) -> str:
        """What Dash puts before every address that it makes."""
        return mounted_at()


class MountedDash(dash.Dash):
    """Dash that may be mounted elsewhere in every request; it wants to be inherited."""

    first_frame: Callable[[], str] = str
    """Writes what is shown of the page of this request until Dash has laid it out."""

    @property
    def config(self) -> AttributeDict:
        """Settings; Dash makes them once and reads them in every request."""
        return self._settings

    @config.setter
    def config(self, settings: AttributeDict) -> None:
        self._settings = _Settings(settings)

    def interpolate_index(self, **parts: Any) -> str:  # pyright: ignore[reportIncompatibleMethodOverride] - as Dash documents it
        """Write the frame of every page."""
        parts["scripts"] = deferred(parts["scripts"])
        # After it: scripts that look for an element find the one of the page first.
        parts["app_entry"] += self.first_frame()
        return super().interpolate_index(**parts).replace(PLACEHOLDER, mounted_at())

    def strip_relative_path(self, path: str | None) -> str | None:
        """Give a path of the browser as the app knows it, decoded."""
        if path is None:
            return None
        return unquote(path).removeprefix(unquote(mounted_at()[:-1])).strip("/")
