"""Freeze a picture: draw it once from the store, with all that it is drawn from again.

What an address asks for is read as the routes read it; what comes back names every
field of the selection, so that a default which changes later changes nothing here.
"""

import json
import secrets
import time
from typing import Any

import plotly.graph_objects as go

from grokdash.contract.words import RANGE_BUTTON
from grokdash.errors import BusyError, ConfigError, NotStoredError
from grokdash.figures.theme import THEMES, Theme
from grokdash.report.compared import compared_picture
from grokdash.report.history import run_then
from grokdash.report.looks import both
from grokdash.report.picture import Asked, Picture, Sources, lined
from grokdash.saving.origins import VERSION, provenance, sweep_origin
from grokdash.saving.sweep_figures import sweep_words
from grokdash.snapshot import RunView
from grokdash.store.report_models import ReportItem
from grokdash.views import get_view
from grokdash.views.core.ranges import of_epoch
from grokdash.views.core.render import make_drawing, read_fields, render, sentence
from grokdash.views.core.selection import parse_selection
from grokdash.views.core.view import Drawing, View
from grokdash.views.sweep import get_picture
from grokdash.views.sweep.choice import choice_query, parse_choice
from grokdash.views.sweep.chosen import NO_RUN, Chosen
from grokdash.views.sweep.picture import render as render_sweep
from grokdash.written import whole

HEIGHT = 380
"""Pixels of a picture that has no height of its own."""


def picture_of(asked: Asked, sources: Sources) -> Picture:
    """Give the picture that an address names.

    Raises
    ------
    ConfigError
        If the address is none.
    NotStoredError
        If there is no such run, sweep, view or picture.
    """
    make = {"view": _view, "sweep": _sweep, "comparison": compared_picture}
    if asked.kind not in make:
        raise ConfigError(
            f"kind: expected one of {', '.join(make)}, got {str(asked.kind)[:20]!r}"
        )
    return make[asked.kind](asked, sources)


def figures_of(picture: Picture) -> dict[str, Any]:
    """Draw a picture in both themes, as JSON."""
    return both(*(_plain(picture.draw(THEMES[name])) for name in ("light", "dark")))


def freeze(asked: Asked, sources: Sources) -> tuple[ReportItem, dict[str, Any]]:
    """Freeze a picture as an item of a report.

    Returns
    -------
    item, figure
        The item knows the figure once the report keeps it.

    Raises
    ------
    BusyError
        If part of the picture is still being computed.
    ConfigError, NotStoredError
        If there is no such picture.
    """
    picture = picture_of(asked, sources)
    if picture.pending:
        raise BusyError(
            f"still computing: {picture.pending}; add the picture once it is complete"
        )
    figure = figures_of(picture)
    item = ReportItem(
        id=secrets.token_hex(6),
        kind=asked.kind,
        title=picture.title[:200],
        of=asked.of,
        view=asked.view,
        query=picture.query,
        about=picture.about[:2000],
        sentence=picture.sentence,
        runs=list(picture.runs),
        content=picture.content,
        origin=json.loads(json.dumps(picture.origin)),
        height=picture.height or HEIGHT,
        version=VERSION,
        made=time.time(),
    )
    return item, figure


def _plain(figure: go.Figure) -> dict[str, Any]:
    text: str | None = figure.to_json()
    return json.loads(text or "{}")


def _view(asked: Asked, sources: Sources) -> Picture:
    view, run = get_view(asked.view), sources.run(asked.of)
    why = view.missing(run)
    if why is not None:
        raise NotStoredError(why)
    selection, misfits = parse_selection(dict(asked.query), run)
    if misfits:
        raise ConfigError(f"{view.id}: " + "; ".join(misfits))
    snapshot = run.at(_epoch(asked, run))
    drawing = make_drawing(snapshot, view, selection, "light")

    def draw(theme: Theme) -> go.Figure:
        figure = render(make_drawing(snapshot, view, selection, theme.name), view)
        if not view.cursor:
            return figure
        return lined(figure, [(snapshot.step, theme.accent)], theme.paper)

    fields = read_fields(view, styles=True)
    return Picture(
        title=view.title,
        about=_about(drawing, view),
        sentence=sentence(drawing, view),
        query={"e": str(snapshot.step), **selection.query(fields)},
        origin=dict(provenance(drawing, view)),
        draw=draw,
        runs=[run_then(run)],
        pending=drawing.progress if drawing.pending else "",
    )


def _epoch(asked: Asked, run: RunView) -> int:
    text = asked.query.get("e", "")
    if not text.isdecimal():
        raise ConfigError(f"e: expected an epoch, got {text[:20]!r}")
    return min(int(text), run.last)


def _about(drawing: Drawing, view: View) -> str:
    when = f"epoch {whole(drawing.step)}; " if view.per_step or view.cursor else ""
    ranged = f"{RANGE_BUTTON}; " if of_epoch(drawing, view) else ""
    return f"{when}{ranged}{drawing.run.title}; run {drawing.run.id}"


def _sweep(asked: Asked, sources: Sources) -> Picture:
    data, content = sources.sweep(asked.of)
    choice = parse_choice(data, dict(asked.query))
    chosen, picture = Chosen(data, choice), get_picture(asked.view)
    if not chosen.runs:
        raise NotStoredError(f"{asked.of}: {NO_RUN}")
    return Picture(
        title=picture.title,
        about=sweep_words(chosen),
        sentence=picture.words(chosen),
        query=choice_query(data, choice),
        origin=dict(sweep_origin(chosen, picture.name)),
        draw=lambda theme: render_sweep(picture, chosen, theme),
        content=content,
        height=picture.height_of(chosen),
    )
