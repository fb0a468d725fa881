"""One view's arrays of one checkpoint minus those of another, drawn as the view is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import variation
from grokdash.errors import NotStoredError
from grokdash.figures.grids import colour_bar
from grokdash.figures.marks import cell_texts
from grokdash.snapshot import Snapshot
from grokdash.views.core.render import read_fields, render, scrubbed, view_arrays
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, View
from grokdash.written import fixed, number

_ATTRIBUTES = ("z", "y")
_KINDS = ("grid", "bars", "lines", "table")
_SAMPLES = {"stored": 9, "light": 9, "heavy": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One checkpoint of a comparison: its letter, what is picked, the checkpoint."""

    letter: str
    snapshot: Snapshot
    selection: Selection

    def at(self, step: int) -> "Side":
        """Give another checkpoint of the same run, read alike."""
        snapshot = self.snapshot.run.at(step)
        return Side(letter=self.letter, snapshot=snapshot, selection=self.selection)


def no_difference(view: View) -> str | None:
    """Say why a view has no difference, or give None if it has one."""
    attributes = {target.split(".", 1)[1] for target in view.scrub}
    if view.kind in _KINDS and attributes and attributes <= set(_ATTRIBUTES):
        return None
    if not view.per_step:
        return (
            f"{view.title} shows all of training at once: it has no difference at one "
            "epoch. Choose overlaid or side by side."
        )
    return (
        f"{view.title} is not made of numbers on a fixed grid, so one cannot be "
        "subtracted from another. Choose overlaid or side by side."
    )


def differences(view: View, first: Side, second: Side) -> dict[str, np.ndarray]:
    """Subtract the second side's arrays from the first's, by trace attribute.

    Raises
    ------
    NotStoredError
        If the view has no difference or the shapes differ; the message says why.
    """
    why = no_difference(view)
    if why is not None:
        raise NotStoredError(why)
    one = scrubbed(view, view_arrays(first.snapshot, view, first.selection))
    other = scrubbed(view, view_arrays(second.snapshot, view, second.selection))
    if one.keys() != other.keys():
        raise NotStoredError(
            f"{view.title}: {first.letter} has {len(one)} parts, {second.letter} has "
            f"{len(other)}: there is no cell by cell difference."
        )
    for name, array in one.items():
        if array.shape != other[name].shape:
            raise NotStoredError(
                f"{view.title}: {first.letter} has {_size(array)}, {second.letter} has "
                f"{_size(other[name])}: there is no cell by cell difference."
            )
    return {
        name: np.asarray(array, dtype=float) - np.asarray(other[name], dtype=float)
        for name, array in one.items()
    }


def _size(array: np.ndarray) -> str:
    return " × ".join(map(str, array.shape)) + " numbers"


def locked_bound(
    view: View, first: Side, second: Side, steps: Sequence[tuple[int, int]]
) -> float:
    """Give the largest absolute difference over a few of the given pairs of epochs.

    The choice depends on the pairs alone, so that every epoch gets the same range.
    """
    count = min(_SAMPLES[view.cost], len(steps))
    chosen = np.unique(np.linspace(0, len(steps) - 1, count).round().astype(int))
    pairs = [steps[index] for index in chosen]

    def compute() -> dict[str, np.ndarray]:
        found = [_bound(view, first.at(a), second.at(b)) for a, b in pairs]
        return {"bound": np.array([max(found)])}

    run, other = first.snapshot.run, second.snapshot.run
    picks = [
        getattr(side.selection, name)
        for side in (first, second)
        for name in read_fields(view, styles=False)
    ]
    places = [str(pairs), other.stored.fingerprint, other.content]
    key = (view.id, view.version, *places, *picks)
    return float(run.remember("difference", key, compute, disk=False)["bound"][0])


def _bound(view: View, first: Side, second: Side) -> float:
    return max(largest(array) for array in differences(view, first, second).values())


def largest(array: np.ndarray) -> float:
    """Give the largest absolute value that is finite; 0 when there is none."""
    finite = np.abs(array[np.isfinite(array)])
    return float(finite.max()) if finite.size else 0.0


