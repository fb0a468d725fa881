"""From a view and an epoch to arrays, ranges and a figure; the app and Python share it.

The range of an array is locked over the run: it is taken from the same few evenly
placed checkpoints for everybody, so a picture does not depend on what was looked at
before. Values beyond it are drawn in the end colours and read exactly in the hover.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import plotly.graph_objects as go

from grokdash.cache import Arrays
from grokdash.figures.theme import PRINTS, THEMES
from grokdash.snapshot import RunView, Snapshot
from grokdash.views.core.ranges import has_choice, of_epoch
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, View, array_limits
from grokdash.written import with_minus

_SAMPLES = {"stored": 33, "light": 17, "heavy": 5}
_WORKERS = 2
"""Checkpoints of a heavy view that are computed at the same time, one core each."""


def view_arrays(snapshot: Snapshot, view: View, selection: Selection) -> Arrays:
    """Compute the arrays of one view at one checkpoint, once."""
    if not view.per_step:
        return view.arrays(snapshot, selection)
    picked = [getattr(selection, name) for name in view.reads if name != "step"]
    return snapshot.run.remember(
        view.id,
        (view.version, snapshot.step, *picked),
        lambda: view.arrays(snapshot, selection),
        disk=view.cost == "heavy",
        step=snapshot.step,
    )


def locked_limits(
    run: RunView, view: View, selection: Selection
) -> dict[str, tuple[float, float]]:
    """Give the range of every scrubbed array over the whole run so far."""
    fixed = dict(view.fixed)
    names = tuple(name for name in view.scrub.values() if name not in fixed)
    if not view.per_step or not names:
        return fixed
    steps = run.steps
    count = min(_SAMPLES[view.cost], len(steps))
    sample = np.unique(np.linspace(0, len(steps) - 1, count).astype(int))
    picked = [getattr(selection, name) for name in view.reads if name != "step"]

    def limits_at(step: int) -> dict[str, tuple[float, float]]:
        arrays = view_arrays(run.at(step), view, selection)
        return {name: array_limits(arrays[name]) for name in names}

    def compute() -> Arrays:
        with ThreadPoolExecutor(_WORKERS if view.cost == "heavy" else 1) as pool:
            found = list(pool.map(limits_at, steps[sample].tolist()))
        return {
            name: np.array(
                [min(one[name][0] for one in found), max(one[name][1] for one in found)]
            )
            for name in names
        }

    arguments = (view.version, len(steps), int(steps[-1]), *picked)
    ranges = run.remember(f"limits:{view.id}", arguments, compute)
    return fixed | {
        name: (float(ranges[name][0]), float(ranges[name][1])) for name in names
    }


def make_drawing(
    snapshot: Snapshot, view: View, selection: Selection, theme: str
) -> Drawing:
    """Collect everything the figure of one view at one checkpoint is made from."""
    arrays = view_arrays(snapshot, view, selection)
    limits: dict[str, tuple[float, float]]
    if selection.norm == "epoch":
        own = {n: array_limits(arrays[n]) for n in set(view.scrub.values())}
        fixed = dict(view.fixed)
        limits = fixed | own if has_choice(view) else own | fixed
    else:
        limits = locked_limits(snapshot.run, view, selection)
    return Drawing(
        arrays=arrays,
        limits=limits,
        selection=selection,
        theme=PRINTS[theme],
        snapshot=snapshot,
    )


def render(drawing: Drawing, view: View) -> go.Figure:
    """Draw the figure, marked with what it shows."""
    fig = view.picture.draw(drawing)
    if drawing.pending:
        _say_incomplete(fig, drawing)
    run = drawing.run
    fig.update_layout(
        meta={
            "view": view.id,
            "run": run.id,
            "config": run.config.hash(),
            "epoch": drawing.step,
        }
    )
    return fig


def _say_incomplete(fig: go.Figure, drawing: Drawing) -> None:
    fig.add_annotation(
        text=f"incomplete: {drawing.progress}",
        xref="paper",
        yref="paper",
        x=1,
        y=1,
        xanchor="right",
        yanchor="top",
        showarrow=False,
        font={"size": 11, "color": drawing.theme.text},
        bgcolor=drawing.theme.paper,
        bordercolor=drawing.theme.muted,
        borderpad=3,
    )


def sentence(drawing: Drawing, view: View) -> str:
    """Say what the picture shows, and what keeps it from meaning that.

    First that it is not complete yet; last that one frequency holds everything.
    """
    text = view.describe(drawing)
    if of_epoch(drawing, view):
        text += " The range is that of this epoch alone."
    if drawing.pending:
        text = f"Still computing: {drawing.progress}. {text}"
    if view.frequency_shares and drawing.run.n_frequencies < 2:
        text += (
            f" A group of {drawing.run.modulus} elements has one frequency, which "
            "holds whatever varies: its share says nothing of the network."
        )
    return with_minus(text)


def said(snapshot: Snapshot, view: View, selection: Selection, arrays: Arrays) -> str:
    """Say what the picture of these arrays shows, without drawing it."""
    drawing = Drawing(
        arrays=arrays,
        limits={},
        selection=selection,
        theme=THEMES["light"],
        snapshot=snapshot,
    )
    return sentence(drawing, view)


def scrubbed(view: View, arrays: Arrays) -> dict[str, np.ndarray]:
    """Give the arrays that change while scrubbing by trace attribute, ``"0.z"``."""
    parts: dict[str, np.ndarray] = {}
    for target, name in view.scrub.items():
        trace, attribute = target.split(".", 1)
        if trace == "*":
            parts |= {f"{i}.{attribute}": part for i, part in enumerate(arrays[name])}
        else:
            parts[target] = arrays[name]
    return parts


def read_fields(view: View, *, styles: bool) -> tuple[str, ...]:
    """Name the selection fields that change the arrays, or also the figure."""
    reads = tuple(name for name in view.reads if name != "step")
    return reads + view.styles if styles else reads
