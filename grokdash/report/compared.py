"""Pictures of several runs: overlaid, one minus another, or one beside the others.

The query is that of the routes of the Compare page: ``mode``, ``runs``, ``e``,
``align`` and what is picked; ``pair`` of a difference, ``place`` and ``ranges`` of a
column.
"""

from collections.abc import Mapping

import plotly.graph_objects as go

from grokdash.errors import ConfigError, NotStoredError
from grokdash.figures.theme import THEMES, Theme
from grokdash.report.history import run_then
from grokdash.report.picture import Asked, Picture, Sources, lined
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
)
from grokdash.saving.origins import provenance
from grokdash.views import View, get_view
from grokdash.views.compare.alignment import letter_of
from grokdash.views.compare.runs import address_of, read_align, read_runs
from grokdash.views.core.render import read_fields, render, sentence
from grokdash.written import whole


def compared_picture(asked: Asked, sources: Sources) -> Picture:
    """Give a picture of several runs.

    Raises
    ------
    ConfigError
        If the query is none.
    NotStoredError
        If there is no such run, view or picture.
    """
    mode = asked.query.get("mode", "")
    make = {"overlay": _mixed, "difference": _mixed, "column": _column}.get(mode)
    if make is None:
        raise ConfigError(
            f"mode: expected overlay, difference or column, got {mode[:20]!r}"
        )
    return make(get_view(asked.view), asked.query, sources)


def _mixed(view: View, query: Mapping[str, str], sources: Sources) -> Picture:
    compared = _compared(query, sources, "light")
    mixed = read_mixed(compared, view, query, query["mode"])
    head = mixed_head(mixed)

    def draw(theme: Theme) -> go.Figure:
        compared = _compared(query, sources, theme.name)
        own = read_mixed(compared, view, query, query["mode"])
        figure, _offsets = draw_mixed(own)
        return _marked(figure, own, theme)

    waiting = [one.progress for one in mixed.drawings if one.pending]
    told = " ".join(filter(None, (head["sentence"], head["warning"])))
    return Picture(
        title=mixed.title,
        about=head["runs"],
        sentence=told,
        query=_asked_again(compared, view, query),
        origin=dict(head["origin"]),
        draw=draw,
        runs=_runs_then(compared),
        pending="; ".join(waiting),
    )


def _column(view: View, query: Mapping[str, str], sources: Sources) -> Picture:
    compared = _compared(query, sources, "light")
    (place,) = read_places(query, "place", 1, len(compared.columns))
    own = compared.drawing(compared.side(place, view), view)
    letter, shared = letter_of(place), query.get("ranges") == "shared"

    def draw(theme: Theme) -> go.Figure:
        beside = read_column(_compared(query, sources, theme.name), view, query)
        figure = beside.finish(render(beside.own, view))
        if not view.cursor:
            return figure
        return lined(figure, [(own.step, theme.accent)], theme.paper)

    when = f"epoch {whole(own.step)}; " if view.per_step or view.cursor else ""
    ranges = "; ranges of all runs" if shared else ""
    return Picture(
        title=f"{letter} · {view.title}",
        about=f"{when}{own.run.title}; run {own.run.id}{ranges}",
        sentence=sentence(own, view),
        query=_asked_again(compared, view, query),
        origin=dict(provenance(own, view)),
        draw=draw,
        runs=_runs_then(compared),
        pending=own.progress if own.pending else "",
    )


def _marked(figure: go.Figure, mixed: Mixed, theme: Theme) -> go.Figure:
    """Mark the epoch of every run on curves that are laid on each other."""
    if not mixed.view.cursor or mixed.mode != "overlay":
        return figure
    scales = mixed.comparison.line.scales
    lines = [
        (side.snapshot.step * scales[place], theme.run(place))
        for place, side in zip(mixed.places, mixed.sides, strict=True)
    ]
    return lined(figure, lines, theme.paper)


def _compared(query: Mapping[str, str], sources: Sources, theme: str) -> Comparison:
    found = read_runs(query.get("runs", ""), sources.run)
    if found.problems and not found.columns:
        raise NotStoredError(" ".join(found.problems))
    if not found.columns:
        raise ConfigError("runs: expected ids joined by commas")
    epochs, align = (
        read_epochs(query, found.columns),
        read_align(query.get("align", "")),
    )
    return compare(found.columns, epochs, align, query, THEMES[theme].name)


def _asked_again(
    compared: Comparison, view: View, query: Mapping[str, str]
) -> dict[str, str]:
    """Write what asks for the same again, every epoch named."""
    kept = ("mode", "pair", "place", "ranges", *read_fields(view, styles=True))
    return {
        "runs": ",".join(map(address_of, compared.columns)),
        "align": compared.line.align,
        "e": ",".join(map(str, compared.steps)),
        **{name: query[name] for name in kept if query.get(name)},
    }


def _runs_then(compared: Comparison) -> list:
    runs = {one.run.id: one.run for one in compared.columns}
    return [run_then(one) for one in runs.values()]
