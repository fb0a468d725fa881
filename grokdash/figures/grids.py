"""Heat maps over two axes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from grokdash.figures.theme import Axis, Theme, axis, layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How numbers become colours: the map, the range, and the name of the unit."""

    colours: str | Sequence[tuple[float, str]]
    low: float
    high: float
    title: str


def heat_map(z: np.ndarray, scale: Scale, theme: Theme, x: Axis, y: Axis) -> go.Figure:
    """Draw one matrix ``z [rows = y, columns = x]``; NaN is drawn as a gap.

    Values outside the range take its end colours; the hover shows the number itself.
    """
    fig = go.Figure(_trace(z, scale, theme, x, y))
    fig.update_layout(**layout(theme))
    fig.update_xaxes(title_text=x.title, **axis(theme, grid=False))
    fig.update_yaxes(title_text=y.title, **axis(theme, grid=False))
    _name_hover(fig, x, y, scale)
    return fig


def heat_maps(
    z: Sequence[np.ndarray] | np.ndarray,
    scale: Scale,
    theme: Theme,
    x: Axis,
    y: Axis,
    titles: Sequence[str],
) -> go.Figure:
    """Draw several matrices of one scale, at most four in a row, each titled."""
    count = len(z)
    columns = min(count, 4)
    rows = -(-count // columns)
    fig = make_subplots(
        rows=rows,
        cols=columns,
        subplot_titles=list(titles),
        shared_xaxes=True,
        shared_yaxes=True,
        horizontal_spacing=0.03,
        vertical_spacing=0.12 if rows > 1 else 0.05,
    )
    for index, matrix in enumerate(z):
        trace = _trace(matrix, scale, theme, x, y)
        trace.showscale = index == 0
        fig.add_trace(trace, row=index // columns + 1, col=index % columns + 1)
    fig.update_layout(**layout(theme))
    fig.update_layout(margin_t=24)
    fig.update_annotations(font_size=11)
    fig.update_xaxes(**axis(theme, grid=False))
    fig.update_yaxes(**axis(theme, grid=False))
    fig.update_xaxes(title_text=x.title, row=rows)
    fig.update_yaxes(title_text=y.title, col=1)
    _name_hover(fig, x, y, scale)
    return fig


def _trace(z: np.ndarray, scale: Scale, theme: Theme, x: Axis, y: Axis) -> go.Heatmap:
    return go.Heatmap(
        z=z,
        x=x.values,
        y=y.values,
        colorscale=scale.colours,
        zmin=scale.low,
        zmax=scale.high,
        colorbar=colour_bar(scale.title, theme),
    )


def colour_bar(title: str, theme: Theme) -> dict[str, object]:
    """Give the settings of a thin colour bar with its unit."""
    return {
        "title": {"text": title, "side": "right", "font": {"size": 10}},
        "thickness": 9,
        "len": 1.0,
        "outlinewidth": 0,
        "tickfont": {"size": 9, "color": theme.text},
        "x": 1.01,
        "xpad": 2,
    }


def _name_hover(fig: go.Figure, x: Axis, y: Axis, scale: Scale) -> None:
    fig.update_traces(
        hovertemplate=(
            f"{x.title} %{{x}}<br>{y.title} %{{y}}<br>"
            f"{scale.title} %{{z:.4g}}<extra></extra>"
        )
    )
    fig.update_layout(margin_r=64)
