"""Views of training as a whole: losses, accuracies, progress measures."""

import numpy as np
import plotly.graph_objects as go

from grokdash.cache import Arrays
from grokdash.figures.curves import Curve, add_level, curves
from grokdash.figures.theme import Axis
from grokdash.snapshot import Snapshot
from grokdash.views.selection import Selection, chosen_keys
from grokdash.views.view import Drawing, Guide, View

EPOCH = "epoch"


def epoch_axis(drawing: Drawing) -> Axis:
    """Give the epoch axis of a picture of all training, linear or logarithmic."""
    first = 0.0 if drawing.selection.x == "linear" else 1.0
    last = float(max(drawing.run.last, 2))
    return Axis(
        EPOCH, (first, last), "log" if drawing.selection.x == "log" else "linear"
    )


def shown_epochs(drawing: Drawing) -> np.ndarray:
    """Give the epochs of the checkpoints; a log axis starts at 1."""
    steps = drawing.arrays["epochs"].astype(float)
    return np.maximum(steps, 1.0) if drawing.selection.x == "log" else steps


def _loss_arrays(snapshot: Snapshot, _selection: Selection) -> Arrays:
    run = snapshot.run
    return {
        "epochs": run.steps.astype(float),
        "train": run.series("loss/train"),
        "test": run.series("loss/test"),
    }


def _draw_losses(drawing: Drawing) -> go.Figure:
    theme, epochs = drawing.theme, shown_epochs(drawing)
    lines = [
        Curve(name="train", x=epochs, y=drawing.arrays["train"], colour=theme.train),
        Curve(
            name="test",
            x=epochs,
            y=drawing.arrays["test"],
            colour=theme.test,
            dash="dash",
        ),
    ]
    kind = "linear" if drawing.selection.y == "linear" else "log"
    fig = curves(lines, theme, epoch_axis(drawing), Axis("loss (nats)", kind=kind))
    chance = float(np.log(drawing.run.p))
    return add_level(fig, chance, f"uniform guess, ln {drawing.run.p}", theme)


def _describe_losses(drawing: Drawing) -> str:
    at = drawing.snapshot
    train, test = at.measure("accuracy/train"), at.measure("accuracy/test")
    loss = at.measure("loss/test")
    state = _state_in_words(float(train), float(test))
    return (
        f"At epoch {at.step:,} the network {state}: train accuracy {train:.1%}, "
        f"test accuracy {test:.1%}, test loss {loss:.3g} nats."
    )


def _state_in_words(train: float, test: float) -> str:
    if test >= 0.99:
        return "generalises"
    if train >= 0.99:
        return (
            "has memorised" if test < 0.5 else "has memorised and begins to generalise"
        )
    return "is still learning its training pairs"


def _accuracy_arrays(snapshot: Snapshot, _selection: Selection) -> Arrays:
    run = snapshot.run
    return {
        "epochs": run.steps.astype(float),
        "train": run.series("accuracy/train"),
        "test": run.series("accuracy/test"),
    }


def _draw_accuracies(drawing: Drawing) -> go.Figure:
    theme, epochs = drawing.theme, shown_epochs(drawing)
    lines = [
        Curve(name="train", x=epochs, y=drawing.arrays["train"], colour=theme.train),
        Curve(
            name="test",
            x=epochs,
            y=drawing.arrays["test"],
            colour=theme.test,
            dash="dash",
        ),
    ]
    y = Axis("accuracy (share of pairs)", (-0.03, 1.03))
    fig = curves(lines, theme, epoch_axis(drawing), y)
    return add_level(fig, 1 / drawing.run.p, f"chance, 1/{drawing.run.p}", theme)


def _progress_arrays(snapshot: Snapshot, selection: Selection) -> Arrays:
    run = snapshot.run
    keys = chosen_keys(selection, run)
    losses = run.progress(keys)
    return {
        "epochs": run.steps.astype(float),
        "test": run.series("loss/test"),
        "restricted": losses["restricted"],
        "excluded": losses["excluded"],
        "pending": losses["pending"],
    }


