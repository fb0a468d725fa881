"""Points in the plane: rings, scatters, paths."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.theme import Theme, figure


def ring(
    x: np.ndarray,
    y: np.ndarray,
    theme: Theme,
    *,
    colour_values: np.ndarray,
    colour_range: tuple[float, float],
    colour_title: str,
    labels: Sequence[str],
    x_title: str,
    y_title: str,
    bound: float,
) -> go.Figure:
    """Draw tokens as points on a square with equal axes, in cyclic colours.

    Parameters
    ----------
    x, y
        Coordinates ``[n]`` in the units of the axis titles.
    colour_values, colour_range, colour_title
        What the cyclic colours mean, ``[n]``, and where they wrap around.
    bound
        Half the side of the square.
    """
    trace = go.Scatter(
        x=x,
        y=y,
        mode="markers",
        text=list(labels),
        marker={
            "color": colour_values,
            "colorscale": theme.cyclic,
            "cmin": colour_range[0],
            "cmax": colour_range[1],
            "size": 7,
            "line": {"width": 0.5, "color": theme.muted},
            "colorbar": {
                "title": {
                    "text": colour_title,
                    "side": "right",
                    "font": {"size": 10},
                },
                "thickness": 9,
                "outlinewidth": 0,
                "tickfont": {"size": 9},
                "x": 1.01,
                "xpad": 2,
            },
        },
        hovertemplate="%{text}<br>(%{x:.3g}, %{y:.3g})<extra></extra>",
    )
    fig = figure([trace], theme, x_title=x_title, y_title=y_title)
    fig.update_layout(margin_r=64)
    fig.update_xaxes(range=[-bound, bound], constrain="domain")
    fig.update_yaxes(range=[-bound, bound], scaleanchor="x", constrain="domain")
    return fig


def scatter(
    x: np.ndarray,
    y: np.ndarray,
    theme: Theme,
    *,
    colours: Sequence[str] | np.ndarray | str,
    labels: Sequence[str],
    x_title: str,
    y_title: str,
    x_range: tuple[float, float] | None = None,
    y_range: tuple[float, float] | None = None,
    size: float = 5,
) -> go.Figure:
    """Draw points ``[n]``, each with its colour and a text for the hover."""
    trace = go.Scatter(
        x=x,
        y=y,
        mode="markers",
        text=list(labels),
        marker={"color": colours, "size": size, "line": {"width": 0}},
        hovertemplate="%{text}<br>(%{x:.4g}, %{y:.4g})<extra></extra>",
    )
    fig = figure([trace], theme, x_title=x_title, y_title=y_title)
    if x_range is not None:
        fig.update_xaxes(range=list(x_range))
    if y_range is not None:
        fig.update_yaxes(range=list(y_range))
    return fig
