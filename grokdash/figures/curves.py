"""Lines: quantities over training, profiles over an index."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.theme import Axis, Theme, figure


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
    lines: Sequence[Curve], theme: Theme, x: Axis, y: Axis, *, legend: bool = True
) -> go.Figure:
    """Draw lines on common axes.

    A value that a log axis cannot show (zero, negative, NaN) leaves a gap.
    """
    traces = [
        go.Scatter(
            x=line.x,
            y=_drawable(line.y, y.kind),
            name=line.name,
            mode="lines",
            line={"color": line.colour, "dash": line.dash, "width": line.width},
            connectgaps=False,
            hovertemplate=(f"{x.name} %{{x}}<br>{line.name} %{{y:.4g}}<extra></extra>"),
        )
        for line in lines
    ]
    fig = figure(traces, theme, x, y, legend=legend)
    if legend:
        fig.update_layout(margin_t=26)
    if y.kind == "log":
        fig.update_yaxes(dtick=log_ticks(_values(lines)))
    if x.kind == "log":
        fig.update_xaxes(dtick=1)
    return fig


def add_level(
    fig: go.Figure, y: float, label: str, theme: Theme, *, below: bool = False
) -> go.Figure:
    """Draw a thin dotted horizontal line with a label above or below its right end."""
    line = {"color": theme.muted, "width": 1, "dash": "dot"}
    level = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y}
    # A shape takes data units on a log axis, an annotation the exponent.
    layout: Any = fig.layout
    log = layout.yaxis.type == "log"
    note = {
        "text": label,
        "xref": "paper",
        "x": 1,
        "xanchor": "right",
        "y": float(np.log10(y)) if log else y,
        "yanchor": "top" if below else "bottom",
        "showarrow": False,
        "font": {"size": 10, "color": theme.quiet},
    }
    fig.update_layout(
        shapes=[*layout.shapes, level | {"line": line}],
        annotations=[*layout.annotations, note],
    )
    return fig


def _drawable(y: np.ndarray, kind: Literal["linear", "log"]) -> np.ndarray:
    y = np.asarray(y, dtype=float)
    return y if kind == "linear" else np.where(y > 0, y, np.nan)


def _values(lines: Sequence[Curve]) -> np.ndarray:
    return np.concatenate([np.asarray(line.y, float) for line in lines] or [np.ones(1)])


def log_ticks(values: np.ndarray, most: int = 6) -> int | str:
    """Choose the step of ticks on a log axis: whole decades, at most about ``most``.

    Where the values span little more than a decade, 2 and 5 get ticks too.
    """
    values = np.asarray(values, dtype=float)
    values = values[np.isfinite(values) & (values > 0)]
    if not len(values):
        return 1
    span = float(np.log10(values.max() / values.min()))
    return "D2" if span < 1.5 else max(1, int(np.ceil(span / most)))
