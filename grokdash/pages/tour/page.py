"""The tour: a page to begin at, and one page per step, told on a run."""

import json
from typing import Any

from dash import dcc, get_relative_path, html

from grokdash.contract.addresses import run_path, tour_path
from grokdash.contract.pages import PlainPage, TourConfig
from grokdash.example import example_id
from grokdash.pages.guide.formula import Formula
from grokdash.pages.guide.render import term_link
from grokdash.pages.page import Page, PageContext, opened
from grokdash.pages.problem import problem
from grokdash.pages.run.panels import STRIP, loss_chart, panel, scrub_bar
from grokdash.pages.tour.welcome import GROKKING, ways_in
from grokdash.story.choice import story_run, why_no_story
from grokdash.story.telling import Away, Go, Maths, Paragraph, Piece, Term
from grokdash.story.tour import TITLES, Place, nearest_step, tell
from grokdash.views import get_view
from grokdash.views.core.view import NO_SPLIT

_CLOSING = frozenset(".,:;?)")


def _entrance(context: PageContext, **_query: Any) -> html.Div:
    """Say what the tour is, and offer its steps."""
    run = story_run(context.store.summaries())
    run_id = example_id() if run is None else run.id
    return html.Div(
        [
            opened(PlainPage(kind="tour-entrance")),
            html.H1("A tour of grokking"),
            html.P(GROKKING),
            html.P(
                "The tour walks through one such training in a few steps. The buttons "
                "in its sentences move the pictures beside them. Nothing needs to be "
                "known beforehand, and every step has an address, so that you can "
                "leave and go on whenever you like."
            ),
            html.Div(ways_in(context), className="tour-ways"),
            html.Ol([html.Li(_step_link(run_id, one)) for one in range(len(TITLES))]),
        ],
        className="text-page tour-entrance",
    )


def _step_link(run_id: str, index: int) -> dcc.Link:
    address = get_relative_path(tour_path(run_id, index + 1))
    return dcc.Link(TITLES[index], href=address)


def _step(context: PageContext, **query: Any) -> html.Div:
    """Lay a step out: panels that live, and beside them the prose that moves them."""
    run_id = str(query.get("run_id", ""))
    run = context.run_view(run_id)
    why = why_no_story(run.config)
    if not run.split_known:
        why = f"The tour tells of training and other pairs. {NO_SPLIT}."
    if why:
        return problem(why)
    if not len(run.steps):
        return _waiting(run_id)
    place = tell(run, nearest_step(str(query.get("step", ""))))
    step = place.step
    start = {name: str(value) for name, value in step.start.items()}
    asked = {
        name: str(value)
        for name, value in query.items()
        if name not in ("run_id", "step")
    }
    shown = start | asked
    ids = [STRIP, *step.views]
    config = TourConfig(
        kind="tour",
        run=run_id,
        page="tour",
        views=ids,
        host=STRIP,
        query=shown,
        manifest=context.manifest(run, ids, shown),
        arrangement=None,
        step=place.number,
        waiting=step.waiting,
    )
    views = [get_view(one) for one in step.views]
    panels = [panel(view) for view in views]
    return html.Div(
        [
            opened(config),
            html.Div(
                [
                    html.Div(
                        [loss_chart(), scrub_bar(len(run.steps))],
                        className="scrub-head",
                    ),
                    html.Div(
                        [*([_waves(run.p)] if step.picture else []), *panels],
                        className="panels",
                    ),
                ],
                className="stage" if step.chart else "stage no-chart",
            ),
            _prose(place, run_id),
        ],
        id="tour-page",
        className="tour-page",
        **{"data-run": run_id},  # pyright: ignore[reportArgumentType]
    )


def _waiting(run_id: str) -> html.Div:
    """Wait for the first checkpoint of a run that has just been started."""
    return html.Div(
        [
            opened(PlainPage(kind="tour-waiting")),
            html.H1("The network is being set up"),
            html.P(
                f"{run_id} has no checkpoint yet. The tour begins by itself with the "
                "first, in a few seconds."
            ),
        ],
        className="text-page",
    )


def _waves(p: int) -> html.Figure:
    """Leave room for the picture of two waves becoming one; a script draws it."""
    about: dict[str, Any] = {"data-p": str(p)}
    return html.Figure(
        [
            html.Div(html.H2("Two waves become one"), className="panel-head"),
            html.Div(id="waves", className="waves", **about),
            html.Figcaption("", id="waves-caption"),
        ],
        className="panel",
    )


