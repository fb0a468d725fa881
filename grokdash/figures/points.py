"""Points in the plane: rings, scatters, paths."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.grids import Scale, colour_bar
from grokdash.figures.theme import Axis, Theme, figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Points of the plane ``x, y [n]``, a text for each, and what colours them.

    ``colours`` is one colour, one per point, or numbers ``[n]`` read by ``scale``;
    ``ids`` are the numbers that a click on a point gives, if it gives any.
    """

    x: np.ndarray
    y: np.ndarray
    labels: Sequence[str]
    colours: np.ndarray | Sequence[str] | str
    scale: Scale | None = None
    ids: np.ndarray | None = None
    size: float = 6
    joined: bool = False


def scatter(points: Points, theme: Theme, x: Axis, y: Axis) -> go.Figure:
    """Draw the points; the colours get a bar when they are numbers."""
    marker: dict[str, object] = {
        "color": points.colours,
        "size": points.size,
        "line": {"width": 0.5, "color": theme.muted},
    }
    if points.scale is not None:
        marker |= {
            "colorscale": points.scale.colours,
            "cmin": points.scale.low,
            "cmax": points.scale.high,
            "colorbar": colour_bar(points.scale.title, theme),
        }
    trace = go.Scatter(
        x=points.x,
        y=points.y,
        mode="lines+markers" if points.joined else "markers",
        line={"width": 1, "color": theme.muted},
        text=list(points.labels),
        customdata=points.ids,
        marker=marker,
        hovertemplate=(
            f"%{{text}}<br>{x.title} %{{x:.4g}}<br>{y.title} %{{y:.4g}}<extra></extra>"
        ),
    )
    fig = figure([trace], theme, x, y)
    if points.scale is not None:
        fig.update_layout(margin_r=64)
    return fig


def square(points: Points, theme: Theme, x: Axis, y: Axis, bound: float) -> go.Figure:
    """Draw the points with equal axes from −bound to bound: a circle looks round."""
    fig = scatter(points, theme, x, y)
    fig.update_xaxes(range=[-bound, bound], constrain="domain")
    fig.update_yaxes(range=[-bound, bound], scaleanchor="x", constrain="domain")
    return fig
