"""Lines: quantities over training, profiles over an index."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.theme import Theme, figure

AxisType = Literal["linear", "log"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One named line: ``x [n]``, ``y [n]``, its colour and its dash."""

    name: str
    x: np.ndarray
    y: np.ndarray
    colour: str
    dash: Literal["solid", "dash", "dot", "dashdot"] = "solid"
    width: float = 1.6


def curves(
    lines: Sequence[Curve],
    theme: Theme,
    *,
    x_title: str,
    y_title: str,
    x_type: AxisType = "linear",
    y_type: AxisType = "linear",
    x_range: tuple[float, float] | None = None,
    y_range: tuple[float, float] | None = None,
    legend: bool = True,
) -> go.Figure:
    """Draw lines on common axes; ranges are in data units, also on log axes.

    A value that a log axis cannot show (zero, negative, NaN) leaves a gap.
    """
    traces = [
        go.Scatter(
            x=line.x,
            y=_drawable(line.y, y_type),
            name=line.name,
            mode="lines",
            line={"color": line.colour, "dash": line.dash, "width": line.width},
            connectgaps=False,
            hovertemplate=f"%{{x}}<br>{line.name} %{{y:.4g}}<extra></extra>",
        )
        for line in lines
    ]
    fig = figure(traces, theme, x_title=x_title, y_title=y_title, legend=legend)
    if legend:
        fig.update_layout(margin_t=26)
    fig.update_xaxes(type=x_type)
    fig.update_yaxes(type=y_type)
    if y_type == "log":
        fig.update_yaxes(exponentformat="power", dtick=_decades(lines))
    if x_range is not None:
        fig.update_xaxes(range=_axis_range(x_range, x_type))
    if y_range is not None:
        fig.update_yaxes(range=_axis_range(y_range, y_type))
    return fig


def add_bands(
    fig: go.Figure, bands: Sequence[tuple[float, float, str]], theme: Theme
) -> go.Figure:
    """Shade the intervals (start, end, label) of the x axis, every second one darker."""
    for index, (start, end, label) in enumerate(bands):
        fig.add_vrect(
            x0=start,
            x1=end,
            fillcolor=theme.muted,
            opacity=0.10 if index % 2 else 0.04,
            line_width=0,
            layer="below",
            annotation_text=label,
            annotation_position="top left",
            annotation_font={"size": 10, "color": theme.muted},
        )
    return fig


def add_level(fig: go.Figure, y: float, label: str, theme: Theme) -> go.Figure:
    """Draw a thin dotted horizontal line with a label."""
    fig.add_hline(
        y=y,
        line={"color": theme.muted, "width": 1, "dash": "dot"},
        annotation_text=label,
        annotation_position="top right",
        annotation_font={"size": 10, "color": theme.muted},
    )
    return fig


def _drawable(y: np.ndarray, y_type: AxisType) -> np.ndarray:
    y = np.asarray(y, dtype=float)
    if y_type == "linear":
        return y
    return np.where(y > 0, y, np.nan)


def _axis_range(limits: tuple[float, float], kind: AxisType) -> list[float]:
    if kind == "linear":
        return list(limits)
    return [float(np.log10(limits[0])), float(np.log10(limits[1]))]


def _decades(lines: Sequence[Curve]) -> int:
    """Choose a tick every 1, 2 or 3 decades so that at most about six remain."""
    finite = [line.y[np.isfinite(line.y) & (line.y > 0)] for line in lines]
    values = np.concatenate([*finite, np.ones(1)])
    span = float(np.log10(values.max() / values.min()))
    return max(1, int(np.ceil(span / 6)))
