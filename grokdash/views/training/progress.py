"""Progress measures: what the key frequencies carry before the test loss tells."""

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis.cross_split import MEMORISING
from grokdash.cache import Arrays
from grokdash.figures.spreads import shade_between
from grokdash.snapshot import Snapshot
from grokdash.views.core.normal import span
from grokdash.views.core.selection import Selection, chosen_keys
from grokdash.views.core.view import (
    Drawing,
    Guide,
    View,
    needs_measure,
    needs_split,
    pending,
)
from grokdash.views.pictures import EpochCurves, FrequencyCurves, Level, Line
from grokdash.views.reading.epochs import PHASE_NOTE
from grokdash.views.reading.frequencies import list_frequencies
from grokdash.views.reading.keys import no_keys, told_honestly
from grokdash.written import number

HONEST = "cross-split"
"""How the restricted loss is called in which no pair is judged by its own logits."""


def _uniform_guess(drawing: Drawing) -> Level:
    p = drawing.run.p
    return Level(float(np.log(p)), f"ln {p}", below=True)


def _progress_arrays(snapshot: Snapshot, selection: Selection) -> Arrays:
    run = snapshot.run
    found = run.progress(chosen_keys(selection, run))
    return {
        "epochs": run.steps.astype(float),
        "test": run.series("loss/test"),
        "restricted": found.arrays["restricted"][:, 2],
        "cross_split": found.arrays["cross_split"],
        "excluded": found.arrays["excluded"][:, 0],
        **pending(found, run.steps),
    }


def _describe_progress(drawing: Drawing) -> str:
    index, arrays = drawing.snapshot.index, drawing.arrays
    keys = chosen_keys(drawing.selection, drawing.run)
    if not keys:
        return f"{no_keys(drawing.run)}."
    settled = "" if drawing.run.keys_final else " (provisional: training goes on)"
    names = ", ".join(map(str, keys))
    excluded = float(arrays["excluded"][index])
    removed = number(excluded) if np.isfinite(excluded) else "a loss not yet computed"
    published = float(arrays["restricted"][index])
    honest = float(arrays["cross_split"][index])
    return (
        f"Key frequencies {names}{settled}. Keeping only them gives a loss of "
        f"{number(published)} nats, "
        f"{told_honestly(drawing.run, keys, published, honest)}; removing them gives "
        f"{removed} on the training pairs. The full network's test loss is "
        f"{number(arrays['test'][index])}."
    )


def _shade_memorised(fig: go.Figure, drawing: Drawing) -> go.Figure:
    """Fill what lies between the published and the cross-split restricted loss."""
    return shade_between(fig, "restricted", HONEST, drawing.theme, "memorised answers")


def _split_arrays(snapshot: Snapshot, selection: Selection) -> Arrays:
    run = snapshot.run
    found = run.restricted(chosen_keys(selection, run))
    train, test, both = found.arrays["restricted"].T
    return {
        "epochs": run.steps.astype(float),
        "train": train,
        "test": test,
        "all": both,
        "cross_split": found.arrays["cross_split"],
        **pending(found, run.steps),
    }


def _describe_splits(drawing: Drawing) -> str:
    keys = chosen_keys(drawing.selection, drawing.run)
    if not keys:
        return f"{no_keys(drawing.run)}."
    arrays, index = drawing.arrays, drawing.snapshot.index
    train, test = float(arrays["train"][index]), float(arrays["test"][index])
    honest = float(arrays["cross_split"][index])
    verdict = (
        "the key frequencies serve both alike"
        if max(train, test) < 1.25 * min(train, test)
        else "the sets differ in which answers they hold"
    )
    return (
        f"Restricted loss {number(train)} nats on training pairs, {number(test)} on "
        f"all others: {verdict}. On training pairs it is "
        f"{told_honestly(drawing.run, keys, train, honest)}."
    )


