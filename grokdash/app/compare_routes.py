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
from grokdash.saving.compare_query import (
    read_column,
    read_epochs,
    read_mixed,
    read_places,
)
from grokdash.saving.comparisons import (
    Comparison,
    Mixed,
    compare,
    draw_mixed,
    mixed_head,
    mixed_numbers,
)
from grokdash.saving.number_formats import number_format
from grokdash.views import get_view
from grokdash.views.compare.alignment import AXES, Column, Timeline
from grokdash.views.compare.runs import read_align, read_runs


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
        (place,) = read_places(request.args, "place", 1, len(columns))
        check_version(columns[place].run)
        beside = read_column(comparison, view, request.args)
        return send_drawing(beside.own, view, beside.finish)

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
        return partial(read_mixed, comparison, view, request.args, mode)

    def _comparison(self) -> Comparison:
        columns = self._columns()
        align = read_align(request.args.get("align", ""))
        return compare(
            columns,
            read_epochs(request.args, columns),
            align,
            request.args,
            asked_theme(),
        )

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