def _prose(place: Place, run_id: str) -> html.Article:
    number, count = place.number, len(TITLES)
    return html.Article(
        [
            html.P(
                [
                    f"Step {number} of {count}",
                    html.Span(
                        [" · ", html.Kbd("N"), " next, ", html.Kbd("B"), " back"],
                        className="tour-keys",
                    ),
                ],
                className="quiet tour-count",
            ),
            html.H1(place.title, id="tour-title", tabIndex=-1),
            *[_paragraph(one, run_id) for one in place.step.paragraphs],
            html.Button(
                "Training has gone on: tell this step anew",
                id="tour-anew",
                type="button",
                className="tool framed",
                hidden=True,
            ),
            html.Nav(
                [
                    _turn("previous", "Back", run_id, number - 1),
                    _turn("next", "Next", run_id, number + 1),
                ],
                className="tour-turn",
                **_named("Neighbouring steps"),
            ),
            html.Nav(
                html.Ol(
                    [
                        html.Li(_numbered(run_id, one, current=one == number))
                        for one in range(1, count + 1)
                    ]
                ),
                className="tour-steps",
                **_named("Steps of the tour"),
            ),
        ],
        className="tour-prose",
        **{"aria-labelledby": "tour-title"},  # pyright: ignore[reportArgumentType]
    )


def _named(name: str) -> dict[str, Any]:
    return {"aria-label": name}


def _turn(which: str, words: str, run_id: str, number: int) -> Any:
    """Link to a neighbouring step, by its title; nothing stands for none."""
    if not 1 <= number <= len(TITLES):
        return html.Span()
    return dcc.Link(
        [html.Span(words, className="quiet"), html.Span(TITLES[number - 1])],
        id=f"tour-{which}",
        href=get_relative_path(tour_path(run_id, number)),
        title=f"{words} ({words[0]})",
        className=f"tour-{which}",
    )


def _numbered(run_id: str, number: int, *, current: bool) -> Any:
    title = TITLES[number - 1]
    if current:
        here: dict[str, Any] = {"aria-current": "step"}
        return html.Span(str(number), title=title, **here)
    return dcc.Link(
        str(number),
        href=get_relative_path(tour_path(run_id, number)),
        title=f"{number}: {title}",
    )


def _paragraph(told: Paragraph, run_id: str) -> Any:
    if isinstance(told, Maths):
        return Formula(told.mathml, display=True)
    return html.P(_kept_together([_piece(one, run_id) for one in told]))


def _kept_together(parts: list[Any]) -> list[Any]:
    """Let no line begin with what closes a sentence after a button."""
    kept: list[Any] = []
    for part in parts:
        closing = part[:1] if isinstance(part, str) else ""
        if closing in _CLOSING and kept and isinstance(kept[-1], html.Button):
            kept[-1] = html.Span([kept[-1], closing], className="kept")
            part = part[1:]  # noqa: PLW2901 - the rest of it
        kept.append(part)
    return kept


def _piece(piece: Piece, run_id: str) -> Any:
    if isinstance(piece, Go):
        return _button(piece)
    if isinstance(piece, Term):
        return term_link(piece.name, piece.text)
    if isinstance(piece, Away):
        paths = {
            "run": run_path(run_id),
            "compare": "/compare",
            "guide": "/guide",
            "runs": "/",
        }
        return dcc.Link(piece.text, href=get_relative_path(paths[piece.page]))
    return piece


def _button(go: Go) -> html.Button:
    place = {"e": go.epoch, "until": go.until, **go.picks}
    known = {name: value for name, value in place.items() if value is not None}
    moves: dict[str, Any] = {"data-go": json.dumps(known)}
    if go.until is None:
        moves["aria-pressed"] = "false"
    return html.Button(
        go.text,
        type="button",
        className="go" if go.until is None else "go plays",
        **moves,
    )


PAGES = (
    Page(
        path_template="/tour/<run_id>/<step>",
        name="tour-step",
        title="Tour · grokdash",
        order=8,
        layout=_step,
        at_once=True,
        loads=("plotly",),
    ),
    Page(
        path_template="/tour",
        name="tour",
        title="Tour · grokdash",
        order=45,
        layout=_entrance,
    ),
)
