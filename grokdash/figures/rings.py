"""Several small clouds of points on equal axes, one panel each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.grids import Scale, colour_bar
from grokdash.figures.strips import panel_box, small_title, untitled_axis
from grokdash.figures.theme import Theme, layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Clouds:
    """Points of several panels: ``x``, ``y``, ``colours`` ``[panels, n]``.

    ``labels`` are the texts of the n points and ``ids`` the numbers that a click on
    them gives, the same in every panel; ``titles`` stand over the panels.
    """

    x: np.ndarray
    y: np.ndarray
    colours: np.ndarray
    labels: Sequence[str]
    ids: np.ndarray
    titles: Sequence[str]


def square_panels(
    clouds: Clouds, scale: Scale, theme: Theme, names: tuple[str, str], bound: float
) -> go.Figure:
    """Draw every panel from −bound to bound with equal axes: circles look round.

    Parameters
    ----------
    clouds
        The points.
    scale
        How their numbers become colours; the bar is shown once.
    theme
        The colours.
    names
        What the two axes are, written once at the lower left.
    bound
        Half the width of every panel in data units.
    """
    count = len(clouds.x)
    columns = min(count, 3 if count > 4 or count == 3 else 2)
    settings = layout(theme)
    traces, notes = [], []
    for index in range(count):
        number = "" if index == 0 else str(index + 1)
        left, low, width, height = panel_box(index, count, columns)
        traces.append(_cloud(clouds, index, scale, theme, names))
        corner = index == (count - 1) // columns * columns
        shared = untitled_axis(theme) | {
            "range": [-bound, bound],
            "constrain": "domain",
            "nticks": 4,
            "showticklabels": corner,
        }
        settings[f"xaxis{number}"] = shared | {
            "domain": [left, left + width],
            "anchor": f"y{number}",
            "title": small_title(names[0] if corner else ""),
        }
        settings[f"yaxis{number}"] = shared | {
            "domain": [low, low + height],
            "anchor": f"x{number}",
            "scaleanchor": f"x{number}",
            "title": small_title(names[1] if corner else ""),
        }
        notes.append(_title(clouds, index, bound, theme))
    fig = go.Figure(traces, settings | {"annotations": notes})
    fig.update_layout(margin={"l": 52, "r": 64, "t": 20, "b": 36})
    return fig


def _title(clouds: Clouds, index: int, bound: float, theme: Theme) -> dict[str, object]:
    number = "" if index == 0 else str(index + 1)
    return {
        "text": clouds.titles[index],
        "xref": f"x{number}",
        "yref": f"y{number}",
        "x": 0,
        "y": bound,
        "yanchor": "bottom",
        "showarrow": False,
        "borderpad": 0,
        "font": {"size": 10, "color": theme.text},
    }


def _cloud(
    clouds: Clouds, index: int, scale: Scale, theme: Theme, names: tuple[str, str]
) -> dict[str, object]:
    number = "" if index == 0 else str(index + 1)
    marker: dict[str, object] = {
        "color": clouds.colours[index],
        "colorscale": scale.colours,
        "cmin": scale.low,
        "cmax": scale.high,
        "size": 5,
        "line": {"width": 0.4, "color": theme.muted},
    }
    if index == 0:
        marker["colorbar"] = colour_bar(scale.title, theme)
    return {
        "type": "scatter",
        "x": clouds.x[index],
        "y": clouds.y[index],
        "xaxis": f"x{number}",
        "yaxis": f"y{number}",
        "mode": "markers",
        "marker": marker,
        "text": list(clouds.labels),
        "customdata": clouds.ids,
        "hovertemplate": f"%{{text}}<br>{names[0]} %{{x:.3g}}<br>{names[1]} %{{y:.3g}}"
        f"<extra>{clouds.titles[index]}</extra>",
    }
