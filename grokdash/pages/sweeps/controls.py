"""The controls of a sweep's page."""

from collections.abc import Mapping, Sequence
from typing import Any

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


def controls(data: SweepData, choice: Choice) -> html.Div:
    """Lay out the choice of axes, the sliders of the others and the thresholds."""
    options = _options(data.axes)
    return html.Div(
        [
            html.Div(
                [
                    _named("swept value", _dropdown("sweep-x", options, choice.x)),
                    _named(
                        "second value",
                        _dropdown(
                            "sweep-y",
                            [{"label": "none", "value": NONE}, *options],
                            choice.y or NONE,
                        ),
                    ),
                    _named(
                        "colour of the phase diagram",
                        _dropdown(
                            "sweep-colour",
                            _options(COLOURS),
                            choice.colour,
                        ),
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
                                dcc.RadioItems(
                                    id="sweep-event",
                                    options=_options(EVENTS),
                                    value=choice.event,
                                    inline=True,
                                    className="sweep-radio",
                                ),
                            ),
                        ],
                        className="sweep-row",
                    ),
                ],
                open=True,
                className="sweep-thresholds",
            ),
        ],
        className="sweep-controls",
        role="group",
        **{"aria-label": "What is shown"},  # pyright: ignore[reportArgumentType]
    )


def _options(titles: Mapping[Any, str]) -> list[dict[str, Any]]:
    return [{"label": title, "value": name} for name, title in titles.items()]


def _named(title: str, control: Any, hint: str = "") -> html.Div:
    return html.Div(
        [html.Span(title, className="quiet"), control],
        className="sweep-control",
        title=hint or None,
    )


def _dropdown(
    component_id: str, options: Sequence[Mapping[str, Any]], value: str
) -> dcc.Dropdown:
    return dcc.Dropdown(
        id=component_id,
        options=list(options),
        value=value,
        clearable=False,
        searchable=False,
        className="sweep-dropdown",
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
    return _named(
        limit.title,
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
            tooltip={
                "placement": "bottom",
                "always_visible": True,
                "transform": "sweepTimes" if name == "delay" else "sweepPercent",
            },
        ),
        limit.hint,
    )
