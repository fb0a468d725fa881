"""The outer frame of every page: head, navigation bar, notices, dialogs."""

import json
from typing import Any

import dash
import dash_bootstrap_components as dbc
from dash import dcc, get_relative_path, html

from grokdash.app.kept import Kept
from grokdash.app.mount import PLACEHOLDER
from grokdash.app.scripts import ENTRY, FIRST, PDF, PLOTLY, STYLES
from grokdash.contract.codes import Action, KeyAction, MenuItem
from grokdash.contract.pages import KeysConfig
from grokdash.contract.words import KEYS, MENU
from grokdash.pages.keys import keys_table

_NOTICES = 8
"""How many short notices are shown at once."""

_INDEX = """<!DOCTYPE html>
<html lang="en">
    <head>
        {%metas%}
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{%title%}</title>
        <link rel="icon" type="image/svg+xml" href="PREFIXassets/favicon.svg">
        <script>FIRST_PAINT</script>
        <link rel="stylesheet" href="STYLES">
        {%css%}
        <script type="module" src="FIRST"></script>
        <link rel="modulepreload" fetchpriority="low" href="ENTRY">
        <meta name="plotly" content="PLOTLY">
        <meta name="pdf" content="PDF">
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


def index(kept: Kept, first_paint: str) -> str:
    """Write the page before Dash fills it.

    Parameters
    ----------
    kept
        Where scripts and styles are.
    first_paint
        The script that chooses the theme.
    """
    text = _INDEX.replace("PREFIX", PLACEHOLDER).replace("FIRST_PAINT", first_paint)
    kinds = {"STYLES": STYLES, "FIRST": FIRST, "ENTRY": ENTRY, "PLOTLY": PLOTLY}
    for place, name in kinds.items():
        text = text.replace(place, kept.address(name, PLACEHOLDER))
    parts = (kept.address(name, PLACEHOLDER) for name in PDF)
    return text.replace('content="PDF"', f'content="{" ".join(parts)}"')


def shell() -> html.Div:
    """Lay out the frame around the page."""
    return html.Div(
        [
            html.A("Skip to Play", href="#play", className="skip skip-play"),
            html.A("Skip to the page", href="#page", className="skip"),
            navigation(),
            dbc.Alert(
                "The server does not answer. Trying again …",
                id="server-gone",
                className="banner",
                is_open=False,
                fade=False,
            ),
            html.Main(dash.page_container, id="page", tabIndex=-1),
            _toasts(),
            html.Div(id="live-region", className="visually-hidden", **_polite()),
            _modal("dialog", ""),
            _modal(
                "keys-dialog",
                "Keys",
                keys_table(),
                dbc.Switch(id="letters", label="Single-character keys", value=True),
            ),
            _panel_menu(),
            dcc.Store(id="player-sink"),
        ],
        id="app",
        **_keys(),
    )


def _keys() -> dict[str, Any]:
    """Tell the scripts what each key does."""
    actions: dict[str, KeyAction] = {}
    for _, _, keys in KEYS:
        actions |= keys
    return {"data-keys": json.dumps(KeysConfig(actions=actions))}


def _panel_menu() -> dbc.DropdownMenu:
    """Lay out the menu of all panels; a script opens it at the button of one.

    One serves all: a page of fourteen panels needs no fourteen menus, and panels that a
    script makes have it too.
    """
    items = [
        dbc.DropdownMenuItem(html.Span(words, **_acts(code)))
        for code, words in MENU.items()
    ]
    return dbc.DropdownMenu(
        items,
        id="panel-menu",
        label=html.Span("Save or copy", className="visually-hidden"),
        align_end=True,
        caret=False,
    )


def _modal(name: str, title: str, *content: Any) -> dbc.Modal:
    """Lay out a dialog; what has no content here is filled while it is open."""
    return dbc.Modal(
        [
            dbc.ModalHeader(
                dbc.ModalTitle(title, id=f"{name}-title", tag="h2"),
            ),
            dbc.ModalBody(html.Div(content or None, id=f"{name}-body")),
        ],
        id=name,
        is_open=False,
        fade=False,
        centered=True,
        scrollable=True,
        labelledby=f"{name}-title",
    )


def _toasts() -> html.Div:
    """Lay out the places of notices; ``assets/js/lib/toast.js`` fills them."""
    places = [
        dbc.Toast(id=f"toast-{place}", is_open=False, dismissable=True)
        for place in range(_NOTICES)
    ]
    counted: dict[str, Any] = {"data-places": str(_NOTICES)}
    return html.Div(places, id="toasts", className="toasts", role="status", **counted)


def navigation() -> html.Header:
    """Lay out the bar above every page."""
    return html.Header(
        [
            dcc.Link("grokdash", href=get_relative_path("/"), className="brand"),
            html.Nav(
                [
                    dcc.Link("Runs", href=get_relative_path("/"), className="nav-link"),
                    dcc.Link(
                        "Tour", href=get_relative_path("/tour"), className="nav-link"
                    ),
                    dcc.Link(
                        "Compare",
                        href=get_relative_path("/compare"),
                        className="nav-link",
                    ),
                    dcc.Link(
                        "Sweeps",
                        href=get_relative_path("/sweeps"),
                        className="nav-link",
                    ),
                    dcc.Link(
                        "Report",
                        href=get_relative_path("/report"),
                        className="nav-link",
                    ),
                    dcc.Link(
                        "Guide", href=get_relative_path("/guide"), className="nav-link"
                    ),
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


def _tool(action: Action, label: str) -> html.Button:
    attributes: dict[str, Any] = {"data-icon": action, "aria-label": label}
    attributes |= _acts(action)
    return html.Button(
        type="button", title=label, className="tool tool-icon", **attributes
    )


def _acts(code: Action | MenuItem) -> dict[str, Any]:
    return {"data-act": code}


def _polite() -> dict[str, Any]:
    return {"aria-live": "polite"}
