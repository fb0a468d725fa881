"""Means with their spread: points with whiskers, lines with bands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.theme import Axis, Theme, figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A named group: ``x``, ``mean`` and half width ``deviation``, all ``[n]``."""

    name: str
    x: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray
    colour: str
    symbol: str = "circle"
    dash: Literal["solid", "dash", "dot"] = "solid"


def whisker_line(mean: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """Give whiskers as the heights of one line ``[3n]``: low, high, gap, and so on."""
    gaps = np.full(len(mean), np.nan)
    return np.stack([mean - deviation, mean + deviation, gaps], axis=1).ravel()


def whiskers(
    groups: Sequence[Spread], theme: Theme, x: Axis, y: Axis, unit: str
) -> go.Figure:
    """Draw points with whiskers; traces alternate: whiskers, then points, per group."""
    traces: list[go.Scatter] = []
    for group in groups:
        traces.append(
            go.Scatter(
                x=np.repeat(group.x, 3),
                y=whisker_line(group.mean, group.deviation),
                mode="lines",
                line={"color": group.colour, "width": 2},
                hoverinfo="skip",
                showlegend=False,
            )
        )
        traces.append(
            go.Scatter(
                x=group.x,
                y=group.mean,
                mode="markers",
                name=group.name,
                marker={"color": group.colour, "symbol": group.symbol, "size": 8},
                customdata=np.round(group.x).astype(np.int32),
                hovertemplate=(
                    f"{x.name} %{{customdata}}, {group.name}<br>{unit} "
                    "%{y:.4f}<extra></extra>"
                ),
            )
        )
    fig = figure(traces, theme, x, y, legend=True)
    fig.update_layout(margin_t=26)
    return fig


def bands(groups: Sequence[Spread], theme: Theme, x: Axis, y: Axis) -> go.Figure:
    """Draw lines, each over a shaded band of mean ± deviation."""
    traces: list[go.Scatter] = []
    for group in groups:
        traces += [
            *band(group),
            go.Scatter(
                x=group.x,
                y=group.mean,
                name=group.name,
                mode="lines",
                line={"color": group.colour, "dash": group.dash, "width": 1.8},
                customdata=group.deviation,
                hovertemplate=(
                    f"{x.name} %{{x}}<br>{group.name} %{{y:.4f}} "
                    "± %{customdata:.4f}<extra></extra>"
                ),
            ),
        ]
    fig = figure(traces, theme, x, y, legend=True)
    fig.update_layout(margin_t=26, legend_traceorder="normal")
    return fig


def shade_between(
    fig: go.Figure, lower: str, upper: str, theme: Theme, text: str
) -> go.Figure:
    """Fill the space from one named line to another where both are known."""
    traces: Any = fig.data
    named = {trace.name: trace for trace in traces}
    one, other = (np.asarray(named[name].y, float) for name in (lower, upper))
    known = np.isfinite(one) & np.isfinite(other)
    x = np.asarray(named[lower].x)[known]
    fig.add_scatter(
        x=np.concatenate([x, x[::-1]]),
        y=np.concatenate([one[known], other[known][::-1]]),
        name=text,
        mode="none",
        fill="toself",
        fillcolor=_faint(theme.muted),
        hoverinfo="skip",
    )
    return fig


def band(group: Spread) -> list[go.Scatter]:
    """Give the shaded band of mean ± deviation alone: its lower and upper edge."""
    edge = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    low, high = group.mean - group.deviation, group.mean + group.deviation
    shade = {"fill": "tonexty", "fillcolor": _faint(group.colour)}
    return [
        go.Scatter(x=group.x, y=low, showlegend=False, **edge),
        go.Scatter(x=group.x, y=high, showlegend=False, **shade, **edge),
    ]


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.18)"
