"""One bar per category."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.theme import Axis, Theme, figure


def bars(
    heights: np.ndarray, theme: Theme, x: Axis, y: Axis, colours: Sequence[str] | str
) -> go.Figure:
    """Draw bars of ``heights [n]`` at ``x.values``, each in its colour."""
    trace = go.Bar(
        x=x.values,
        y=heights,
        marker={"color": colours, "line": {"width": 0}},
        hovertemplate=f"{x.name} %{{x}}<br>{y.title} %{{y:.4g}}<extra></extra>",
    )
    fig = figure([trace], theme, x, y)
    fig.update_layout(bargap=0.25)
    return fig
