"""What a file to share says of every view, and the numbers behind it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from grokdash.app.blocks import Told
from grokdash.app.packed_frames import told
from grokdash.contract.share import Computed
from grokdash.sharing.patches import Patch, Patches, way_of
from grokdash.sharing.pictures import Pool, Shown, choices_of, key_of, pictures
from grokdash.snapshot import RunView
from grokdash.views import View
from grokdash.views.core.selection import CHOICES, Selection

COMPUTED: Mapping[str, Computed] = {
    "attention-head": "attention",
    "neuron-grid": "neuron",
    "answers": "answers",
    "input-logits": "logits",
}
"""Views that a page computes itself, where it has the network."""
_EVERYWHERE: tuple[Computed, ...] = ("attention", "neuron")
"""Those of them that are there at every epoch, of which the page has the scores."""
_LOOKS = ("norm", "x", "y", "colour")
"""Words that a reader may choose; of the others there is what is chosen already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What can be picked in a file.

    ``steps`` are its epochs, ``weights`` those whose weights it has; ``values`` what
    there is of every field of the selection; ``beside`` the key frequencies of runs
    that share out the colours.
    """

    run: RunView
    selection: Selection
    steps: tuple[int, ...]
    weights: tuple[int, ...]
    values: Mapping[str, tuple[Any, ...]]
    folds: bool
    beside: frozenset[int] = frozenset()


def offered_values(
    run: RunView, selection: Selection, *, folds: bool
) -> dict[str, tuple[Any, ...]]:
    """Say what there is of every field: the looks, the keys, and of heads all."""
    values: dict[str, tuple[Any, ...]] = {
        name: CHOICES[name] if name in _LOOKS else (getattr(selection, name),)
        for name in selection.__slots__
    }
    values["k"] = tuple(sorted({*run.keys, selection.k}))
    if folds:
        values["h"] = tuple(range(run.config.n_heads))
    return values


@dataclass(slots=True, kw_only=True)
class Collected:
    """One view: figures, what they say, and frames by what the view reads.

    Every epoch of ``epochs`` has a sentence and, unless the page computes them, a
    frame, by the values of ``reads``.
    """

    view: View
    fields: tuple[str, ...]
    reads: tuple[str, ...]
    epochs: tuple[int, ...]
    computed: Computed | None
    pictures: dict[str, Any] = field(default_factory=dict)
    patches: dict[str, list[Patch]] = field(default_factory=dict)
    sentences: dict[str, list[str]] = field(default_factory=dict)
    frames: dict[str, list[Told]] = field(default_factory=dict)


def work(offered: Offered, view: View) -> int:
    """Count the epochs that collecting a view computes, for a progress bar."""
    one = _empty(offered, view)
    looks = _choices(offered, one.fields) if _has_patches(one) else []
    ways = {way_of(values) for values in looks}
    return len(one.epochs) * (len(_choices(offered, one.reads)) + len(ways))


def collect(
    offered: Offered, view: View, pool: Pool, tell: Callable[[], None]
) -> Collected:
    """Collect a view; ``tell`` is called for every epoch that has been computed."""
    run, selection = offered.run, offered.selection
    one = _empty(offered, view)
    looks = _choices(offered, one.fields)
    shown = Shown(run=run, view=view, beside=offered.beside)
    for name, found in pictures(shown, selection, looks, one.epochs[0]):
        one.pictures[name] = pool.without(found)
    if _has_patches(one):
        one.patches = Patches(shown, one.epochs, tell).of(selection, looks)
    for values in _choices(offered, one.reads):
        picked = replace(selection, **values)
        frames = []
        for step in one.epochs:
            frames.append(told(run, view, picked, step))
            tell()
        one.sentences[key_of(values)] = [frame.sentence for frame in frames]
        if not one.computed:
            one.frames[key_of(values)] = [_small(frame) for frame in frames]
    return one


def _empty(offered: Offered, view: View) -> Collected:
    computed = COMPUTED.get(view.id) if offered.folds else None
    everywhere = view.cost != "heavy" and computed in (None, *_EVERYWHERE)
    several = {name for name, values in offered.values.items() if len(values) > 1}
    varied = (*view.reads, *view.styles)
    return Collected(
        view=view,
        fields=tuple(
            name
            for name in dict.fromkeys(varied)
            if name in several and not (computed and name == "h")
        ),
        reads=tuple(name for name in view.reads if name in several),
        epochs=offered.steps if everywhere else offered.weights,
        computed=computed,
    )


def _has_patches(one: Collected) -> bool:
    """Say whether figures may differ by epoch: the page sees to those it computes."""
    return one.view.per_step and not one.computed


def _choices(offered: Offered, names: Sequence[str]) -> list[dict[str, Any]]:
    return list(choices_of(names, offered.values))


BITS = 13
"""Of numbers that are no pictures."""


def _small(frame: Told) -> Told:
    """Round what is no picture: to powers of two, whose last bits are zeros."""
    arrays = {
        name: values if values.ndim >= 2 else _rounded(values)
        for name, values in frame.arrays.items()
    }
    return Told(frame.step, "", arrays)


def _rounded(values: np.ndarray) -> np.ndarray:
    finite = np.abs(values[np.isfinite(values)])
    if not finite.size or not finite.max():
        return values
    unit = 2.0 ** (np.ceil(np.log2(finite.max())) - (BITS - 1))
    return np.rint(values / unit) * unit
