"""Progress measures: what the key frequencies carry before the test loss tells."""

import numpy as np

from grokdash.cache import Arrays
from grokdash.figures.theme import EXCLUDED_LOSS
from grokdash.snapshot import Snapshot
from grokdash.views.core.selection import Selection, chosen_keys
from grokdash.views.core.view import Drawing, Guide, View, needs_measure, pending
from grokdash.views.pictures import EpochCurves, FrequencyCurves, Level, Line
from grokdash.views.reading.epochs import PHASE_NOTE
from grokdash.views.reading.frequencies import list_frequencies

NO_KEYS = "No frequency carries more than 1 % of the logits yet: no key set."


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
        "excluded": found.arrays["excluded"][:, 0],
        **pending(found, run.steps),
    }


def _describe_progress(drawing: Drawing) -> str:
    index, arrays = drawing.snapshot.index, drawing.arrays
    keys = chosen_keys(drawing.selection, drawing.run)
    if not keys:
        return NO_KEYS
    settled = "" if drawing.run.keys_final else " (provisional: training goes on)"
    names = ", ".join(map(str, keys))
    excluded = float(arrays["excluded"][index])
    removed = f"{excluded:.3g}" if np.isfinite(excluded) else "a loss not yet computed"
    return (
        f"Key frequencies {names}{settled}. Keeping only them gives a loss of "
        f"{arrays['restricted'][index]:.3g} nats, removing them {removed} on the "
        f"training pairs; the full network's test loss is {arrays['test'][index]:.3g}."
    )


def _split_arrays(snapshot: Snapshot, selection: Selection) -> Arrays:
    run = snapshot.run
    found = run.restricted(chosen_keys(selection, run))
    train, test, both = found.arrays["restricted"].T
    return {
        "epochs": run.steps.astype(float),
        "train": train,
        "test": test,
        "all": both,
        **pending(found, run.steps),
    }


def _describe_splits(drawing: Drawing) -> str:
    if not chosen_keys(drawing.selection, drawing.run):
        return NO_KEYS
    arrays, index = drawing.arrays, drawing.snapshot.index
    train, test = float(arrays["train"][index]), float(arrays["test"][index])
    verdict = (
        "the key frequencies serve both alike"
        if max(train, test) < 1.25 * min(train, test)
        else "the sets differ in which answers they hold"
    )
    return (
        f"Restricted loss {train:.3g} nats on training pairs, {test:.3g} on all "
        f"others: {verdict}."
    )


def _ratio_arrays(snapshot: Snapshot, selection: Selection) -> Arrays:
    run = snapshot.run
    found = run.restricted(chosen_keys(selection, run))
    restricted = found.arrays["restricted"][:, 2]
    test = run.series("loss/test")
    ratio = np.full(len(test), np.nan)
    np.divide(test, restricted, out=ratio, where=restricted > 0)
    return {
        "epochs": run.steps.astype(float),
        "ratio": ratio,
        **pending(found, run.steps),
    }


