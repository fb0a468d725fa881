"""Progress measures: what the key frequencies carry before the test loss tells."""

import numpy as np
import plotly.graph_objects as go

from grokdash.cache import Arrays
from grokdash.figures.curves import Curve, add_level, curves
from grokdash.figures.theme import Axis
from grokdash.snapshot import Snapshot
from grokdash.views.core.selection import Selection, chosen_keys
from grokdash.views.core.view import Drawing, Guide, View, needs_measure, pending
from grokdash.views.reading.epochs import (
    PHASE_NOTE,
    add_phases,
    epoch_axis,
    shown_epochs,
)
from grokdash.views.reading.frequencies import draw_frequencies, list_frequencies

EXCLUDED = "#8a6fd1"

NO_KEYS = "No frequency carries more than 1 % of the logits yet: no key set."


def _loss_axis(drawing: Drawing) -> Axis:
    kind = "linear" if drawing.selection.y == "linear" else "log"
    return Axis("loss (nats)", kind=kind)


def _progress_arrays(snapshot: Snapshot, selection: Selection) -> Arrays:
    run = snapshot.run
    found = run.progress(chosen_keys(selection, run))
    return {
        "epochs": run.steps.astype(float),
        "test": run.series("loss/test"),
        "restricted": found.arrays["restricted"][:, 2],
        "excluded": found.arrays["excluded"],
        **pending(found, run.steps),
    }


def _draw_progress(drawing: Drawing) -> go.Figure:
    theme, epochs, arrays = drawing.theme, shown_epochs(drawing), drawing.arrays
    lines = [
        Curve(name="test", x=epochs, y=arrays["test"], colour=theme.test, dash="dash"),
        Curve(name="restricted", x=epochs, y=arrays["restricted"], colour=theme.text),
        Curve(
            name="excluded (train)",
            x=epochs,
            y=arrays["excluded"],
            colour=EXCLUDED,
            dash="dot",
        ),
    ]
    fig = curves(lines, theme, epoch_axis(drawing), _loss_axis(drawing))
    chance = float(np.log(drawing.run.p))
    add_level(fig, chance, f"ln {drawing.run.p}", theme, below=True)
    return add_phases(fig, drawing)


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


def _draw_splits(drawing: Drawing) -> go.Figure:
    theme, epochs, arrays = drawing.theme, shown_epochs(drawing), drawing.arrays
    lines = [
        Curve(
            name="all pairs", x=epochs, y=arrays["all"], colour=theme.muted, width=3.0
        ),
        Curve(name="train", x=epochs, y=arrays["train"], colour=theme.train),
        Curve(name="test", x=epochs, y=arrays["test"], colour=theme.test, dash="dash"),
    ]
    y = Axis("restricted loss (nats)", kind=_loss_axis(drawing).kind)
    fig = curves(lines, theme, epoch_axis(drawing), y)
    add_level(
        fig, float(np.log(drawing.run.p)), f"ln {drawing.run.p}", theme, below=True
    )
    return add_phases(fig, drawing)


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


def _draw_ratio(drawing: Drawing) -> go.Figure:
    theme = drawing.theme
    line = Curve(
        name="test loss / restricted loss",
        x=shown_epochs(drawing),
        y=drawing.arrays["ratio"],
        colour=theme.test,
    )
    kind = _loss_axis(drawing).kind
    y = Axis("test loss ÷ restricted loss", kind=kind)
    fig = curves([line], theme, epoch_axis(drawing), y, legend=False)
    add_level(fig, 1.0, "equal", theme)
    return add_phases(fig, drawing)


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


def _draw_by_k(drawing: Drawing) -> go.Figure:
    y = Axis("train loss without k (nats)", kind=_loss_axis(drawing).kind)
    fig = draw_frequencies(drawing.arrays["excluded"], drawing, y)
    add_level(
        fig,
        float(np.log(drawing.run.p)),
        f"ln {drawing.run.p}",
        drawing.theme,
        below=True,
    )
    return fig


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
    page="training",
    question="Is the trigonometric circuit growing before the test loss shows it?",
    kind="curves",
    reads=("keys",),
    styles=("x", "y"),
    arrays=_progress_arrays,
    draw=_draw_progress,
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
    page="training",
    question="Does the circuit know training pairs better than the others?",
    kind="curves",
    reads=("keys",),
    styles=("x", "y"),
    arrays=_split_arrays,
    draw=_draw_splits,
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
    page="training",
    question="How much of the test loss is memorisation that hides the circuit?",
    kind="curves",
    reads=("keys",),
    styles=("x", "y"),
    arrays=_ratio_arrays,
    draw=_draw_ratio,
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
    page="training",
    question="Which single frequency can the network not do without, and since when?",
    kind="curves",
    reads=(),
    styles=("x", "y", "k", "keys"),
    arrays=_by_k_arrays,
    draw=_draw_by_k,
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
