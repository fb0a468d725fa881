"""The routes of the Compare page: one timeline for several runs, figures of several.

What belongs to one run (manifest, frames, its own figures) comes from the run's routes.
"""

from dataclasses import replace

from flask import Blueprint, Response, request

from grokdash.app.answers import (
    answer_errors,
    asked_theme,
    check_version,
    send,
    send_figure,
)
from grokdash.app.drawn import send_drawing
from grokdash.app.runs import Runs
from grokdash.contract.compare import (
    Missing,
    MixedHead,
    TimelineAnswer,
    TimelineColumn,
)
from grokdash.contract.words import PLACES
from grokdash.errors import ConfigError, NotStoredError
from grokdash.views import Drawing, View, get_view
from grokdash.views.compare.alignment import (
    AXES,
    Column,
    Timeline,
    letter_of,
    make_timeline,
)
from grokdash.views.compare.difference import (
    Side,
    describe_difference,
    differences,
    draw_difference,
    largest,
    locked_bound,
    no_difference,
)
from grokdash.views.compare.frames import refuse_unlike_axes, unlike
from grokdash.views.compare.overlay import make_layers, overlaid
from grokdash.views.compare.runs import read_align, read_runs
from grokdash.views.compare.sharing import share_axes, with_shared_limits
from grokdash.views.core.render import make_drawing
from grokdash.views.core.selection import parse_selection


def make_compare_routes(runs: Runs) -> Blueprint:
    """Make the blueprint that serves everything under /api/compare."""
    routes = Blueprint("compare-api", __name__, url_prefix="/api/compare")
    api = _Api(runs)
    for rule, function in (
        ("/timeline", api.timeline),
        ("/figure/<view_id>", api.figure),
        ("/difference/<view_id>", api.difference),
        ("/overlay/<view_id>", api.overlay),
    ):
        routes.add_url_rule(rule, view_func=function, methods=["GET"])
    answer_errors(routes, runs.store)
    return routes


