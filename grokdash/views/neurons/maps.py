"""Views of all neurons of a layer as rows of a map: their spectra, their outputs."""

from functools import partial
from typing import Any

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import forward, fourier, needs, neurons, variation
from grokdash.cache import Arrays
from grokdash.figures.marks import mark_rows, name_rows
from grokdash.figures.theme import Axis
from grokdash.snapshot import Snapshot
from grokdash.views.core.normal import span
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, View
from grokdash.views.pictures import Matrix
from grokdash.views.reading.frames import basis_note, token_title
from grokdash.views.reading.frequencies import (
    alternates,
    frequency_title,
    mark_key_columns,
)
from grokdash.views.reading.neurons import (
    ORDERED,
    cluster_strips,
    output_at,
    sorted_neurons,
)
from grokdash.written import percent


def layer_shares(snapshot: Snapshot, layer: int) -> np.ndarray:
    """Give every neuron's share of variance by frequency, ``[m, nf]``, float32."""
    run, params = snapshot.run, snapshot.params

    def shares(N: np.ndarray) -> np.ndarray:
        grid = N if run.canonical is None else run.canonical.grid(N)
        return neurons.shares(grid).single.T.astype(np.float32)

    def compute() -> Arrays:
        needed, most = needs.neurons_bytes(run.config), run.most_bytes
        if most is None or needed <= most:
            with run.memory.reserved(needed, run.p):
                return {"share": shares(forward.hidden(params(), run.config, layer))}
        with run.memory.reserved(needs.taken_by_pieces(most), run.p):
            few = needs.neuron_blocks(params(), run.config, layer, needs.BLOCK_BYTES)
            return {"share": np.concatenate([shares(grid) for _, grid in few])}

    at = snapshot.step
    return run.remember("neuron-shares", (at, layer), compute, step=at)["share"]


def _spectra(snapshot: Snapshot, selection: Selection) -> Arrays:
    order = sorted_neurons(snapshot.run, selection).order
    return {"share": layer_shares(snapshot, selection.layer)[order]}


def _neuron_axis(drawing: Drawing) -> Axis:
    return Axis(f"neurons, {ORDERED[drawing.selection.order]}")


def _name_neurons(unit: str, fig: go.Figure, drawing: Drawing) -> go.Figure:
    found = sorted_neurons(drawing.run, drawing.selection)
    fig.update_yaxes(autorange="reversed")
    if drawing.selection.order in ("frequency", "phase"):
        mark_rows(fig, *cluster_strips(drawing, found))
    layout: Any = fig.layout
    title = layout.xaxis.title.text
    hover = f"neuron %{{customdata}}<br>{title} %{{x}}<br>{unit} %{{z:.4g}}"
    return name_rows(fig, found.order, f"{hover}<extra></extra>")


def _frequencies(drawing: Drawing) -> Axis:
    count = drawing.arrays["share"].shape[1]
    title = frequency_title(drawing.run, Selection())
    return Axis(title, values=np.arange(1, count + 1))


def _mark_spectra(fig: go.Figure, drawing: Drawing) -> go.Figure:
    _name_neurons("share of variance", fig, drawing)
    return mark_key_columns(fig, drawing)


def _describe_spectra(drawing: Drawing) -> str:
    share = drawing.arrays["share"]
    known = np.isfinite(share).all(axis=1)
    if not known.any():
        return "No neuron varies with the pair."
    best = share[known].max(axis=1)
    return (
        f"The best single frequency explains {percent(np.median(best))} of a neuron's "
        f"variance in the median, {percent(np.quantile(best, 0.1))} in the lowest "
        f"tenth; {int((~known).sum())} neurons do not vary.{basis_note(drawing.run)}"
    )


def _logit_map(snapshot: Snapshot, selection: Selection) -> Arrays:
    order = sorted_neurons(snapshot.run, selection).order
    return {"map": output_at(snapshot, selection)[order].astype(np.float32)}


def _classes(drawing: Drawing) -> Axis:
    return Axis(token_title(drawing.run, drawing.selection, "c"))


def _describe_logit_map(drawing: Drawing) -> str:
    centred, energy = variation.centre(drawing.arrays["map"], 1)
    total = float(energy.sum())
    if not total > 0:
        return "W_L does not depend on the class."
    values = np.linalg.svd(centred.astype(float), compute_uv=False)
    run = drawing.run
    waves = sum(len(fourier.frequency_rows(k, run.modulus)) for k in run.keys)
    rank = min(waves, len(values)) or 1
    kept = float(np.square(values[:rank]).sum()) / total
    single = any(alternates(run, k) for k in run.keys)
    note = f" (one for {run.n_frequencies}, which alternates)" if single else ""
    return (
        f"The {rank} strongest directions of W_L, two per key frequency{note}, hold "
        f"{percent(kept)} of its variation over classes."
    )


NEURON_SPECTRA = View(
    id="neuron-spectra",
    title="Spectra of all neurons",
    question="Does every neuron keep to one frequency?",
    reads=("step", "layer", "order", "ref"),
    arrays=_spectra,
    picture=Matrix(
        "share",
        "share of variance",
        x=_frequencies,
        y=_neuron_axis,
        picks={"x": "k", "customdata": "n"},
        styles=(),
        finish=_mark_spectra,
    ),
    describe=_describe_spectra,
    frequency_shares=True,
    fixed={"share": (0.0, 1.0)},
    cost="heavy",
    replaces=(17,),
    version=3,
    guide=Guide(
        what="One row per neuron, one column per frequency: the share of the neuron's "
        "variance over all pairs in that frequency. Rows are sorted once, at the "
        "reference epoch; strips at the left and tabs above carry the key colours.",
        formula="share_k[n] = Σ C[f, g]² over f, g in {1, cos k, sin k} without the "
        "constant / Σ C²",
        before="Faint noise.",
        after="A staircase: one bright cell per row, rows of a key together.",
        normal=f"{span('clustered')} of the rows have over 85 % in one cell, and a "
        "faint second one at twice the frequency.",
        wrong="Rows with two bright cells: mixed neurons. Rows without any: neurons "
        "that fire for nearly every pair, or ones that do not vary (gaps).",
        reference="Nanda et al. 2023, section 4.3 and figure 5",
    ),
)

NEURON_LOGIT_MAP = View(
    id="neuron-logit-map",
    title="Neuron–logit map",
    question="What does each neuron add to every answer's logit?",
    reads=("step", "layer", "order", "ref", "basis"),
    arrays=_logit_map,
    picture=Matrix(
        "map",
        "logit per unit of activation",
        x=_classes,
        y=_neuron_axis,
        signed=True,
        picks={"customdata": "n"},
        finish=partial(_name_neurons, "logit per unit of activation"),
    ),
    version=2,
    describe=_describe_logit_map,
    replaces=(16,),
    guide=Guide(
        what="W_L = W_out W_U, one row per neuron and one column per class, classes "
        "in the order of $c. Rows are sorted once, at the reference "
        "epoch; strips at the left carry the key colours.",
        formula="W_L[n, c] = Σ_d W_out[n, d] W_U[d, c]",
        before="Noise without any period.",
        after="Blocks of waves, one frequency per block; sorted by phase the waves "
        "slant.",
        normal="Rank two per key frequency: 2·|keys| directions hold "
        f"{span('wl_keys')} of the energy.",
        wrong="A block without waves: neurons that do not write on the answers. With "
        "LayerNorm this is the direction before normalisation.",
        reference="Nanda et al. 2023, section 4.2 and figure 3",
    ),
)

VIEWS: tuple[View, ...] = (NEURON_SPECTRA, NEURON_LOGIT_MAP)
