"""The controls of a sweep's page, and reading them back into a choice."""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from grokdash.analysis.outcomes import Thresholds
from grokdash.figures.swept import label
from grokdash.views.sweep.choice import COLOURS, EVENTS, Choice, axis_of, default_axes
from grokdash.views.sweep.data import DERIVED, SweepData

NONE = "none"

THRESHOLDS: dict[str, tuple[str, float, float, float]] = {
    "test": ("test accuracy", 0.1, 1.0, 0.01),
    "train": ("train accuracy", 0.1, 1.0, 0.01),
    "kept": ("kept above", 0.05, 1.0, 0.01),
    "delay": ("at once within ×", 1.0, 10.0, 0.5),
}
"""Name, title, lowest, highest and step of every threshold."""

_HINTS = {
    "test": "Test accuracy that counts as grokked.",
    "train": "Train accuracy that counts as memorised.",
    "kept": "A run that was there and falls below this has lost it again.",
    "delay": "A run that generalises by this many times the epoch at which it "
    "memorises does so at once.",
}


def held_axes(data: SweepData) -> list[str]:
    """Name the axes that can be held at one value: the planned ones and the seed."""
    return [name for name in data.axes if name not in DERIVED]


def parse_choice(data: SweepData, values: Mapping[str, Any]) -> Choice:
    """Read a choice from the query of an address or from the controls.

    What is unknown or out of range takes its default.

    Parameters
    ----------
    values
        ``x``, ``y`` name axes, ``h.<axis>`` is the place of the value an axis is held
        at, from 1 (0: all values), and the thresholds are numbers.
    """
    usual = default_axes(data.axes, data.record.axes)
    x = values.get("x")
    x = str(x) if x in data.axes else usual.x
    y = values.get("y", usual.y if x == usual.x else NONE)
    y = str(y) if y in data.axes and y != x else None
    held = {}
    for name in held_axes(data):
        options = axis_of(data, name).values
        place = _number(values.get(f"h.{name}"), 0.0, 0.0, float(len(options)))
        if place and name not in (x, y):
            held[name] = options[int(place) - 1]
    limits = Thresholds()
    numbers = {
        name: _number(values.get(name), getattr(limits, name), low, high)
        for name, (_title, low, high, _step) in THRESHOLDS.items()
    }
    event = values.get("event")
    return Choice(
        x=x,
        y=y,
        held=held,
        thresholds=Thresholds(**numbers),
        event="first" if event == "first" else "lasting",
        colour=str(values["colour"]) if values.get("colour") in COLOURS else "median",
    )


def _number(value: Any, usual: float, low: float, high: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return usual
    return min(max(number, low), high) if number == number else usual  # noqa: PLR0124


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
    title, low, high, step = THRESHOLDS[name]
    percent = name != "delay"
    return _named(
        title,
        dcc.Slider(
            id=f"sweep-{name}",
            min=low,
            max=high,
            step=step,
            value=getattr(choice.thresholds, name),
            marks=None,
            updatemode="drag",
            included=False,
            allow_direct_input=False,
            tooltip={
                "placement": "bottom",
                "always_visible": True,
                "transform": "sweepPercent" if percent else "sweepTimes",
            },
        ),
        _HINTS[name],
    )
