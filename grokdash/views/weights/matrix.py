"""Views of the weight matrices as pictures, now and at four epochs."""

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go

from grokdash.cache import Arrays
from grokdash.figures.grids import Scale, heat_maps
from grokdash.figures.marks import name_rows
from grokdash.figures.theme import Axis, symmetric
from grokdash.snapshot import RunView, Snapshot
from grokdash.views.core.normal import span
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, Traits, View, array_limits
from grokdash.views.pictures import Matrix, Special
from grokdash.views.reading.epochs import phases_of
from grokdash.views.reading.frames import basis_note, frame_of
from grokdash.views.reading.frequencies import mark_key_rows
from grokdash.views.reading.matrices import (
    chosen_matrix,
    fourier_columns,
    fourier_matrix,
    fourier_name,
    matrix_titles,
    short_name,
)
from grokdash.views.reading.words import POSITIONS
from grokdash.written import number, percent

_FIXED_PANELS = 3
_READS = ("matrix", "layer", "order", "ref", "basis")


def _raw(snapshot: Snapshot, selection: Selection) -> Arrays:
    return {"weights": chosen_matrix(snapshot, selection)}


def _name(drawing: Drawing) -> str:
    return short_name(drawing.selection.matrix)


def _rows(drawing: Drawing) -> Axis:
    return Axis(matrix_titles(drawing.run, drawing.selection)[0])


def _columns(drawing: Drawing) -> Axis:
    return Axis(matrix_titles(drawing.run, drawing.selection)[1])


def _from_the_top(fig: go.Figure, drawing: Drawing) -> go.Figure:
    fig.update_yaxes(autorange="reversed")
    if drawing.selection.matrix == "W_pos":
        fig.update_yaxes(tickvals=[0, 1, 2], ticktext=list(POSITIONS))
    return fig


def _describe_raw(drawing: Drawing) -> str:
    W = drawing.arrays["weights"].astype(float)
    name = short_name(drawing.selection.matrix)
    return (
        f"{name}, {W.shape[0]} × {W.shape[1]}: norm {number(np.linalg.norm(W))}, "
        f"standard deviation {number(W.std())}, largest entry "
        f"{number(np.abs(W).max())}."
    )


def _fourier(snapshot: Snapshot, selection: Selection) -> Arrays:
    return {"coefficients": fourier_matrix(snapshot, selection)}


def _fourier_name(drawing: Drawing) -> str:
    return fourier_name(drawing.selection.matrix)


def _fourier_columns(drawing: Drawing) -> Axis:
    return Axis(fourier_columns(drawing.run, drawing.selection))


def _frequencies(title: str, array: str) -> Callable[[Drawing], Axis]:
    """Make the axis that puts cos k and sin k on either side of the mark k."""
    return lambda drawing: Axis(
        title, values=(np.arange(drawing.arrays[array].shape[-2]) + 0.5) / 2
    )


