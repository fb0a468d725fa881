"""The traces of several runs in one figure of one view, one colour per run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from grokdash.errors import NotStoredError
from grokdash.views.compare.alignment import AXES, Align, Column, Timeline, letter_of
from grokdash.views.core.render import render
from grokdash.views.core.view import Drawing, View

_SYMBOLS = ("circle", "diamond-open", "square-open", "triangle-up-open", "square", "x")
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_KINDS = ("curves", "lines", "bars", "points")
_FLAT = ("scatter", "bar", "scattergl")
_MOST_NAMES = 24
_MOST_TRACES = 400


def no_overlay(view: View) -> str | None:
    """Say why pictures of this view cannot lie on each other, None if they can."""
    if view.own_axes:
        return (
            f"{view.title} has axes made from the run itself: points of two runs do "
            "not share a plane. Choose side by side."
        )
    if view.kind in _KINDS:
        return None
    return (
        f"{view.title} fills its whole area: two of them cannot lie on each other. "
        "Choose difference or side by side."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One run of an overlay.

    Parameters
    ----------
    drawing
        What its figure is made from; all layers are of one theme.
    name
        The letters it stands for.
    place
        Number of its column, which gives its colour.
    scale
        By what its epochs are multiplied, in views over epochs.
    """

    drawing: Drawing
    name: str
    place: int
    scale: float


def make_layers(
    view: View, columns: Sequence[Column], drawings: Sequence[Drawing], line: Timeline
) -> list[Layer]:
    """Make one layer per column; in a view of all training, one per run.

    Columns of one run at several epochs would draw the same curves on each other.
    """
    layers: list[Layer] = []
    for place, column in enumerate(columns):
        alike = [
            other
            for other, one in enumerate(columns)
            if one.run.id == column.run.id and not view.per_step
        ] or [place]
        if place == alike[0]:
            name = "".join(letter_of(other) for other in alike)
            scale = line.scales[place]
            drawing = drawings[place]
            layers.append(Layer(drawing=drawing, name=name, place=place, scale=scale))
    return layers


def overlaid(
    view: View, layers: Sequence[Layer], align: Align
) -> tuple[go.Figure, list[int]]:
    """Draw several runs in one figure.

    Parameters
    ----------
    layers
        What :func:`make_layers` gave.
    align
        What the x axis of a view over epochs then shows.

    Returns
    -------
    figure, offsets
        Trace i of layer l is trace ``offsets[l] + i`` of the figure.

    Raises
    ------
    NotStoredError
        If such pictures cannot be overlaid; the message says why.
    """
    return laid_over(view, layers, layer_figures(view, layers), align)


def layer_figures(view: View, layers: Sequence[Layer]) -> list[dict[str, Any]]:
    """Draw every layer by itself.

    Raises
    ------
    NotStoredError
        If such pictures cannot be overlaid; the message says why.
    """
    why = no_overlay(view)
    if why is not None:
        raise NotStoredError(why)
    return [_as_values(render(one.drawing, view)) for one in layers]


def laid_over(
    view: View,
    layers: Sequence[Layer],
    figures: Sequence[dict[str, Any]],
    align: Align,
) -> tuple[go.Figure, list[int]]:
    """Lay what :func:`layer_figures` gave on each other, as :func:`overlaid` does."""
    traces: list[dict[str, Any]] = []
    offsets: list[int] = []
    for figure, layer in zip(figures, layers, strict=True):
        colour = layer.drawing.theme.run(layer.place)
        offsets.append(len(traces))
        for trace in _marked(view, figure["data"], layer.name, colour):
            if view.cursor:
                trace["x"] = np.asarray(trace["x"], dtype=float) * layer.scale
            if "marker" in trace and view.kind == "points":
                trace["marker"]["symbol"] = _SYMBOLS[layer.place]
            traces.append(trace)
    scales = [layer.scale for layer in layers]
    layout = _common_layout(view, figures, scales, align)
    layout["showlegend"] = len(traces) <= _MOST_NAMES
    return go.Figure(traces, layout=layout), offsets


