"""The parts that pages of a run are built of: panels, scrub bar, rail, frame.

Python lays the frame out; the player in ``assets/js`` fills it. Ids and ``data-``
attributes here are the interface between the two.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from dash import dcc, get_relative_path, html

from grokdash.contract.addresses import run_path
from grokdash.contract.codes import Action
from grokdash.contract.pages import Arrangement, PlayerConfig
from grokdash.contract.words import PANEL_ACTIONS
from grokdash.pages.page import PageContext, opened
from grokdash.pages.run.buttons import action_button
from grokdash.pages.run.rail import rail_foot, rail_head
from grokdash.pages.trouble import trouble
from grokdash.snapshot import RunView
from grokdash.views import BY_PAGE, View, get_view
from grokdash.views.reading.trouble import divergence

STRIP = "loss-curves"
"""The view that every page of a run shows above the scrub bar."""

SUBJECTS: dict[str, str] = {
    "training": "Training",
    "fourier": "Fourier",
    "embedding": "Embedding",
    "attention": "Attention",
    "neurons": "Neurons",
    "logits": "Logits",
    "weights": "Weights",
    "trajectories": "Trajectories",
}
"""Subject pages of a run and their names, in the order of the rail."""


def views_of(page: str) -> tuple[View, ...]:
    """Give the views of a subject page, the one above the scrub bar left out."""
    return tuple(view for view in BY_PAGE[page] if view.id != STRIP)


def run_page(
    context: PageContext,
    query: Mapping[str, Any],
    page: str,
    views: Sequence[View],
    arrangement: Arrangement | None = None,
) -> html.Div:
    """Lay out a page of one run: rail, loss chart, scrub bar and one panel per view.

    With an arrangement the panels can be chosen.
    """
    run_id = str(query.get("run_id", ""))
    run = context.run_view(run_id)
    asked = {key: str(value) for key, value in query.items() if key != "run_id"}
    ids = [STRIP, *(view.id for view in views)]
    config = PlayerConfig(
        kind="run",
        run=run_id,
        page=page,
        views=ids,
        host=STRIP,
        query=asked,
        manifest=context.manifest(run, ids, asked),
        arrangement=arrangement,
    )
    places = f"panels panels-{len(views)}" if arrangement else "panels"
    return html.Div(
        [
            opened(config),
            _rail(
                run,
                page,
                asked.get("panels", ""),
                trains=not context.why_no_training(),
                arranged=bool(arrangement),
            ),
            html.Div(
                [
                    trouble(divergence(run), context.damage(run_id)),
                    html.Div(
                        [loss_chart(), scrub_bar(len(run.steps))],
                        className="scrub-head",
                    ),
                    html.Div(
                        [panel(view, arranged=bool(arrangement)) for view in views],
                        className=places,
                    ),
                ],
                className="stage",
            ),
        ],
        id="run-page",
        className=f"run-page page-{'explore' if page == 'explore' else 'subject'}",
        **{"data-run": run_id},  # pyright: ignore[reportArgumentType]
    )


def loss_chart() -> html.Figure:
    """Make the chart above the scrub bar, with room for the names of the phases."""
    return panel(get_view(STRIP), strip=True, phases=True)


def panel(
    view: View, *, strip: bool = False, phases: bool = False, arranged: bool = False
) -> html.Figure:
    """Make one empty panel; its figure comes with the first settled epoch."""
    title, caption = f"title-{view.id}", f"sentence-{view.id}"
    names = {one: name.format(title=view.title) for one, name in PANEL_ACTIONS.items()}
    return html.Figure(
        [
            html.Div(
                [
                    html.H2(view.title, id=title, title=view.question),
                    html.Span("", className="panel-badge", hidden=True),
                    html.Span(className="spacer"),
                    *([_arrange(view.title)] if arranged else []),
                    action_button("help", names["help"]),
                    action_button("pin", names["pin"], pressed=True),
                    action_button("full", names["full"]),
                    action_button("menu", names["menu"], popup=True),
                ],
                className="panel-head",
            ),
            html.Div(
                [
                    html.Div(
                        html.Div(id=f"graph-{view.id}", className="plot"),
                        className="panel-graph",
                    ),
                    html.Canvas(className="scrub", **_hidden()),
                    html.Canvas(className="marks", **_hidden()),
                    html.Div(className="phase-strip") if phases else None,
                    _preview_flag() if strip else None,
                ],
                className="panel-body",
            ),
            html.Figcaption("", id=caption),
        ],
        id=f"panel-{view.id}",
        className="panel panel-strip" if strip else f"panel panel-{view.kind}",
        tabIndex=0,
        **{  # pyright: ignore[reportArgumentType]
            "data-view": view.id,
            "data-epoch": "",
            "aria-labelledby": title,
            "aria-describedby": caption,
        },
    )


def _play_hint() -> html.Span:
    """Lay out what says how to go on, where a run opens at its beginning."""
    words = "press play to watch it learn"
    return html.Span(words, id="play-hint", className="play-hint", hidden=True)


def _preview_flag() -> html.Span:
    """Lay out what says beside the line that an epoch is shown only for now."""
    return html.Span(
        "preview: press to stay", className="preview-flag", hidden=True, **_hidden()
    )


def _hidden() -> dict[str, Any]:
    return {"aria-hidden": "true"}


_RUN_TOOLS: tuple[tuple[Action, str], ...] = (
    ("grok", "Go to where the run groks (G)"),
    ("follow", "Follow the run"),
)


def _transport() -> list[html.Button]:
    """Make the buttons that play and step.

    Tab stops at Play and then at the slider: stepping has keys of its own.
    """
    return [
        action_button("first", "First checkpoint (Home)", tabIndex=-1),
        action_button("previous", "Previous checkpoint (←)", tabIndex=-1),
        action_button("play", "Play (Space)", running="Pause (Space)", id="play"),
        action_button("next", "Next checkpoint (→)", tabIndex=-1),
        action_button("last", "Last checkpoint (End)", tabIndex=-1),
    ]


def scrub_bar(
    length: int, tools: Sequence[tuple[Action, str]] = _RUN_TOOLS
) -> html.Div:
    """Lay out the scrub bar over ``length`` places, with the named tools at its end."""
    last = max(length - 1, 1)
    return html.Div(
        [
            html.Div(
                _transport(),
                className="tools transport",
            ),
            html.Div(
                [
                    html.Div(id="timeline", className="timeline", **_hidden()),
                    dcc.Slider(
                        id="scrubber",
                        min=0,
                        max=last,
                        step=1,
                        value=0,
                        marks=None,
                        updatemode="drag",
                        included=False,
                        allow_direct_input=False,
                        className="scrubber",
                    ),
                    _play_hint(),
                ],
                className="track",
            ),
            html.Div(
                [
                    html.Span("epoch", className="quiet"),
                    html.Span("–", id="epoch-label", className="epoch-label"),
                    html.Span("", id="epoch-total", className="quiet"),
                ],
                className="epoch",
            ),
            html.Div(
                [
                    html.Span(id="jump-slot"),
                    html.Span(id="speed-slot"),
                    action_button("loop", "Start again at the end", pressed=True),
                    *[
                        action_button(
                            name, words, text=name.title(), pressed=name == "follow"
                        )
                        for name, words in tools
                    ],
                ],
                className="tools",
            ),
        ],
        id="scrub-bar",
        className="scrub-bar",
        role="group",
        **{"aria-label": "Epoch"},  # pyright: ignore[reportArgumentType]
    )


def _rail(
    run: RunView, page: str, panels: str, *, trains: bool, arranged: bool
) -> html.Aside:
    kept = f"?{urlencode({'panels': panels}, safe=',')}" if panels else ""
    links = [("explore", "Explore", run_path(run.id))]
    links += [
        (subject, name, run_path(run.id, subject))
        for subject, name in SUBJECTS.items()
        if views_of(subject)
    ]
    return html.Aside(
        [
            *rail_head(run),
            html.Div(
                id="run-training",
                className="tools run-training",
                **{"data-training": "yes" if trains else "no"},  # pyright: ignore[reportArgumentType]
            ),
            html.Nav(
                [
                    dcc.Link(
                        name,
                        href=get_relative_path(href) + kept,
                        className="rail-link active" if one == page else "rail-link",
                    )
                    for one, name, href in links
                ],
                className="rail-nav",
                **{"aria-label": "Pages of this run"},  # pyright: ignore[reportArgumentType]
            ),
            *rail_foot(run, *([_choose_panels()] if arranged else [])),
        ],
        className="rail",
        **{"aria-label": "This run"},  # pyright: ignore[reportArgumentType]
    )


def _choose_panels() -> html.Button:
    words = "Choose and arrange the panels of this page"
    return action_button("arrange", words, text="Panels")


def _arrange(title: str) -> html.Button:
    return action_button("arrange", f"Replace, move or remove {title}")
