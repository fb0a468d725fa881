"""What the page of a file must know before it can draw."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from grokdash.app.answers import version_of
from grokdash.app.guides import guide_to
from grokdash.app.manifest import manifest
from grokdash.contract.run import Manifest, Moment
from grokdash.contract.share import SharedNetwork, SharedView, ShareHead
from grokdash.contract.words import controls
from grokdash.sharing.collected import COMPUTED, Collected, Offered
from grokdash.sharing.folded import Answers
from grokdash.sharing.plan import Rung
from grokdash.sharing.words import precision, words
from grokdash.story.notes import notes

if TYPE_CHECKING:
    from grokdash.contract.codes import NumberField, WordField

SERIES = "series"
"""The part with what is there of every epoch: scores, and the rows of one neuron."""
_FREE = frozenset({"n", "a", "b"})
"""What can be picked freely where the page has the network."""


def weights_part(place: int) -> str:
    """Name the part with the weights of one checkpoint."""
    return f"weights-{place}"


def frames_part(view: str, choice: int) -> str:
    """Name the part with the frames of a view for one choice."""
    return f"frames-{view}-{choice}"


def make_head(
    offered: Offered,
    collected: Sequence[Collected],
    pool: Sequence[Any],
    rung: Rung,
    compared: Sequence[Answers],
) -> ShareHead:
    """Write the head; ``compared`` is empty while it is not known how exact it is."""
    run = offered.run
    views = [one.view for one in collected]
    split = np.where(run.table < 0, -1, run.table + run.p * run.train_mask)
    return ShareHead(
        manifest=_manifest(offered, [view.id for view in views]),
        views={one.view.id: _shared(one, rung) for one in collected},
        order=[view.id for view in views],
        moments=[Moment(epoch=one.epoch, text=one.text) for one in notes(run)],
        guides={view.id: guide_to(view, run.config.operation) for view in views},
        pool=list(pool),
        split=split.ravel().tolist(),
        network=_network(offered, rung, compared) if offered.folds else None,
        words=words(rung),
    )


def _shared(one: Collected, rung: Rung) -> SharedView:
    names = {key: frames_part(one.view.id, i) for i, key in enumerate(one.frames)}
    return SharedView(
        fields=list(one.fields),
        pictures=one.pictures,
        patches=one.patches,
        reads=list(one.reads),
        frames=names if one.view.per_step else {},
        epochs=list(one.epochs),
        sentences=one.sentences,
        computed=one.computed,
        precision=precision(one, rung),
    )


def _network(
    offered: Offered, rung: Rung, compared: Sequence[Answers]
) -> SharedNetwork:
    config = offered.run.config
    return SharedNetwork(
        epochs=list(offered.weights),
        parts=[weights_part(i) for i in range(len(offered.weights))],
        told=[(one.pairs.tolist(), one.told.tolist()) for one in compared],
        scores=SERIES,
        neuron=offered.selection.n,
        heads=config.n_heads,
        d_mlp=config.d_mlp,
        bits=rung.bits,
    )


def _manifest(offered: Offered, ids: Sequence[str]) -> Manifest:
    """Describe the run as the page can show it: with what is in the file."""
    run, selection = offered.run, offered.selection
    picked = {name: str(getattr(selection, name)) for name in selection.__slots__}
    found = manifest(run, ids, picked, version_of(run))
    several = {name for name, values in offered.values.items() if len(values) > 1}
    kept = several | (_FREE if offered.folds else frozenset())
    for name in cast("list[NumberField]", list(found["limits"])):
        if name not in kept:
            value = getattr(selection, name)
            found["limits"][name] = (value, value)
    choices: Mapping[WordField, list[str]] = {
        name: [str(one) for one in offered.values[name]] for name in found["choices"]
    }
    found["choices"] = dict(choices)
    found["controls"] = [one for one in controls(choices) if one["name"] in kept]
    found["steps"] = list(offered.steps)
    found["defaults"] = found["selection"]
    found["notices"] = []
    for name, view in found["views"].items():
        computed = COMPUTED.get(name) if offered.folds else None
        view["cost"] = "heavy" if computed == "answers" else "light"
    status = found["status"]
    if status["state"] == "running":
        status["state"], status["label"] = "interrupted", "running when shared"
    return found
