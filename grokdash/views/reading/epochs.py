"""What pictures of all of training share: the epoch axis, the phases, the thinning."""

from typing import Literal, get_args

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis.phases import PHASES, Phases, memorised_at, phases
from grokdash.figures.spans import Span, add_spans
from grokdash.figures.theme import Axis
from grokdash.snapshot import RunView
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing

Mark = Literal["memorised", "peak", "formed", "clean", "grokked", "collapsed"]
"""An epoch of a run that has a name."""

PHASE_NOTE = (
    "Shaded bands: memorisation ends where the test loss is highest, circuit formation "
    "where it comes to stay below ln p, cleanup where it does below 10⁻⁴ nats, "
    "all with the training pairs learned; a band that is not there was not reached, or "
    "not to stay. The paper drew its lines by eye, this rule is ours."
)
"""One sentence on the bands for the guides."""


def epoch_axis(drawing: Drawing) -> Axis:
    """Give the epoch axis of a picture of all training, linear or logarithmic."""
    last = float(max(drawing.run.last, 2))
    if drawing.selection.x == "log":
        return Axis("epoch (logarithmic, without 0)", (1.0, last), "log")
    return Axis("epoch", (0.0, last))


def on_axis(steps: np.ndarray, drawing: Drawing) -> np.ndarray:
    """Give epochs as drawn: a log axis has no place for 0, which becomes NaN."""
    steps = steps.astype(float)
    return np.where(steps > 0, steps, np.nan) if drawing.selection.x == "log" else steps


def shown_epochs(drawing: Drawing) -> np.ndarray:
    """Give the epochs of the checkpoints as drawn; see :func:`on_axis`."""
    return on_axis(drawing.arrays["epochs"], drawing)


def train_accuracy(run: RunView) -> np.ndarray:
    """Give the share of training pairs answered rightly; NaN where it is not stored."""
    name = "accuracy/train"
    return run.series(name) if run.has(name) else np.full(len(run.steps), np.nan)


def phases_of(run: RunView) -> Phases:
    """Date the phases of a run's training so far."""
    return phases(run.steps, run.series("loss/test"), train_accuracy(run), run.p)


def marks(run: RunView) -> dict[Mark, int | None]:
    """Give the epochs of a run that have names; None where it did not come so far.

    They are told from the training pairs: none of a run whose split is not known.
    """
    if not run.split_known:
        return dict.fromkeys(get_args(Mark))
    found = phases_of(run)
    return {
        "memorised": memorised_at(run.steps, train_accuracy(run)),
        "peak": found.peak,
        "formed": found.formed,
        "clean": found.clean,
        "grokked": run.grok().until,
        "collapsed": found.collapsed,
    }


def phase_spans(run: RunView) -> list[Span]:
    """Name and date the phases that the run has entered; none without a split."""
    if not run.split_known:
        return []
    return [
        Span(
            name=name,
            start=float(start),
            end=float(end),
            hint=f"{name}: {PHASES[name]}",
        )
        for name, start, end in phases_of(run).spans
    ]


def add_phases(fig: go.Figure, drawing: Drawing) -> go.Figure:
    """Shade the phases of training behind curves over epochs."""
    spans = phase_spans(drawing.run)
    return add_spans(fig, spans, drawing.theme, epoch_axis(drawing))


def phase_at(run: RunView, step: int) -> str:
    """Name the phase that an epoch belongs to; empty when none is known."""
    names = [span.name for span in phase_spans(run) if span.start <= step]
    return names[-1] if names else ""


def reference_step(run: RunView, selection: Selection) -> int:
    """Give the epoch that frames and orders are taken from; the newest by default."""
    return run.last if selection.ref < 0 else run.stored.nearest_step(selection.ref)


def spread(count: int, most: int) -> np.ndarray:
    """Choose at most ``most`` of ``count`` places evenly, first and last included."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(int))


def spread_epochs(run: RunView, count: int = 6) -> np.ndarray:
    """Choose places of checkpoints whose epochs are spread evenly over the run."""
    wanted = np.linspace(run.steps[0], run.steps[-1], count)
    return np.abs(run.steps[None, :] - wanted[:, None]).argmin(axis=1)


def every_few(count: int, most: int) -> np.ndarray:
    """Choose every 1st, 2nd, 4th, … of ``count`` places, at most ``most`` of them."""
    stride = 1
    while -(-count // stride) > most:
        stride *= 2
    return np.arange(0, count, stride)


def sampled(run: RunView, most: int) -> np.ndarray:
    """Choose places of checkpoints for what must read the parameters of each.

    A growing run keeps the places it had until their number would double; the last
    checkpoint of a finished one is always among them.
    """
    places = every_few(len(run.steps), most)
    last = len(run.steps) - 1
    return np.append(places, last) if run.keys_final and places[-1] != last else places
