"""A one-layer network as few numbers, from which a page computes what it shows.

Only the "=" position is read out, and everything up to the neurons is linear in the
attention. So a head is a table with a row per token, pushed through W_O and then W_in
and W_U side by side; the table has at most d_head dimensions and is kept as a product.
W_out W_U is one matrix, or a product where the training has left few dimensions.
Nothing is left out: in full precision the answers are those of the network.

Rows 0 … p − 1 of a table are the numbers; p and p + 1 are what the positions of a and b
add; p + 2 is "=" at its own place. ``w`` is d_mlp + p: the class "=" is not read out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from grokdash.config import RunConfig

_BLOCK = "blocks/0/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """What the page computes with.

    ``scores``: ``[n_heads, 2p + 1]`` attention scores of a, of b and of "=", before the
    softmax; ``left``: ``[n_heads, p + 3, r]`` and ``right``: ``[n_heads, r, w]``, whose
    product is the table of a head; ``own``: ``[w]`` what the position itself adds,
    biases included; ``read_left``: ``[d_mlp, s]`` and ``read_right``: ``[s, p]``, whose
    product is W_out W_U.
    """

    scores: Float[np.ndarray, "h tokens"]
    left: Float[np.ndarray, "h rows r"]
    right: Float[np.ndarray, "h r w"]
    own: Float[np.ndarray, " w"]
    read_left: Float[np.ndarray, "m s"]
    read_right: Float[np.ndarray, "s p"]

    @property
    def p(self) -> int:
        """The modulus."""
        return self.left.shape[1] - 3

    @property
    def d_mlp(self) -> int:
        """Neurons of the block."""
        return len(self.read_left)

    @property
    def tables(self) -> Float[np.ndarray, "h rows w"]:
        """The table of every head."""
        return self.left @ self.right


def why_not(config: RunConfig) -> str:
    """Say why a network cannot be folded; nothing if it can."""
    if config.n_layers > 1:
        return "it has more than one layer"
    if config.layer_norm:
        return "it has LayerNorm"
    return "" if config.activation == "relu" else "its neurons are not ReLU"


def fold(params: Mapping[str, np.ndarray], config: RunConfig) -> Folded:
    """Fold the parameters of one checkpoint, in float64."""
    read = _Reader(params, config)
    x, p = read.x, config.p
    W_U, b_U = read.unembedding
    wide = np.concatenate([read("W_in"), W_U], axis=1)
    own = (x[-1] + read.shift) @ wide
    own[: config.d_mlp] += read("b_in")
    own[config.d_mlp :] += read("b_out") @ W_U + b_U
    rows = np.concatenate([read.W_E[:p], read.W_pos[:2], x[-1:]])
    values = np.einsum("td,hde->hte", rows, read("W_V"))
    products = [
        _product(value @ W_O @ wide, config.d_head)
        for value, W_O in zip(values, read("W_O"), strict=True)
    ]
    read_left, read_right = _product(read("W_out") @ W_U, min(config.d_mlp, p))
    return Folded(
        scores=read.scores,
        left=np.stack([left for left, _ in products]),
        right=np.stack([right for _, right in products]),
        own=own,
        read_left=read_left,
        read_right=read_right,
    )


def attention_scores(
    params: Mapping[str, np.ndarray], config: RunConfig
) -> Float[np.ndarray, "h tokens"]:
    """Give the scores of a checkpoint alone; see :class:`Folded`."""
    return _Reader(params, config).scores


def neuron_rows(
    params: Mapping[str, np.ndarray], config: RunConfig, neuron: int
) -> Float[np.ndarray, " n"]:
    """Give the tables of all heads for one neuron, flat; then what it has itself."""
    read = _Reader(params, config)
    column = read("W_in")[:, neuron]
    rows = np.concatenate([read.W_E[: config.p], read.W_pos[:2], read.x[-1:]])
    moved = np.einsum("hde,he->hd", read("W_V"), read("W_O") @ column)
    tables = moved @ rows.T
    own = (read.x[-1] + read.shift) @ column + read("b_in")[neuron]
    return np.append(tables.ravel(), own)


class _Reader:
    """The parameters of a checkpoint, in float64."""

    def __init__(self, params: Mapping[str, np.ndarray], config: RunConfig) -> None:
        self._params = params
        self._config = config
        p = config.p
        self.W_E, self.W_pos = self._of("W_E"), self._of("W_pos")
        numbers = self.W_E[:p]
        self.x = np.concatenate(
            [numbers + self.W_pos[0], numbers + self.W_pos[1], self.W_E[p:]]
        )
        self.x[2 * p :] += self.W_pos[2]

    def _of(self, name: str) -> np.ndarray:
        return self._params[name].astype(np.float64)

    def __call__(self, name: str) -> np.ndarray:
        """Give a parameter of the block."""
        return self._of(_BLOCK + name)

    def bias(self, name: str) -> Float[np.ndarray, "h d_head"]:
        """Give a bias of attention; zeros where there are none."""
        if self._config.attention_bias:
            return self(name)
        return np.zeros((self._config.n_heads, self._config.d_head))

    @property
    def scores(self) -> Float[np.ndarray, "h tokens"]:
        """Attention scores of a, b and "=", before the softmax."""
        q = np.einsum("d,hde->he", self.x[-1], self("W_Q")) + self.bias("b_Q")
        keys = np.einsum("td,hde->hte", self.x, self("W_K"))
        keys += self.bias("b_K")[:, None]
        return np.einsum("hte,he->ht", keys, q) / np.sqrt(self._config.d_head)

    @property
    def shift(self) -> Float[np.ndarray, " d_model"]:
        """What the biases of values and output add: attention sums to one."""
        if not self._config.attention_bias:
            return np.zeros(self._config.d_model)
        return np.einsum("he,hed->d", self("b_V"), self("W_O")) + self("b_O")

    @property
    def unembedding(self) -> tuple[np.ndarray, np.ndarray]:
        """W_U and b_U of the numbers."""
        p = self._config.p
        tied = self._config.tied_unembedding
        W_U = self.W_E.T[:, :p] if tied else self._of("W_U")[:, :p]
        bias = self._of("b_U")[:p] if self._config.unembedding_bias else np.zeros(p)
        return W_U, bias


def _product(matrix: np.ndarray, rank: int) -> tuple[np.ndarray, np.ndarray]:
    """Write a matrix as a product whose sides are of equal size."""
    U, sizes, V = np.linalg.svd(matrix, full_matrices=False)
    root = np.sqrt(sizes[:rank])
    return U[:, :rank] * root, root[:, None] * V[:rank]


def attention(
    scores: Float[np.ndarray, "h tokens"],
) -> Float[np.ndarray, "h 3 p p"]:
    """Give the attention of "=" to a, b and itself on every pair."""
    p = scores.shape[1] // 2
    ones = np.ones((len(scores), p, p))
    of = np.stack(
        [
            scores[:, :p, None] * ones,
            scores[:, None, p : 2 * p] * ones,
            scores[:, -1, None, None] * ones,
        ],
        axis=1,
    )
    weights = np.exp(of - of.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def logits(folded: Folded) -> Iterator[Float[np.ndarray, "p p"]]:
    """Give the logits ``[b, c]`` for every a in turn."""
    p, m = folded.p, folded.d_mlp
    weights, tables = attention(folded.scores), folded.tables
    of_b = tables[:, :p] + tables[:, p + 1, None]
    readout = folded.read_left @ folded.read_right
    for a in range(p):
        to_a, to_b, to_self = np.moveaxis(weights[:, :, a], 1, 0)
        mixed = (
            folded.own
            + np.einsum("hb,hw->bw", to_a, tables[:, a] + tables[:, p])
            + np.einsum("hb,hbw->bw", to_b, of_b)
            + np.einsum("hb,hw->bw", to_self, tables[:, p + 2])
        )
        yield mixed[:, m:] + np.maximum(mixed[:, :m], 0) @ readout


CLOSE = 1e-9
"""Answers whose logits lie closer, relative to the largest, are written down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the numbers of a file answer, against what the network answers.

    ``pairs``: places a·p + b at which the page must be told, because rounding has
    changed the answer or might; ``told``: the network's answers there; ``changed``: at
    how many of them it has; ``error``: root mean square of the difference of the
    logits, relative to that of the logits above their mean over the classes.
    """

    pairs: Int[np.ndarray, " n"]
    told: Int[np.ndarray, " n"]
    changed: int
    error: float


def answers(folded: Folded, network: Float[np.ndarray, "p p p"]) -> Answers:
    """Compare what rounded numbers answer with the logits of the network itself."""
    p = folded.p
    right = network.argmax(axis=-1)
    tell = np.zeros((p, p), dtype=bool)
    changed, off, all_of = 0, 0.0, 0.0
    for a, mine in enumerate(logits(folded)):
        order = np.argsort(mine, axis=-1)
        rows = np.arange(p)
        best, second = mine[rows, order[:, -1]], mine[rows, order[:, -2]]
        wrong = order[:, -1] != right[a]
        changed += int(wrong.sum())
        tell[a] = wrong | (best - second < CLOSE * np.abs(mine).max())
        off += float(((mine - network[a]) ** 2).sum())
        all_of += float(
            ((network[a] - network[a].mean(axis=-1, keepdims=True)) ** 2).sum()
        )
    return Answers(
        pairs=np.flatnonzero(tell),
        told=right[tell],
        changed=changed,
        error=float(np.sqrt(off / all_of)) if all_of else 0.0,
    )
