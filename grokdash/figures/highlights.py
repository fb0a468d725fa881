"""Marks over a picture: chosen cells, a chosen place on an axis, dots by group."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.theme import TRANSPARENT, Axis, Theme, figure


def mark_cells(fig: go.Figure, mask: np.ndarray, name: str, colour: str) -> go.Figure:
    """Put a tiny dot on the cells of a heat map where ``mask [rows, columns]`` holds.

    The cells keep their hover; the axes end where the heat map does.
    """
    rows, columns = np.nonzero(mask)
    fig.add_trace(
        go.Scatter(
            x=columns,
            y=rows,
            mode="markers",
            name=name,
            marker={"size": 1.6, "color": colour, "line": {"width": 0}},
            hoverinfo="skip",
        )
    )
    height, width = mask.shape
    fig.update_xaxes(range=[-0.5, width - 0.5])
    fig.update_yaxes(range=[-0.5, height - 0.5])
    fig.update_layout(
        showlegend=True,
        margin_t=24,
        legend={"itemsizing": "constant", "bgcolor": TRANSPARENT},
    )
    return fig


def mark_place(
    fig: go.Figure, x: float, text: str, theme: Theme, *, right: bool
) -> go.Figure:
    """Draw a thin vertical line at x, with a text at its top on one side."""
    fig.add_vline(x=x, line={"color": theme.text, "width": 1, "dash": "dot"})
    fig.add_annotation(
        x=x,
        y=1,
        yref="paper",
        text=text,
        showarrow=False,
        xanchor="left" if right else "right",
        yanchor="top",
        xshift=3 if right else -3,
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
    size: float = 5.0


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
        fig.update_yaxes(dtick=1)
    return fig
