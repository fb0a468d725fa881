"""Views of the logits by answer and by distance from the answer."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import logits, pieces, progress
from grokdash.analysis.terms import terms
from grokdash.cache import Arrays
from grokdash.figures.curves import add_level
from grokdash.figures.highlights import Dots, dots
from grokdash.figures.theme import Axis, frequency_colours
from grokdash.snapshot import RunView, Snapshot
from grokdash.views.core.normal import span
from grokdash.views.core.selection import Selection, chosen_keys
from grokdash.views.core.view import Drawing, Guide, Traits, View, needs_split
from grokdash.views.pictures import Bars, Line, Matrix, Profile, Special
from grokdash.views.reading.frames import (
    basis_note,
    logarithms,
    needs_stored,
    token_title,
)
from grokdash.views.reading.frequencies import frequency_title, key_colours
from grokdash.written import number, percent, signed

SMALLEST_SHARE = 1e-4


def _offsets(q: int) -> np.ndarray:
    """List the offsets of a class from the answer, 0 in the middle."""
    return np.arange(q) - (q - 1) // 2


def _centred(values: np.ndarray) -> np.ndarray:
    """Roll values by offset 0 … q − 1 so that offset 0 lies in the middle."""
    return np.roll(values, (len(values) - 1) // 2)


def _offset_axis(drawing: Drawing) -> Axis:
    run = drawing.run
    x = _offsets(run.modulus)
    words = terms(run.config.rule)
    title = f"{words.c} − ({words.answer}) (mod {run.modulus})"
    if words.c != "c":
        title = f"{words.c} − {words.answer} {logarithms(run)}"
    return Axis(title, (float(x[0]) - 0.5, float(x[-1]) + 0.5), values=x)


def _answers(drawing: Drawing) -> Axis:
    run, words = drawing.run, terms(drawing.run.config.rule)
    if words.c == "c":
        return Axis(f"answer s = {words.answer}")
    return Axis(f"s = {words.answer} {logarithms(run)}")


def _away(run: RunView, offset: int) -> str:
    """Write an offset; between logarithms it says that it is one."""
    words = terms(run.config.rule)
    return signed(offset) if words.c == "c" else f"{signed(offset)} in {words.c}"


def _profile(snapshot: Snapshot) -> np.ndarray:
    """Give f(t), the mean over its offsets subtracted."""
    f = snapshot.measure("logits/offset").astype(np.float64)
    return f - f.mean()


def _offset_profile(snapshot: Snapshot, selection: Selection) -> Arrays:
    f = _profile(snapshot)
    alpha = logits.cosine_coefficients(f)
    keys = chosen_keys(selection, snapshot.run)
    fit = logits.cosine_table(alpha, keys, len(f))[:, 0]
    # f is by answer − class; the axis by class − answer.
    return {"profile": _centred(f[-np.arange(len(f))]), "fit": _centred(fit)}


def _describe_profile(drawing: Drawing) -> str:
    f = _profile(drawing.snapshot)
    if len(f) < 2:
        return "There is one class only: no offsets to compare."
    margin = logits.offset_margin(f)
    rival = int(np.argmax(f[1:])) + 1
    away = -rival if 2 * rival < len(f) else len(f) - rival
    return (
        f"Averaged over all pairs the answer's logit is {number(f[0])} above the mean "
        f"and {number(margin)} above its nearest rival, the class "
        f"{_away(drawing.run, away)} away." + basis_note(drawing.run)
    )


def _cosines(snapshot: Snapshot, _selection: Selection) -> Arrays:
    return {"alpha": logits.cosine_coefficients(_profile(snapshot))}


def _cosine_axis(drawing: Drawing, count: int) -> Axis:
    title = frequency_title(drawing.run, Selection())
    return Axis(title, (0.0, count + 1.0), values=np.arange(1, count + 1))


def _cosine_colours(drawing: Drawing, count: int) -> Sequence[str]:
    return frequency_colours(count, key_colours(drawing), drawing.theme)


def _describe_cosines(drawing: Drawing) -> str:
    alpha = drawing.arrays["alpha"]
    if not alpha.any():
        return "The logits depend on the offset from the answer not at all."
    energy = np.square(alpha) / np.square(alpha).sum()
    order = np.argsort(energy)[::-1][:5]
    names = ", ".join(f"{k + 1} (α = {number(alpha[k])})" for k in order)
    at = drawing.snapshot
    share = float(at.measure("symmetry/equivariance")) if at.run.canonical else np.nan
    tail = (
        f" {percent(share)} of the logits' variance is a function of the offset."
        if np.isfinite(share)
        else basis_note(drawing.run)
    )
    return f"Largest coefficients: frequencies {names}.{tail}"


def _confusion(snapshot: Snapshot, _selection: Selection) -> Arrays:
    run = snapshot.run
    if snapshot.fits:
        share = progress.confusion_by_offset(snapshot.logits, run.fibres)
    else:
        blocks = snapshot.logit_blocks()
        share = pieces.confusion_by_offset(blocks, run.fibres, run.p)
    shown = np.where(share > 0, share, np.nan)
    return {"train": _centred(shown[:, 0]), "test": _centred(shown[:, 1])}


def _draw_confusion(drawing: Drawing) -> go.Figure:
    theme, arrays = drawing.theme, drawing.arrays
    axis, at = _offset_axis(drawing), _offsets(len(arrays["test"]))
    groups = [
        Dots(name="test", x=at, y=arrays["test"], colour=theme.test, symbol="diamond"),
        Dots(name="train", x=at, y=arrays["train"], colour=theme.train, size=4.0),
    ]
    y = Axis("share of pairs", (SMALLEST_SHARE, 1.5), "log")
    q = drawing.run.modulus
    fig = dots(groups, theme, axis, y)
    return add_level(fig, 1 / q, f"evenly spread, 1/{q}", theme)


def _describe_confusion(drawing: Drawing) -> str:
    test = np.nan_to_num(drawing.arrays["test"])
    x = _offsets(len(test))
    right = float(test[x == 0][0])
    wrong = np.where(x == 0, 0.0, test)
    if right >= 1 or not wrong.any():
        return f"{percent(right)} of the test pairs are answered rightly: no confusion."
    at = int(np.argmax(wrong))
    return (
        f"{percent(right)} of the test pairs are answered rightly; the commonest error "
        f"is {_away(drawing.run, int(x[at]))}, made on {percent(wrong[at])} of them."
        + basis_note(drawing.run)
    )


def _fibre_means(snapshot: Snapshot, _selection: Selection) -> Arrays:
    M = snapshot.measure("logits/M").astype(np.float32)
    return {"M": M - M.mean(axis=1, keepdims=True)}


def _describe_fibre_means(drawing: Drawing) -> str:
    M = drawing.arrays["M"]
    right = float((M.argmax(axis=1) == np.arange(len(M))).mean())
    return (
        "Averaged over the pairs of an answer, the right class leads for "
        f"{percent(right)} of the answers; it stands {number(np.diagonal(M).mean())} "
        f"above the mean class." + basis_note(drawing.run)
    )


OFFSET_PROFILE = View(
    id="offset-profile",
    title="Logit by distance from the answer",
    question="How does the logit fall off away from the right answer?",
    reads=("step", "keys"),
    arrays=_offset_profile,
    picture=Profile(
        lines=(
            Line("mean logit", "profile", "text", width=1.8),
            Line("key frequencies' cosines", "fit", "fit", dash="dash"),
        ),
        x=_offset_axis,
        y="mean logit, centred",
        room=0.06,
    ),
    describe=_describe_profile,
    missing=needs_stored("logits/offset"),
    cost="stored",
    guide=Guide(
        what="Mean of all logits whose class lies the same distance from the right "
        "answer, and the part of it that the key frequencies' cosines make. The mean "
        "over all distances is subtracted.",
        formula="f(t) = mean of L[a, b, c] over all with $c − ($answer) = t; cosines: "
        "Σ over keys of α cos(2πkt/$q)",
        before="A single spike at 0: a lookup table knows no neighbours.",
        after="A wavy line with its highest peak at 0; both lines coincide.",
        normal=f"The nearest rival has {span('rival')} of the height of the answer; "
        "the fewer the keys, the closer it comes.",
        wrong="Spike without waves at the end: not grokked. Rival as high as 0: the "
        "key set cannot tell two answers apart.",
        reference="Nanda et al. 2023, section 3.1",
    ),
)

OFFSET_SPECTRUM = View(
    id="offset-spectrum",
    title="Cosines of the logits",
    question="Which cosines of the answer's offset make up the logits?",
    reads=("step",),
    arrays=_cosines,
    picture=Bars(
        "alpha",
        lambda drawing: f"α of cos wₖ({terms(drawing.run.config.rule).offset})",
        x=_cosine_axis,
        colours=_cosine_colours,
        signed=True,
    ),
    describe=_describe_cosines,
    missing=needs_stored("logits/offset"),
    cost="stored",
    guide=Guide(
        what="Coefficient of each cosine in the least-squares fit of all logits by "
        "waves in the offset from the answer, with its sign.",
        formula="α(k) = (2/$q) Σ over t of f(t) cos(2πkt/$q), f the logit by distance; "
        "half of that for k = q/2, whose wave alternates",
        before="All bars small, positive and about equal: the spectrum of a spike.",
        after="A few tall positive bars, the key frequencies; all others near zero.",
        normal=f"Largest over smallest height of the keys: {span('amplitude_ratio')}.",
        wrong="A tall negative bar: that wave argues against the right answer.",
        reference="Nanda et al. 2023, section 4.2",
    ),
)

CONFUSION_OFFSET = View(
    id="confusion-offset",
    title="Errors by distance from the answer",
    question="When the network is wrong, by how much?",
    reads=("step",),
    arrays=_confusion,
    picture=Special(
        _draw_confusion, Traits(kind="lines", scrub={"0.y": "test", "1.y": "train"})
    ),
    describe=_describe_confusion,
    missing=needs_split(),
    fixed={"test": (0.0, 1.0), "train": (0.0, 1.0)},
    cost="heavy",
    guide=Guide(
        what="Share of pairs whose highest logit belongs to the class this far from "
        "the right answer, for training and other pairs, on a logarithmic axis. A "
        "distance that never occurs has no dot.",
        formula="share of pairs whose class c of the largest L[a, b, c] has "
        "$c − ($answer) = t",
        before="Train at 0 alone; test spread evenly over all distances.",
        after="Both at 0 alone.",
        normal="On the way the errors gather at distances where the first key "
        "frequencies' waves nearly agree with the answer.",
        wrong="One distance far above the others after grokking: a key frequency is "
        "missing or shares a factor with the modulus.",
        reference="",
    ),
)

FIBRE_MEANS = View(
    id="fibre-means",
    title="Mean logits by answer",
    question="What do all pairs with the same answer say together?",
    reads=("step",),
    arrays=_fibre_means,
    picture=Matrix(
        "M",
        "mean logit, centred",
        x=lambda drawing: Axis(token_title(drawing.run, Selection(), "c")),
        y=_answers,
        signed=True,
    ),
    describe=_describe_fibre_means,
    missing=needs_stored("logits/M"),
    cost="stored",
    guide=Guide(
        what="Logits averaged over the pairs that have the same right answer s: one "
        "row per answer, one column per class, in the order of $c. The restricted "
        "loss is computed from this table alone.",
        formula="M[s, c] = mean over the pairs with $answer = s of L[a, b, c], the "
        "mean of the row subtracted",
        before="Noise with a bright diagonal: of every answer's pairs some are "
        "memorised.",
        after="Stripes parallel to the diagonal, the same in every row: only s − $c "
        "matters.",
        normal="The right class leads for all answers long before it leads for all "
        "pairs, because averaging removes what is memorised.",
        wrong="Horizontal or vertical bands after grokking: a class bias, or single "
        "answers that were never learned.",
        reference="Nanda et al. 2023, section 5.1 (restricted loss)",
    ),
)

VIEWS: tuple[View, ...] = (
    OFFSET_PROFILE,
    OFFSET_SPECTRUM,
    CONFUSION_OFFSET,
    FIBRE_MEANS,
)
