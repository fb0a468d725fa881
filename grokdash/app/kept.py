"""Files that a browser keeps for ever: their addresses name their content.

They are read once, when the app is made, so that files which change on disk while the
server runs change nothing, and a page never mixes copies of two versions.
"""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import flask

FOR_EVER = "public, max-age=31536000, immutable"
"""For what never changes under its address."""


def digest_of(body: bytes) -> str:
    """Name a content, as its address does."""
    return hashlib.sha256(body).hexdigest()[:16]


@dataclass(frozen=True)
class _File:
    body: bytes
    media_type: str

    @cached_property
    def digest(self) -> str:
        return digest_of(self.body)

    @cached_property
    def packed(self) -> bytes:
        return gzip.compress(self.body, mtime=0)


class Kept:
    """Files by name, served under ``/kept``.

    Parameters
    ----------
    files
        Body and media type by name.
    """

    def __init__(self, files: Mapping[str, tuple[bytes, str]]) -> None:
        self._files = {name: _File(*about) for name, about in files.items()}

    def address(self, name: str, prefix: str = "/") -> str:
        """Give the address of a file of an app that is mounted at ``prefix``."""
        return f"{prefix}kept/{self._files[name].digest}/{name}"

    def blueprint(self) -> flask.Blueprint:
        """Make the route that serves them."""
        routes = flask.Blueprint("kept", __name__)
        routes.add_url_rule("/kept/<digest>/<name>", view_func=self._serve)
        return routes

    def _serve(self, digest: str, name: str) -> flask.Response:
        file = self._files.get(name)
        if file is None or digest != file.digest:
            gone = "grokdash was updated: load the page again"
            return flask.Response(gone, 404, mimetype="text/plain")
        packed = "gzip" in flask.request.accept_encodings
        response = flask.Response(
            file.packed if packed else file.body, mimetype=file.media_type
        )
        response.headers["Cache-Control"] = FOR_EVER
        response.vary.add("Accept-Encoding")
        if packed:
            response.content_encoding = "gzip"
        return response