class _Api:
    """One method per route; all read ``runs`` and ``align`` from the query."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    def timeline(self) -> Response:
        columns, line = self._line()
        unit, decimals = PLACES[line.align]
        return send(
            TimelineAnswer(
                align=line.align,
                axis=AXES[line.align],
                unit=unit,
                decimals=decimals,
                coordinates=line.coordinates.tolist(),
                notices=list(line.notices),
                columns=[
                    TimelineColumn(
                        run=one.run.id,
                        pin=one.pin,
                        indices=line.indices[i].tolist(),
                        scale=line.scales[i],
                        grok=one.run.grok().until,
                    )
                    for i, one in enumerate(columns)
                ],
            )
        )

    def figure(self, view_id: str) -> Response:
        """Answer with the picture of one column, in the ranges of all if wished."""
        view, columns = get_view(view_id), self._columns()
        (place,) = _numbers("place", 1, len(columns))
        check_version(columns[place].run)
        steps = _epochs(columns)
        shared = request.args.get("ranges") == "shared"

        def draw(index: int) -> Drawing:
            return _drawing(columns, _side(columns, index, steps[index], view), view)

        own, others = draw(place), []
        for index, column in enumerate(columns) if shared else ():
            if index != place and view.missing(column.run) is None:
                others.append(draw(index))
        own = with_shared_limits(own, others)
        others = [with_shared_limits(one, [own]) for one in others]
        return send_drawing(own, view, lambda fig: share_axes(fig, view, others))

    def difference(self, view_id: str) -> Response:
        view = get_view(view_id)
        columns, line = self._line()
        try:
            return _difference(view, columns, line)
        except NotStoredError as error:
            return send(Missing(missing=str(error)))

    def overlay(self, view_id: str) -> Response:
        view = get_view(view_id)
        columns, line = self._line()
        try:
            return _overlay(view, columns, line)
        except NotStoredError as error:
            return send(Missing(missing=str(error)))

    def _line(self) -> tuple[tuple[Column, ...], Timeline]:
        columns = self._columns()
        align = read_align(request.args.get("align", ""))
        return columns, make_timeline(columns, align)

    def _columns(self) -> tuple[Column, ...]:
        compared = read_runs(request.args.get("runs", ""), self._runs.get)
        if compared.damaged:
            raise compared.damaged[0]
        if not compared.columns:
            raise ConfigError(
                " ".join(compared.problems) or "runs: expected ids joined by commas"
            )
        return compared.columns


def _difference(view: View, columns: tuple[Column, ...], line: Timeline) -> Response:
    first, second = _numbers("pair", 2, len(columns))
    steps = _epochs(columns)
    one = _side(columns, first, steps[first], view)
    other = _side(columns, second, steps[second], view)
    drawing, beside = (_drawing(columns, side, view) for side in (one, other))
    if no_difference(view) is None:
        refuse_unlike_axes(view, (one.letter, drawing), (other.letter, beside))
    arrays = differences(view, one, other)
    if one.selection.norm == "epoch":
        bound = max(largest(array) for array in arrays.values())
    else:
        pairs = [
            (int(columns[first].run.steps[a]), int(columns[second].run.steps[b]))
            for a, b in zip(line.indices[first], line.indices[second], strict=True)
        ]
        bound = locked_bound(view, one, other, pairs)
    title = f"{one.letter} − {other.letter}"
    head = MixedHead(
        sentence=describe_difference(view, one, other, arrays),
        warning=unlike([(side.letter, side.snapshot.run) for side in (one, other)]),
        offsets=[],
        steps=steps,
    )
    if "words" in request.args:
        return send(head)
    figure = draw_difference(view, drawing, arrays, bound, title)
    return send_figure(head, figure)


def _overlay(view: View, columns: tuple[Column, ...], line: Timeline) -> Response:
    steps = _epochs(columns)
    sides = [_side(columns, i, steps[i], view) for i in range(len(columns))]
    drawings = [_drawing(columns, side, view) for side in sides]
    layers = make_layers(view, columns, drawings, line)
    runs = [(one.name, one.drawing.run) for one in layers]
    told = " ".join(f"{one.name}: {view.describe(one.drawing)}" for one in layers)
    head = MixedHead(
        sentence=told,
        warning="" if view.cursor else unlike(runs),
        offsets=[],
        steps=steps,
    )
    if "words" in request.args:
        return send(head)
    figure, head["offsets"] = overlaid(view, layers, line.align)
    return send_figure(head, figure)


def _side(columns: tuple[Column, ...], index: int, step: int, view: View) -> Side:
    run = columns[index].run
    why = view.missing(run)
    if why is not None:
        raise NotStoredError(f"{letter_of(index)}: {why}")
    selection, _notices = parse_selection(request.args, run)
    return Side(letter=letter_of(index), snapshot=run.at(step), selection=selection)


def _drawing(columns: tuple[Column, ...], side: Side, view: View) -> Drawing:
    """Collect what a picture of one side is made from, in the colours of all runs."""
    keys = frozenset(k for one in columns for k in one.run.keys)
    own = make_drawing(side.snapshot, view, side.selection, asked_theme())
    return replace(own, beside=keys)


def _epochs(columns: tuple[Column, ...]) -> list[int]:
    """Read ``e``, one epoch per column; what is missing is the column's newest."""
    parts = request.args.get("e", "").split(",")
    steps = []
    for index, one in enumerate(columns):
        text = parts[index] if index < len(parts) else ""
        wanted = int(text) if text.isdecimal() else one.run.last
        if one.pin is not None:
            wanted = one.pin
        steps.append(one.run.stored.nearest_step(min(wanted, one.run.last)))
    return steps


def _numbers(name: str, count: int, limit: int) -> list[int]:
    text = request.args.get(name, "0,1")
    parts = text.split(",")
    if len(parts) == count and all(one.isdecimal() for one in parts):
        found = [int(one) for one in parts]
        if max(found) < limit:
            return found
    raise ConfigError(
        f"{name}: expected {count} places below {limit}, joined by a comma, "
        f"got {text[:40]!r}"
    )
