"""What a page says when it cannot be shown."""

import dash_bootstrap_components as dbc
from dash import dcc, get_relative_path, html

from grokdash.contract.pages import PlainPage
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
