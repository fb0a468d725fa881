"""Make a figure fit its size: nothing is cut off, however narrow it is.

In the app a panel is never very narrow and carries no title of its own. Here titles of
figures, axes and colour bars are broken into lines, and the margins grow with them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from grokdash.errors import ConfigError
from grokdash.figures.grids import fit_bar
from grokdash.saving.lettering import LINE, count_lines, text_width, wrapped
from grokdash.saving.look import APP_FONT_PX
from grokdash.written import whole

TITLE_PX = 14
_UNDER_PX = 10
_EDGE = 8
_FLAT = 0.45
_LEAST_PX = 130
"""Height of plots, as a share of the width of a figure, and the least."""
_SMALLEST_PX = 6
_LETTER_PX = 16
_LEAST_TITLE_PX = 88
_SMALLEST_PLOT_PX = 16
_TOO_SMALL = (
    "{} × {} pixels of the app's leave no room for a plot beside "
    "its texts: make the picture larger, its font smaller, or leave out its title"
)
_CAPITAL = 0.7
"""Plotly hangs one line by its capitals, but several by the first base line."""
BASE_LINE_PX = _EDGE + _CAPITAL * TITLE_PX
"""How far below the upper edge the first line of a heading stands."""
_KEY_PX = 48
"""What a legend draws beside the name of a trace, with the space around it."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above a figure: its name, and smaller, where it comes from."""

    title: str
    under: str


def fitted(
    fig: go.Figure,
    width: float,
    height: float | None,
    heading: Heading | None,
    *,
    letter: str = "",
    below: float | None = None,
) -> go.Figure:
    """Give a figure its size, its heading and the margins that its texts need.

    Parameters
    ----------
    width, height
        In pixels; without a height it is what the plots need beside their texts.
    letter
        What is to be written into the corner beside or above these.
    below
        Height of what is below the heading, for figures that know it themselves.
    """
    layout: Any = fig.layout
    margin = layout.margin
    sides = {side: float(margin[side] or 0) for side in "lrtb"}
    legend = _legend_height(fig, width - sides["l"] - sides["r"])
    if layout.legend.orientation == "h":
        sides["t"] = max(sides["t"], legend)
        legend = 0.0
    head = 0.0
    if heading is not None:
        text, head = _written(heading, width, _LETTER_PX if letter else 0)
        sides["t"] += head
        layout.title = text
    elif letter:
        sides["t"] += _LETTER_PX
    across = width - sides["l"] - sides["r"]
    sides["b"] += _extra(fig.select_xaxes(), across)
    sides["b"] += max((_turned(one, across) for one in fig.select_xaxes()), default=0)
    if height is None and below is not None:
        height = below + head
    if height is None:
        height = sides["t"] + sides["b"]
        height += max(legend, _plot_height(fig, width, across))
    up = height - sides["t"] - sides["b"]
    # Square plots may be lower than there is room.
    up = min(up, max(_square_heights(fig, across), default=up))
    sides["l"] += _extra(fig.select_yaxes(), up)
    sides["r"] += _extra(_bars(fig), up)
    _shrink_notes(fig, width - sides["l"] - sides["r"])
    fig.update_layout(width=width, height=height, margin=sides)
    across, up = width - sides["l"] - sides["r"], height - sides["t"] - sides["b"]
    if min(across, up) < _SMALLEST_PLOT_PX:
        raise ConfigError(_TOO_SMALL.format(whole(width), whole(height)))
    _lower_bars(fig, across, up)
    return fit_bar(fig, width, height)


def _lower_bars(fig: go.Figure, across: float, up: float) -> None:
    """Make colour bars of points as high as their square plot."""
    high = max(_square_heights(fig, across), default=up)
    traces: Any = fig.data
    for trace in traces if high < up else ():
        if trace.type == "scatter" and _has_bar(trace.marker):
            bar = {"len": high / up, "y": 0.5, "yanchor": "middle"}
            trace.marker.colorbar.update(bar)


def _extra(titled: Iterable[Any], along: float) -> float:
    """Break titles and say how much more room the longest of them takes."""
    return max((_broken(one, along) for one in titled), default=0.0)


def _plot_height(fig: go.Figure, width: float, across: float) -> float:
    """Say how high the plots of a figure are best."""
    square = max(_square_heights(fig, across), default=0.0)
    return square or max(_LEAST_PX, _FLAT * width)


