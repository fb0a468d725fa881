"""The routes beside the pages: manifest, frames, figures, data, notes.

Every answer is keyed by run, checkpoint, view and selection alone, so a browser may
keep frames for ever: the fingerprint of the run is part of their address.
"""

import json
import logging
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from grokdash.app.blocks import pack_block
from grokdash.app.download import download
from grokdash.app.manifest import checked_step, manifest, progress
from grokdash.app.posture import READ_ONLY
from grokdash.app.run_list import RunList
from grokdash.app.runs import Runs
from grokdash.errors import (
    ConfigError,
    DamagedFileError,
    FormatVersionError,
    GrokdashError,
    NotStoredError,
    StoreError,
)
from grokdash.figures.theme import THEMES
from grokdash.snapshot import RunView
from grokdash.store import Notes
from grokdash.views import View, get_view
from grokdash.views.core.render import (
    make_drawing,
    render,
    scrubbed,
    sentence,
    view_arrays,
)
from grokdash.views.core.selection import Selection, parse_selection

MOST_FRAMES = 64
_FOR_EVER = "public, max-age=31536000, immutable"

_log = logging.getLogger(__name__)


def make_routes(runs: Runs, *, read_only: bool = False) -> Blueprint:
    """Make the blueprint that serves everything under /api."""
    routes = Blueprint("api", __name__, url_prefix="/api")
    api = _Api(runs, read_only=read_only)
    for rule, function in (
        ("/runs", api.runs),
        ("/runs/changes", api.changes),
        ("/run/<run_id>/manifest", api.manifest),
        ("/run/<run_id>/live", api.live),
        ("/run/<run_id>/frames/<view_id>", api.frames),
        ("/run/<run_id>/exact/<view_id>", api.exact),
        ("/run/<run_id>/figure/<view_id>", api.figure),
        ("/run/<run_id>/data/<view_id>.<kind>", api.data),
        ("/guide/<view_id>", api.guide),
    ):
        routes.add_url_rule(rule, view_func=function, methods=["GET"])
    for rule, function in (
        ("/run/<run_id>/notes", api.write_notes),
        ("/run/<run_id>/delete", api.delete),
    ):
        routes.add_url_rule(rule, view_func=function, methods=["POST"])
    routes.register_error_handler(GrokdashError, refuse)
    routes.register_error_handler(DamagedFileError, api.damaged)
    routes.register_error_handler(Exception, fail)
    return routes


class _Api:
    """One method per route."""

    def __init__(self, runs: Runs, *, read_only: bool) -> None:
        self._runs = runs
        self._read_only = read_only
        self._list = RunList(runs.store)

    def runs(self) -> Response:
        return _fresh(self._list.all_rows())

    def changes(self) -> Response:
        return _fresh(self._list.changes(request.args.get("since", "")))

    def manifest(self, run_id: str) -> Response:
        wanted = [name for name in request.args.get("views", "").split(",") if name]
        return _json(manifest(self._runs.get(run_id), wanted, request.args))

    def live(self, run_id: str) -> Response:
        run = self._runs.get(run_id)
        have = max(0, request.args.get("have", 0, type=int))
        return _json({"steps": [int(s) for s in run.steps[have:]], **progress(run)})

    def frames(self, run_id: str, view_id: str) -> Response:
        run, view, selection = self._asked(run_id, view_id)
        steps = _steps(request.args.get("steps", ""), run)
        block = pack_block((s, _scrub_arrays(run, view, selection, s)) for s in steps)
        return _binary(block)

    def exact(self, run_id: str, view_id: str) -> Response:
        run, view, selection = self._asked(run_id, view_id)
        step = checked_step(request.args, run)
        arrays = _scrub_arrays(run, view, selection, step)
        return _binary(pack_block([(step, arrays)], exact=True))

    def figure(self, run_id: str, view_id: str) -> Response:
        return _figure(*self._asked(run_id, view_id))

    def data(self, run_id: str, view_id: str, kind: str) -> Response:
        run, view, selection = self._asked(run_id, view_id)
        snapshot = run.at(checked_step(request.args, run))
        drawing = make_drawing(snapshot, view, selection, "light")
        return download(drawing, view, kind)

    def guide(self, view_id: str) -> Response:
        view = get_view(view_id)
        texts = {name: getattr(view.guide, name) for name in view.guide.__slots__}
        return _json({"title": view.title, "question": view.question, **texts})

    def write_notes(self, run_id: str) -> Response:
        values = posted(read_only=self._read_only)
        tags = values.get("tags", [])
        if not isinstance(tags, list):
            raise ConfigError("tags: expected a list of texts")
        notes = Notes(
            title=str(values.get("title", "")),
            tags=tuple(str(tag) for tag in tags),
            notes=str(values.get("notes", "")),
        )
        self._runs.store.write_notes(run_id, notes)
        return _json({"ok": True})

    def delete(self, run_id: str) -> Response:
        if posted(read_only=self._read_only).get("confirm") != run_id:
            raise ConfigError("delete: repeat the run's id in the field confirm")
        self._runs.forget(run_id)
        self._runs.store.delete_run(run_id)
        return _json({"ok": True})

    def damaged(self, error: DamagedFileError) -> Response:
        """Say what is damaged, and let the list of runs say it from now on."""
        run_id = (request.view_args or {}).get("run_id")
        if run_id:
            self._runs.store.report_problem(run_id, str(error))
        return refuse(error)

    def _asked(self, run_id: str, view_id: str) -> tuple[RunView, View, Selection]:
        run = self._runs.get(run_id)
        view = get_view(view_id)
        why = view.missing(run)
        if why is not None:
            raise NotStoredError(why)
        selection, _notices = parse_selection(request.args, run)
        return run, view, selection


