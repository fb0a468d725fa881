"""Marks over a picture: chosen cells, a chosen place on an axis, dots by group."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.theme import Axis, Theme, figure


def mark_cells(
    fig: go.Figure, rows: np.ndarray, columns: np.ndarray, name: str, colour: str
) -> go.Figure:
    """Put a tiny dot on these cells of a heat map; the cells keep their hover."""
    fig.add_trace(
        go.Scattergl(
            x=columns,
            y=rows,
            mode="markers",
            name=name,
            marker={"size": 1.6, "color": colour, "opacity": 0.75},
            hoverinfo="skip",
        )
    )
    fig.update_layout(
        showlegend=True,
        margin_t=24,
        legend={"itemsizing": "constant", "bgcolor": "rgba(0,0,0,0)"},
    )
    return fig


def mark_place(fig: go.Figure, x: float, text: str, theme: Theme) -> go.Figure:
    """Draw a thin vertical line at x and write beside its top what it is."""
    fig.add_vline(x=x, line={"color": theme.text, "width": 1, "dash": "dot"})
    first, last = fig.layout.xaxis.range
    right = x > (first + last) / 2
    fig.add_annotation(
        x=x,
        y=1,
        yref="paper",
        text=text,
        showarrow=False,
        xanchor="right" if right else "left",
        yanchor="top",
        xshift=-3 if right else 3,
        font={"size": 10, "color": theme.text},
    )
    return fig


@dataclass(frozen=True, slots=True, kw_only=True)
class Dots:
    """One named group of dots ``x, y [n]``; NaN is not drawn."""

    name: str
    x: np.ndarray
    y: np.ndarray
    colour: str
    symbol: str = "circle"
    size: float = 5


def dots(groups: Sequence[Dots], theme: Theme, x: Axis, y: Axis) -> go.Figure:
    """Draw groups of dots on common axes, with a legend."""
    traces = [
        go.Scatter(
            x=group.x,
            y=group.y,
            mode="markers",
            name=group.name,
            marker={
                "color": group.colour,
                "symbol": group.symbol,
                "size": group.size,
            },
            hovertemplate=(
                f"{x.title} %{{x}}<br>{group.name}: {y.title} %{{y:.4g}}<extra></extra>"
            ),
        )
        for group in groups
    ]
    fig = figure(traces, theme, x, y, legend=True)
    fig.update_layout(margin_t=26)
    if y.kind == "log":
        fig.update_yaxes(exponentformat="power", dtick=1)
    return fig
