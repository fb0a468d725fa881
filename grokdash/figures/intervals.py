"""Times to an event against a swept value: intervals, censored times, medians."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.outcomes import OUTCOME_MARKS
from grokdash.figures.swept import Swept, span
from grokdash.figures.theme import Theme, axis, layout

_SIZE = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One run: where it is drawn, when its event came, or until when it did not.

    The event came in (``after``, ``until``]; a censored run has ``observed`` False and
    ``until`` is the last epoch looked at.
    """

    run: str
    x: float
    after: int | None
    until: int
    observed: bool
    outcome: str
    colour: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Median:
    """The median of a group at ``x``; infinite if it lies beyond ``within``."""

    group: str
    x: float
    value: float
    low: float
    high: float
    within: float
    colour: str
    text: str


def intervals(
    events: Sequence[Event],
    medians: Sequence[Median],
    theme: Theme,
    x: Swept,
    letters: int = 80,
) -> go.Figure:
    """Draw every run as a point with its interval, medians as bars joined by lines.

    Runs without the event are open markers at their last epoch with an arrow up. The
    axis is logarithmic: what comes at epoch 0 has no place on it. So many ``letters``
    fit along the other one.
    """
    traces: list[go.Scatter] = []
    traces += _median_lines(medians, theme)
    traces += _ranges(medians)
    traces += _points(events, theme)
    low, high = _range(events)
    censored = [one for one in events if not one.observed]
    traces += _arrows(censored, 10 ** (0.07 * (high - low)))
    settings = layout(theme, legend=True)
    settings["margin"] = {"l": 60, "r": 16, "t": 30, "b": 42}
    settings["xaxis"] = x.settings(theme, letters)
    settings["yaxis"] = axis(theme) | {
        "title_text": "grok epoch",
        "type": "log",
        "range": [low, high],
        "dtick": "D2",
        "tickformat": ",d",
    }
    return go.Figure(traces, layout=settings)


