"""What a page says when it cannot be shown."""

from dash import dcc, html


def problem(message: str) -> html.Div:
    """Say what is wrong, in the words of the error, and where to go from here."""
    return html.Div(
        [
            html.H1("This page cannot be shown"),
            html.P(message, className="problem-text"),
            html.P(dcc.Link("All runs", href="/")),
        ],
        className="text-page problem",
        role="alert",
    )