def _mark_frequencies(fig: go.Figure, drawing: Drawing) -> go.Figure:
    run, selection = drawing.run, drawing.selection
    fig.update_yaxes(autorange="reversed")
    if frame_of(run, selection) is run.canonical:
        mark_key_rows(fig, drawing)
    hover = (
        f"frequency %{{customdata}}<br>{fourier_columns(run, selection)} %{{x}}<br>"
        f"{fourier_name(selection.matrix)} %{{z:.4g}}<extra></extra>"
    )
    count = len(drawing.arrays["coefficients"])
    return name_rows(fig, (np.arange(count) + 1) // 2, hover)


def _describe_fourier(drawing: Drawing) -> str:
    power = np.square(drawing.arrays["coefficients"], dtype=float).sum(axis=1)
    name = fourier_name(drawing.selection.matrix)
    total = power.sum()
    if not total > 0:
        return f"{name} is zero."
    frequency = (np.arange(len(power)) + 1) // 2
    energy = np.bincount(frequency, weights=power) / total
    top = np.argsort(energy[1:])[::-1][:4] + 1
    parts = ", ".join(f"{k} ({percent(energy[k], 0)})" for k in top)
    return (
        f"Strongest frequencies of {name}: {parts}; constant {percent(energy[0], 0)}."
        f"{basis_note(drawing.run)}"
    )


def _epochs_shown(run: RunView) -> list[int]:
    """Choose three checkpoints: the turning points of training if they are distinct."""
    found = phases_of(run)
    marks = [int(run.steps[0]), found.peak, found.formed]
    known = {mark for mark in marks if mark is not None}
    if len(known) == _FIXED_PANELS:
        return sorted(known)
    last = len(run.steps) - 1
    places = np.rint(np.arange(_FIXED_PANELS) / _FIXED_PANELS * last).astype(int)
    return run.steps[places].tolist()


def _evolution(
    read: Callable[[Snapshot, Selection], np.ndarray],
) -> Callable[[Snapshot, Selection], Arrays]:
    def arrays(snapshot: Snapshot, selection: Selection) -> Arrays:
        run, steps = snapshot.run, _epochs_shown(snapshot.run)
        picked = [getattr(selection, name) for name in _READS]

        def compute() -> Arrays:
            panels = [read(run.at(step), selection) for step in steps]
            return {"panels": np.stack(panels)}

        key = (read.__name__, *steps, *picked)
        fixed = run.remember("weight-evolution", key, compute, disk=False)
        return {
            "steps": np.array(steps),
            "panels": fixed["panels"],
            "now": read(snapshot, selection),
        }

    return arrays


def _four_epochs(
    unit: Callable[[Drawing], str],
    x: Callable[[Drawing], Axis],
    y: Callable[[Drawing], Axis],
) -> Special:
    """Give the picture of a matrix at three fixed epochs and at this one."""

    def draw(drawing: Drawing) -> go.Figure:
        return _draw_evolution(drawing, unit(drawing), x(drawing), y(drawing))

    return Special(draw, Traits(kind="grid", scrub={"3.z": "now"}, styles=("norm",)))


def _draw_evolution(drawing: Drawing, title: str, x: Axis, y: Axis) -> go.Figure:
    arrays = drawing.arrays
    bounds = (*array_limits(arrays["panels"]), *drawing.limits["now"])
    low, high = symmetric(min(bounds), max(bounds))
    panels = [*arrays["panels"], arrays["now"]]
    scale = Scale(
        colours=drawing.theme.diverging,
        low=low,
        high=high,
        title=title,
    )
    titles = [f"epoch {step:,}" for step in arrays["steps"]] + ["this epoch"]
    fig = heat_maps(panels, scale, drawing.theme, x, y, titles)
    fig.update_yaxes(autorange="reversed")
    fig.update_xaxes(nticks=4, title_text="")
    return fig.update_xaxes(title_text=x.title, row=1, col=2)


def _describe_evolution(drawing: Drawing) -> str:
    arrays = drawing.arrays
    steps = [*arrays["steps"].tolist(), drawing.step]
    norms = [float(np.linalg.norm(W)) for W in (*arrays["panels"], arrays["now"])]
    parts = ", ".join(
        f"{number(norm)} at epoch {step:,}"
        for step, norm in zip(steps, norms, strict=True)
    )
    return f"The norm of {short_name(drawing.selection.matrix)} is {parts}."


WEIGHT_MATRIX = View(
    id="weight-matrix",
    title="A weight matrix",
    question="What does the matrix itself look like?",
    reads=("step", *_READS),
    arrays=_raw,
    picture=Matrix(
        "weights", _name, x=_columns, y=_rows, signed=True, finish=_from_the_top
    ),
    describe=_describe_raw,
    replaces=(13,),
    guide=Guide(
        what="Every entry of the chosen matrix on a scale that is symmetric around "
        "zero. Tokens and classes are in the order of $a and $c, the = row is "
        "left out; neurons are sorted at the reference epoch; heads lie side by side. "
        "W_L is the product W_out W_U.",
        formula="W itself, in the convention row vector × matrix",
        before="Noise without any period.",
        after="W_E and W_L: waves along the tokens. Residual dimensions stay mixed, "
        "because no basis of the residual stream is special.",
        normal="Waves of several key frequencies on top of one another.",
        wrong="Noise to the end in W_E: memorised, or read in the wrong order for the "
        "operation.",
        reference="Nanda et al. 2023, sections 4.1 and 4.2",
    ),
)

WEIGHT_FOURIER = View(
    id="weight-fourier",
    title="A weight matrix in the Fourier basis",
    question="Which frequencies does the matrix read or write?",
    reads=("step", *_READS),
    arrays=_fourier,
    picture=Matrix(
        "coefficients",
        _fourier_name,
        x=_fourier_columns,
        y=_frequencies("frequency k (cosine above, sine below)", "coefficients"),
        signed=True,
        picks={"y": "k"},
        finish=_mark_frequencies,
    ),
    describe=_describe_fourier,
    guide=Guide(
        what="The chosen matrix with a Fourier transform over its tokens or classes. "
        "Each frequency has two rows, cosine and sine; the constant is the first. "
        "Matrices without a token axis are read through W_E (W_Q, W_K, W_V, W_in) or "
        "through W_U (W_O, W_out, W_pos), along the direct path only. Strips at the "
        "left mark the key frequencies.",
        formula="F W_E, F W_Uᵀ, F W_Lᵀ, F W_E W, F (W W_U)ᵀ",
        before="All rows alike.",
        after="Two bright rows per key frequency on a pale ground.",
        normal=f"Outside the key rows of W_L lie {span('wl_outside')} of its squared "
        f"norm; that is {span('wl_outside_norm')} of its norm. Nanda et al. state "
        "0.55 %, which fits the square.",
        wrong="Bright rows without a strip: frequencies that the logits do not use.",
        reference="Nanda et al. 2023, figure 3, sections 4.1 and 4.2",
    ),
)

WEIGHT_EVOLUTION = View(
    id="weight-evolution",
    title="The matrix at four epochs",
    question="How did the matrix come about?",
    reads=("step", *_READS),
    arrays=_evolution(chosen_matrix),
    picture=_four_epochs(_name, _columns, _rows),
    describe=_describe_evolution,
    replaces=(14,),
    guide=Guide(
        what="The chosen matrix at four checkpoints on one scale: the first, the end "
        "of memorisation, the end of circuit formation (evenly placed ones where these "
        "are not known) and, at the right, the epoch of the playhead.",
        formula="W at four epochs",
        before="The first panel is noise.",
        after="The last panel shows waves.",
        normal="The structure is faint at the end of memorisation already.",
        wrong="Four panels of noise: no structure was learned in this matrix.",
        reference="Nanda et al. 2023, section 5",
    ),
)

WEIGHT_FOURIER_EVOLUTION = View(
    id="weight-fourier-evolution",
    title="Its Fourier basis at four epochs",
    question="When did the matrix settle on its frequencies?",
    reads=("step", *_READS),
    arrays=_evolution(fourier_matrix),
    picture=_four_epochs(
        _fourier_name, _fourier_columns, _frequencies("frequency k", "now")
    ),
    describe=_describe_evolution,
    replaces=(14,),
    guide=Guide(
        what="The chosen matrix in the Fourier basis over tokens or classes at the "
        "same four checkpoints, on one scale. Waves that overlap in the matrix itself "
        "lie in rows of their own here.",
        formula="F W_E, F W_Uᵀ, F W_Lᵀ, F W_E W, F (W W_U)ᵀ at four epochs",
        before="The first panel has no bright rows.",
        after="The last panel has two bright rows per key frequency and is pale "
        "elsewhere.",
        normal="Key rows stand out at the end of memorisation; the ground fades during "
        "cleanup.",
        wrong="The ground stays as bright as the rows: memorisation was never removed.",
        reference="Nanda et al. 2023, section 5",
    ),
)

VIEWS: tuple[View, ...] = (
    WEIGHT_MATRIX,
    WEIGHT_FOURIER,
    WEIGHT_EVOLUTION,
    WEIGHT_FOURIER_EVOLUTION,
)
