"""One quantity over two axes as a surface in space."""

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.grids import Scale, colour_bar
from grokdash.figures.theme import NUMBERS, Axis, Theme, layout


def surface(z: np.ndarray, scale: Scale, theme: Theme, x: Axis, y: Axis) -> go.Figure:
    """Draw ``z [rows = y, columns = x]`` at full resolution with a fixed z range."""
    fig = go.Figure(
        go.Surface(
            z=z,
            colorscale=scale.colours,
            cmin=scale.low,
            cmax=scale.high,
            showscale=True,
            colorbar=colour_bar(scale.title, theme) | {"len": 0.9},
            hovertemplate=(
                f"{x.title} %{{x}}<br>{y.title} %{{y}}<br>"
                f"{scale.title} %{{z:.4g}}<extra></extra>"
            ),
        )
    )
    look = {
        "backgroundcolor": theme.paper,
        "gridcolor": theme.grid,
        "color": theme.text,
    } | NUMBERS
    settings = layout(theme) | {
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "scene": {
            "xaxis": {"title": {"text": x.title}, **look},
            "yaxis": {"title": {"text": y.title}, **look},
            "zaxis": {
                "title": {"text": scale.title},
                "range": [scale.low, scale.high],
                **look,
            },
            "aspectratio": {"x": 1, "y": 1, "z": 0.55},
            "camera": {
                "eye": {"x": 1.15, "y": 1.15, "z": 0.85},
                "center": {"x": 0, "y": 0, "z": -0.12},
            },
            "uirevision": "keep",
        },
    }
    fig.layout = settings
    return fig
