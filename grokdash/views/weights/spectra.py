"""Views of weight matrices as numbers: singular values, ranks, norms, positions."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import singular, weights
from grokdash.cache import Arrays
from grokdash.figures.marks import side_legend, write_values
from grokdash.figures.theme import Axis
from grokdash.snapshot import Snapshot
from grokdash.views.core.normal import span
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, View
from grokdash.views.pictures import Bars, EpochCurves, Line, Matrix, matrix_line
from grokdash.views.pictures.bars import rising
from grokdash.views.reading.epochs import spread
from grokdash.views.reading.frames import needs_stored
from grokdash.views.reading.matrices import plain_matrix, short_name
from grokdash.views.reading.words import POSITIONS
from grokdash.written import fixed, number, percent, whole

_SAMPLES = 65
_ALONG = (
    *("W_E", "W_pos", "W_Q", "b_Q", "W_K", "b_K", "W_V", "b_V", "W_O", "b_O"),
    *("W_in", "b_in", "W_out", "b_out"),
)


def _singular(snapshot: Snapshot, selection: Selection) -> Arrays:
    return {"sigma": singular.singular_values(plain_matrix(snapshot, selection))}


def _matrix_colour(drawing: Drawing, _count: int) -> str:
    return drawing.theme.colour(drawing.selection.matrix.split("/")[-1])


def _ranks_axis(_drawing: Drawing, count: int) -> Axis:
    return Axis("rank", (0.0, count + 1.0), values=np.arange(1, count + 1))


def _add_start(fig: go.Figure, drawing: Drawing) -> go.Figure:
    """Add the singular values of the first checkpoint as a line."""
    first = drawing.run.at(int(drawing.run.steps[0]))
    start = singular.singular_values(plain_matrix(first, drawing.selection))
    top = max(drawing.limits["sigma"][1], float(start[0]), 1e-12)
    trace: Any = fig.data[0]
    trace.name = "this epoch"
    fig.add_scatter(
        x=np.arange(1, len(start) + 1),
        y=start,
        mode="lines",
        name=f"epoch {first.step:,}",
        line={"color": drawing.theme.muted, "width": 1.4, "dash": "dot"},
        hovertemplate=f"epoch {first.step:,}<br>rank %{{x}}<br>%{{y:.4g}}"
        "<extra></extra>",
    )
    fig.update_yaxes(range=rising(top))
    return fig.update_layout(showlegend=True, margin_t=26)


def _describe_singular(drawing: Drawing) -> str:
    sigma = drawing.arrays["sigma"]
    name = short_name(drawing.selection.matrix)
    if not sigma[0] > 0:
        return f"{name} is zero."
    energy = np.cumsum(np.square(sigma)) / np.square(sigma).sum()
    needed = int(np.searchsorted(energy, 0.9) + 1)
    return (
        f"{name} has a stable rank of {fixed(singular.stable_rank(sigma), 1)} and an "
        f"effective rank of {fixed(singular.effective_rank(sigma), 1)}; {needed} of "
        f"its {len(sigma)} directions hold 90 % of its energy."
    )


def _ranks(snapshot: Snapshot, selection: Selection) -> Arrays:
    run = snapshot.run
    steps = run.steps[spread(len(run.steps), _SAMPLES)]

    def at(step: int) -> Arrays:
        sigma = singular.singular_values(plain_matrix(run.at(step), selection))
        ranks = [singular.stable_rank(sigma), singular.effective_rank(sigma)]
        return {"ranks": np.array([*ranks, float(len(sigma))])}

    def compute() -> Arrays:
        found = []
        for step in steps.tolist():
            key = (selection.matrix, selection.layer, step)
            one = run.remember(
                "ranks", key, lambda step=step: at(step), disk=False, step=step
            )
            found.append(one["ranks"])
        return {"epochs": steps.astype(float), "ranks": np.stack(found)}

    layer = selection.layer if selection.matrix == "W_L" else 0
    return run.remember(
        "rank-curves", (selection.matrix, layer, len(run.steps), run.last), compute
    )


def _rank_lines(drawing: Drawing) -> list[Line]:
    stable, effective, _ = drawing.arrays["ranks"].T
    return [
        Line("effective rank", effective, "text"),
        Line("stable rank", stable, "stable rank", dash="dash"),
    ]


def _rank_axis(drawing: Drawing) -> Axis:
    ranks = drawing.arrays["ranks"][:, :2]
    known = ranks[np.isfinite(ranks)]
    top = 1.08 * float(known.max()) if known.size else 1.0
    name = short_name(drawing.selection.matrix)
    return Axis(f"rank of {name} (directions)", (0.0, top))


def _describe_ranks(drawing: Drawing) -> str:
    ranks = drawing.arrays["ranks"]
    name, full = short_name(drawing.selection.matrix), ranks[0, 2]
    return (
        f"The effective rank of {name} goes from {fixed(ranks[0, 1], 1)} to "
        f"{fixed(ranks[-1, 1], 1)} of {whole(full)}, its stable rank from "
        f"{fixed(ranks[0, 0], 1)} to {fixed(ranks[-1, 0], 1)}."
    )


def _norms(snapshot: Snapshot, _selection: Selection) -> Arrays:
    run = snapshot.run
    sumsq = run.series("weights/sumsq").astype(float)
    return {"epochs": run.steps.astype(float), "norm": np.sqrt(sumsq)}


def _along_the_network(names: tuple[str, ...]) -> list[int]:
    """Order parameters from input to output; give their places in ``names``."""

    def place(index: int) -> tuple[int, int]:
        name = names[index]
        if name == "W_U":
            return 99, 0
        kind = name.split("/")[-1]
        layer = int(name.split("/")[1]) if "/" in name else -1
        return layer, _ALONG.index(kind) if kind in _ALONG else len(_ALONG)

    return sorted(range(len(names)), key=place)


def _norm_lines(drawing: Drawing) -> list[Line]:
    norm = drawing.arrays["norm"]
    names = weights.tensor_names(drawing.snapshot.params())
    shown = [i for i in _along_the_network(names) if np.nanmax(norm[:, i]) > 0]
    return [matrix_line(names[index], drawing, norm[:, index]) for index in shown]


def _norm_axis(drawing: Drawing) -> Axis:
    norm = drawing.arrays["norm"]
    top = float(np.nanmax(norm)) if np.isfinite(norm).any() else 1.0
    return Axis("norm ‖W‖", (0.0, 1.05 * top or 1.0))


def _describe_norms(drawing: Drawing) -> str:
    index = drawing.snapshot.index
    energy = np.square(drawing.arrays["norm"])
    total = energy.sum(axis=1)
    names = weights.tensor_names(drawing.snapshot.params())
    if not np.isfinite(total[index]) or not total[index] > 0:
        return "The norms were not stored at this epoch, or all weights are zero."
    largest = int(np.argmax(energy[index]))
    return (
        f"At epoch {drawing.step:,} the sum of all squared weights is "
        f"{whole(total[index])}, {percent(total[index] / total[0], 0)} of that at the "
        f"start; {short_name(names[largest])} holds most of it "
        f"({percent(energy[index, largest] / total[index], 0)})."
    )


def _positions(snapshot: Snapshot, _selection: Selection) -> Arrays:
    W = snapshot.param("W_pos").astype(np.float64)
    norm = np.linalg.norm(W, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = W @ W.T / np.outer(norm, norm)
    return {"cosine": cosine, "norm": norm}


def _name_positions(fig: go.Figure, drawing: Drawing) -> go.Figure:
    norm = drawing.arrays["norm"]
    names = [f"{name} {fixed(norm[i])}" for i, name in enumerate(POSITIONS)]
    fig.update_xaxes(tickvals=[0, 1, 2], ticktext=list(POSITIONS))
    fig.update_yaxes(tickvals=[0, 1, 2], ticktext=names, autorange="reversed")
    fig.update_layout(margin_l=66)
    return write_values(fig)


def _describe_positions(drawing: Drawing) -> str:
    norm, cosine = drawing.arrays["norm"], drawing.arrays["cosine"]
    return (
        f"W_pos has norms {number(norm[0])}, {number(norm[1])} and {number(norm[2])} "
        f"for a, b and =; the cosine between a and b is {fixed(cosine[0, 1])}."
    )


WEIGHT_SINGULAR = View(
    id="weight-singular",
    title="Singular values",
    question="How many directions does a matrix use?",
    reads=("step", "matrix", "layer"),
    arrays=_singular,
    picture=Bars(
        "sigma",
        lambda drawing: f"singular value of {short_name(drawing.selection.matrix)}",
        x=_ranks_axis,
        colours=_matrix_colour,
        picks={},
        finish=_add_start,
    ),
    describe=_describe_singular,
    guide=Guide(
        what="Singular values of the chosen matrix, largest first, with those of the "
        "first checkpoint as a dotted line. Heads count as one matrix side by side.",
        formula="W = U diag(σ) Vᵀ; stable rank Σσ²/σ₁², effective rank exp of the "
        "entropy of σ²/Σσ²",
        before="The slanted edge of a random matrix: all directions in use.",
        after="A few tall bars in pairs, two per key frequency, and almost nothing "
        "after them.",
        normal=f"Effective rank of W_E: {span('embed_rank')}. Of W_L: "
        f"{span('wl_rank')}. Nanda et al. count 10 directions of W_L for 5 keys.",
        wrong="A flat spectrum at the end: not generalised, or weight decay is off.",
        reference="Nanda et al. 2023, section 4.2; Roy and Vetterli 2007",
    ),
)

WEIGHT_RANKS = View(
    id="weight-ranks",
    title="Rank over training",
    question="When does a matrix become low-rank?",
    reads=("matrix", "layer"),
    arrays=_ranks,
    picture=EpochCurves(lines=_rank_lines, y=_rank_axis),
    describe=_describe_ranks,
    guide=Guide(
        what=f"Effective and stable rank of the chosen matrix at up to {_SAMPLES} "
        "evenly placed checkpoints.",
        formula="effective rank exp(−Σ s ln s) with s = σ²/Σσ²; stable rank Σσ²/σ₁²",
        before="High: a random matrix uses all of its directions.",
        after="About two directions per key frequency.",
        normal="Falls during circuit formation and again during cleanup.",
        wrong="No fall although the test loss fell: the network generalises with more "
        "frequencies than it would need.",
        reference="Roy and Vetterli 2007",
    ),
)

WEIGHT_NORMS = View(
    id="weight-norms",
    title="Norms over training",
    question="Which matrices grow, and when does weight decay win?",
    reads=(),
    arrays=_norms,
    picture=EpochCurves(
        lines=_norm_lines,
        y=_norm_axis,
        finish=lambda fig, _drawing: side_legend(fig),
    ),
    describe=_describe_norms,
    missing=needs_stored("weights/sumsq"),
    cost="stored",
    replaces=(1, 2),
    guide=Guide(
        what="Frobenius norm of every parameter at every checkpoint, each kind in the "
        "colour that it has everywhere; parameters that stay zero are left out.",
        formula="‖W‖ = √Σ w²",
        before="A steep rise while the network memorises.",
        after="A fall while the memorised part is cleaned up, then a plateau.",
        normal=f"Σw² starts at {span('sumsq_start')} and ends at {span('sumsq')}.",
        wrong="Norms that only rise: no weight decay. Steps up after the plateau: "
        "instabilities of the optimiser.",
        reference="Nanda et al. 2023, section 5; Liu et al. 2022",
    ),
)

WEIGHT_POSITIONS = View(
    id="weight-positions",
    title="Position embeddings",
    question="Does the network tell the two operands apart?",
    reads=("step",),
    arrays=_positions,
    picture=Matrix(
        "cosine",
        "cosine similarity",
        x=Axis("position"),
        y=Axis("position, norm"),
        signed=True,
        styles=(),
        kind="table",
        texts=True,
        finish=_name_positions,
    ),
    describe=_describe_positions,
    fixed={"cosine": (-1.0, 1.0)},
    guide=Guide(
        what="Cosine similarity between the embeddings of the three positions, with "
        "their norms at the left.",
        formula="cos(W_pos[i], W_pos[j]) = W_pos[i] · W_pos[j] / (‖W_pos[i]‖ "
        "‖W_pos[j]‖)",
        before="Near zero off the diagonal: three random vectors.",
        after="For addition a and b become alike or shrink: order does not matter.",
        normal="Under a commutative operation the cosine of a and b is "
        f"{span('position_cosine')}; with short vectors it means little.",
        wrong="Long, different vectors for a and b under a commutative operation: the "
        "operands are treated differently.",
        reference="Nanda et al. 2023, section 3",
    ),
)

VIEWS: tuple[View, ...] = (
    WEIGHT_SINGULAR,
    WEIGHT_RANKS,
    WEIGHT_NORMS,
    WEIGHT_POSITIONS,
)
