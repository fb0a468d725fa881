"""Small additions to a figure: key marks along its axes, named rows, side legends."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

from grokdash.written import fixed

Dash = Literal["solid", "dash", "dot", "dashdot"]
DASHES: tuple[Dash, ...] = ("solid", "dash", "dot", "dashdot")

_STRIP = 7
"""Thickness of a coloured mark beside a heat map, in pixels."""


def mark_columns(
    fig: go.Figure, positions: Sequence[int], colours: Sequence[str]
) -> go.Figure:
    """Put a coloured tab over each of these columns of a heat map."""
    for position, colour in zip(positions, colours, strict=True):
        fig.add_shape(
            type="rect",
            xref="x",
            yref="y domain",
            ysizemode="pixel",
            yanchor=1,
            x0=position - 0.5,
            x1=position + 0.5,
            y0=2,
            y1=2 + _STRIP,
            fillcolor=colour,
            line_width=0,
        )
    fig.update_layout(margin_t=14)
    return fig


def mark_rows(
    fig: go.Figure, spans: Sequence[tuple[float, float]], colours: Sequence[str]
) -> go.Figure:
    """Put a coloured strip beside each of these intervals of rows of a heat map."""
    for (start, end), colour in zip(spans, colours, strict=True):
        fig.add_shape(
            type="rect",
            xref="x domain",
            yref="y",
            xsizemode="pixel",
            xanchor=0,
            x0=-2 - _STRIP,
            x1=-2,
            y0=start,
            y1=end,
            fillcolor=colour,
            line_width=0,
        )
    fig.update_yaxes(ticks="", ticklabelstandoff=11)
    return fig


def runs_of(values: np.ndarray) -> list[tuple[int, int, int]]:
    """List the runs of equal neighbours as (value, first index, index after last)."""
    if not len(values):
        return []
    cuts = np.flatnonzero(np.diff(values)) + 1
    bounds = [0, *cuts.tolist(), len(values)]
    return [(int(values[start]), start, end) for start, end in pairwise(bounds)]


def name_rows(fig: go.Figure, ids: np.ndarray, hover: str) -> go.Figure:
    """Make the id of a heat map's row the custom datum of all its cells."""
    trace: Any = fig.data[0]
    rows, columns = np.shape(trace.z)
    data = np.broadcast_to(np.asarray(ids, np.int32)[:, None], (rows, columns))
    fig.update_traces(customdata=data, hovertemplate=hover)
    return fig


def side_legend(fig: go.Figure, width: int = 92) -> go.Figure:
    """Move the legend to the right: for more names than fit above the plot."""
    fig.update_layout(
        margin={"t": 8, "r": width},
        legend={
            "orientation": "v",
            "x": 1.01,
            "xanchor": "left",
            "y": 1.0,
            "yanchor": "top",
            "font": {"size": 9},
            "itemwidth": 30,
            "tracegroupgap": 0,
        },
    )
    return fig


def cell_texts(z: np.ndarray, digits: int = 3) -> list[list[str]]:
    """Write the numbers of a matrix ``[rows, columns]`` to so many decimals."""
    return [[fixed(value, digits) for value in row] for row in z]


def write_values(fig: go.Figure, digits: int = 3) -> go.Figure:
    """Write the numbers into the cells of a heat map."""
    traces: Any = fig.select_traces({"type": "heatmap"})
    for trace in traces:
        # Plotly would write what has a format of its own with a hyphen for a minus.
        trace.text = cell_texts(trace.z, digits)
    return fig.update_traces(
        texttemplate="%{text}",
        zhoverformat=f".{digits}f",
        textfont={"size": 11},
        xgap=2,
        ygap=2,
        selector={"type": "heatmap"},
    )


def swatch(colour: str | None) -> str:
    """Give a square of a colour to put before a text, which itself stays readable."""
    return f'<span style="color:{colour}">■</span> ' if colour else ""


def stepwise(colours: Sequence[str]) -> list[tuple[float, str]]:
    """Make a colour scale of equal steps, one per colour, for whole numbers."""
    n = len(colours)
    return [
        (edge / n, colour)
        for index, colour in enumerate(colours)
        for edge in (index, index + 1)
    ]
