"""What the routes share: answers in JSON, errors in words, and what requests must be.

Every message is a type of :mod:`grokdash.contract`.
"""

import hashlib
import json
import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import quote

from flask import Blueprint, Response, request, stream_with_context
from pydantic import TypeAdapter, ValidationError
from werkzeug.exceptions import HTTPException

from grokdash.app.kept import FOR_EVER
from grokdash.app.posture import READ_ONLY
from grokdash.contract.listing import Failure
from grokdash.errors import (
    BusyError,
    ConfigError,
    DamagedFileError,
    FormatVersionError,
    GrokdashError,
    NoMemoryError,
    NotPermittedError,
    NotStoredError,
    OutdatedError,
    StoreError,
)
from grokdash.figures.colours import ThemeName
from grokdash.figures.theme import THEMES
from grokdash.snapshot import RunView
from grokdash.store import Store
from grokdash.views import VIEWS
from grokdash.views.compare.runs import asked_runs

LINES = "application/x-ndjson"
"""The media type of an answer of several lines, each of which is JSON."""
_FRESH = "no-store"
_SOON_S = "5"
_READING = hashlib.sha256(
    repr([(view.id, view.version) for view in VIEWS]).encode()
).hexdigest()[:8]
"""How the views of this grokdash read a run: their versions."""

_EXPECTED = {
    "string_type": "a text",
    "list_type": "a list of texts",
    "dict_type": "an object of values by field",
    "bool_type": "true or false",
    "missing": "a value",
}
_Message = TypeVar("_Message")

_log = logging.getLogger(__name__)


def send(message: Mapping[str, Any] | list[Any], status: int = 200) -> Response:
    """Answer with a message of the contract that no cache keeps."""
    return send_text(json.dumps(message, allow_nan=False, default=_plain), status)


def send_text(text: str | bytes, status: int = 200) -> Response:
    """Answer with JSON that is written already."""
    response = Response(text, status=status, mimetype="application/json")
    response.headers["Cache-Control"] = _FRESH
    return response


def with_figure(head: Mapping[str, Any], figure: Any) -> str:
    """Write a message and a figure of Plotly, which writes itself."""
    return f'{json.dumps(head)[:-1]}, "figure": {figure.to_json()}}}'


def send_unless_known(body: bytes) -> Response:
    """Answer with JSON, or say that the browser has it already."""
    response = send_text(body)
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag(weak=True)
    response.make_conditional(request)
    return response


def send_figure(head: Mapping[str, Any], figure: Any) -> Response:
    """Answer with a message and a figure of Plotly."""
    return send_written(with_figure(head, figure))


def send_written(text: str) -> Response:
    """Answer with a figure as :func:`with_figure` has written it."""
    response = send_text(text)
    response.headers["Cache-Control"] = "no-cache"
    return response


def send_lines(lines: Iterator[str]) -> Response:
    """Answer with JSON line by line, each sent as soon as it is there."""
    response = Response(stream_with_context(lines), mimetype=LINES)
    response.headers["Cache-Control"] = _FRESH
    return response


def send_block(block: bytes, steps: list[int]) -> Response:
    """Answer with frames; kept for ever if the address says of which checkpoints.

    A version says nothing of what came after it.
    """
    response = Response(block, mimetype="application/octet-stream")
    newest = _newest_of(request.args.get("v", ""))
    known = newest is not None and max(steps) <= newest
    response.headers["Cache-Control"] = FOR_EVER if known else _FRESH
    return response


class FileKind(Protocol):
    """What is known of a kind of file that an answer is saved as."""

    @property
    def media_type(self) -> str:
        """As browsers name it."""
        ...

    @property
    def ending(self) -> str:
        """Of a file's name, without the dot."""
        ...


def send_numbers(written_as: FileKind, body: bytes, stem: str) -> Response:
    """Answer with a file to be saved under this name and the ending of its format."""
    response = Response(body, mimetype=written_as.media_type)
    name = f"{stem}.{written_as.ending}"
    response.headers["Content-Disposition"] = _attachment(name)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _attachment(name: str) -> str:
    """Name a file to be saved, as RFC 6266 writes names of any characters."""
    if name.isascii() and not set(name) & set('"\\'):
        return f'attachment; filename="{name}"'
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else str(value)


def version_of(run: RunView) -> str:
    """Name what answers about a run follow from: its history, and how views read it.

    The history is run.json and the newest checkpoint, whose parameters follow from all
    before. The name stays right while the run grows and is packed, and a page keeps the
    one that it began with; see :func:`check_version`.
    """
    start = f"{run.stored.fingerprint}-{_READING}"
    return (
        f"{start}-{run.last}-{run.stored.digest(run.last)}" if run.steps.size else start
    )


def _is_version_of(run: RunView, version: str) -> bool:
    """Say whether the run has, or has had before it grew, this version."""
    start = f"{run.stored.fingerprint}-{_READING}"
    if version == start:
        return True
    step = _newest_of(version)
    if step is None or step not in run.stored.steps:
        return False
    return version == f"{start}-{step}-{run.stored.digest(step)}"