def _ratio_arrays(snapshot: Snapshot, selection: Selection) -> Arrays:
    run = snapshot.run
    found = run.restricted(chosen_keys(selection, run))
    restricted = found.arrays["restricted"][:, 2]
    test = run.series("loss/test")
    return {
        "epochs": run.steps.astype(float),
        "ratio": _ratio(test, restricted),
        "honest": _ratio(test, found.arrays["cross_split"]),
        **pending(found, run.steps),
    }


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    found = np.full(len(above), np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found


def _describe_ratio(drawing: Drawing) -> str:
    if not chosen_keys(drawing.selection, drawing.run):
        return f"{no_keys(drawing.run)}."
    ratio = drawing.arrays["ratio"]
    now = float(ratio[drawing.snapshot.index])
    known = np.where(np.isfinite(ratio), ratio, -np.inf)
    peak = int(known.argmax())
    return (
        f"The network's test loss is {number(now)} times the loss of its key "
        f"frequencies alone; the ratio is largest, {number(ratio[peak])}, at epoch "
        f"{int(drawing.arrays['epochs'][peak]):,}. Over the cross-split loss, in which "
        "no pair is judged by its own logits, it is "
        f"{number(drawing.arrays['honest'][drawing.snapshot.index])}."
    )


def _by_k_arrays(snapshot: Snapshot, _selection: Selection) -> Arrays:
    run = snapshot.run
    return {
        "epochs": run.steps.astype(float),
        "excluded": run.series("loss/excluded2d_by_k")[:, :, 0],
        "train": run.series("loss/train"),
    }


def _describe_by_k(drawing: Drawing) -> str:
    index = drawing.snapshot.index
    losses, whole = drawing.arrays["excluded"][index], drawing.arrays["train"][index]
    if not np.isfinite(losses).any():
        return "The excluded losses are not known at this epoch."
    worst = np.argsort(np.where(np.isfinite(losses), losses, -np.inf))[::-1][:3]
    keys = [int(k) + 1 for k in worst]
    return (
        f"Train loss {number(whole)} nats with everything in place. Removing one "
        f"frequency costs most at k = {list_frequencies(keys)}: "
        f"{number(losses[worst[0]])} nats without {keys[0]}."
    )


PROGRESS_MEASURES = View(
    id="progress-measures",
    title="Progress measures",
    question="Is the trigonometric circuit growing before the test loss shows it?",
    reads=("keys",),
    arrays=_progress_arrays,
    picture=EpochCurves(
        lines=(
            Line("test", "test", "test", dash="dash"),
            Line("restricted", "restricted", "restricted"),
            Line(HONEST, "cross_split", "cross-split", dash="dashdot", width=2.0),
            Line("excluded (train)", "excluded", "excluded", dash="dot"),
        ),
        y="loss (nats)",
        level=_uniform_guess,
        finish=_shade_memorised,
    ),
    describe=_describe_progress,
    missing=needs_split(),
    cost="stored",
    version=2,
    replaces=(2,),
    guide=Guide(
        what="Restricted loss: the loss when only the key frequencies' part of the "
        "logits is kept, over all pairs. The mean over the pairs with one answer "
        "contains the answers memorised for its training pairs, so it falls for a pure "
        "lookup table too. In the cross-split restricted loss no pair is judged by its "
        "own logits: the unseen pairs' part answers the seen ones, which are the "
        "training pairs and, where a ∘ b is b ∘ a, their mirror images. It is about "
        "ln p or above for any lookup table; the shaded difference is memorised "
        "answers. "
        "Excluded loss: the loss on the training pairs when the keys' part is removed. "
        "The key set is the one found at the final checkpoint and is the same at every "
        "epoch. With the Gini coefficients and Σw² the first and the last are the "
        "four progress measures of the paper.",
        formula="restricted: CE(mean L + Σ over keys of the projection of L on "
        "cos w($sum), sin w($sum)); cross-split: CE on seen pairs of the same with "
        "the mean of L over the unseen pairs of each answer in place of L; excluded: "
        "CE(L − the projection of L), w = 2πk/$q",
        before="Restricted loss comes down somewhat while the network memorises, the "
        f"cross-split one stays about ln p: {MEMORISING}. Excluded loss follows the "
        "train loss down, because nothing depends on the keys yet.",
        after="Both restricted losses fall below the full loss and meet: what is "
        "removed is noise. Excluded loss rises to several nats: without the keys "
        "nothing is left to answer with.",
        normal=f"Excluded loss after grokking: {span('excluded')}. Chance, ln p, is "
        "4.73 for p = 113 and 4.08 for p = 59. The restricted loss is below half of "
        f"ln p for good earlier than the test loss by {span('restricted_lead')}.",
        wrong="A restricted loss above the full loss after grokking: the network uses "
        "frequencies outside the key set.",
        reference="Nanda et al. 2023, section 5.1, figure 7",
    ),
)

RESTRICTED_SPLITS = View(
    id="restricted-splits",
    title="Restricted loss by split",
    question="Does the circuit know training pairs better than the others?",
    reads=("keys",),
    arrays=_split_arrays,
    picture=EpochCurves(
        lines=(
            Line("all pairs", "all", "all pairs", width=3.0),
            Line("train", "train", "train"),
            Line("test", "test", "test", dash="dash"),
            Line(HONEST, "cross_split", "cross-split", dash="dashdot", width=2.0),
        ),
        y="restricted loss (nats)",
        level=_uniform_guess,
    ),
    describe=_describe_splits,
    missing=needs_split(needs_measure("logits/M")),
    cost="stored",
    version=2,
    guide=Guide(
        what="The loss of the key frequencies alone, averaged over the training pairs, "
        "over all other pairs, and over all. The restricted logits depend on a pair "
        "only through its answer, so training and other pairs can differ only in which "
        "answers they happen to hold: that the curves agree does not show that nothing "
        "is memorised. The cross-split line does: there the unseen pairs' waves "
        f"answer the seen pairs. {PHASE_NOTE}",
        formula="restricted = CE(mean L + Σ over keys P_k L); the projection P_k uses "
        "all pairs, the split only chooses which rows are averaged; cross-split: L of "
        "unseen pairs, CE over seen pairs",
        before="The first three come down with what is memorised and stay near each "
        f"other; the cross-split one is about ln p or above: {MEMORISING}.",
        after="All four fall together, far below the test loss of the whole network "
        "while memorisation lasts.",
        normal="The first three lie near each other, test over train: "
        f"{span('restricted_splits_peak')} at the highest test loss, "
        f"{span('restricted_splits')} after grokking. The cross-split line joins them "
        "as the memorised answers are cleared away.",
        wrong="Curves far apart: very few training pairs for some answers, or a key "
        "set that misses part of the circuit. A cross-split line about ln p: no "
        "circuit.",
        reference="Nanda et al. 2023, section 5.1 (the paper plots all pairs)",
    ),
)

LOSS_RATIO = View(
    id="loss-ratio",
    title="Test loss over restricted loss",
    question="How much of the test loss is memorisation that hides the circuit?",
    reads=("keys",),
    arrays=_ratio_arrays,
    picture=EpochCurves(
        lines=(
            Line("÷ restricted", "ratio", "restricted"),
            Line("÷ cross-split", "honest", "cross-split", dash="dashdot"),
        ),
        y="test loss ÷ restricted loss",
        level=lambda _drawing: Level(1.0, "equal"),
    ),
    describe=_describe_ratio,
    missing=needs_split(needs_measure("logits/M")),
    cost="stored",
    version=2,
    guide=Guide(
        what="The network's loss on unseen pairs divided by the loss of its key "
        "frequencies alone, published and cross-split. Above 1 the rest of the network "
        "does harm: the circuit would answer better without it. The published form "
        "counts memorised answers as circuit, the cross-split one does not. "
        f"{PHASE_NOTE}",
        formula="CE_test(L) ÷ CE_all(restricted L); CE_test(L) ÷ cross-split loss",
        before="Near 1: there is neither a circuit nor confident noise.",
        after="A high hump while the circuit forms behind the memorised answers; it "
        "falls as weight decay clears them away.",
        normal=f"At its highest {span('loss_ratio_peak')}; at the end "
        f"{span('loss_ratio')}.",
        wrong="Below 1 after grokking: part of the algorithm lies outside the key set.",
        reference="Nanda et al. 2023, section 5.2",
    ),
)

EXCLUDED_BY_FREQUENCY = View(
    id="excluded-by-frequency",
    title="Excluded loss of each frequency",
    question="Which single frequency can the network not do without, and since when?",
    reads=(),
    arrays=_by_k_arrays,
    picture=FrequencyCurves(
        array="excluded", y="train loss without k (nats)", level=_uniform_guess
    ),
    describe=_describe_by_k,
    missing=needs_split(needs_measure("loss/excluded2d_by_k")),
    cost="stored",
    guide=Guide(
        what="The loss on the training pairs when one frequency's part of the logits "
        "is removed and all else is kept, for every frequency. Key frequencies in "
        f"their colours, all others grey. {PHASE_NOTE}",
        formula="excluded_k = CE_train(L − projection of L on cos w($sum), "
        "sin w($sum)), w = 2πk/$q",
        before="All lines on the train loss: no frequency matters.",
        after="The key lines leave the bundle and stay up; the grey lines stay on the "
        "train loss.",
        normal="After grokking the excluded loss of one key is "
        f"{span('excluded_key')}.",
        wrong="A grey line that rises like the coloured ones: a frequency that matters "
        "for the loss although it is not among the keys.",
        reference="Nanda et al. 2023, figure 15",
    ),
)

VIEWS: tuple[View, ...] = (
    PROGRESS_MEASURES,
    RESTRICTED_SPLITS,
    LOSS_RATIO,
    EXCLUDED_BY_FREQUENCY,
)
