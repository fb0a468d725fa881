"""The same bars at several moments, side by side on one scale."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.curves import log_ticks
from grokdash.figures.theme import Axis, Theme, axis, layout

_COLUMNS = 3
_GAP_X, _GAP_Y = 0.025, 0.14


def bar_strip(
    heights: np.ndarray,
    titles: Sequence[str],
    colours: Sequence[str],
    theme: Theme,
    x: Axis,
    y: Axis,
) -> go.Figure:
    """Draw ``heights [panels, n]``, three panels in a row, all on the same axes.

    Bars rise from the lower limit of y, so that a log scale has a floor.
    """
    count = len(heights)
    rows = -(-count // _COLUMNS)
    settings = layout(theme)
    traces, notes = [], []
    for index, row in enumerate(heights):
        number = "" if index == 0 else str(index + 1)
        left, low, width, height = panel_box(index, count, _COLUMNS)
        bottom = index // _COLUMNS == rows - 1 or index + _COLUMNS >= count
        first = index % _COLUMNS == 0
        traces.append(
            {
                "type": "bar",
                "x": x.values,
                "y": row,
                "xaxis": f"x{number}",
                "yaxis": f"y{number}",
                "marker": {"color": list(colours), "line": {"width": 0}},
                "hovertemplate": f"{titles[index]}<br>{x.title} %{{x}}<br>"
                f"{y.title} %{{y:.4g}}<extra></extra>",
            }
        )
        plain = untitled_axis(theme)
        settings[f"xaxis{number}"] = plain | {
            "domain": [left, left + width],
            "anchor": f"y{number}",
            "range": x.plotly_range,
            "showticklabels": bottom,
            "title": small_title(x.title if bottom else ""),
            "nticks": 4,
        }
        settings[f"yaxis{number}"] = plain | {
            "domain": [low, low + height],
            "anchor": f"x{number}",
            "type": y.kind,
            "range": y.plotly_range,
            "showticklabels": first,
            "title": small_title(y.title if first else ""),
            "nticks": 4,
        }
        if y.kind == "log":
            settings[f"yaxis{number}"] |= {"dtick": log_ticks(heights)}
        notes.append(panel_note(titles[index], (left, low + height), theme))
    fig = go.Figure(traces, settings | {"annotations": notes, "bargap": 0.2})
    fig.update_layout(margin_t=20, margin_l=48)
    return fig


def panel_box(
    index: int, count: int, columns: int
) -> tuple[float, float, float, float]:
    """Give left, bottom, width and height of a panel, in fractions of the plot."""
    rows = -(-count // columns)
    width = (1 - _GAP_X * (columns - 1)) / columns
    height = (1 - _GAP_Y * (rows - 1)) / rows
    row, column = divmod(index, columns)
    left = column * (width + _GAP_X)
    low = max(0.0, 1 - (row + 1) * height - row * _GAP_Y)
    return left, low, min(width, 1 - left), min(height, 1 - low)


def small_title(text: str) -> dict[str, object]:
    """Give the title of an axis of a small panel."""
    return {"text": text, "font": {"size": 10}, "standoff": 3}


def untitled_axis(theme: Theme) -> dict[str, object]:
    """Give the settings of an axis without those of its title."""
    settings = axis(theme)
    return {name: settings[name] for name in settings if not name.startswith("title")}


def panel_note(
    text: str, corner: tuple[float, float], theme: Theme
) -> dict[str, object]:
    """Give a heading over the upper left corner of a panel."""
    return {
        "text": text,
        "xref": "paper",
        "yref": "paper",
        "x": corner[0],
        "y": corner[1],
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 10, "color": theme.text},
    }
