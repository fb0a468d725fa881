"""The routes beside the pages: manifest, frames, figures, data, notes.

Every answer is keyed by run, checkpoint, view and selection alone, so a browser may
keep frames for ever: the version of the run is part of their address, made of run.json
and the parameters at a checkpoint, and one of another training is refused.
"""

from functools import partial

from flask import Blueprint, Response, request

from grokdash.app.answers import (
    answer_errors,
    asked_theme,
    check_version,
    line_of,
    posted,
    send,
    send_block,
    send_lines,
    send_numbers,
    send_text,
    send_unless_known,
)
from grokdash.app.blocks import join_block, pack_block
from grokdash.app.drawn import send_own_drawing
from grokdash.app.few import Few, downloads
from grokdash.app.guides import guide_to
from grokdash.app.manifest import checked_step, live, manifest
from grokdash.app.packed_frames import PackedFrames, told
from grokdash.app.run_list import RunList
from grokdash.app.runs import Runs
from grokdash.contract.listing import (
    DeleteBody,
    Deleted,
    Done,
    NoBody,
    NotesBody,
    Placed,
)
from grokdash.contract.run import Moment
from grokdash.errors import ConfigError, NotStoredError
from grokdash.example import put_example
from grokdash.listed import listed
from grokdash.saving.number_formats import number_format
from grokdash.saving.numbers import view_numbers
from grokdash.saving.origins import stem
from grokdash.saving.stored import array_numbers
from grokdash.snapshot import RunView
from grokdash.store import Notes
from grokdash.story.notes import notes
from grokdash.views import VIEWS, View, get_view
from grokdash.views.core.render import make_drawing
from grokdash.views.core.selection import Selection, parse_selection

MOST_FRAMES = 64


def make_routes(
    runs: Runs, *, read_only: bool = False, saved: Few | None = None
) -> Blueprint:
    """Make the blueprint that serves everything under /api.

    Parameters
    ----------
    runs, read_only
        What is served, and whether it may be changed.
    saved
        The place in which files to be saved are made; its own if none is given.
    """
    routes = Blueprint("api", __name__, url_prefix="/api")
    api = _Api(runs, saved or downloads(), read_only=read_only)
    for rule, function in (
        ("/runs", api.runs),
        ("/runs/changes", api.changes),
        ("/run/<run_id>/manifest", api.manifest),
        ("/run/<run_id>/live", api.live),
        ("/run/<run_id>/moments", api.moments),
        ("/run/<run_id>/frames/<view_id>", api.frames),
        ("/run/<run_id>/exact/<view_id>", api.exact),
        ("/run/<run_id>/figure/<view_id>", api.figure),
        ("/run/<run_id>/figures", api.figures),
        ("/run/<run_id>/data/<view_id>.<kind>", api.data),
        ("/run/<run_id>/array/<path:name>.<kind>", api.array),
        ("/guide/<view_id>", api.guide),
    ):
        routes.add_url_rule(rule, view_func=function, methods=["GET"])
    for rule, function in (
        ("/run/<run_id>/notes", api.write_notes),
        ("/run/<run_id>/delete", api.delete),
        ("/example", api.example),
    ):
        routes.add_url_rule(rule, view_func=function, methods=["POST"])
    answer_errors(routes, runs.store)
    return routes


