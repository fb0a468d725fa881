"""The routes of the Compare page: one timeline for several runs, figures of several.

What belongs to one run (manifest, frames, its own figures) comes from the run's routes.
"""

from collections.abc import Callable, Sequence
from functools import partial

from flask import Blueprint, Response, request

from grokdash.app.answers import (
    answer_errors,
    asked_theme,
    check_version,
    send,
    send_figure,
    send_numbers,
)
from grokdash.app.drawn import send_drawing
from grokdash.app.few import Few, downloads
from grokdash.app.runs import Runs
from grokdash.contract.compare import (
    Missing,
    TimelineAnswer,
    TimelineColumn,
)
from grokdash.contract.words import PLACES
from grokdash.errors import ConfigError, NotStoredError
from grokdash.saving.comparisons import (
    Comparison,
    Mixed,
    compare,
    difference,
    draw_mixed,
    mixed_head,
    mixed_numbers,
    overlay,
)
from grokdash.saving.number_formats import number_format
from grokdash.views import Drawing, get_view
from grokdash.views.compare.alignment import AXES, Column, Timeline
from grokdash.views.compare.runs import read_align, read_runs
from grokdash.views.compare.sharing import share_axes, with_shared_limits


def make_compare_routes(runs: Runs, saved: Few | None = None) -> Blueprint:
    """Make the blueprint that serves everything under /api/compare."""
    routes = Blueprint("compare-api", __name__, url_prefix="/api/compare")
    api = _Api(runs, saved or downloads())
    for rule, function in (
        ("/timeline", api.timeline),
        ("/figure/<view_id>", api.figure),
        ("/difference/<view_id>", api.difference),
        ("/overlay/<view_id>", api.overlay),
        ("/data/<mode>/<view_id>.<kind>", api.data),
    ):
        routes.add_url_rule(rule, view_func=function, methods=["GET"])
    answer_errors(routes, runs.store)
    return routes


class _Api:
    """One method per route; all read ``runs`` and ``align`` from the query."""

    def __init__(self, runs: Runs, saved: Few) -> None:
        self._runs = runs
        self._saved = saved

    def timeline(self) -> Response:
        comparison = self._comparison()
        return send(timeline_answer(comparison.columns, comparison.line))

    def figure(self, view_id: str) -> Response:
        """Answer with the picture of one column, in the ranges of all if wished."""
        view, comparison = get_view(view_id), self._comparison()
        columns = comparison.columns
        (place,) = _numbers("place", 1, len(columns))
        check_version(columns[place].run)
        shared = request.args.get("ranges") == "shared"

        def draw(index: int) -> Drawing:
            return comparison.drawing(comparison.side(index, view), view)

        own, others = draw(place), []
        for index, column in enumerate(columns) if shared else ():
            if index != place and view.missing(column.run) is None:
                others.append(draw(index))
        own = with_shared_limits(own, others)
        others = [with_shared_limits(one, [own]) for one in others]
        return send_drawing(own, view, lambda fig: share_axes(fig, view, others))

    def difference(self, view_id: str) -> Response:
        return _told(self._asked("difference", view_id))

    def overlay(self, view_id: str) -> Response:
        return _told(self._asked("overlay", view_id))

    def data(self, mode: str, view_id: str, kind: str) -> Response:
        made, written_as = self._asked(mode, view_id)(), number_format(kind)
        with self._saved:
            body = written_as.of_view(mixed_numbers(made))
        return send_numbers(written_as, body, made.stem)

    def _asked(self, mode: str, view_id: str) -> Callable[[], Mixed]:
        """Read which picture of several runs is asked for; making it may be refused."""
        view, comparison = get_view(view_id), self._comparison()
        if mode == "overlay":
            return partial(overlay, comparison, view)
        if mode != "difference":
            raise ConfigError(f"expected overlay or difference, got {mode[:20]!r}")
        first, second = _numbers("pair", 2, len(comparison.columns))
        return partial(difference, comparison, view, first, second)

    def _comparison(self) -> Comparison:
        columns = self._columns()
        align = read_align(request.args.get("align", ""))
        return compare(columns, _epochs(columns), align, request.args, asked_theme())

    def _columns(self) -> tuple[Column, ...]:
        compared = read_runs(request.args.get("runs", ""), self._runs.get)
        if compared.damaged:
            raise compared.damaged[0]
        if not compared.columns:
            raise ConfigError(
                " ".join(compared.problems) or "runs: expected ids joined by commas"
            )
        return compared.columns


def timeline_answer(columns: Sequence[Column], line: Timeline) -> TimelineAnswer:
    """Say which checkpoint of every column belongs to each place."""
    unit, decimals = PLACES[line.align]
    return TimelineAnswer(
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


def _told(make: Callable[[], Mixed]) -> Response:
    """Answer with a picture of several runs, or with why there is none."""
    try:
        made = make()
        head = mixed_head(made)
        if "words" in request.args:
            return send(head)
        figure, head["offsets"] = draw_mixed(made)
    except NotStoredError as error:
        return send(Missing(missing=str(error)))
    return send_figure(head, figure)


def _epochs(columns: tuple[Column, ...]) -> list[int | None]:
    """Read ``e``, one epoch per column; what is missing is the column's newest."""
    parts = request.args.get("e", "").split(",")
    told = [*parts, *[""] * len(columns)][: len(columns)]
    return [int(text) if text.isdecimal() else None for text in told]


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