def _as_values(figure: Any) -> dict[str, Any]:
    """Give traces and layout with their arrays; the figure's own JSON encodes them."""
    return {
        "data": [trace.to_plotly_json() for trace in figure.select_traces()],
        "layout": figure.layout.to_plotly_json(),
    }


def _marked(
    view: View, traces: Sequence[dict[str, Any]], letter: str, colour: str
) -> list[dict[str, Any]]:
    if len(traces) > _MOST_TRACES or any(
        trace.get("type") not in _FLAT for trace in traces
    ):
        raise NotStoredError(
            f"{view.title} is drawn as a picture, not as lines: two of them cannot lie "
            "on each other. Choose side by side."
        )
    lines = [trace for trace in traces if "lines" in trace.get("mode", "")]
    dashes = {trace.get("line", {}).get("dash", "solid") for trace in lines}
    redash = len(dashes) < len(lines) <= len(_DASHES)
    made = []
    for index, trace in enumerate(traces):
        made.append(_in_colour(dict(trace), letter, colour))
        if redash and trace in lines:
            made[-1]["line"]["dash"] = _DASHES[index % len(_DASHES)]
    return made


def _in_colour(trace: dict[str, Any], letter: str, colour: str) -> dict[str, Any]:
    name = trace.get("name") or ""
    trace["name"] = f"{letter} {name}".strip()
    trace.pop("legendgroup", None)
    template = str(trace.get("hovertemplate") or "%{x}<br>%{y:.4g}<extra></extra>")
    trace["hovertemplate"] = f"{letter}: {template}"
    if trace["type"] != "bar" and "lines" in trace.get("mode", "lines"):
        line = {k: v for k, v in trace.get("line", {}).items() if k != "color"}
        trace["line"] = line | {"color": colour}
    if trace["type"] == "bar" or "markers" in trace.get("mode", ""):
        kept = ("size", "symbol", "opacity")
        marker = {k: v for k, v in trace.get("marker", {}).items() if k in kept}
        trace["marker"] = marker | {"color": colour}
    trace.pop("showlegend", None)
    return trace


def _common_layout(
    view: View, figures: Sequence[dict[str, Any]], scales: Sequence[float], align: Align
) -> dict[str, Any]:
    layout = dict(figures[0]["layout"])
    for name in [name for name in layout if name.startswith(("xaxis", "yaxis"))]:
        axis = layout[name] = dict(layout[name])
        factors = scales if view.cursor and name.startswith("xaxis") else None
        ranges = [figure["layout"].get(name, {}).get("range") for figure in figures]
        if all(ranges):
            axis["range"] = _union(ranges, factors, log=axis.get("type") == "log")
        if factors is not None:
            axis["title"] = {**axis.get("title", {}), "text": AXES[align]}
            continue
        titles = [_text_of(figure["layout"].get(name, {})) for figure in figures]
        if len(set(titles)) > 1:
            both = " | ".join(dict.fromkeys(filter(None, titles)))
            axis["title"] = {**axis.get("title", {}), "text": both}
    for name in ("shapes", "annotations"):
        layout[name] = [
            one for one in layout.get(name, ()) if one.get("xref") == "paper"
        ]
    if any(trace["type"] == "bar" for trace in figures[0]["data"]):
        layout |= {"barmode": "group", "bargap": 0.15, "bargroupgap": 0}
    margin = dict(layout.get("margin", {}))
    layout["margin"] = margin | {"t": max(margin.get("t", 0), 26)}
    return layout


def _text_of(axis: dict[str, Any]) -> str:
    return str(axis.get("title", {}).get("text", ""))


def _union(
    ranges: Sequence[Sequence[float]],
    factors: Sequence[float] | None,
    *,
    log: bool,
) -> list[float]:
    factors = factors or [1.0] * len(ranges)
    if log:
        moved = [
            [end + np.log10(factor) for end in one]
            for one, factor in zip(ranges, factors, strict=True)
        ]
    else:
        moved = [
            [end * factor for end in one]
            for one, factor in zip(ranges, factors, strict=True)
        ]
    return [
        float(min(low for low, _high in moved)),
        float(max(high for _low, high in moved)),
    ]
