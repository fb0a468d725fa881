"""What the app says of itself to who comes first, and the way into the tour."""

from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, get_relative_path, html

from grokdash.contract.addresses import tour_path
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
    """Offer the tour on a run that is fit for it, else what makes one."""
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
    if context.why_no_training():
        return [
            html.P("No run here shows it yet. This trains one and opens it:"),
            html.Pre(COMMAND),
        ]
    train: dict[str, Any] = {"data-tour-train": STORY_PRESET}
    return [
        html.Button(
            "Train a network and take the tour",
            type="button",
            className="tool primary",
            **train,
        ),
        html.Span(
            "no run here shows it yet; training takes a minute or two, and the tour "
            "begins at once",
            className="quiet",
        ),
    ]
