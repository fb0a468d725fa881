"""A path through a plane with a mark where one is."""

import plotly.graph_objects as go

from grokdash.figures.points import Points, scatter
from grokdash.figures.theme import Axis, Theme


def marked_path(
    points: Points,
    mark: tuple[float, float],
    label: str,
    theme: Theme,
    x: Axis,
    y: Axis,
) -> go.Figure:
    """Draw joined points, name the first and the last, and mark one place on top.

    The mark is the second trace. Both axes have the same scale, so that lengths and
    angles are true.
    """
    fig = scatter(points, theme, x, y)
    fig.add_trace(
        go.Scatter(
            x=[mark[0]],
            y=[mark[1]],
            mode="markers",
            text=[label],
            marker={
                "size": 13,
                "symbol": "circle-open",
                "color": theme.accent,
                "line": {"width": 2.5, "color": theme.accent},
            },
            hovertemplate="%{text}<extra></extra>",
        )
    )
    ends = (("start", 0), ("end", len(points.x) - 1))
    fig.update_layout(
        annotations=[
            {
                "text": name,
                "x": float(points.x[index]),
                "y": float(points.y[index]),
                "xanchor": "left",
                "xshift": 9,
                "showarrow": False,
                "font": {"size": 10, "color": theme.text},
            }
            for name, index in ends
        ]
    )
    fig.update_yaxes(scaleanchor="x")
    return fig
