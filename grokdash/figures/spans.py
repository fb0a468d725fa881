"""Named intervals of the x axis behind curves, and levels across them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.theme import Axis, Theme

_WIDTH_PER_LETTER = 0.016


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One interval in data units, its name, and a longer text for the pointer."""

    name: str
    start: float
    end: float
    hint: str = ""


def add_spans(
    fig: go.Figure, spans: Sequence[Span], theme: Theme, x: Axis
) -> go.Figure:
    """Shade intervals of an x axis with fixed limits, every second one darker.

    Each is numbered; its name follows the number where there is room, and is the
    pointer's text everywhere. Intervals are cut to the limits of the axis.
    """
    if x.limits is None:
        raise ValueError("the x axis of spans needs limits")
    low, high = x.limits
    layout: Any = fig.layout
    shapes, labels = [*layout.shapes], [*layout.annotations]
    for index, span in enumerate(spans):
        start, end = max(span.start, low), min(span.end, high)
        if not start < end:
            continue
        shapes.append(_band(start, end, theme, 0.16 if index % 2 else 0.06))
        share = _share(start, end, x)
        if share >= _WIDTH_PER_LETTER:
            text = f"{index + 1} {span.name}"
            if share < _WIDTH_PER_LETTER * len(text):
                text = str(index + 1)
            labels.append(_label(text, span, _place(start, x), theme))
    layout["shapes"], layout["annotations"] = shapes, labels  # updating compares all
    return fig


def _band(start: float, end: float, theme: Theme, opacity: float) -> dict[str, object]:
    return {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "x0": start,
        "x1": end,
        "y0": 0,
        "y1": 1,
        "fillcolor": theme.muted,
        "opacity": opacity,
        "line": {"width": 0},
        "layer": "below",
    }


def _label(text: str, span: Span, place: float, theme: Theme) -> dict[str, object]:
    return {
        "name": "span",
        "text": text,
        "hovertext": span.hint or span.name,
        "xref": "x",
        "yref": "paper",
        "x": place,
        "y": 1,
        "xanchor": "left",
        "yanchor": "top",
        "showarrow": False,
        "font": {"size": 9, "color": theme.quiet},
        "bgcolor": theme.paper,
        "opacity": 0.9,
        "borderpad": 1,
    }


def _share(start: float, end: float, x: Axis) -> float:
    low, high, start, end = (_place(v, x) for v in (*_limits(x), start, end))
    return (end - start) / (high - low) if high > low else 0.0


def _limits(x: Axis) -> tuple[float, float]:
    return x.limits or (0.0, 1.0)


def _place(value: float, x: Axis) -> float:
    """Give the coordinate an annotation takes: the exponent on a log axis."""
    return float(np.log10(value)) if x.kind == "log" else value
