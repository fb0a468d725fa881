"""How other projects name and shape the weights of a transformer, and how we do.

A layout is a value: a table from our names to theirs, and for the arrays that lie
otherwise how they are turned. We multiply rows by matrices, heads first, as
TransformerLens does.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

Arrays = Mapping[str, np.ndarray]
Turn = Callable[[np.ndarray, int], np.ndarray]
"""Gives an array of ours from one of theirs and the number of heads."""

KINDS = (
    *("W_Q", "W_K", "W_V", "W_O", "b_Q", "b_K", "b_V", "b_O"),
    *("W_in", "b_in", "W_out", "b_out"),
)
"""What a block may have, by our names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Names and shapes of one project.

    Parameters
    ----------
    name, title
        How it is asked for, and whose it is.
    top
        Their name of W_E, W_pos, W_U and b_U.
    block
        Their name of everything in a block, with ``{layer}`` in it.
    turned
        By our name, how arrays that lie otherwise become ours.
    heads_shown
        Whether the shapes tell the number of heads.
    extra
        What a state may hold besides that says nothing of the network.
    """

    name: str
    title: str
    top: Mapping[str, str]
    block: Mapping[str, str]
    turned: Mapping[str, Turn] = field(default_factory=dict)
    heads_shown: bool = True
    extra: str = r"(?!)"

    def theirs(self, layers: int) -> dict[str, str]:
        """Give their name of everything that a network of so many blocks may have."""
        names = dict(self.top)
        for layer in range(layers):
            for kind, name in self.block.items():
                names[f"blocks/{layer}/{kind}"] = name.format(layer=layer)
        return names

    def layers(self, state: Arrays) -> int:
        """Count the blocks of a state."""
        form = re.escape(self.block["W_in"]).replace(r"\{layer\}", r"(\d+)")
        found = [re.fullmatch(form, name) for name in state]
        return 1 + max((int(match[1]) for match in found if match), default=-1)

    def ours(self, state: Arrays, heads: int) -> dict[str, np.ndarray]:
        """Translate what there is of a state; see :meth:`left_over` for the rest."""
        found = {}
        for name, theirs in self.theirs(self.layers(state)).items():
            if theirs in state:
                turn = self.turned.get(name.rsplit("/", 1)[-1], _as_is)
                found[name] = np.ascontiguousarray(turn(state[theirs], heads))
        return found

    def left_over(self, state: Arrays) -> list[str]:
        """Name what of a state belongs to no network of ours."""
        known = set(self.theirs(self.layers(state)).values())
        return sorted(
            name for name in state.keys() - known if not re.fullmatch(self.extra, name)
        )


def _as_is(array: np.ndarray, _heads: int) -> np.ndarray:
    return array


def _transposed(array: np.ndarray, _heads: int) -> np.ndarray:
    return array.T


def _each_head(array: np.ndarray, _heads: int) -> np.ndarray:
    """``[heads, d_head, d_model]`` to ``[heads, d_model, d_head]``."""
    return array.swapaxes(-1, -2)


def _columns_by_head(array: np.ndarray, heads: int) -> np.ndarray:
    """``[d_model, heads · d_head]`` to ``[heads, d_head, d_model]``."""
    return array.T.reshape(heads, -1, array.shape[0])


def _rows_by_head(array: np.ndarray, heads: int) -> np.ndarray:
    """``[heads · d_head, d_model]`` to ``[heads, d_model, d_head]``."""
    return array.reshape(heads, -1, array.shape[1]).swapaxes(1, 2)


def _bias_by_head(array: np.ndarray, heads: int) -> np.ndarray:
    return array.reshape(heads, -1)


_TOP = {
    "W_E": "embed.W_E",
    "W_pos": "pos_embed.W_pos",
    "W_U": "unembed.W_U",
    "b_U": "unembed.b_U",
}
_BLOCK = {
    kind: f"blocks.{{layer}}.{'mlp' if kind.endswith(('in', 'out')) else 'attn'}.{kind}"
    for kind in KINDS
}
_MASKS = r"blocks\.\d+\.attn\.(mask|IGNORE|causal_mask)"

TRANSFORMER_LENS = Layout(
    name="transformer-lens",
    title="TransformerLens, HookedTransformer",
    top=_TOP,
    block=_BLOCK,
    extra=_MASKS,
)
BRIDGE = Layout(
    name="transformer-bridge",
    title="TransformerLens, TransformerBridge",
    top={
        "W_E": "embed.weight",
        "W_pos": "pos_embed.weight",
        "W_U": "unembed.weight",
        "b_U": "unembed.bias",
    },
    block={
        **{f"W_{x}": f"blocks.{{layer}}.attn.{x.lower()}.weight" for x in "QKVO"},
        **{f"b_{x}": f"blocks.{{layer}}.attn.{x.lower()}.bias" for x in "QKVO"},
        **{f"W_{x}": f"blocks.{{layer}}.mlp.{x}.weight" for x in ("in", "out")},
        **{f"b_{x}": f"blocks.{{layer}}.mlp.{x}.bias" for x in ("in", "out")},
    },
    turned={
        "W_U": _transposed,
        **dict.fromkeys(("W_in", "W_out"), _transposed),
        **dict.fromkeys(("W_Q", "W_K", "W_V"), _rows_by_head),
        **dict.fromkeys(("b_Q", "b_K", "b_V"), _bias_by_head),
        "W_O": _columns_by_head,
    },
    heads_shown=False,
    extra=_MASKS,
)
NANDA = Layout(
    name="nanda",
    title="Nanda et al. 2023, progress measures",
    top=_TOP,
    block=_BLOCK,
    turned={
        "W_E": _transposed,
        **dict.fromkeys(("W_in", "W_out"), _transposed),
        **dict.fromkeys(("W_Q", "W_K", "W_V"), _each_head),
        "W_O": _columns_by_head,
    },
    extra=_MASKS,
)
PLAIN = Layout(
    name="plain",
    title="a plain state dict by the names of grokdash",
    top={name: name for name in ("W_E", "W_pos", "W_U", "b_U")},
    block={kind: f"blocks.{{layer}}.{kind}" for kind in KINDS},
)
CHUGHTAI = replace(
    TRANSFORMER_LENS, name="chughtai", title="Chughtai et al. 2023, group composition"
)
ZHONG = replace(NANDA, name="zhong", title="Zhong et al. 2023, clock and pizza")


def tidied(state: Arrays) -> dict[str, np.ndarray]:
    """Drop what wrappers put in front of names, and write our own with dots.

    ``_orig_mod.`` is of torch.compile, ``module.`` of data parallel training,
    ``._original_component`` of TransformerLens's bridge, ``model.`` of whoever keeps
    the network in one.
    """
    found = {
        name.replace("._original_component", "").replace("/", "."): array
        for name, array in state.items()
    }
    for front in ("_orig_mod.", "module.", "model."):
        if found and all(name.startswith(front) for name in found):
            found = {name.removeprefix(front): one for name, one in found.items()}
    return found
