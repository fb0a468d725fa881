"""Heat maps over two axes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from grokdash.figures.theme import NUMBERS, Axis, Theme, axis, layout
from grokdash.written import number, power_of_ten

_BAR_ROOM = 64
_TWO = math.log10(2)


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

    def hover(self, name: str = "") -> str:
        """Give the line of a hover that says the number, with another name if given."""
        value = "10<sup>%{z:.2f}</sup>" if self.log10 else "%{z:.4g}"
        return f"{name or self.title} {value}"


def heat_map(
    z: np.ndarray,
    scale: Scale,
    theme: Theme,
    x: Axis,
    y: Axis,
    *,
    square: bool = False,
) -> go.Figure:
    """Draw one matrix ``z [rows = y, columns = x]``; NaN is drawn as a gap.

    Values outside the range take its end colours; the hover shows the number itself.
    ``square`` makes its cells as high as they are wide.
    """
    settings = layout(theme)
    settings |= {
        "margin": {"l": 52, "r": _BAR_ROOM, "t": 8, "b": 40},
        "xaxis": {**axis(theme, grid=False), "title_text": x.title},
        "yaxis": {**axis(theme, grid=False), "title_text": y.title},
    }
    if square:
        settings |= squared(settings)
    return go.Figure(_trace(z, scale, theme, x, y), layout=settings)


def squared(settings: dict[str, Any]) -> dict[str, Any]:
    """Give the settings that make the cells of all maps of a figure square.

    The maps shrink inside their places and stay next to the colour bar. The browser
    knows how many pixels there are and gives every cell a whole number of them; so
    that it can reckon with the margins, nothing moves them.
    """
    found: dict[str, Any] = {"margin": settings["margin"] | {"autoexpand": False}}
    for name, look in settings.items():
        if name.startswith("xaxis"):
            found[name] = look | {"constrain": "domain", "constraintoward": "right"}
        elif name.startswith("yaxis"):
            toward = {"constrain": "domain", "constraintoward": "top"}
            found[name] = look | toward | {"scaleanchor": f"x{name[5:]}"}
    return found


def heat_maps(
    z: Sequence[np.ndarray] | np.ndarray,
    scale: Scale,
    theme: Theme,
    x: Axis,
    y: Axis,
    titles: Sequence[str],
) -> go.Figure:
    """Draw several matrices of one scale, at most four in a row, each titled.

    Those with as many rows as columns are square.
    """
    count = len(z)
    columns = min(count, 4)
    rows = -(-count // columns)
    fig = make_subplots(
        rows=rows,
        cols=columns,
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
    settings["annotations"] = [
        _map_title(str(text), index) for index, text in enumerate(titles)
    ]
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
    if len(set(np.shape(z[0]))) == 1:
        settings |= squared(settings)
    # All at once: plotly's update_* functions take ten times as long.
    fig.layout = settings
    return fig


def _map_title(text: str, index: int) -> dict[str, object]:
    number = str(index + 1) if index else ""
    return {
        "text": text,
        "xref": f"x{number} domain",
        "yref": f"y{number} domain",
        "x": 0.5,
        "y": 1,
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 11},
    }


def _trace(z: np.ndarray, scale: Scale, theme: Theme, x: Axis, y: Axis) -> go.Heatmap:
    return go.Heatmap(
        z=z,
        x=x.values,
        y=y.values,
        colorscale=scale.colours,
        zmin=scale.low,
        zmax=scale.high,
        colorbar=scale_bar(scale, theme),
        hovertemplate=(
            f"{x.name} %{{x}}<br>{y.name} %{{y}}<br>{scale.hover()}<extra></extra>"
        ),
        meta={"log10": True} if scale.log10 else None,
    )


def scale_bar(scale: Scale, theme: Theme) -> dict[str, object]:
    """Give the settings of the colour bar of a scale, in decades where that has."""
    bar = colour_bar(scale.title, theme)
    return bar | decade_ticks(scale.low, scale.high) if scale.log10 else bar


def decade_ticks(low: float, high: float, most: int = 6) -> dict[str, object]:
    """Give ticks at whole decades of logarithms; where these are few, at 1, 2 and 5.

    ``low`` and ``high`` are the decimal logarithms of the ends; between ends that hold
    hardly one of these, ticks are evenly spaced.
    """
    step = max(1, math.ceil((high - low) / most))
    first = math.ceil(low / step - 1e-9) * step
    places = [float(one) for one in np.arange(first, high + 1e-9, step)]
    if len(places) > 2 and low < -1e-9:
        texts = [
            {0: "1", 1: "10"}.get(round(p)) or power_of_ten(round(p)) for p in places
        ]
        return {"tickvals": places, "ticktext": texts}
    if len(places) < 3:
        decades = range(math.floor(low), math.ceil(high) + 1)
        steps = [one + part for one in decades for part in (0.0, _TWO, 1.0 - _TWO)]
        places = [one for one in steps if low - 1e-9 <= one <= high + 1e-9]
    if len(places) < 3:
        places = np.linspace(low, high, 5).tolist()
    return {"tickvals": places, "ticktext": [number(10.0**one, 2) for one in places]}


def fit_bar(fig: go.Figure, width: float, height: float) -> go.Figure:
    """Make the colour bar as high as the square maps are in a figure of this size."""
    settings: Any = fig.layout
    w = width - settings.margin.l - settings.margin.r
    h = height - settings.margin.t - settings.margin.b
    places = []
    traces: Any = fig.data
    for trace in traces:
        if trace.type != "heatmap":
            continue
        x, y = (
            f"{name[0]}axis{name[1:]}"
            for name in (trace.xaxis or "x", trace.yaxis or "y")
        )
        if settings[y].scaleanchor:
            rows, columns = np.shape(trace.z)
            left, right = settings[x].domain or (0, 1)
            low, high = settings[y].domain or (0, 1)
            cell = min((right - left) * w / columns, (high - low) * h / rows)
            places.append((cell, rows, high))
    if not places:
        return fig
    cell = min(place[0] for place in places)
    lowest = min(high - rows * cell / h for _, rows, high in places)
    bar = {"y": 1, "yanchor": "top", "len": 1 - lowest}
    return fig.update_traces(colorbar=bar, selector={"type": "heatmap"})


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
        "ypad": 0,
    } | NUMBERS
