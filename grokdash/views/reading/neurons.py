"""In which order neurons are shown, and which of them fit on one page.

Neurons are sorted by what they are at the reference epoch (the newest by default), so
that a row stays one neuron while scrubbing.
"""

from dataclasses import dataclass, replace

import numpy as np

from grokdash.analysis import attention, neurons
from grokdash.analysis.dead import dead_neurons
from grokdash.analysis.forward import forward, neuron_logit_map
from grokdash.backlog import Gathered
from grokdash.cache import Arrays
from grokdash.figures.marks import runs_of
from grokdash.operations import UNDEFINED
from grokdash.snapshot import RunView, Snapshot
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing
from grokdash.views.reading.epochs import reference_step
from grokdash.views.reading.frames import tokens_of
from grokdash.views.reading.frequencies import key_colours

PER_PAGE = 24
DEAD = "neuron/inert"
"""The measure that says which neurons are dead: removing them changes no logit."""

ORDERED = {
    "frequency": "sorted by frequency",
    "phase": "sorted by frequency and phase",
    "fraction": "sorted by explained share",
    "index": "in stored order",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Neurons:
    """Neurons of one layer in the order shown, with their frequencies there (or −1)."""

    order: np.ndarray
    frequency: np.ndarray

    def page(self, n: int) -> np.ndarray:
        """List the neurons of the page that holds neuron n; all pages are full."""
        rank = int(np.flatnonzero(self.order == n)[0])
        last = max(0, len(self.order) - PER_PAGE)
        start = min(rank // PER_PAGE * PER_PAGE, last)
        return self.order[start : start + PER_PAGE]


def heads_of(run: RunView, layer: int) -> slice:
    """Give the entries of a layer's heads in the measures over all heads."""
    count = run.config.n_heads
    return slice(layer * count, (layer + 1) * count)


def layer_slice(run: RunView, layer: int) -> slice:
    """Give the entries of a layer's neurons in the measures over all neurons."""
    count = run.config.d_mlp
    return slice(layer * count, (layer + 1) * count)


def frequencies_at(
    snapshot: Snapshot, layer: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give frequency (−1: unexplained), explained share and death of every neuron.

    A dead neuron has no frequency: what it follows, it follows for nobody.
    """
    part, count = layer_slice(snapshot.run, layer), snapshot.run.config.d_mlp
    if not snapshot.run.has("neuron/freq"):
        return (
            np.full(count, -1),
            np.full(count, np.nan),
            np.zeros(count, dtype=bool),
        )
    found = [snapshot.measure(f"neuron/{name}")[part] for name in ("freq", "frac")]
    dead = _dead_at(snapshot, layer)
    known = np.isfinite(found[0]) & ~dead
    frequency = np.where(known, found[0], -1).astype(int)
    return frequency, found[1].astype(float), dead


def _dead_at(snapshot: Snapshot, layer: int) -> np.ndarray:
    """Say which neurons are dead, from the parameters where that is not stored."""
    run = snapshot.run
    if run.has(DEAD):
        stored = snapshot.measure(DEAD)[layer_slice(run, layer)]
        if np.isfinite(stored).all():
            return stored.astype(bool)
    return run.remember(
        "dead",
        (snapshot.step, layer),
        lambda: _computed_dead(snapshot, layer),
        step=snapshot.step,
    )["dead"]


def _computed_dead(snapshot: Snapshot, layer: int) -> Arrays:
    params, run = snapshot.params(), snapshot.run
    activations, defined = forward(params, run.config), run.table != UNDEFINED
    return {"dead": dead_neurons(params, run.config, activations, layer, defined)}


def dead_series(run: RunView, layer: int) -> Gathered:
    """Give ``dead [C, m]``: 1 for a dead neuron, 0 for others, NaN while unknown."""
    if run.has(DEAD):
        stored = run.series(DEAD)[:, layer_slice(run, layer)].astype(float)
        if np.isfinite(stored).all():
            return Gathered({"dead": stored}, 0)
    return run.gather(
        ("dead-series", layer),
        run.steps,
        lambda step: {"dead": _dead_at(run.at(step), layer).astype(float)},
        {"dead": np.full(run.config.d_mlp, np.nan)},
    )


def sorted_neurons(run: RunView, selection: Selection) -> Neurons:
    """Sort the neurons of the selected layer as the selection asks."""
    at = run.at(reference_step(run, selection))
    layer, order = selection.layer, selection.order

    def compute() -> Arrays:
        frequency, fraction, dead = frequencies_at(at, layer)
        group = np.where(frequency > 0, frequency, run.n_frequencies + 1 + dead)
        known = np.nan_to_num(fraction, nan=-1.0)
        if order == "index":
            ranks = np.arange(len(group))
        elif order == "fraction":
            ranks = np.argsort(-known, kind="stable")
        elif order == "phase":
            out = np.nan_to_num(phases_at(at, selection).out, nan=9.0)
            ranks = np.lexsort((out, group))
        else:
            ranks = np.lexsort((-known, group))
        return {"order": ranks.astype(np.int64), "frequency": frequency[ranks]}

    found = run.remember("neuron-order", (at.step, layer, order), compute, disk=False)
    return Neurons(order=found["order"], frequency=found["frequency"])


def pushes_at(
    snapshot: Snapshot, selection: Selection
) -> tuple[np.ndarray, np.ndarray]:
    """Give what each token at position a and b adds to every neuron, ``[p, m]``.

    The embedding through every head's value–output map and W_in, each head weighted
    by its mean attention; exact in the first block up to the variation of attention,
    the direct path only in later ones.
    """
    run, layer = snapshot.run, selection.layer
    config, params = run.config, snapshot.params()
    W_in = params[f"blocks/{layer}/W_in"].astype(np.float64)
    tables = attention.ov_tables(params, config, layer) @ W_in
    mean = snapshot.measure("attention/mean")[heads_of(run, layer)].astype(np.float64)
    push_a, push_b = (np.tensordot(mean[:, i], tables, axes=1) for i in (0, 1))
    return push_a, push_b


def output_at(snapshot: Snapshot, selection: Selection) -> np.ndarray:
    """Give the neuron–logit map W_L ``[m, q]``, classes in the order of the frame."""
    run = snapshot.run
    W_L = neuron_logit_map(snapshot.params(), run.config, selection.layer)
    return W_L[:, tokens_of(run, selection, "c")]


def phases_at(snapshot: Snapshot, selection: Selection) -> neurons.NeuronPhases:
    """Read the phases of every neuron at its own frequency, in the run's frame.

    There b may stand for its negative, whose phase is that of b with the other sign.
    """
    selection, run = replace(selection, basis="canonical"), snapshot.run
    frequency, _, _ = frequencies_at(snapshot, selection.layer)
    push_a, push_b = pushes_at(snapshot, selection)
    push_a = push_a[tokens_of(run, selection, "a")]
    push_b = push_b[tokens_of(run, selection, "b")]
    output = np.ascontiguousarray(output_at(snapshot, selection).T)
    return neurons.neuron_phases(push_a, push_b, output, frequency)


def cluster_strips(
    drawing: Drawing, found: Neurons
) -> tuple[list[tuple[float, float]], list[str]]:
    """Give the intervals of rows of one frequency and the colour of each."""
    of_keys = key_colours(drawing)
    spans, colours = [], []
    for value, start, end in runs_of(found.frequency):
        if value < 1:
            continue
        spans.append((start - 0.5, end - 0.5))
        colours.append(of_keys.get(value, drawing.theme.muted))
    return spans, colours
