"""Several rows of curves over one x axis, each with its own unit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.curves import Curve, log_ticks
from grokdash.figures.strips import untitled_axis
from grokdash.figures.theme import Axis, Theme, layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The curves of one row and their y axis."""

    lines: Sequence[Curve]
    y: Axis


def stack(
    rows: Sequence[Row], theme: Theme, x: Axis, *, legend: bool = True
) -> go.Figure:
    """Draw rows above each other; curves of one name share one legend entry.

    A curve without a name is in no legend. A value that a log axis cannot show (zero,
    negative, NaN) leaves a gap.
    """
    named: set[str] = set()
    traces = []
    axes: dict[str, dict[str, object]] = {
        "xaxis": {
            **untitled_axis(theme),
            "type": x.kind,
            "range": x.plotly_range,
            "title": {"text": x.title, "font": {"size": 11}, "standoff": 6},
            "anchor": f"y{len(rows)}" if len(rows) > 1 else "y",
        }
    }
    if x.kind == "log":
        axes["xaxis"] |= {"dtick": 1}
    for index, row in enumerate(rows):
        number = "" if index == 0 else str(index + 1)
        for line in row.lines:
            traces.append(_trace(line, row.y, x, named) | {"yaxis": f"y{number}"})
            named.add(line.name)
        axes[f"yaxis{number}"] = _row_axis(row, theme, _domain(index, len(rows)))
    settings = layout(theme, legend=legend) | axes
    fig = go.Figure(traces, settings)
    fig.update_layout(margin_t=26 if legend else 8, legend_tracegroupgap=0)
    return fig


def _domain(index: int, count: int) -> list[float]:
    """Give the part of the height that a row takes, the first row on top."""
    gap = 0.14 / count
    height = (1 - gap * (count - 1)) / count
    top = 1 - index * (height + gap)
    return [max(0.0, top - height), min(1.0, top)]


def _row_axis(row: Row, theme: Theme, domain: list[float]) -> dict[str, object]:
    settings: dict[str, object] = {
        **untitled_axis(theme),
        "type": row.y.kind,
        "domain": domain,
        "anchor": "x",
        "nticks": 4,
        "title": {"text": row.y.title, "font": {"size": 10}, "standoff": 2},
    }
    if row.y.limits is not None:
        settings["range"] = row.y.plotly_range
    if row.y.kind == "log":
        settings |= {"dtick": _ticks(row)}
    return settings


def _ticks(row: Row) -> int | str:
    lines = [np.asarray(line.y, dtype=float) for line in row.lines]
    return log_ticks(np.concatenate(lines), most=3) if lines else 1


def _trace(line: Curve, y: Axis, x: Axis, named: set[str]) -> dict[str, object]:
    values = np.asarray(line.y, dtype=float)
    if y.kind == "log":
        values = np.where(values > 0, values, np.nan)
    return {
        "type": "scatter",
        "x": line.x,
        "y": values,
        "name": line.name,
        "legendgroup": line.name,
        "showlegend": bool(line.name) and line.name not in named,
        "mode": "lines",
        "line": {"color": line.colour, "dash": line.dash, "width": line.width},
        "hovertemplate": (
            f"{x.name} %{{x}}<br>{line.name or y.title} %{{y:.4g}}<extra></extra>"
        ),
    }
