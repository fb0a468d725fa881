"""The controls of a sweep's page."""

from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from grokdash.figures.swept import label
from grokdash.views.sweep.choice import (
    COLOURS,
    EVENTS,
    NONE,
    THRESHOLDS,
    Choice,
    axis_of,
    held_axes,
)
from grokdash.views.sweep.data import SweepData


def controls(data: SweepData, choice: Choice) -> html.Details:
    """Lay out the choice of axes, the sliders of the others and the thresholds."""
    return html.Details(
        [
            html.Summary("What is shown"),
            html.Div(
                [
                    _select("swept value", "sweep-x", data.axes, choice.x),
                    _select(
                        "second value",
                        "sweep-y",
                        {NONE: "none"} | data.axes,
                        choice.y or NONE,
                    ),
                    _select(
                        "colour of the phase diagram",
                        "sweep-colour",
                        COLOURS,
                        choice.colour,
                    ),
                    *(_held(data, choice, name) for name in held_axes(data)),
                ],
                className="sweep-row",
            ),
            html.Details(
                [
                    html.Summary("What counts as grokked"),
                    html.Div(
                        [
                            *(_threshold(name, choice) for name in THRESHOLDS),
                            _named(
                                "grok epoch: test accuracy",
                                dbc.RadioItems(
                                    id="sweep-event",
                                    options=dict(EVENTS),
                                    value=choice.event,
                                ),
                            ),
                        ],
                        className="sweep-row",
                    ),
                ],
                className="sweep-thresholds",
            ),
        ],
        id="sweep-shown",
        open=True,
        className="sweep-controls",
    )


def _named(title: str, control: Any) -> html.Div:
    return html.Div([dbc.Label(title), control], className="sweep-control")


def _select(
    title: str, component_id: str, options: dict[str, str], value: str
) -> html.Div:
    return html.Div(
        [
            dbc.Label(title, html_for=component_id),
            dbc.Select(id=component_id, options=options, value=value),
        ],
        className="sweep-control",
    )


def _held(data: SweepData, choice: Choice, name: str) -> html.Div:
    axis = axis_of(data, name)
    place = 0
    if name in choice.held:
        place = axis.index(choice.held[name]) + 1
    marks = {0: "all"} | {i + 1: label(value) for i, value in enumerate(axis.values)}
    if len(marks) > 9:
        marks = {0: "all", 1: marks[1], len(axis.values): marks[len(axis.values)]}
    return html.Div(
        _named(
            f"{axis.title} held at",
            dcc.Slider(
                id={"type": "sweep-held", "axis": name},
                min=0,
                max=len(axis.values),
                step=1,
                value=place,
                marks=marks,
                updatemode="drag",
                included=False,
                allow_direct_input=False,
            ),
        ),
        id={"type": "sweep-held-box", "axis": name},
        className="sweep-held",
        hidden=name in (choice.x, choice.y),
    )


def _threshold(name: str, choice: Choice) -> html.Div:
    limit = THRESHOLDS[name]
    label_id = f"sweep-{name}-label"
    return html.Div(
        [
            html.Div(
                [
                    dbc.Label(limit.title, id=label_id),
                    html.Span(id=f"sweep-{name}-value", className="sweep-value"),
                ],
                className="sweep-told",
            ),
            dbc.Tooltip(limit.hint, target=label_id, placement="top"),
            dcc.Slider(
                id=f"sweep-{name}",
                min=limit.low,
                max=limit.high,
                step=limit.step,
                value=getattr(choice.thresholds, name),
                marks=None,
                updatemode="drag",
                included=False,
                allow_direct_input=False,
            ),
        ],
        className="sweep-control",
    )
