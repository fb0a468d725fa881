"""Views of training as a whole: losses and accuracies."""

from collections.abc import Callable, Sequence

import numpy as np

from grokdash.cache import Arrays
from grokdash.figures.theme import Axis
from grokdash.snapshot import Snapshot
from grokdash.views.core.normal import span
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import NO_SPLIT, Drawing, Guide, View
from grokdash.views.pictures import EpochCurves, Level, Line
from grokdash.views.reading.epochs import PHASE_NOTE, phase_at
from grokdash.written import number, percent

_SPLITS = (Line("train", "train", "train"), Line("test", "test", "test", dash="dash"))
_ALL = (Line("all pairs", "all", "text"),)
"""What there is of a run whose training pairs are not known."""


def _curves(drawing: Drawing) -> Sequence[Line]:
    return _SPLITS if drawing.run.split_known else _ALL


def _arrays(measure: str) -> Callable[[Snapshot, Selection], Arrays]:
    def arrays(snapshot: Snapshot, _selection: Selection) -> Arrays:
        run = snapshot.run
        parts = ("train", "test") if run.split_known else ("all",)
        series = {part: run.series(f"{measure}/{part}") for part in parts}
        return {"epochs": run.steps.astype(float), **series}

    return arrays


def _uniform_guess(drawing: Drawing) -> Level:
    p = drawing.run.p
    return Level(float(np.log(p)), f"uniform guess, ln {p}", below=True)


def _chance(drawing: Drawing) -> Level:
    return Level(1 / drawing.run.p, f"chance, 1/{drawing.run.p}")


def _describe_losses(drawing: Drawing) -> str:
    at = drawing.snapshot
    if not drawing.run.split_known:
        right, loss = at.measure("accuracy/all"), at.measure("loss/all")
        return (
            f"At epoch {at.step:,} {percent(float(right))} of all pairs are answered "
            f"rightly, at a loss of {number(float(loss))} nats. {NO_SPLIT}."
        )
    train, test = at.measure("accuracy/train"), at.measure("accuracy/test")
    loss = at.measure("loss/test")
    state = _state_in_words(float(train), float(test))
    if drawing.run.stored.status.state == "diverged" and at.step == drawing.run.last:
        state = "is about to diverge"
    phase = phase_at(drawing.run, at.step)
    during = f" ({phase})" if phase else ""
    return (
        f"At epoch {at.step:,}{during} the network {state}: train accuracy "
        f"{percent(train)}, test accuracy {percent(test)}, test loss {number(loss)} "
        f"nats."
    )


def _state_in_words(train: float, test: float) -> str:
    if test >= 0.99:
        return "generalises"
    if train >= 0.99:
        return (
            "has memorised" if test < 0.5 else "has memorised and begins to generalise"
        )
    return "is still learning its training pairs"


def _describe_accuracies(drawing: Drawing) -> str:
    told = _describe_losses(drawing)
    if not drawing.run.split_known:
        return told
    return f"{told} The run: {drawing.run.grok().text}."


LOSS_CURVES = View(
    id="loss-curves",
    title="Loss",
    question="When does the network memorise, and when does it generalise?",
    reads=(),
    arrays=_arrays("loss"),
    picture=EpochCurves(lines=_curves, y="loss (nats)", level=_uniform_guess),
    describe=_describe_losses,
    cost="stored",
    replaces=(1, 3),
    guide=Guide(
        what="Mean cross-entropy over the training pairs (solid) and over all other "
        "pairs (dashed), evaluated in float64 at exactly the weights of each "
        "checkpoint, over the p answers: the class = is left out, also where the "
        f"network was trained with it. {PHASE_NOTE}",
        formula="loss = mean over pairs of −ln softmax(logits)[a ∘ b], in nats",
        before="Train loss falls within a few hundred epochs; test loss rises far "
        "above ln p, because a lookup table is confidently wrong on new pairs.",
        after="Test loss falls by many orders of magnitude and settles near the train "
        "loss.",
        normal=f"Test loss at its highest: {span('test_peak')}, at epochs "
        f"{span('test_peak_epoch')}; below 0.1 for good from epochs "
        f"{span('test_below')}. The saved 30 % run of Nanda et al. is at 26.6 nats at "
        "epoch 1,420 and below 0.1 from 7,930.",
        wrong="A train loss that never falls: learning rate or model too small. A test "
        "loss that never falls: too few pairs, too little weight decay, too few "
        "epochs. Spikes after generalisation: instability of Adam.",
        reference="Power et al. 2022; Nanda et al. 2023, figure 2",
    ),
)

ACCURACY_CURVES = View(
    id="accuracy-curves",
    title="Accuracy",
    question="What share of the pairs does the network answer correctly?",
    reads=(),
    arrays=_arrays("accuracy"),
    picture=EpochCurves(
        lines=_curves,
        y=Axis("accuracy (share of pairs)", (-0.03, 1.13)),
        level=_chance,
    ),
    describe=_describe_accuracies,
    cost="stored",
    replaces=(1,),
    guide=Guide(
        what="Share of pairs whose largest logit is the right answer, for the training "
        f"pairs (solid) and all other pairs (dashed). {PHASE_NOTE}",
        formula="accuracy = mean over pairs of [argmax over c of logits = a ∘ b]",
        before="Train accuracy reaches 99 % early, at epochs "
        f"{span('known_by_heart')}; test accuracy stays near chance, 1/p.",
        after="Test accuracy climbs to 1 and stays there.",
        normal="A run counts as grokked from the first checkpoint after which test "
        "accuracy never again falls below 99 %.",
        wrong="Test accuracy that rises and falls again: the run collapsed; look at "
        "the gradient norm at that epoch.",
        reference="Power et al. 2022",
    ),
)

VIEWS: tuple[View, ...] = (LOSS_CURVES, ACCURACY_CURVES)