class _Api:
    """One method per route."""

    def __init__(self, runs: Runs, saved: Few, *, read_only: bool) -> None:
        self._runs = runs
        self._saved = saved
        self._read_only = read_only
        self._list = RunList(runs.store)
        self._frames = PackedFrames()

    def runs(self) -> Response:
        return send_text(self._list.all_rows())

    def changes(self) -> Response:
        since = request.args.get("since", "")
        found = self._list.changes(since)
        return send_text(found) if since else send_unless_known(found)

    def manifest(self, run_id: str) -> Response:
        wanted = listed(request.args.get("views"))
        return send(manifest(self._runs.get(run_id), wanted, request.args))

    def live(self, run_id: str) -> Response:
        run = self._runs.get(run_id)
        have = max(0, request.args.get("have", 0, type=int))
        return send(live(run, have))

    def moments(self, run_id: str) -> Response:
        told = notes(self._runs.get(run_id).at_this_moment())
        return send([Moment(epoch=one.epoch, text=one.text) for one in told])

    def frames(self, run_id: str, view_id: str) -> Response:
        run, view, selection = self._asked(run_id, view_id)
        steps = _steps(request.args.get("steps", ""), run)
        found = self._frames.of_steps(run, view, selection, steps)
        return send_block(join_block(found), steps)

    def exact(self, run_id: str, view_id: str) -> Response:
        run, view, selection = self._asked(run_id, view_id)
        step = checked_step(request.args, run)
        found = told(run, view, selection, step)
        return send_block(pack_block([found], exact=True), [step])

    def figure(self, run_id: str, view_id: str) -> Response:
        return _figure(*self._asked(run_id, view_id))

    def figures(self, run_id: str) -> Response:
        """Send figures of one epoch in the order asked for, each once it is made."""
        wanted = listed(request.args.get("views"))
        if not 0 < len(wanted) <= len(VIEWS):
            raise ConfigError("views: expected names of views joined by commas")
        check_version(self._runs.get(run_id))
        figure = partial(self.figure, run_id)
        return send_lines(
            line_of(one, self._runs.store, partial(figure, one)) for one in wanted
        )

    def data(self, run_id: str, view_id: str, kind: str) -> Response:
        run, view, selection = self._asked(run_id, view_id)
        snapshot = run.at(checked_step(request.args, run))
        written_as = number_format(kind)
        with self._saved:
            drawing = make_drawing(snapshot, view, selection, "light")
            body = written_as.of_view(view_numbers(drawing, view))
        return send_numbers(written_as, body, stem(run.id, view.id, snapshot.step))

    def array(self, run_id: str, name: str, kind: str) -> Response:
        run, written_as = self._runs.get(run_id), number_format(kind)
        with self._saved:
            body = written_as.of_view(array_numbers(run.stored, name, request.args))
        return send_numbers(written_as, body, f"{run.id}__{name.replace('/', '-')}")

    def guide(self, view_id: str) -> Response:
        view, run_id = get_view(view_id), request.args.get("run")
        operation = self._runs.get(run_id).config.operation if run_id else "add"
        return send(guide_to(view, operation))

    def write_notes(self, run_id: str) -> Response:
        body = posted(NotesBody, read_only=self._read_only)
        notes = Notes(
            title=body.get("title", ""),
            tags=tuple(body.get("tags", ())),
            notes=body.get("notes", ""),
        )
        self._runs.store.write_notes(run_id, notes)
        return send(Done(ok=True))

    def delete(self, run_id: str) -> Response:
        if posted(DeleteBody, read_only=self._read_only)["confirm"] != run_id:
            raise ConfigError("delete: repeat the run's id in the field confirm")
        self._runs.forget(run_id)
        left = self._runs.store.delete_run(run_id)
        return send(Deleted(ok=True, left=left))

    def example(self) -> Response:
        posted(NoBody, read_only=self._read_only)
        return send(Placed(run=put_example(self._runs.store.path)))

    def _asked(self, run_id: str, view_id: str) -> tuple[RunView, View, Selection]:
        run = self._runs.get(run_id)
        check_version(run)
        view = get_view(view_id)
        why = view.missing(run)
        if why is not None:
            raise NotStoredError(why)
        selection, _notices = parse_selection(request.args, run)
        return run, view, selection


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
            f"{run.stored.nearest_step(unknown[0])}"
        )
    return steps


def _figure(run: RunView, view: View, selection: Selection) -> Response:
    snapshot = run.at(checked_step(request.args, run))
    drawing = make_drawing(snapshot, view, selection, asked_theme())
    return send_own_drawing(drawing, view)