def _square_heights(fig: go.Figure, across: float) -> Iterator[float]:
    """Give, for each square plot, how high all are where none leaves room unused."""
    layout: Any = fig.layout
    traces: Any = fig.data
    for trace in traces:
        if trace.type not in ("heatmap", "scatter"):
            continue
        x = layout["xaxis" + (trace.xaxis or "x")[1:]]
        y = layout["yaxis" + (trace.yaxis or "y")[1:]]
        if not (x.scaleanchor or y.scaleanchor):
            continue
        left, right = x.domain or (0, 1)
        low, high = y.domain or (0, 1)
        rows, columns = np.shape(trace.z) if trace.type == "heatmap" else (1, 1)
        yield across * (right - left) * rows / columns / (high - low)


def _turned(one: Any, across: float) -> float:
    """Say how much more room names of ticks need that must be written upright."""
    names = one.ticktext or ()
    domain = one.domain or (0, 1)
    if not names:
        return 0.0
    size = one.tickfont.size or 10
    widest = max(text_width(str(name), size) for name in names)
    room = across * (domain[1] - domain[0]) / len(names)
    return widest - size if widest > 0.9 * room else 0.0


def _shrink_notes(fig: go.Figure, across: float) -> None:
    """Make the names of small plots as small as their plots are narrow."""
    layout: Any = fig.layout
    for note in layout.annotations:
        if not str(note.xref).endswith(" domain") or not note.text:
            continue
        axis = layout["xaxis" + note.xref.removesuffix(" domain")[1:]]
        left, right = axis.domain or (0, 1)
        size = note.font.size or layout.font.size
        widest = max(text_width(one, size) for one in note.text.split("<br>"))
        share = across * (right - left) / widest
        if share < 1:
            note.font.size = max(_SMALLEST_PX, size * share)


def _written(
    heading: Heading, width: float, indent: float
) -> tuple[dict[str, Any], float]:
    """Write a heading as Plotly wants it, and say how much height it takes."""
    room = width - 2 * _EDGE - indent
    title = wrapped(heading.title, TITLE_PX, room)
    under = wrapped(heading.under, _UNDER_PX, room)
    spans = [
        f'<span style="font-size:{_UNDER_PX}px">{one}</span>'
        for one in under.split("<br>")
        if one
    ]
    lines = count_lines(title) + count_lines(under)
    settings = {
        "text": "<br>".join((title, *spans)),
        "font": {"size": TITLE_PX},
        "x": 0,
        "xref": "container",
        "xanchor": "left",
        "y": 1,
        "yref": "container",
        "yanchor": "top",
        "pad": {
            "l": _EDGE + indent,
            "t": BASE_LINE_PX if lines > 1 else _EDGE,
        },
    }
    return settings, 1.5 * _EDGE + lines * TITLE_PX * LINE


def _legend_height(fig: go.Figure, room: float) -> float:
    """Estimate how high a legend becomes: above a figure names fill lines."""
    layout: Any = fig.layout
    traces: Any = fig.data
    if not layout.showlegend:
        return 0.0
    size = layout.legend.font.size or layout.font.size
    shown = [one.name for one in traces if one.name and one.showlegend is not False]
    widths = [text_width(name, size) + _KEY_PX for name in shown]
    # Plotly gives all the room of the widest where they do not fit into one line.
    columns = max(1, int(room / max(widths, default=room)))
    rows = 1 if sum(widths) <= room else -(-len(widths) // columns)
    rows = rows if layout.legend.orientation == "h" else len(widths)
    return rows * (size * LINE + 6) + 4


def _bars(fig: go.Figure) -> list[Any]:
    """Give the colour bars of a figure."""
    layout: Any = fig.layout
    traces: Any = fig.data
    named = [layout[name] for name in layout if name.startswith("coloraxis")]
    holders = (part for one in traces for part in (one, getattr(one, "marker", None)))
    return [one.colorbar for one in (*named, *holders) if one and _has_bar(one)]


def _has_bar(holder: Any) -> bool:
    settings = holder.to_plotly_json()
    return "colorbar" in settings and settings.get("showscale") is not False


def _broken(one: Any, along: float) -> float:
    """Break the title of an axis or a colour bar; say how much its extra lines take.

    Beside a very small plot it becomes smaller as well.
    """
    if not one.title.text:
        return 0.0
    low, high = getattr(one, "domain", None) or (0, 1)
    size = one.title.font.size or APP_FONT_PX
    room = max(along * (high - low), _LEAST_TITLE_PX)
    most = 2 if room > _LEAST_TITLE_PX else 1
    for share in (1.0, 0.85, 0.7, 0.6):
        small = size * share
        text = wrapped(one.title.text, small, room)
        if count_lines(text) <= most:
            break
    one.title.update(text=text, font_size=small)
    return (count_lines(text) - 1) * small * LINE
