"""What the app says of itself to who comes first, and the way into the tour."""

from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, get_relative_path, html

from grokdash.contract.addresses import run_path, tour_path
from grokdash.example import example_config, example_id
from grokdash.pages.page import PageContext
from grokdash.story.choice import STORY_PRESET, story_run
from grokdash.story.tour import TITLES

GROKKING = (
    "A small neural network that learns to add on a clock first learns its examples by "
    "heart and fails at everything else. Much later, and rather suddenly, it answers "
    "all questions rightly: that is grokking. grokdash keeps every stage of such a "
    "training, so that you can look inside and see what the network has found out."
)
COMMAND = f"grokdash train --preset {STORY_PRESET} --serve"


def welcome(context: PageContext) -> dbc.Alert:
    """Say once what the app is; a script shows it until it has been dismissed."""
    return dbc.Alert(
        [
            html.P([html.Strong("New here? "), GROKKING]),
            html.Div(ways_in(context), className="tour-ways"),
        ],
        id="welcome",
        className="welcome",
        dismissable=True,
        is_open=False,
        fade=False,
    )


def ways_in(context: PageContext) -> list[Any]:
    """Offer the tour on a run that is fit for it, else on the one that is ours."""
    run = story_run(context.store.summaries())
    if run is not None:
        take: dict[str, Any] = {"data-tour-begin": "yes"}
        return [
            html.Div(
                dcc.Link(
                    "Take the tour",
                    href=get_relative_path(tour_path(run.id, 1)),
                    className="tool primary",
                ),
                **take,
            ),
            html.Span(f"{len(TITLES)} steps", className="quiet"),
        ]
    tour = tour_path(example_id(), 1)
    return [
        _to_example(context, "Take the tour", tour, "primary"),
        html.Span(
            f"{len(TITLES)} steps, on a network that comes with grokdash",
            className="quiet",
        ),
        *_training(context),
    ]


def see_one(context: PageContext) -> list[Any]:
    """Offer to see the run that comes with grokdash, or the tour on it."""
    run, title = example_id(), example_config().title
    there = "is shown from where that lies; nothing is written here"
    kept = there if context.why_no_training() else "is put into this store when opened"
    return [
        html.Div(
            [
                _to_example(context, "Open a finished run", run_path(run), "primary"),
                _to_example(
                    context, "Take the tour on it", tour_path(run, 1), "framed"
                ),
            ],
            className="tour-ways",
        ),
        html.P(f"{title}. It comes with grokdash and {kept}.", className="quiet"),
    ]


def _to_example(context: PageContext, text: str, path: str, look: str) -> Any:
    """Link to a page of our run; a script puts it into a store that can be written."""
    href, looks = get_relative_path(path), f"tool {look}"
    if context.why_no_training():
        return dcc.Link(text, href=href, className=looks)
    first: dict[str, Any] = {"data-example": "yes"}
    return html.A(text, href=href, className=looks, **first)


def _training(context: PageContext) -> list[Any]:
    """Offer to train a run for the tour."""
    if context.why_no_training():
        return [
            html.P("This trains one and opens it:"),
            html.Pre(COMMAND),
        ]
    train: dict[str, Any] = {"data-tour-train": STORY_PRESET}
    return [
        html.Button(
            "Train a network and take the tour",
            type="button",
            className="tool framed",
            **train,
        ),
        html.Span(
            "training takes a minute or two, and the tour begins at once",
            className="quiet",
        ),
    ]
