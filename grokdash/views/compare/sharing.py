"""One range for the same panel of several runs, so that heights and colours compare."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go

from grokdash.views.core.render import render
from grokdash.views.core.view import Drawing, View

_FLAT = ("scatter", "scattergl", "bar")
_ROOM = 0.05


def with_shared_limits(own: Drawing, others: Sequence[Drawing]) -> Drawing:
    """Widen the ranges of a drawing's arrays to those of the other runs."""
    every = (own, *others)
    shared = {
        name: (
            min(one.limits[name][0] for one in every if name in one.limits),
            max(one.limits[name][1] for one in every if name in one.limits),
        )
        for name in own.limits
    }
    return replace(own, limits=shared)


def share_axes(fig: go.Figure, view: View, others: Sequence[Drawing]) -> go.Figure:
    """Widen what the ranges of arrays do not decide: the axes of curves and points.

    The other pictures are drawn only where an axis of this one follows its own data.
    """
    own = _plain(fig)
    names = [name for name in _axes(own) if view.cursor or _follows_data(own, name)]
    if not names:
        return fig
    every = [own, *(_plain(render(one, view)) for one in others)]
    ranges = {name: [_range(one, name) for one in every] for name in names}
    fig.update_layout(
        {
            name: {
                "range": [min(low for low, _ in known), max(high for _, high in known)],
                "autorange": False,
            }
            for name, found in ranges.items()
            if (known := [one for one in found if one])
        }
    )
    return fig


def _plain(fig: Any) -> dict[str, Any]:
    traces = [trace.to_plotly_json() for trace in fig.select_traces()]
    flat = [trace for trace in traces if trace.get("type") in _FLAT]
    return {"data": flat, "layout": fig.layout.to_plotly_json()}


def _axes(figure: dict[str, Any]) -> list[str]:
    """Name the axes on which lines, points or bars of a figure lie."""
    used = {
        kind + "axis" + str(trace.get(f"{kind}axis", kind))[1:]
        for trace in figure["data"]
        for kind in "xy"
    }
    return sorted(used)


def _follows_data(figure: dict[str, Any], name: str) -> bool:
    return not figure["layout"].get(name, {}).get("range")


def _range(figure: dict[str, Any], name: str) -> tuple[float, float] | None:
    """Give the range of an axis, as plotly would choose it where none is set."""
    axis = figure["layout"].get(name, {})
    if axis.get("range"):
        low, high = axis["range"]
        return float(low), float(high)
    kind, number = name[0], name.removeprefix(f"{name[0]}axis")
    values = [
        np.ravel(np.asarray(trace.get(kind, ()), dtype=float))
        for trace in figure["data"]
        if str(trace.get(f"{kind}axis", kind)) == kind + number
    ]
    flat = np.concatenate(values) if values else np.empty(0)
    if axis.get("type") == "log":
        flat = np.log10(flat, where=flat > 0, out=np.full_like(flat, np.nan))
    flat = flat[np.isfinite(flat)]
    if not flat.size:
        return None
    low, high = float(flat.min()), float(flat.max())
    room = _ROOM * (high - low) or 0.5
    return low - room, high + room
