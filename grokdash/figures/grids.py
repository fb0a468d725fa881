"""Heat maps over two axes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from grokdash.figures.theme import Axis, Theme, axis, layout

_BAR_ROOM = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How numbers become colours: the map, the range, and the name of the unit.

    ``log10``: the numbers are decimal logarithms of what the title names.
    """

    colours: str | Sequence[tuple[float, str]]
    low: float
    high: float
    title: str
    log10: bool = False


def heat_map(z: np.ndarray, scale: Scale, theme: Theme, x: Axis, y: Axis) -> go.Figure:
    """Draw one matrix ``z [rows = y, columns = x]``; NaN is drawn as a gap.

    Values outside the range take its end colours; the hover shows the number itself.
    """
    settings = layout(theme)
    settings |= {
        "margin": {"l": 52, "r": _BAR_ROOM, "t": 8, "b": 40},
        "xaxis": {**axis(theme, grid=False), "title_text": x.title},
        "yaxis": {**axis(theme, grid=False), "title_text": y.title},
    }
    return go.Figure(_trace(z, scale, theme, x, y), layout=settings)


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
    settings = fig.layout.to_plotly_json() | layout(theme)
    settings["margin"] = {"l": 52, "r": _BAR_ROOM, "t": 24, "b": 40}
    for title in settings["annotations"]:
        title["font"] = {"size": 11}
    look = axis(theme, grid=False)
    for index in range(rows * columns):
        number = str(index + 1) if index else ""
        row, column = divmod(index, columns)
        settings[f"xaxis{number}"] |= look
        settings[f"yaxis{number}"] |= look
        if row == rows - 1:
            settings[f"xaxis{number}"]["title_text"] = x.title
        if column == 0:
            settings[f"yaxis{number}"]["title_text"] = y.title
    # All at once: plotly's update_* functions take ten times as long.
    fig.layout = settings
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
        hovertemplate=(
            f"{x.name} %{{x}}<br>{y.name} %{{y}}<br>"
            f"{scale.title} %{{z:.4g}}<extra></extra>"
        ),
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