def _draw_progress(drawing: Drawing) -> go.Figure:
    theme, epochs, arrays = drawing.theme, shown_epochs(drawing), drawing.arrays
    lines = [
        Curve(
            name="test",
            x=epochs,
            y=arrays["test"],
            colour=theme.test,
            dash="dash",
        ),
        Curve(name="restricted", x=epochs, y=arrays["restricted"], colour="#009E73"),
        Curve(
            name="excluded (train)",
            x=epochs,
            y=arrays["excluded"],
            colour="#CC79A7",
            dash="dot",
        ),
    ]
    kind = "linear" if drawing.selection.y == "linear" else "log"
    return curves(lines, theme, epoch_axis(drawing), Axis("loss (nats)", kind=kind))


def _describe_progress(drawing: Drawing) -> str:
    index, arrays = drawing.snapshot.index, drawing.arrays
    keys = chosen_keys(drawing.selection, drawing.run)
    if not keys:
        return "No frequency carries more than 1 % of the logits yet: no key set."
    settled = "" if drawing.run.keys_final else " (provisional: training goes on)"
    names = ", ".join(map(str, keys))
    return (
        f"Key frequencies {names}{settled}. Keeping only them gives a loss of "
        f"{arrays['restricted'][index]:.3g} nats, removing them "
        f"{arrays['excluded'][index]:.3g} on the training pairs; the full network's "
        f"test loss is {arrays['test'][index]:.3g}."
    )


LOSS_CURVES = View(
    id="loss-curves",
    title="Loss",
    page="training",
    question="When does the network memorise, and when does it generalise?",
    kind="curves",
    reads=(),
    styles=("x", "y"),
    arrays=_loss_arrays,
    draw=_draw_losses,
    describe=_describe_losses,
    cost="stored",
    replaces=(1, 3),
    guide=Guide(
        what="Mean cross-entropy over the training pairs (solid) and over all other "
        "pairs (dashed), evaluated in float64 at exactly the weights of each "
        "checkpoint.",
        formula="loss = mean over pairs of −ln softmax(logits)[a ∘ b], in nats",
        before="Train loss falls within a few hundred epochs; test loss rises far "
        "above ln p, because a lookup table is confidently wrong on new pairs.",
        after="Test loss falls by many orders of magnitude and settles near the train "
        "loss.",
        normal="For p = 113 and 30 % of the pairs the test loss peaks near 26 nats "
        "around epoch 1,400 and crosses 0.1 near epoch 8,000, ± 30 % between seeds.",
        wrong="A train loss that never falls: learning rate or model too small. A test "
        "loss that never falls: too few pairs, too little weight decay, too few "
        "epochs. Spikes after generalisation: instability of Adam.",
        reference="Power et al. 2022; Nanda et al. 2023, figure 2",
    ),
)

ACCURACY_CURVES = View(
    id="accuracy-curves",
    title="Accuracy",
    page="training",
    question="What share of the pairs does the network answer correctly?",
    kind="curves",
    reads=(),
    styles=("x",),
    arrays=_accuracy_arrays,
    draw=_draw_accuracies,
    describe=_describe_losses,
    cost="stored",
    replaces=(1,),
    guide=Guide(
        what="Share of pairs whose largest logit is the right answer, for the training "
        "pairs (solid) and all other pairs (dashed).",
        formula="accuracy = mean over pairs of [argmax over c of logits = a ∘ b]",
        before="Train accuracy reaches 1 early; test accuracy stays near chance, 1/p.",
        after="Test accuracy climbs to 1 and stays there.",
        normal="A run counts as grokked from the first checkpoint after which test "
        "accuracy never again falls below 99 %.",
        wrong="Test accuracy that rises and falls again: the run collapsed; look at "
        "the gradient norm at that epoch.",
        reference="Power et al. 2022",
    ),
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
        "checkpoint and is the same at every epoch.",
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

VIEWS: tuple[View, ...] = (LOSS_CURVES, ACCURACY_CURVES, PROGRESS_MEASURES)