def refuse(error: GrokdashError) -> Response:
    """Answer with an error of ours, in its own words."""
    return _json({"error": str(error)}, _status_of(error))


def fail(error: Exception) -> Response | HTTPException:
    """Answer without details when something else went wrong."""
    if isinstance(error, HTTPException):
        return error
    _log.exception("request failed")
    text = f"{type(error).__name__} while computing this; the log has the details"
    return _json({"error": text}, 500)


def _scrub_arrays(
    run: RunView, view: View, selection: Selection, step: int
) -> Mapping[str, Any]:
    return scrubbed(view, view_arrays(run.at(step), view, selection))


def _steps(text: str, run: RunView) -> list[int]:
    try:
        steps = [int(part) for part in text.split(",") if part]
    except ValueError:
        raise ConfigError(
            f"steps: expected epochs joined by commas, got {text[:80]!r}"
        ) from None
    if not 0 < len(steps) <= MOST_FRAMES:
        raise ConfigError(
            f"steps: expected 1 to {MOST_FRAMES} epochs, got {len(steps)}"
        )
    stored = set(run.steps.tolist())
    unknown = [step for step in steps if step not in stored]
    if unknown:
        raise NotStoredError(
            f"epoch {unknown[0]} of {run.id} is not stored; the nearest is "
            f"{run.run.nearest_step(unknown[0])}"
        )
    return steps


def _figure(run: RunView, view: View, selection: Selection) -> Response:
    theme = request.args.get("theme", "light")
    if theme not in THEMES:
        raise ConfigError(f"theme: expected light or dark, got {theme[:20]!r}")
    snapshot = run.at(checked_step(request.args, run))
    drawing = make_drawing(snapshot, view, selection, theme)
    head = {
        "step": snapshot.step,
        "sentence": sentence(drawing, view),
        "limits": {name: list(bound) for name, bound in drawing.limits.items()},
        "pending": drawing.pending,
    }
    if "words" in request.args:
        return _json(head)
    figure = render(drawing, view).to_json()
    text = f'{json.dumps(head)[:-1]}, "figure": {figure}}}'
    response = Response(text, mimetype="application/json")
    response.headers["Cache-Control"] = "no-cache"
    return response


def posted(*, read_only: bool) -> dict[str, Any]:
    """Give the JSON object of a request that changes something.

    Raises
    ------
    ConfigError
        If nothing may be changed, or the request is not one of our pages'.
    """
    if read_only:
        raise ConfigError(READ_ONLY)
    if request.headers.get("X-Grokdash") != "1":
        raise ConfigError("this request did not come from the page")
    values = request.get_json(silent=True)
    if not isinstance(values, dict):
        raise ConfigError("expected a JSON object")
    return values


def _status_of(error: GrokdashError) -> int:
    if isinstance(error, NotStoredError):
        return 404
    if isinstance(error, DamagedFileError | FormatVersionError):
        return 422
    return 503 if isinstance(error, StoreError) else 400


def _json(value: Any, status: int = 200) -> Response:
    return _fresh(json.dumps(value, allow_nan=False, default=_plain), status)


def _fresh(text: str, status: int = 200) -> Response:
    response = Response(text, status=status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else str(value)


def _binary(block: bytes) -> Response:
    response = Response(block, mimetype="application/octet-stream")
    response.headers["Cache-Control"] = _FOR_EVER
    return response