def draw_difference(
    view: View,
    drawing: Drawing,
    arrays: Mapping[str, np.ndarray],
    bound: float,
    title: str,
) -> go.Figure:
    """Draw differences in the figure of the first side, symmetric about zero.

    Parameters
    ----------
    drawing
        The first side, which gives axes and labels.
    arrays
        What :func:`differences` gave.
    bound
        The range is ± this.
    title
        What is subtracted from what, such as ``"A − B"``.
    """
    figure: Any = render(drawing, view)  # its parts have no type of their own
    traces = [trace.to_plotly_json() for trace in figure.select_traces()]
    layout = figure.layout.to_plotly_json()
    bound = bound if bound > 0 else 1.0
    for target, array in arrays.items():
        index, attribute = target.split(".", 1)
        trace = traces[int(index)]
        trace[attribute] = array
        trace.pop("customdata", None)
        trace["hovertemplate"] = (
            f"%{{x}}<br>{title} %{{y:.4g}}<extra></extra>"
            if attribute == "y"
            else f"x %{{x}}, y %{{y}}<br>{title} %{{z:.4g}}<extra></extra>"
        )
        if (trace.pop("meta", None) or {}).get("log10"):
            title = f"log₁₀ of {title}"
        if "texttemplate" in trace:
            trace["text"] = cell_texts(array)
        if attribute == "z":
            _recolour(trace, drawing, bound, title)
        else:
            _rescale(layout, trace, bound, title)
    changed = {int(target.split(".", 1)[0]) for target in arrays}
    for index, trace in enumerate(traces):
        if index not in changed and trace["type"] == "heatmap":
            trace["visible"] = False
    return go.Figure(traces, layout=layout)


def _recolour(
    trace: dict[str, Any], drawing: Drawing, bound: float, title: str
) -> None:
    trace.pop("coloraxis", None)
    trace |= {
        "colorscale": list(drawing.theme.diverging),
        "zmin": -bound,
        "zmax": bound,
        "zauto": False,
        "reversescale": False,
        "colorbar": trace.get("colorbar", {}) | colour_bar(title, drawing.theme),
    }
    for name in ("ticktext", "tickvals", "tickmode"):
        trace["colorbar"].pop(name, None)


def _rescale(
    layout: dict[str, Any], trace: dict[str, Any], bound: float, title: str
) -> None:
    axis = layout.setdefault("yaxis" + str(trace.get("yaxis", "y"))[1:], {})
    axis |= {"type": "linear", "range": [-1.05 * bound, 1.05 * bound]}
    axis |= {"title": {"text": title, "standoff": 6, "font": {"size": 11}}}
    axis |= {"zeroline": True, "zerolinecolor": axis.get("linecolor")}
    for name in ("dtick", "title_text", "tickvals", "ticktext"):
        axis.pop(name, None)


def describe_difference(
    view: View, first: Side, second: Side, arrays: Mapping[str, np.ndarray]
) -> str:
    """Say in words how far two checkpoints are apart in one view."""
    one = scrubbed(view, view_arrays(first.snapshot, view, first.selection))
    other = scrubbed(view, view_arrays(second.snapshot, view, second.selection))
    a = np.concatenate([np.ravel(one[name]) for name in arrays]).astype(float)
    b = np.concatenate([np.ravel(other[name]) for name in arrays]).astype(float)
    both = np.isfinite(a) & np.isfinite(b)
    text = (
        f"{first.letter} at epoch {first.snapshot.step:,} minus {second.letter} at "
        f"epoch {second.snapshot.step:,}"
    )
    if not both.any():
        return f"{text}: no number is known in both."
    gap = np.abs(a - b)[both]
    text += f": {number(gap.mean())} on average, at most {number(gap.max())}"
    if all(variation.variance(values[both]) > 0 for values in (a, b)):
        text += f"; correlation {fixed(np.corrcoef(a[both], b[both])[0, 1])}"
    return f"{text}.{_different_picks(view, first, second)}"


def _different_picks(view: View, first: Side, second: Side) -> str:
    parts = [
        f"{name} = {getattr(first.selection, name)} and "
        f"{getattr(second.selection, name)}"
        for name in read_fields(view, styles=False)
        if name != "ref"
        and getattr(first.selection, name) != getattr(second.selection, name)
    ]
    return f" They read {'; '.join(parts)}." if parts else ""
