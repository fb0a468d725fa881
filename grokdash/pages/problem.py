"""What a page says when it cannot be shown."""

import dash_bootstrap_components as dbc
from dash import dcc, get_relative_path, html

from grokdash.contract.pages import PlainPage
from grokdash.contract.words import STATES
from grokdash.pages.page import opened


def problem(message: str) -> html.Div:
    """Say what is wrong, in the words of the error, and where to go from here."""
    return html.Div(
        [
            opened(PlainPage(kind="problem")),
            html.H1("This page cannot be shown"),
            dbc.Alert(message, color="danger", fade=False),
            html.P(dcc.Link("All runs", href=get_relative_path("/"))),
        ],
        className="text-page problem",
    )


def broken_run(name: str, details: str) -> html.Div:
    """Say that a run cannot be opened; it keeps its name, the details are folded."""
    return html.Div(
        [
            opened(PlainPage(kind="problem")),
            html.H1(name),
            html.P(STATES["broken"], className="state state-broken"),
            dbc.Alert(
                [
                    html.P(
                        "This run cannot be opened: a file of it is damaged, "
                        "missing or not for this version of grokdash. Other runs are "
                        "not concerned."
                    ),
                    html.Details([html.Summary("More"), html.Div(details)]),
                ],
                color="danger",
                fade=False,
            ),
            html.P(dcc.Link("All runs", href=get_relative_path("/"))),
        ],
        className="text-page problem",
    )
