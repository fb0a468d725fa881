"""Views of the circles of all key frequencies, at one epoch and over training."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import embedding, fourier
from grokdash.cache import Arrays
from grokdash.figures.marks import DASHES, swatch
from grokdash.figures.rings import Clouds, square_panels
from grokdash.figures.theme import Axis
from grokdash.snapshot import RunView, Snapshot
from grokdash.views.core.normal import span
from grokdash.views.core.selection import Selection, chosen_keys
from grokdash.views.core.view import Drawing, Guide, Traits, View, needs_measure
from grokdash.views.pictures import EpochRows, Line, Special
from grokdash.views.reading.epochs import PHASE_NOTE, reference_step, sampled
from grokdash.views.reading.frequencies import alternates, key_colours
from grokdash.views.reading.tokens import (
    square_bound,
    token_colours,
    token_names,
    token_scale,
)
from grokdash.written import fixed, percent

MOST_PANELS = 6
_MOST_CHECKPOINTS = 160


def shown_keys(run: RunView, selection: Selection) -> tuple[int, ...]:
    """Give at most six frequencies to look at: the keys, else the strongest in W_E."""
    keys = chosen_keys(selection, run)[:MOST_PANELS]
    if keys:
        return keys
    share = embedding.frequency_share(_canonical(run, run.last))
    strongest = np.argsort(np.nan_to_num(share))[::-1][:4] + 1
    return tuple(sorted(int(k) for k in strongest))


def _canonical(run: RunView, step: int) -> np.ndarray:
    return run.at(step).W_E_canonical.astype(np.float64)


def _reference(run: RunView, selection: Selection, k: int) -> np.ndarray:
    """Give the circle of frequency k at the reference epoch, ``[q, 2]``."""
    step = reference_step(run, selection)

    def compute() -> Arrays:
        circle = embedding.circle(_canonical(run, step), k)
        return {"points": np.stack([circle.x, circle.y], axis=1)}

    return run.remember("circle-frame", (step, k), compute, disk=False, step=step)[
        "points"
    ]


def _circles(snapshot: Snapshot, selection: Selection) -> Arrays:
    run = snapshot.run
    keys = shown_keys(run, selection)
    W = snapshot.W_E_canonical.astype(np.float64)
    points, shares = [], []
    for k in keys:
        circle = embedding.circle(W, k)
        frame = _reference(run, selection, k)
        points.append(embedding.procrustes_2d(circle.x, circle.y, frame))
        shares.append(circle.share)
    stacked = np.array(points)
    return {
        "x": stacked[:, :, 0],
        "y": stacked[:, :, 1],
        "share": np.array(shares),
        "k": np.array(keys),
    }


def _draw_circles(drawing: Drawing) -> go.Figure:
    arrays, theme = drawing.arrays, drawing.theme
    keys = [int(k) for k in arrays["k"]]
    of_keys = key_colours(drawing)
    clouds = Clouds(
        x=arrays["x"],
        y=arrays["y"],
        colours=np.array([token_colours(drawing, k) for k in keys]),
        labels=token_names(drawing.run),
        ids=drawing.run.order,
        titles=[
            f"{swatch(of_keys.get(k))}k = {k}: {percent(share, 0)}"
            f"{_line_note(drawing.run, k)}"
            for k, share in zip(keys, arrays["share"], strict=True)
        ],
    )
    scale, names = token_scale(drawing, "k"), ("W_E on cos k", "W_E on sin k")
    return square_panels(clouds, scale, theme, names, square_bound(drawing))


def _line_note(run: RunView, k: int) -> str:
    """Say that a panel holds a line and no circle, where it does."""
    return ", a line" if alternates(run, k) else ""


def _describe_circles(drawing: Drawing) -> str:
    arrays = drawing.arrays
    x, y = (arrays[n] - arrays[n].mean(axis=1, keepdims=True) for n in ("x", "y"))
    if not np.isfinite(arrays["share"]).any():
        return "W_E is the same for every token: there are no circles."
    parts = []
    for k, share, row in zip(arrays["k"], arrays["share"], np.hypot(x, y), strict=True):
        mean = float(row.mean())
        spread = float(row.std()) / mean if mean > 0 else float("nan")
        varies = percent(spread, 0)
        shape = f"radius varies by {varies}"
        if alternates(drawing.run, int(k)):
            shape = "a line, for it alternates"
        parts.append(f"{int(k)} (share {percent(share)}, {shape})")
    what = "Key frequencies" if drawing.run.keys else "No keys yet; strongest in W_E"
    total = float(np.sum(arrays["share"]))
    together = f"together {percent(total, 0)} of the variance of W_E"
    return f"{what}: {', '.join(parts)}; {together}."


def _quality(snapshot: Snapshot, selection: Selection) -> Arrays:
    run = snapshot.run
    keys = shown_keys(run, selection)
    power = run.series("embed/power_canonical").astype(float)
    folded = fourier.fold(power)
    total = folded.sum(axis=1, keepdims=True)
    column = np.array(keys) - 1
    places = sampled(run, _MOST_CHECKPOINTS)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = folded[:, column] / total
        cos, sin = power[:, 2 * column + 1], _sines(power, column)
        eccentricity = np.sqrt(cos / sin)
    return {
        "epochs": run.steps.astype(float),
        "k": np.array(keys),
        "share": share,
        "eccentricity": np.where(np.isfinite(eccentricity), eccentricity, np.nan),
        "residual_epochs": run.steps[places].astype(float),
        "residual": _residuals(run, places, keys),
    }


def _sines(power: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Give the energies of the sine rows; NaN for the alternating wave."""
    padded = np.concatenate([power, np.full((len(power), 1), np.nan)], axis=1)
    rows = np.minimum(2 * column + 2, power.shape[1])
    return padded[:, rows]


