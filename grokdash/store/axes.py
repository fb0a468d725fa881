"""What the axes of stored arrays are called, and in what unit their numbers are.

The names are those of the HDF5 dimension scales (:mod:`~grokdash.store.scales`) and of
``Run.to_xarray``. An axis has one length in a run:

``a``, ``b``, ``c``
    The operands and the class, 0 … p − 1.
``number``, ``token``
    The numbers 0 … p − 1; the same and, as the last, "=".
``position``
    Where a token stands: a, b, =.
``answer``, ``logit``, ``class_offset``
    Answer of a pair, class of its logit, and a + b − c, in the order of the operation's
    group: p of them, or the p − 1 that have a logarithm.
``component``, ``group_component``
    Rows of the real Fourier basis (1, cos 1, sin 1, cos 2, …) over the numbers in their
    own order, and in the order of the group.
``component_a``, ``component_b``
    The rows of the spectrum over both operands.
``frequency``
    1 … ⌊q/2⌋ of the group's q elements; index 0 is frequency 1.
``split``
    Training, test, all pairs.
``neuron``, ``head``
    All of the network, block after block; ``d_mlp`` and ``n_heads`` are those of one.
``parameter``
    The parameters in the order of the forward pass.
``step``, ``grid_step``, ``update``
    The checkpoints, those with grids, and the updates between them.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Meaning(NamedTuple):
    """The axes of an array at one checkpoint, and its unit; empty for a bare number."""

    axes: tuple[str, ...] = ()
    unit: str = ""


STEP, GRID_STEP, UPDATE = "step", "grid_step", "update"
_SPLITS = Meaning(("split",), "nats")
_BY_K = Meaning(("frequency", "split"), "nats")
_NATS, _SHARE, _NUMBER = Meaning((), "nats"), Meaning((), "fraction"), Meaning()
_LABELS = Meaning(("answer", "logit"), "nats")
_SHARES = Meaning(("frequency",), "fraction")

MEASURES: Mapping[str, Meaning] = {
    "loss/train": _NATS,
    "loss/test": _NATS,
    "loss/all": _NATS,
    "accuracy/train": _SHARE,
    "accuracy/test": _SHARE,
    "accuracy/all": _SHARE,
    "frame/loss": Meaning(("a", "b"), "nats"),
    "frame/correct_logit": Meaning(("a", "b"), "nats"),
    "embed/power": Meaning(("component",)),
    "embed/power_canonical": Meaning(("group_component",)),
    "wl/power": Meaning(("component",)),
    "wl/power_canonical": Meaning(("group_component",)),
    "gini/embed": _NUMBER,
    "gini/wl": _NUMBER,
    "gini/embed_additive": _NUMBER,
    "gini/wl_additive": _NUMBER,
    "logits/M": _LABELS,
    "logits/M_unseen": _LABELS,
    "logits/mean": Meaning(("c",), "nats"),
    "logits/offset": Meaning(("class_offset",), "nats"),
    "logits/sum_share": _SHARES,
    "logits/cross_split_share": _SHARES,
    "logits/diff_share": _SHARES,
    "logits/lin_share": _SHARE,
    "logits/cross_share": _SHARE,
    "logits/dc_share": _SHARE,
    "logits/energy": Meaning((), "nats²"),
    "logits/G": Meaning(("component_a", "component_b")),
    "logits/fve": _SHARE,
    "loss/excluded2d_by_k": _BY_K,
    "loss/restricted_by_k": _BY_K,
    "loss/restricted": _SPLITS,
    "loss/excluded2d": _SPLITS,
    "loss/excluded3d": _SPLITS,
    "loss/cross_split": _NATS,
    "loss/cosine_fit": _NATS,
    "accuracy/restricted": Meaning(("split",), "fraction"),
    "neuron/freq": Meaning(("neuron",), "frequency"),
    "neuron/frac": Meaning(("neuron",), "fraction"),
    "neuron/active": Meaning(("neuron",), "fraction"),
    "neuron/inert": Meaning(("neuron",), "0 or 1"),
    "attention/score": Meaning(("head", "number")),
    "attention/mean": Meaning(("head", "position"), "fraction"),
    "attention/std": Meaning(("head", "position"), "fraction"),
    "attention/freq": Meaning(("head",), "frequency"),
    "attention/frac": Meaning(("head",), "fraction"),
    "weights/sumsq": Meaning(("parameter",)),
    "weights/sumsq_total": _NUMBER,
    "symmetry/equivariance": _SHARE,
    "symmetry/commutativity": _SHARE,
    "pizza/symmetricity": _NUMBER,
    "pizza/symmetricity_error": _NUMBER,
    "pizza/irrelevance": _SHARE,
    "pizza/circularity": _SHARE,
}
"""Every measure that is stored."""

GRIDS: Mapping[str, Meaning] = {
    "neurons": Meaning(("neuron", "a", "b")),
    "attention": Meaning(("head", "position", "a", "b"), "fraction"),
    "correct_logit": Meaning(("a", "b"), "nats"),
    "loss": Meaning(("a", "b"), "nats"),
}

_QKV = Meaning(("n_heads", "d_model", "d_head"))
_WIDTH = Meaning(("d_model",))
PARAMETERS: Mapping[str, Meaning] = {
    "W_E": Meaning(("token", "d_model")),
    "W_pos": Meaning(("position", "d_model")),
    "W_Q": _QKV,
    "W_K": _QKV,
    "W_V": _QKV,
    "W_O": Meaning(("n_heads", "d_head", "d_model")),
    "W_in": Meaning(("d_model", "d_mlp")),
    "b_in": Meaning(("d_mlp",)),
    "W_out": Meaning(("d_mlp", "d_model")),
    "b_out": _WIDTH,
    "ln1_w": _WIDTH,
    "ln1_b": _WIDTH,
    "ln2_w": _WIDTH,
    "ln2_b": _WIDTH,
    "W_U": Meaning(("d_model", "class")),
}
"""Parameters by the last part of their name: those of every block are alike."""

_UPDATES: Mapping[str, str] = {"train_loss": "nats", "step": "updates"}


def meaning(name: str) -> Meaning | None:
    """Give what is known of an array by its name in run.h5; None for an unknown one."""
    group, _, rest = name.partition("/")
    if group == "params":
        return PARAMETERS.get(rest.rpartition("/")[2])
    if group == "steps":
        return Meaning((), _UPDATES.get(rest, ""))
    return {"measures": MEASURES, "grids": GRIDS}.get(group, {}).get(rest)


def axes(name: str, shape: tuple[int, ...]) -> tuple[str, ...]:
    """Name the axes of an array at one checkpoint; unknown ones after their length."""
    found = meaning(name)
    if found is not None and len(found.axes) == len(shape):
        return found.axes
    return tuple(f"of_{size}" for size in shape)
