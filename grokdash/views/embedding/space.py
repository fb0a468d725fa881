"""Views of the token embeddings in their own space: main axes and similarities."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import embedding, fourier
from grokdash.cache import Arrays
from grokdash.figures.grids import Scale, heat_map
from grokdash.figures.points import Points, square
from grokdash.figures.rings import Clouds, square_panels
from grokdash.figures.theme import Axis
from grokdash.snapshot import RunView, Snapshot
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, Guide, View
from grokdash.views.fourier.history import spread_epochs


def _frame_step(run: RunView, selection: Selection) -> int:
    return run.last if selection.ref < 0 else run.run.nearest_step(selection.ref)


def frame(run: RunView, step: int) -> embedding.Components:
    """Give the principal axes of the number tokens at one epoch."""

    def compute() -> Arrays:
        found = embedding.pca(run.at(step).W_E_canonical, 2)
        return {
            "scores": found.scores,
            "axes": found.axes,
            "mean": found.mean,
            "share": found.share,
        }

    kept = run.remember("embedding-frame", (step,), compute, disk=False)
    return embedding.Components(**kept)


def _projected(run: RunView, step: int, axes: embedding.Components) -> np.ndarray:
    W = run.at(step).W_E_canonical.astype(np.float64)
    return (W - W.mean(axis=0)) @ axes.axes.T


def _pca(snapshot: Snapshot, selection: Selection) -> Arrays:
    run = snapshot.run
    axes = frame(run, _frame_step(run, selection))
    points = _projected(run, snapshot.step, axes)
    W = snapshot.W_E_canonical.astype(np.float64)
    total = float(np.square(W - W.mean(axis=0)).sum())
    energy = np.square(points).sum(axis=0)
    varies = total > fourier.ROUNDING * float(np.square(W).sum())
    share = energy / total if varies else energy * np.nan
    return {"x": points[:, 0], "y": points[:, 1], "share": share}


def _token_colours(drawing: Drawing, q: int) -> tuple[np.ndarray, Scale]:
    place = np.arange(q)
    k = drawing.selection.k
    if drawing.selection.colour == "ka":
        values, unit = k * place % q, f"{k}·a mod {q}"
    else:
        values, unit = place, "a"
    return values, Scale(
        colours=drawing.theme.cyclic, low=0.0, high=float(q), title=unit
    )


def _draw_pca(drawing: Drawing) -> go.Figure:
    run, arrays = drawing.run, drawing.arrays
    values, scale = _token_colours(drawing, len(arrays["x"]))
    points = Points(
        x=arrays["x"],
        y=arrays["y"],
        labels=[f"token {token}" for token in run.order],
        colours=values,
        scale=scale,
    )
    bound = max(abs(limit) for name in ("x", "y") for limit in drawing.limits[name])
    at = _frame_step(run, drawing.selection)
    return square(
        points,
        drawing.theme,
        Axis(f"axis 1 of W_E at epoch {at:,}"),
        Axis(f"axis 2 of W_E at epoch {at:,}"),
        1.08 * bound if bound > 0 else 1.0,
    )


def _describe_pca(drawing: Drawing) -> str:
    share = drawing.arrays["share"]
    at = _frame_step(drawing.run, drawing.selection)
    here = "the same epoch" if at == drawing.step else f"epoch {at:,}"
    if not np.isfinite(share).all():
        return f"W_E is the same for every token at epoch {drawing.step:,}."
    return (
        f"The two main axes of {here} hold {share[0]:.1%} and {share[1]:.1%} of the "
        f"variance of W_E at epoch {drawing.step:,}."
    )


def _pca_strip(snapshot: Snapshot, selection: Selection) -> Arrays:
    run = snapshot.run
    axes = frame(run, _frame_step(run, selection))
    steps = run.steps[spread_epochs(run)]
    points = np.array([_projected(run, int(step), axes) for step in steps])
    return {"x": points[:, :, 0], "y": points[:, :, 1], "at": steps.astype(float)}


def _draw_pca_strip(drawing: Drawing) -> go.Figure:
    arrays, theme = drawing.arrays, drawing.theme
    count, q = arrays["x"].shape
    values, scale = _token_colours(drawing, q)
    clouds = Clouds(
        x=arrays["x"],
        y=arrays["y"],
        colours=np.tile(values, (count, 1)),
        labels=[f"token {token}" for token in drawing.run.order],
        titles=[f"epoch {int(step):,}" for step in arrays["at"]],
        title_colours=[theme.text] * count,
    )
    bound = float(max(np.abs(arrays["x"]).max(), np.abs(arrays["y"]).max()))
    names = ("axis 1", "axis 2")
    return square_panels(clouds, scale, theme, names, 1.08 * bound or 1.0)


def _describe_pca_strip(drawing: Drawing) -> str:
    radius = np.hypot(drawing.arrays["x"], drawing.arrays["y"]).mean(axis=1)
    at = _frame_step(drawing.run, drawing.selection)
    words = ", ".join(
        f"{r:.2g} at epoch {int(step):,}"
        for r, step in zip(radius, drawing.arrays["at"], strict=True)
    )
    return f"Mean distance from the centre in the plane of epoch {at:,}: {words}."


def token_order(k: int, q: int) -> np.ndarray:
    """Give the places of the tokens in ascending order of k·a mod q."""
    return np.argsort(k * np.arange(q) % q, kind="stable")


def _similarity(snapshot: Snapshot, selection: Selection) -> Arrays:
    W = snapshot.W_E_canonical.astype(np.float64)
    q = len(W)
    if selection.order == "index":
        W = snapshot.W_E.astype(np.float64)
    else:
        W = W[token_order(selection.k, q)]
    norm = np.linalg.norm(W, axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        unit = W / norm
    return {"z": (unit @ unit.T).astype(np.float32)}


def _draw_similarity(drawing: Drawing) -> go.Figure:
    selection = drawing.selection
    if selection.order == "index":
        title = "token"
    else:
        title = f"token, in order of {selection.k}·a"
    low, high = drawing.limits["z"]
    bound = max(abs(low), abs(high))
    scale = Scale(
        colours=drawing.theme.diverging, low=-bound, high=bound, title="cosine"
    )
    z = drawing.arrays["z"]
    fig = heat_map(z, scale, drawing.theme, Axis(title), Axis(title))
    if selection.order != "index":
        order = drawing.run.order[token_order(selection.k, len(z))]
        fig.update_xaxes(**_token_ticks(order))
        fig.update_yaxes(**_token_ticks(order))
    return fig


def _token_ticks(order: np.ndarray) -> dict[str, Any]:
    places = np.linspace(0, len(order) - 1, min(5, len(order))).round().astype(int)
    return {
        "tickvals": [int(place) for place in places],
        "ticktext": [str(order[place]) for place in places],
    }


def _describe_similarity(drawing: Drawing) -> str:
    z = drawing.arrays["z"]
    q = len(z)
    i = np.arange(q)
    if not np.isfinite(z).any():
        return "W_E is zero, so its tokens have no directions to compare."
    neighbours = float(np.nanmean(z[i, (i + 1) % q]))
    opposite = float(np.nanmean(z[i, (i + q // 2) % q]))
    where = (
        "in natural order"
        if drawing.selection.order == "index"
        else f"in order of {drawing.selection.k}·a"
    )
    return (
        f"Neighbours {where} have a mean cosine of {neighbours:.2f}, tokens half way "
        f"round {opposite:.2f}."
    )


PCA = View(
    id="embedding-pca",
    title="Main axes of W_E",
    page="embedding",
    question="How do the tokens lie along the directions that matter most?",
    kind="points",
    reads=("step", "ref"),
    styles=("norm", "colour", "k"),
    arrays=_pca,
    draw=_draw_pca,
    describe=_describe_pca,
    scrub={"0.x": "x", "0.y": "y"},
    picks={"point": "a"},
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
        normal="With five keys the first two axes hold 20 to 40 % of the variance.",
        wrong="Points on a line: one direction dominates, often one outlying token.",
        reference="Power et al. 2022; Liu et al. 2022",
    ),
)

PCA_STRIP = View(
    id="embedding-pca-strip",
    title="Main axes of W_E over training",
    page="trajectories",
    question="How does the embedding unfold, seen from one fixed frame?",
    kind="points",
    reads=("ref",),
    styles=("colour", "k"),
    arrays=_pca_strip,
    draw=_draw_pca_strip,
    describe=_describe_pca_strip,
    replaces=(21,),
    guide=Guide(
        what="The number tokens at six epochs spread evenly over the run, all on the "
        "principal axes of the reference epoch and on one scale.",
        formula="(W_E[t] − mean)·e₁, (W_E[t] − mean)·e₂, axes of the reference epoch",
        before="A small cloud.",
        after="The cloud opens into a ring whose colours are in order.",
        normal="The ring is visible well before the test accuracy reaches 1.",
        wrong="Six clouds alike: nothing is learnt in these directions.",
        reference="Power et al. 2022; Liu et al. 2022",
    ),
)

SIMILARITY = View(
    id="token-similarity",
    title="Similarity of tokens",
    page="embedding",
    question="Which tokens does the embedding place close together?",
    kind="grid",
    reads=("step", "k", "order"),
    styles=("norm",),
    arrays=_similarity,
    draw=_draw_similarity,
    describe=_describe_similarity,
    scrub={"0.z": "z"},
    fixed={"z": (-1.0, 1.0)},
    guide=Guide(
        what="Cosine of the angle between the embeddings of every two number tokens. "
        "With the order “index” tokens stand in natural order, with any other in order "
        "of k·a, in which neighbours are one step apart on the circle of frequency k.",
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
