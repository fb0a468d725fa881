"""One banner for what is wrong with a run as a whole; its details are folded."""

import dash_bootstrap_components as dbc
from dash import html

from grokdash.contract.words import DAMAGED, STATES


def trouble(diverged: str, damage: str) -> html.Div:
    """Lay out the banner of a run: that it diverged, that its files are damaged.

    ``assets/js/player/damage.js`` shows the second half when damage is met later.
    """
    return html.Div(
        [
            dbc.Alert(diverged, color="danger", is_open=bool(diverged), fade=False),
            damaged(damage),
        ],
        id="run-trouble",
        className="run-trouble",
        **{"data-state": STATES["broken"]},  # pyright: ignore[reportArgumentType]
    )


def damaged(details: str) -> dbc.Alert:
    """Say that files are damaged; what exactly is told behind "More"."""
    return dbc.Alert(
        [
            html.Span(DAMAGED),
            html.Details(
                [html.Summary("More"), html.Div(details, id="run-damage-details")]
            ),
        ],
        id="run-damage",
        color="danger",
        is_open=bool(details),
        fade=False,
    )
