"""Views of the token embeddings in their own space: main axes and similarities."""

from functools import partial
from typing import Any

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import fourier
from grokdash.cache import Arrays
from grokdash.figures.theme import Axis
from grokdash.snapshot import Snapshot
from grokdash.views.core.normal import span
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, View
from grokdash.views.pictures import Matrix, TokenPoints
from grokdash.views.reading.epochs import reference_step
from grokdash.views.reading.frequencies import alternates, parities
from grokdash.views.reading.tokens import main_axes, projected, turned
from grokdash.written import fixed, percent


def _pca(snapshot: Snapshot, selection: Selection) -> Arrays:
    run = snapshot.run
    axes = main_axes(run, reference_step(run, selection))
    points = projected(run, snapshot.step, axes)
    W = snapshot.W_E_canonical.astype(np.float64)
    total = float(np.square(W - W.mean(axis=0)).sum())
    energy = np.square(points).sum(axis=0)
    varies = total > fourier.ROUNDING * float(np.square(W).sum())
    share = energy / total if varies else energy * np.nan
    return {"x": points[:, 0], "y": points[:, 1], "share": share}


def _axis_name(number: int, drawing: Drawing) -> str:
    at = reference_step(drawing.run, drawing.selection)
    return f"axis {number} of W_E at epoch {at:,}"


def _describe_pca(drawing: Drawing) -> str:
    share = drawing.arrays["share"]
    at = reference_step(drawing.run, drawing.selection)
    here = "the same epoch" if at == drawing.step else f"epoch {at:,}"
    if not np.isfinite(share).all():
        return f"W_E is the same for every token at epoch {drawing.step:,}."
    return (
        f"The two main axes of {here} hold {percent(share[0])} and {percent(share[1])} "
        f"of the variance of W_E at epoch {drawing.step:,}."
    )