def _newest_of(version: str) -> int | None:
    """Give the newest checkpoint that a version speaks of."""
    found = re.fullmatch(r"[0-9a-f]+-[0-9a-z]+-([0-9]{1,8})-[0-9a-f]+", version)
    return int(found[1]) if found else None


def current_version(run: RunView) -> str:
    """Give the version that the page has, if the run has only grown since."""
    known = request.args.get("v", "")
    return known if _is_version_of(run, known) else version_of(run)


def check_version(run: RunView) -> None:
    """Refuse what is asked of an earlier training of a run, or of earlier views.

    Raises
    ------
    OutdatedError
        If the address names another version than the run has now or had before it grew.
    """
    version = request.args.get("v")
    if version is not None and not _is_version_of(run, version):
        raise OutdatedError(
            f"{run.id}: was trained anew, or grokdash was updated; load the page again"
        )


def asked_theme() -> ThemeName:
    """Read the theme of a figure.

    Raises
    ------
    ConfigError
        If it is neither light nor dark.
    """
    theme = request.args.get("theme", "light")
    if theme not in THEMES:
        raise ConfigError(f"theme: expected light or dark, got {theme[:20]!r}")
    return cast(ThemeName, theme)


def posted(kind: type[_Message], *, read_only: bool = False) -> _Message:
    """Read the body of a request that changes something.

    Raises
    ------
    ConfigError
        If nothing may be changed, the request is not one of our pages', or its body is
        not what the contract says.
    """
    if read_only:
        raise ConfigError(READ_ONLY)
    if request.headers.get("X-Grokdash") != "1":
        raise ConfigError("this request did not come from the page")
    values = request.get_json(silent=True)
    if not isinstance(values, dict):
        raise ConfigError("expected a JSON object")
    try:
        return _reader(kind).validate_python(values, strict=True)
    except ValidationError as error:
        raise ConfigError("\n".join(_wrong(error))) from None


@cache
def _reader(kind: type) -> Any:
    return TypeAdapter(kind)


def _wrong(error: ValidationError) -> Iterable[str]:
    """Say what is wrong with a body, each field once."""
    found: dict[str, str] = {}
    for one in error.errors(include_url=False, include_input=False):
        place = ".".join(str(part)[:40] for part in one["loc"][:2])
        of_many = len(one["loc"]) > 2
        what = "a text or a number" if of_many else _EXPECTED.get(one["type"])
        found.setdefault(place, what or one["msg"])
    return (f"{place}: expected {what}" for place, what in found.items())


def answer_errors(routes: Blueprint, store: Store) -> None:
    """Answer every error in JSON; damage is said in the list of runs from then on."""
    routes.register_error_handler(GrokdashError, partial(refuse, store))
    routes.register_error_handler(
        PermissionError,
        lambda error: refuse(store, NotPermittedError.of(error.filename)),
    )
    routes.register_error_handler(Exception, fail)


def line_of(view_id: str, store: Store, answer: Callable[[], Response]) -> str:
    """Write an answer as a :class:`~grokdash.contract.pictures.FigureLine`."""
    try:
        given = answer()
    except GrokdashError as error:
        given = refuse(store, error)
    except Exception as error:  # noqa: BLE001 - answered and logged as elsewhere
        given = cast(Response, fail(error))
    head = json.dumps({"view": view_id, "status": given.status_code})
    return f'{head[:-1]}, "answer": {given.get_data(as_text=True)}}}\n'


def _concerned(error: StoreError) -> list[str]:
    """Name the damaged run: the one of the address, or of several the one it names."""
    alone = (request.view_args or {}).get("run_id")
    if alone:
        return [alone]
    runs = {run_id for run_id, _ in asked_runs(request.args.get("runs", ""))}
    return [run_id for run_id in runs if f"{os.sep}{run_id}{os.sep}" in str(error)]


def refuse(store: Store, error: GrokdashError) -> Response:
    """Answer with an error of ours, without the store's place; remember damage."""
    if isinstance(error, DamagedFileError | NotPermittedError):
        for run_id in _concerned(error):
            store.report_problem(run_id, str(error))
    response = send(Failure(error=store.inside(str(error))), _status_of(error))
    if isinstance(error, BusyError):
        response.headers["Retry-After"] = _SOON_S
    return response


def fail(error: Exception) -> Response | HTTPException:
    """Answer without details when something else went wrong."""
    if isinstance(error, HTTPException):
        return error
    _log.exception("request failed")
    text = f"{type(error).__name__} while computing this; the log has the details"
    return send(Failure(error=text), 500)


def _status_of(error: GrokdashError) -> int:
    statuses = {
        NotStoredError: 404,
        OutdatedError: 409,
        DamagedFileError: 422,
        FormatVersionError: 422,
        StoreError: 503,
        NoMemoryError: 503,
        BusyError: 503,
    }
    found = (status for kind, status in statuses.items() if isinstance(error, kind))
    return next(found, 400)
