"""The outer frame of every page: head, navigation bar, notices, list of keys."""

from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import dcc, html

from grokdash.app.scripts import FIRST_PAINT, Scripts
from grokdash.pages.guide import keys_table

_INDEX = """<!DOCTYPE html>
<html lang="en">
    <head>
        {%metas%}
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{%title%}</title>
        <link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
        <script src="FIRST_PAINT"></script>
        {%css%}
        PRELOADS
    </head>
    <body>
        {%app_entry%}
        <footer>
            {%config%}
            {%scripts%}
            {%renderer%}
        </footer>
    </body>
</html>
"""


def index(scripts: Scripts) -> str:
    """Write the page before Dash fills it; the theme is chosen before it is painted."""
    text = _INDEX.replace("FIRST_PAINT", scripts.address(FIRST_PAINT))
    return text.replace("PRELOADS", scripts.preloads())


def shell() -> html.Div:
    """Lay out the frame around the page."""
    return html.Div(
        [
            html.A("Skip to the page", href="#page", className="skip"),
            _navigation(),
            html.Div(
                "The server does not answer. Trying again …",
                id="server-gone",
                className="banner",
                hidden=True,
                role="alert",
            ),
            html.Main(dash.page_container, id="page", tabIndex=-1),
            html.Div(id="toasts", className="toasts", role="status"),
            html.Div(id="live-region", className="visually-hidden", **_polite()),
            html.Dialog(
                [
                    html.Div(
                        [
                            html.H2("Keys", id="keys-title"),
                            html.Span(className="spacer"),
                            html.Button(
                                "Close", type="button", className="tool", **_closes()
                            ),
                        ],
                        className="dialog-head",
                    ),
                    keys_table(),
                    dbc.Switch(id="letters", label="Single-character keys", value=True),
                ],
                id="keys-dialog",
                **{"aria-labelledby": "keys-title"},  # pyright: ignore[reportArgumentType]
            ),
            dcc.Store(id="player-sink"),
        ],
        id="app",
    )


def _navigation() -> html.Header:
    return html.Header(
        [
            dcc.Link("grokdash", href="/", className="brand"),
            html.Nav(
                [
                    dcc.Link("Runs", href="/", className="nav-link"),
                    dcc.Link("Compare", href="/compare", className="nav-link"),
                    dcc.Link("Sweeps", href="/sweeps", className="nav-link"),
                    dcc.Link("Guide", href="/guide", className="nav-link"),
                ],
                **{"aria-label": "Pages"},  # pyright: ignore[reportArgumentType]
            ),
            html.Span(className="spacer"),
            html.Span("", id="status-line", className="quiet"),
            _tool("keys", "Keys (?)"),
            _tool("theme", "Dark or light (D)"),
        ],
        className="bar",
    )


def _tool(action: str, label: str) -> html.Button:
    attributes: dict[str, Any] = {
        "data-act": action,
        "data-icon": action,
        "aria-label": label,
    }
    return html.Button(
        type="button", title=label, className="tool tool-icon", **attributes
    )


def _polite() -> dict[str, Any]:
    return {"aria-live": "polite"}


def _closes() -> dict[str, Any]:
    return {"data-act": "close-dialog"}