def add_law(fig: go.Figure, x: np.ndarray, y: np.ndarray, theme: Theme) -> go.Figure:
    """Draw a fitted curve ``x, y [n]`` as a thin dotted line."""
    return fig.add_scatter(
        x=x,
        y=y,
        mode="lines",
        name="power law",
        line={"color": theme.text, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )


def _points(events: Sequence[Event], theme: Theme) -> list[go.Scatter]:
    traces = []
    for outcome, symbol in OUTCOME_MARKS.items():
        chosen = [one for one in events if one.outcome == outcome]
        if not chosen:
            continue
        minus = [
            0.0 if not one.observed or one.after is None else one.until - one.after
            for one in chosen
        ]
        traces.append(
            go.Scatter(
                x=[one.x for one in chosen],
                y=[one.until or None for one in chosen],
                error_y={
                    "type": "data",
                    "array": [0.0] * len(chosen),
                    "arrayminus": minus,
                    "width": 0,
                    "thickness": 1,
                    "color": theme.muted,
                },
                mode="markers",
                name=outcome,
                showlegend=False,
                marker={
                    "symbol": symbol,
                    "size": _SIZE,
                    "color": [one.colour for one in chosen],
                    "line": {
                        "width": 1.6 if symbol.endswith("open") else 0,
                        "color": [one.colour for one in chosen],
                    },
                },
                customdata=[one.run for one in chosen],
                text=[one.text for one in chosen],
                hovertemplate="%{text}<extra></extra>",
            )
        )
        # The legend explains the shape alone: the colours are those of the values.
        traces.append(
            go.Scatter(
                x=[None],
                y=[None],
                mode="markers",
                name=outcome,
                marker={
                    "symbol": symbol,
                    "size": _SIZE,
                    "color": theme.text,
                    "line": {"width": 1.4 if symbol.endswith("open") else 0},
                },
            )
        )
    return traces


def _arrows(events: Sequence[Event], length: float) -> list[go.Scatter]:
    """Draw arrows from the last epoch looked at upwards: the event comes later."""
    traces = []
    for colour in dict.fromkeys(one.colour for one in events):
        chosen = [one for one in events if one.colour == colour]
        x: list[Any] = []
        y: list[Any] = []
        for one in chosen:
            foot = one.until
            x += [one.x, one.x, None]
            y += [foot * length**0.25, foot * length, None]
        traces.append(
            go.Scatter(
                x=x,
                y=y,
                mode="markers+lines",
                line={"width": 1, "color": colour},
                marker={
                    "symbol": "triangle-up",
                    "size": [0, 7, 0] * len(chosen),
                    "color": colour,
                    "line": {"width": 0},
                    "opacity": 1,
                },
                hoverinfo="skip",
                showlegend=False,
            )
        )
    return traces


def _median_lines(medians: Sequence[Median], theme: Theme) -> list[go.Scatter]:
    traces = []
    for group in dict.fromkeys(one.group for one in medians):
        chosen = [one for one in medians if one.group == group]
        y = [one.value if 0 < one.value < np.inf else None for one in chosen]
        traces.append(
            go.Scatter(
                x=[one.x for one in chosen],
                y=y,
                mode="lines+markers",
                name=f"median{f', {group}' if group else ''}",
                line={
                    "width": 1.2,
                    "color": chosen[0].colour if group else theme.muted,
                },
                marker={
                    "symbol": "line-ew",
                    "size": 22,
                    "line": {"width": 2.5, "color": [one.colour for one in chosen]},
                },
                text=[one.text for one in chosen],
                hovertemplate="%{text}<extra></extra>",
            )
        )
    return traces


def _ranges(medians: Sequence[Median]) -> list[go.Scatter]:
    """Draw a broad faint bar from the earliest run of a group to the latest."""
    return [
        go.Scatter(
            x=[one.x, one.x],
            y=[one.low or None, one.high],
            mode="lines",
            line={"width": 12, "color": one.colour},
            opacity=0.16,
            hoverinfo="skip",
            showlegend=False,
        )
        for one in medians
        if one.high > one.low
    ]


def _range(events: Sequence[Event]) -> list[float]:
    times = [one.until for one in events if one.until] or [1, 10]
    starts = [one.after for one in events if one.observed and one.after]
    low, high = np.log10(min(times + starts)), np.log10(max(times))
    low, high = float(low), float(max(high, low + 0.5))
    return [low - 0.06 * (high - low), high + 0.12 * (high - low)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One number per run against the swept value: ``x``, ``y [n]``, a text each."""

    title: str
    x: np.ndarray
    y: np.ndarray
    runs: Sequence[str]
    texts: Sequence[str]
    colours: Sequence[str]
    symbol: str = "circle"


def quantities(
    sets: Sequence[Sequence[Quantity]],
    theme: Theme,
    x: Swept,
    titles: Sequence[str],
    columns: int,
) -> go.Figure:
    """Draw numbers against the swept value, one plot per title, in so many columns."""
    rows = -(-len(titles) // columns)
    settings = layout(theme, legend=any(len(one) > 1 for one in sets))
    settings["margin"] = {"l": 52, "r": 12, "t": 26, "b": 42}
    traces = []
    for place, (group, title) in enumerate(zip(sets, titles, strict=True)):
        number = str(place + 1) if place else ""
        row, column = divmod(place, columns)
        settings[f"xaxis{number}"] = x.settings(theme, letters=26) | {
            "domain": span(column, columns, 0.1),
            "anchor": f"y{number}",
        }
        settings[f"yaxis{number}"] = axis(theme) | {
            "title_text": title,
            "domain": span(rows - 1 - row, rows, 0.12),
            "anchor": f"x{number}",
            "rangemode": "tozero",
        }
        traces += [_quantity(one, number, len(group) > 1) for one in group]
    return go.Figure(traces, layout=settings)


def _quantity(one: Quantity, number: str, legend: bool) -> go.Scatter:  # noqa: FBT001 - private
    return go.Scatter(
        x=one.x,
        y=one.y,
        mode="markers",
        name=one.title,
        showlegend=legend,
        xaxis=f"x{number}",
        yaxis=f"y{number}",
        marker={
            "symbol": one.symbol,
            "size": 8,
            "color": list(one.colours),
            "line": {"width": 1.4, "color": list(one.colours)},
        },
        customdata=list(one.runs),
        text=list(one.texts),
        hovertemplate=f"%{{text}}<br>{one.title} %{{y:.4g}}<extra></extra>",
    )