def _residuals(run: RunView, places: np.ndarray, keys: tuple[int, ...]) -> np.ndarray:
    def compute() -> Arrays:
        rows = []
        for step in run.steps[places]:
            W = _canonical(run, int(step))
            rows.append([embedding.circle(W, k).residual for k in keys])
        return {"residual": np.array(rows)}

    arguments = (len(places), int(run.steps[places[-1]]), *keys)
    return run.remember("circle-residuals", arguments, compute)["residual"]


def _quality_rows(drawing: Drawing) -> Sequence[tuple[Sequence[Line], Axis]]:
    arrays, of_keys = drawing.arrays, key_colours(drawing)

    def lines(name: str, epochs: str = "epochs") -> list[Line]:
        return [
            Line(
                f"k = {int(k)}",
                arrays[name][:, index],
                of_keys.get(int(k), "muted"),
                dash="solid" if int(k) in of_keys else DASHES[index % len(DASHES)],
                epochs=epochs,
            )
            for index, k in enumerate(arrays["k"])
        ]

    top = float(np.nanmax(arrays["share"], initial=0.0))
    return (
        (lines("share"), Axis("share", (0.0, 1.1 * top or 1.0))),
        (lines("eccentricity"), Axis("cos ÷ sin", (0.4, 2.5), "log")),
        (lines("residual", "residual_epochs"), Axis("residual", (0.0, 1.0))),
    )


def _describe_quality(drawing: Drawing) -> str:
    arrays, index = drawing.arrays, drawing.snapshot.index
    nearest = int(np.abs(arrays["residual_epochs"] - drawing.step).argmin())
    ratios = arrays["eccentricity"][index]
    if not np.isfinite(arrays["share"][index]).any():
        return "W_E is the same for every token: there are no circles."
    parts = [
        f"k = {int(k)}: share {percent(arrays['share'][index, i])}, "
        f"{_ratio_in_words(drawing.run, int(k), float(ratios[i]))}, residual "
        f"{percent(arrays['residual'][nearest, i])}"
        for i, k in enumerate(arrays["k"])
    ]
    return f"{'; '.join(parts)}."


def _ratio_in_words(run: RunView, k: int, ratio: float) -> str:
    """Give cos ÷ sin; the alternating wave of an even modulus has no sine."""
    if alternates(run, k):
        return "a line without a sine"
    return f"ratio {fixed(ratio)}"


CIRCLES = View(
    id="embedding-circles",
    title="Circles of all key frequencies",
    question="Does the embedding hold a circle for every key frequency?",
    reads=("step", "ref", "keys"),
    arrays=_circles,
    picture=Special(
        _draw_circles,
        Traits(
            kind="points",
            scrub={"*.x": "x", "*.y": "y"},
            picks={"customdata": "a"},
            styles=("norm", "colour"),
            texts=True,
        ),
    ),
    describe=_describe_circles,
    frequency_shares=True,
    replaces=(11,),
    guide=Guide(
        what="Every number token's real embedding, projected on the two directions of "
        "each key frequency, one panel per frequency (at most six), all on one scale. "
        "The frame is turned to that of the reference epoch, so that rings do not "
        "spin while scrubbing. Above each panel the share of W_E's variance. Half of "
        "an even modulus has a wave of two values and no sine: a line.",
        formula="(W_E[t]·u, W_E[t]·v) with u, v the normalised rows cos k and sin k of "
        "F W_E, made orthogonal, then an orthogonal Procrustes rotation to the "
        "reference epoch",
        before="Small clouds in all panels.",
        after="A ring in every panel, colours in order all the way round.",
        normal=f"The shares of the keys add up to {span('embed_keys')}.",
        wrong="A cloud at a key frequency: the network holds it elsewhere, not in the "
        "embedding. A ring of small share is partly the projection's own doing.",
        reference="Nanda et al. 2023, section 4.1; Liu et al. 2022",
    ),
)

CIRCLE_QUALITY = View(
    id="circle-quality",
    title="Quality of the circles",
    question="When do the clouds become circles, and how round are they?",
    reads=("keys",),
    arrays=_quality,
    picture=EpochRows(rows=_quality_rows),
    describe=_describe_quality,
    frequency_shares=True,
    missing=needs_measure("embed/power_canonical"),
    cost="light",
    guide=Guide(
        what="Three numbers per key frequency: the share of W_E's variance it holds; "
        "the eccentricity, cosine norm over sine norm, 1 for a circle; and the "
        "residual, the part of the projected points' variance that is not a wave of "
        "this frequency. The residual is computed at up to 160 checkpoints. The "
        "alternating wave of an even modulus has no sine and so no eccentricity; its "
        "residual is what does not alternate. "
        f"{PHASE_NOTE}",
        formula="share = ν_k²/Σν²; ‖F[cos k] W_E‖/‖F[sin k] W_E‖; 1 − energy at k of "
        "the points (x, y) / all their energy",
        before="What random embeddings have: shares near 2/($q − 1), residuals near "
        "($q − 3)/($q − 3 + d_model).",
        after="Shares rise, eccentricities settle near 1, residuals fall to 0.",
        normal=f"At the end cosine over sine is {span('eccentricity')}; the residual "
        f"is {span('circle_residual')}.",
        wrong="Eccentricity far from 1: tokens lie on a flat ellipse. A residual that "
        "stays: other frequencies share the plane.",
        reference="Nanda et al. 2023, section 4.1",
    ),
)

VIEWS: tuple[View, ...] = (CIRCLES, CIRCLE_QUALITY)
