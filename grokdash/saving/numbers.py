"""The numbers behind a view at one epoch, ready for any format.

The axes of an array are called what its picture calls them.
"""

from typing import Any

import numpy as np

from grokdash.saving.number_formats import Along, Numbers
from grokdash.saving.origins import provenance
from grokdash.views.core.render import render
from grokdash.views.core.view import Drawing, View


def view_numbers(drawing: Drawing, view: View) -> Numbers:
    """Give the numbers of a view with where they come from."""
    return Numbers(
        arrays={name: np.asarray(array) for name, array in drawing.arrays.items()},
        origin=provenance(drawing, view),
        titles=view.titles(drawing.run),
        axes=_axes(drawing, view),
    )


def _axes(drawing: Drawing, view: View) -> dict[str, list[Along]]:
    """Give the axes of the arrays that are drawn along titled ones."""
    found: dict[str, list[Along]] = {}
    fig: Any = render(drawing, view) if view.scrub else None
    for target, name in view.scrub.items():
        place, attribute = target.split(".", 1)
        trace = fig.data[0 if place == "*" else int(place)]
        along = _of_trace(fig, trace, attribute)
        shape = drawing.arrays[name].shape
        if along and place == "*":
            along.insert(0, Along(title="panel", values=range(shape[0])))
        if along and [len(one.values) for one in along] == list(shape):
            found[name] = along
    return found


def _of_trace(fig: Any, trace: Any, attribute: str) -> list[Along]:
    """Read the axes along which one attribute of a trace runs; none if untitled."""
    if trace.type not in ("heatmap", "bar", "scatter"):
        return []
    titles = {letter: _title(fig, letter) for letter in "xy"}
    if attribute == "z" and titles["x"] and titles["y"]:
        rows, columns = np.shape(trace.z)
        return [
            Along(title=titles["y"], values=_places(trace.y, rows)),
            Along(title=titles["x"], values=_places(trace.x, columns)),
        ]
    if attribute == "y" and titles["x"] and trace.x is not None:
        return [Along(title=titles["x"], values=_places(trace.x, len(trace.x)))]
    return []


def _title(fig: Any, letter: str) -> str:
    """Give the title of the axes of one direction; panels share it."""
    axes = fig.select_xaxes() if letter == "x" else fig.select_yaxes()
    return next((one.title.text for one in axes if one.title.text), "")


def _places(values: Any, count: int) -> list[Any]:
    return list(range(count)) if values is None else np.asarray(values).tolist()