def _similarity(snapshot: Snapshot, selection: Selection) -> Arrays:
    W = snapshot.W_E_canonical.astype(np.float64)
    q = len(W)
    if selection.order == "index":
        W = snapshot.W_E.astype(np.float64)
    else:
        W = W[fourier.frequency_order(selection.k, q)]
    norm = np.linalg.norm(W, axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        unit = W / norm
    return {"z": (unit @ unit.T).astype(np.float32)}


def _similarity_axis(drawing: Drawing) -> Axis:
    selection = drawing.selection
    if selection.order == "index":
        return Axis("token")
    return Axis(f"place in order of {turned(drawing.run, selection.k)}")


def _name_tokens(fig: go.Figure, drawing: Drawing) -> go.Figure:
    selection = drawing.selection
    if selection.order == "index":
        return fig
    q = len(drawing.arrays["z"])
    order = fourier.frequency_order(selection.k, q)
    told = turned(drawing.run, selection.k)
    fig.update_traces(
        hovertemplate=f"places %{{y}} and %{{x}} in order of {told}<br>"
        "cosine %{z:.4g}<extra></extra>"
    )
    ticks = _token_ticks(drawing.run.order[order])
    return fig.update_xaxes(**ticks).update_yaxes(**ticks, tickangle=-90)


def _token_ticks(order: np.ndarray) -> dict[str, Any]:
    places = np.linspace(0, len(order) - 1, min(5, len(order))).round().astype(int)
    return {
        "tickvals": [int(place) for place in places],
        "ticktext": [f"token {order[place]}" for place in places],
    }


def _describe_similarity(drawing: Drawing) -> str:
    z, k = drawing.arrays["z"], drawing.selection.k
    if not np.isfinite(z).any():
        return "W_E is zero, so its tokens have no directions to compare."
    in_order = drawing.selection.order == "index"
    if not in_order and alternates(drawing.run, k):
        return _describe_parities(drawing)
    where = "in natural order" if in_order else f"in order of {turned(drawing.run, k)}"
    step = 1 if in_order else int(np.gcd(k, len(z)))
    neighbours = _mean_cosine(z, step)
    opposite = _mean_cosine(z, len(z) // step // 2 * step)
    return (
        f"Neighbours {where} have a mean cosine of {fixed(neighbours)}, tokens half "
        f"way round {fixed(opposite)}."
    )


def _mean_cosine(z: np.ndarray, apart: int) -> float:
    """Give the mean cosine of tokens so many places apart, once round."""
    i = np.arange(len(z))
    return float(np.nanmean(z[i, (i + apart) % len(z)]))


def _describe_parities(drawing: Drawing) -> str:
    """Describe the order of the alternating wave: two halves, no neighbours."""
    z = drawing.arrays["z"]
    half = len(z) // 2
    first, second = parities(drawing.run)
    apart = float(np.nanmean(z[:half, half:]))
    if half < 2:
        return (
            f"The {first} and the {second} are one each; their cosine is "
            f"{fixed(apart)}."
        )
    same = ~np.eye(half, dtype=bool)
    within = float(np.nanmean([z[:half, :half][same], z[half:, half:][same]]))
    return (
        f"Frequency {drawing.selection.k} alternates: first the {first}, then the "
        f"{second}. Tokens of one half have a mean cosine of {fixed(within)}, of "
        f"different halves {fixed(apart)}."
    )


PCA = View(
    id="embedding-pca",
    title="Main axes of W_E",
    question="How do the tokens lie along the directions that matter most?",
    reads=("step", "ref"),
    arrays=_pca,
    picture=TokenPoints(
        x=partial(_axis_name, 1),
        y=partial(_axis_name, 2),
        styles=("norm", "colour", "k"),
    ),
    own_axes=True,
    describe=_describe_pca,
    replaces=(21,),
    guide=Guide(
        what="The number tokens' embeddings on two fixed axes: the principal axes of "
        "W_E at the reference epoch, the last one unless another is chosen. Because "
        "the axes stay, what moves is the embedding and not the frame.",
        formula="(W_E[t] − mean)·e₁, (W_E[t] − mean)·e₂ with e₁, e₂ the first two "
        "principal axes at the reference epoch",
        before="A small cloud around the middle.",
        after="A ring in the order of the strongest frequency; choose that k to see "
        "the colours go round.",
        normal=f"The first two axes hold {span('embed_axes')} of the variance.",
        wrong="Points on a line: one direction dominates, often one outlying token.",
        reference="Power et al. 2022; Liu et al. 2022",
    ),
)

SIMILARITY = View(
    id="token-similarity",
    title="Similarity of tokens",
    question="Which tokens does the embedding place close together?",
    reads=("step", "k", "order"),
    arrays=_similarity,
    picture=Matrix(
        "z",
        "cosine",
        x=_similarity_axis,
        y=_similarity_axis,
        signed=True,
        finish=_name_tokens,
    ),
    describe=_describe_similarity,
    fixed={"z": (-1.0, 1.0)},
    guide=Guide(
        what="Cosine of the angle between the embeddings of every two number tokens. "
        "With the order “index” tokens stand in natural order, with any other in order "
        "of k·$a, in which neighbours are one step apart on the circle of frequency k; "
        "where k shares a factor with the modulus, tokens at the same point of the "
        "circle stand together.",
        formula="W_E[s]·W_E[t] / (‖W_E[s]‖ ‖W_E[t]‖)",
        before="1 on the diagonal, noise of size 1/√d_model elsewhere.",
        after="Constant along diagonals: the similarity depends on s − t alone. In "
        "order of a key frequency a broad band around the diagonal and its mirror "
        "half way round.",
        normal="For a W_E of pure key frequencies the value at distance t is the mean "
        "of cos(2πkt/p) over the keys, weighted by their energies.",
        wrong="Rows of one sign: all tokens share a constant part. Texture that is "
        "not constant along diagonals: no Fourier structure in this frame.",
        reference="Zhong et al. 2023; Liu et al. 2022",
    ),
)

VIEWS: tuple[View, ...] = (PCA, SIMILARITY)
