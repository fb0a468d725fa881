"""One bar per category."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.theme import Theme, figure


def bars(
    x: np.ndarray,
    y: np.ndarray,
    theme: Theme,
    *,
    colours: Sequence[str] | str,
    x_title: str,
    y_title: str,
    y_range: tuple[float, float] | None = None,
) -> go.Figure:
    """Draw bars ``y [n]`` at ``x [n]``, each in its colour."""
    trace = go.Bar(
        x=x,
        y=y,
        marker={"color": colours, "line": {"width": 0}},
        hovertemplate=f"{x_title} %{{x}}<br>{y_title} %{{y:.4g}}<extra></extra>",
    )
    fig = figure([trace], theme, x_title=x_title, y_title=y_title)
    fig.update_layout(bargap=0.25)
    if y_range is not None:
        fig.update_yaxes(range=list(y_range))
    return fig
