"""The panels of a sweep's page; a callback draws the picture of each."""

from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from grokdash.contract.words import PANEL_ACTIONS
from grokdash.figures.theme import nothing
from grokdash.pages.run.buttons import action_button
from grokdash.views.sweep import SweepPicture

_GRAPH: dict[str, Any] = {
    "displayModeBar": False,
    "displaylogo": False,
    "doubleClick": "reset",
    "plotlyServerURL": "",
    "responsive": True,
    "showSendToCloud": False,
}


def graph_id(name: str) -> str:
    """Give the id of a panel's graph."""
    return f"sweep-graph-{name}"


def graph_style(height: int) -> dict[str, str]:
    """Give a graph its height in pixels."""
    return {"height": f"{height}px"}


def caption_id(name: str) -> str:
    """Give the id of a panel's sentence."""
    return f"sweep-caption-{name}"


def waiting() -> dbc.Placeholder:
    """Hold the place of what a callback fills in."""
    return dbc.Placeholder(xs=4, size="xs")


def sweep_panel(picture: SweepPicture) -> html.Figure:
    """Lay out one empty panel; a callback draws its picture."""
    title = f"sweep-title-{picture.name}"
    menu = PANEL_ACTIONS["menu"].format(title=picture.title)
    more = [_transport()] if picture.name == "growing" else []
    return html.Figure(
        [
            html.Div(
                [
                    html.H2(picture.title, id=title),
                    html.Span(picture.question, className="quiet"),
                    html.Span(className="spacer"),
                    action_button("menu", menu, popup=True),
                ],
                className="sweep-panel-head",
            ),
            *more,
            dcc.Graph(
                id=graph_id(picture.name),
                figure=nothing(),
                config=_GRAPH,  # pyright: ignore[reportArgumentType]
                responsive=True,
                style=graph_style(picture.height),
                className="sweep-graph",
            ),
            html.Figcaption(waiting(), id=caption_id(picture.name)),
        ],
        className=f"sweep-panel span-{picture.width}",
        **{  # pyright: ignore[reportArgumentType]
            "data-picture": picture.name,
            "aria-labelledby": title,
            "aria-describedby": caption_id(picture.name),
        },
    )


def _transport() -> html.Div:
    """Lay out the player of the animation."""
    return html.Div(
        [
            *[_player(kind) for kind in ("epochs", "values")],
            html.Div(
                dcc.Slider(
                    id="sweep-playhead",
                    min=0,
                    max=1000,
                    step=1,
                    value=1000,
                    marks=None,
                    updatemode="drag",
                    included=False,
                    allow_direct_input=False,
                ),
                className="sweep-playhead",
            ),
            html.Span("", id="sweep-play-label", className="sweep-play-label"),
        ],
        className="sweep-transport",
    )


def _player(kind: str) -> html.Button:
    attributes: dict[str, Any] = {"data-sweep": kind, "data-icon": "play"}
    attributes |= {"data-label-other": f"Stop {kind}"}
    return html.Button(
        f"Play {kind}", type="button", className="tool framed", **attributes
    )