def _describe_ratio(drawing: Drawing) -> str:
    if not chosen_keys(drawing.selection, drawing.run):
        return NO_KEYS
    ratio = drawing.arrays["ratio"]
    now = float(ratio[drawing.snapshot.index])
    known = np.where(np.isfinite(ratio), ratio, -np.inf)
    peak = int(known.argmax())
    return (
        f"The network's test loss is {now:.3g} times the loss of its key frequencies "
        f"alone; the ratio is largest, {ratio[peak]:.3g}, at epoch "
        f"{int(drawing.arrays['epochs'][peak]):,}."
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
        f"Train loss {whole:.3g} nats with everything in place. Removing one frequency "
        f"costs most at k = {list_frequencies(keys)}: {losses[worst[0]]:.3g} nats "
        f"without {keys[0]}."
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
            Line("restricted", "restricted", "text"),
            Line("excluded (train)", "excluded", EXCLUDED_LOSS, dash="dot"),
        ),
        y="loss (nats)",
        level=_uniform_guess,
    ),
    describe=_describe_progress,
    cost="stored",
    replaces=(2,),
    guide=Guide(
        what="Restricted loss: the loss when only the key frequencies' part of the "
        "logits is kept, over all pairs. Excluded loss: the loss on the training pairs "
        "when just that part is removed. The key set is the one found at the final "
        "checkpoint and is the same at every epoch. With the Gini coefficients and Σw² "
        "these are the four progress measures of the paper.",
        formula="restricted: CE(mean L + Σ over keys of the projection of L on "
        "cos w(a+b), sin w(a+b)); excluded: CE(L − that projection), w = 2πk/p",
        before="Restricted loss stays high while the network memorises; excluded loss "
        "follows the train loss down, because nothing depends on the keys yet.",
        after="Restricted loss falls below the full loss: what is removed is noise. "
        "Excluded loss rises far above ln p: without the keys nothing is left.",
        normal="Restricted loss begins to fall thousands of epochs before test loss. "
        "Excluded losses of 9 to 75 nats are usual after grokking.",
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
            Line("all pairs", "all", "muted", width=3.0),
            Line("train", "train", "train"),
            Line("test", "test", "test", dash="dash"),
        ),
        y="restricted loss (nats)",
        level=_uniform_guess,
    ),
    describe=_describe_splits,
    missing=needs_measure("logits/M"),
    cost="stored",
    guide=Guide(
        what="The loss of the key frequencies alone, averaged over the training pairs, "
        "over all other pairs, and over all. The restricted logits depend on a pair "
        "only through its answer, so training and other pairs can differ only in which "
        f"answers they happen to hold. {PHASE_NOTE}",
        formula="restricted = CE(mean L + Σ over keys P_k L); the projection P_k uses "
        "all pairs, the split only chooses which rows are averaged",
        before="All three near ln p or above, and near each other.",
        after="All three fall together, far below the test loss of the whole network "
        "while memorisation lasts.",
        normal="The curves lie on each other within a few per cent at all times.",
        wrong="Curves far apart: very few training pairs for some answers, or a key "
        "set that misses part of the circuit.",
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
        lines=(Line("test loss / restricted loss", "ratio", "test"),),
        y="test loss ÷ restricted loss",
        level=lambda _drawing: Level(1.0, "equal"),
        most_names=0,
    ),
    describe=_describe_ratio,
    missing=needs_measure("logits/M"),
    cost="stored",
    guide=Guide(
        what="The network's loss on unseen pairs divided by the loss of its key "
        "frequencies alone. Above 1 the rest of the network does harm: the circuit "
        f"would answer better without it. {PHASE_NOTE}",
        formula="CE_test(L) ÷ CE_all(restricted L)",
        before="Near 1: there is neither a circuit nor confident noise.",
        after="A high hump while the circuit forms behind the memorised answers; it "
        "falls as weight decay clears them away.",
        normal="Peaks of 10 to 10,000 in circuit formation; at the end a few times 1, "
        "because even a clean network keeps some noise.",
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
    missing=needs_measure("loss/excluded2d_by_k"),
    cost="stored",
    guide=Guide(
        what="The loss on the training pairs when one frequency's part of the logits "
        "is removed and all else is kept, for every frequency. Key frequencies in "
        f"their colours, all others grey. {PHASE_NOTE}",
        formula="excluded_k = CE_train(L − projection of L on cos w(a+b), sin w(a+b)), "
        "w = 2πk/p",
        before="All lines on the train loss: no frequency matters.",
        after="The key lines leave the bundle and stay up; the grey lines stay on the "
        "train loss.",
        normal="A key's line parts from the others during circuit formation, at losses "
        "of 1e-4 to several nats.",
        wrong="A grey line that rises like the coloured ones: a frequency that matters "
        "for the loss although its share of the logits is below 1 %.",
        reference="Nanda et al. 2023, figure 15",
    ),
)

VIEWS: tuple[View, ...] = (
    PROGRESS_MEASURES,
    RESTRICTED_SPLITS,
    LOSS_RATIO,
    EXCLUDED_BY_FREQUENCY,
)
