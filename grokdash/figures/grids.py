"""Heat maps over two axes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from grokdash.figures.theme import Theme, axis, layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How numbers become colours: the map, the range, and the name of the unit."""

    colours: str | Sequence[tuple[float, str]]
    low: float
    high: float
    title: str


def heat_map(
    z: np.ndarray,
    scale: Scale,
    theme: Theme,
    *,
    x_title: str,
    y_title: str,
    x: Sequence[float] | np.ndarray | None = None,
    y: Sequence[float] | np.ndarray | None = None,
) -> go.Figure:
    """Draw one matrix ``z [rows = y, columns = x]``; NaN is drawn as a gap.

    Values outside the range take its end colours; the hover shows the number itself.
    """
    fig = go.Figure(_trace(z, scale, theme, x=x, y=y))
    fig.update_layout(**layout(theme))
    fig.update_xaxes(title_text=x_title, **axis(theme, grid=False))
    fig.update_yaxes(title_text=y_title, **axis(theme, grid=False))
    _name_hover(fig, x_title, y_title, scale)
    return fig


def heat_maps(
    z: Sequence[np.ndarray] | np.ndarray,
    scale: Scale,
    theme: Theme,
    *,
    titles: Sequence[str],
    x_title: str,
    y_title: str,
    columns: int | None = None,
) -> go.Figure:
    """Draw several matrices of one scale side by side, one title above each."""
    count = len(z)
    columns = columns or min(count, 4)
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
        trace = _trace(matrix, scale, theme)
        trace.showscale = index == 0
        fig.add_trace(trace, row=index // columns + 1, col=index % columns + 1)
    fig.update_layout(**layout(theme), **{"margin.t": 24})
    fig.update_annotations(font_size=11)
    fig.update_xaxes(**axis(theme, grid=False))
    fig.update_yaxes(**axis(theme, grid=False))
    fig.update_xaxes(title_text=x_title, row=rows)
    fig.update_yaxes(title_text=y_title, col=1)
    _name_hover(fig, x_title, y_title, scale)
    return fig


def _trace(
    z: np.ndarray,
    scale: Scale,
    theme: Theme,
    *,
    x: Sequence[float] | np.ndarray | None = None,
    y: Sequence[float] | np.ndarray | None = None,
) -> go.Heatmap:
    return go.Heatmap(
        z=z,
        x=x,
        y=y,
        colorscale=scale.colours,
        zmin=scale.low,
        zmax=scale.high,
        colorbar={
            "title": {"text": scale.title, "side": "right", "font": {"size": 10}},
            "thickness": 9,
            "len": 1.0,
            "outlinewidth": 0,
            "tickfont": {"size": 9, "color": theme.text},
            "x": 1.01,
            "xpad": 2,
        },
    )


def _name_hover(fig: go.Figure, x_title: str, y_title: str, scale: Scale) -> None:
    fig.update_traces(
        hovertemplate=(
            f"{x_title} %{{x}}<br>{y_title} %{{y}}<br>"
            f"{scale.title} %{{z:.4g}}<extra></extra>"
        )
    )
    fig.update_layout(margin_r=64)
