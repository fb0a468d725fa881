"""The network on all p² pairs at once, in NumPy.

Only the last position ("=") is read out, so position arrays keep the axes they vary
along: in the first block the operand positions depend on one token each, and a full
grid is formed only where attention mixes them. Row-vector convention (``x @ W``).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np
from jaxtyping import Float
from numpy.typing import DTypeLike

from grokdash.analysis import biases
from grokdash.analysis.activation import gelu
from grokdash.config import RunConfig
from grokdash.errors import ConfigError

LAYER_NORM_EPS = 1e-5

_AT_ONCE = 4
"""First operands whose neurons are computed at a time, in the processor's cache."""

Params = Mapping[str, np.ndarray]
Edits = Mapping[str, Callable[[np.ndarray], np.ndarray]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Activations:
    """What the "=" position computes on every pair; one entry per block.

    ``patterns``: ``[n_heads, 3, p, p]`` attention by source position;
    ``resid_mid``, ``resid_post``: ``[p, p, d_model]``; ``neurons``: ``[p, p, d_mlp]``
    after the activation; ``logits``: ``[p, p, p]`` over (a, b, c), class "=" dropped.
    """

    patterns: tuple[Float[np.ndarray, "n_heads 3 p p"], ...]
    resid_mid: tuple[Float[np.ndarray, "p p d_model"], ...]
    neurons: tuple[Float[np.ndarray, "p p d_mlp"], ...]
    resid_post: tuple[Float[np.ndarray, "p p d_model"], ...]
    logits: Float[np.ndarray, "p p p"]


def forward(
    params: Params,
    config: RunConfig,
    dtype: DTypeLike = np.float32,
    edits: Edits | None = None,
) -> Activations:
    """Run the network on every pair and keep what the "=" position computes.

    Parameters
    ----------
    params
        Arrays by name as stored in a checkpoint.
    config
        The run's configuration.
    dtype
        Precision of the computation.
    edits
        Functions that replace an array of the "=" position as it is computed, by
        name: ``blocks/{l}/pattern`` ``[n_heads, 3, p, p]``, ``blocks/{l}/attn_out``
        ``[p, p, d_model]``, ``blocks/{l}/neurons`` ``[p, p, d_mlp]``,
        ``blocks/{l}/mlp_out`` ``[p, p, d_model]``. Other positions are not edited.
    """
    net = _Network(params, config, np.dtype(dtype))
    patterns, mids, neurons, posts = [], [], [], []
    residuals = net.embed()
    for layer in range(config.n_layers):
        last = layer + 1 == config.n_layers
        pattern, mid = net.attend(residuals, layer, 2, edits)
        hidden = net.edit(edits, layer, "neurons", net.hidden(mid, layer))
        post = net.mlp_residual(mid, hidden, layer, edits)
        others = [] if last else [net.whole_block(residuals, layer, i) for i in (0, 1)]
        residuals = [*others, post]
        patterns.append(pattern)
        mids.append(mid)
        neurons.append(hidden)
        posts.append(post)
    return Activations(
        patterns=tuple(patterns),
        resid_mid=tuple(mids),
        neurons=tuple(neurons),
        resid_post=tuple(posts),
        logits=net.unembed(posts[-1]),
    )


def logits(
    params: Params,
    config: RunConfig,
    dtype: DTypeLike = np.float32,
    rows: slice = slice(None),
) -> Float[np.ndarray, "a p p"]:
    """Give the logits of every pair, axes a, b, c; the class "=" is dropped.

    Parameters
    ----------
    params, config, dtype
        As for :func:`forward`.
    rows
        The first operands that are wanted.
    """
    net = _Network(params, config, np.dtype(dtype), rows)
    residuals = net.before(config.n_layers - 1)
    _, mid = net.attend(residuals, config.n_layers - 1, 2)
    hidden = net.hidden(mid, config.n_layers - 1)
    return net.unembed(net.mlp_residual(mid, hidden, config.n_layers - 1))


def neurons(
    params: Params, config: RunConfig, layer: int, dtype: DTypeLike = np.float32
) -> Float[np.ndarray, "d_mlp p p"]:
    """Give the activations of every neuron of a block on every pair."""
    return np.ascontiguousarray(
        np.moveaxis(hidden(params, config, layer, dtype), -1, 0)
    )


def hidden(
    params: Params,
    config: RunConfig,
    layer: int,
    dtype: DTypeLike = np.float32,
    rows: slice = slice(None),
) -> Float[np.ndarray, "a p d_mlp"]:
    """Give :func:`neurons` as they come out of the products, the neuron last.

    ``rows`` are the first operands that are wanted.
    """
    net = _Network(params, config, np.dtype(dtype), rows)
    _, mid = net.attend(net.before(net.layer(layer)), layer, 2)
    return net.hidden(mid, layer)


def mlp_sums(
    params: Params, config: RunConfig, layer: int, dtype: DTypeLike = np.float32
) -> list[tuple[Float[np.ndarray, "a b d_mlp"], Float[np.ndarray, "a b d_model"]]]:
    """Give the neurons of a block and the residual stream with their output added.

    One entry per position that is read later: "=" alone in the last block, else a, b
    and "=". The stream is that before any LayerNorm. Axes a, b have length 1 where the
    position does not depend on that operand.
    """
    net = _Network(params, config, np.dtype(dtype))
    residuals = net.before(net.layer(layer))
    sums = []
    for i in (2,) if layer + 1 == config.n_layers else (0, 1, 2):
        _, mid = net.attend(residuals, layer, i)
        hidden = net.hidden(mid, layer)
        sums.append((hidden, net.mlp_sum(mid, hidden, layer)))
    return sums


def neuron_grid(
    params: Params,
    config: RunConfig,
    layer: int,
    index: int,
    dtype: DTypeLike = np.float32,
) -> Float[np.ndarray, "p p"]:
    """Give one neuron's activation on every pair.

    In the first block without LayerNorm each head's output is projected on the
    neuron's input weights first, so a grid costs p² × n_heads products; elsewhere
    the residual stream before the neuron is computed in full.
    """
    net = _Network(params, config, np.dtype(dtype))
    layer = net.layer(layer)
    if not 0 <= index < config.d_mlp:
        raise ConfigError(
            f"neuron: expected 0 … {config.d_mlp - 1}; got {index}; choose one of those"
        )
    w = net.get(f"blocks/{layer}/W_in")[:, index]
    bias = net.get(f"blocks/{layer}/b_in")[index]
    if layer > 0 or config.layer_norm:
        _, mid = net.attend(net.before(layer), layer, 2)
        return net.activate(mid @ w + bias)
    residuals = net.embed()
    pattern = net.pattern(residuals, layer, 2)
    projected = np.einsum(
        "hde,he->dh", net.get("blocks/0/W_V"), net.get("blocks/0/W_O") @ w
    )
    own = residuals[2][0, 0] + biases.attention_shift(params, config, layer, net.dtype)
    pre = np.full((config.p, config.p), own @ w + bias)
    for source, residual in enumerate(residuals):
        table = residual @ projected
        pre += np.einsum("hab,abh->ab", pattern[:, source], table)
    return net.activate(pre)


def attention_pattern(
    params: Params, config: RunConfig, layer: int, dtype: DTypeLike = np.float32
) -> Float[np.ndarray, "n_heads 3 p p"]:
    """Give where "=" looks: axes head, source position (a, b, =), a, b; sums to 1."""
    net = _Network(params, config, np.dtype(dtype))
    return net.pattern(net.before(net.layer(layer)), layer, 2)


class _Network:
    """The parameters in one precision, and the steps of one forward pass.

    A residual is ``[p or 1, p or 1, d_model]``: an axis the position does not depend
    on has length 1.
    """

    def __init__(
        self,
        params: Params,
        config: RunConfig,
        dtype: np.dtype,
        rows: slice = slice(None),
    ) -> None:
        self.rows = rows
        self.params = params
        self.config = config
        self.dtype = dtype

    def get(self, name: str) -> np.ndarray:
        return self.params[name].astype(self.dtype, copy=False)

    def layer(self, layer: int) -> int:
        if not 0 <= layer < self.config.n_layers:
            raise ConfigError(
                f"layer: expected 0 … {self.config.n_layers - 1}; got {layer}; "
                "this network has no such block"
            )
        return layer

    def embed(self) -> list[np.ndarray]:
        W_E, W_pos, p = self.get("W_E"), self.get("W_pos"), self.config.p
        return [
            (W_E[:p] + W_pos[0])[self.rows, None],
            (W_E[:p] + W_pos[1])[None, :],
            (W_E[p] + W_pos[2])[None, None],
        ]

    def before(self, layer: int) -> list[np.ndarray]:
        """Give the residual streams of all positions that enter a block."""
        residuals = self.embed()
        for l in range(layer):
            residuals = [self.whole_block(residuals, l, i) for i in (0, 1, 2)]
        return residuals

    def whole_block(
        self, residuals: list[np.ndarray], layer: int, i: int
    ) -> np.ndarray:
        _, mid = self.attend(residuals, layer, i)
        return self.mlp_residual(mid, self.hidden(mid, layer), layer)

    def pattern(self, residuals: list[np.ndarray], layer: int, i: int) -> np.ndarray:
        """Give the attention of query i, ``[n_heads, sources, p or 1, p or 1]``."""
        query = np.einsum("abd,hde->habe", residuals[i], self._block(layer, "W_Q"))
        if self.config.attention_bias:
            # b_K adds the same to every score of a query, which a softmax ignores.
            query += self._block(layer, "b_Q")[:, None, None]
        W_K = self._block(layer, "W_K")
        folded = np.einsum("habe,hde->habd", query / sqrt(self.config.d_head), W_K)
        scores = [
            np.matmul(folded[..., None, :], residual[..., None])[..., 0, 0]
            if folded[0, ..., 0].size > 1
            else np.einsum("abd,hd->hab", residual, folded[:, 0, 0])
            for residual in self._sources(residuals, i)
        ]
        stacked = np.stack(np.broadcast_arrays(*scores), axis=1)
        stacked = stacked - stacked.max(axis=1, keepdims=True)
        np.exp(stacked, out=stacked)
        return stacked / stacked.sum(axis=1, keepdims=True)

    def attend(
        self,
        residuals: list[np.ndarray],
        layer: int,
        i: int,
        edits: Edits | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Give the pattern of position i and its residual after attention."""
        pattern = self.pattern(residuals, layer, i)
        pattern = self.edit(edits, layer, "pattern", pattern)
        W_V, W_O = self._block(layer, "W_V"), self._block(layer, "W_O")
        out = np.zeros((), dtype=self.dtype)
        for source, residual in enumerate(self._sources(residuals, i)):
            out = out + _mix(pattern[:, source], residual, W_V, W_O)
        if self.config.attention_bias:
            out = out + biases.attended(pattern, self.params, layer, self.dtype)
        out = self.edit(edits, layer, "attn_out", out)
        return pattern, self._normalise(residuals[i] + out, layer, 1)

    def hidden(self, mid: np.ndarray, layer: int) -> np.ndarray:
        W_in, b_in = self._block(layer, "W_in"), self._block(layer, "b_in")
        neurons = np.empty((*mid.shape[:-1], len(b_in)), self.dtype)
        for start in range(0, len(mid), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            pre = np.matmul(mid[part], W_in, out=neurons[part])
            pre += b_in
            if (active := self.activate(pre)) is not pre:
                neurons[part] = active
        return neurons

    def activate(self, pre: np.ndarray) -> np.ndarray:
        if self.config.activation == "gelu":
            return gelu(pre)
        return np.maximum(pre, 0, out=pre)

    def mlp_residual(
        self,
        mid: np.ndarray,
        hidden: np.ndarray,
        layer: int,
        edits: Edits | None = None,
    ) -> np.ndarray:
        return self._normalise(self.mlp_sum(mid, hidden, layer, edits), layer, 2)

    def mlp_sum(
        self,
        mid: np.ndarray,
        hidden: np.ndarray,
        layer: int,
        edits: Edits | None = None,
    ) -> np.ndarray:
        out = hidden @ self._block(layer, "W_out")
        out += self._block(layer, "b_out")
        if edits is None:
            return np.add(mid, out, out=out)
        return mid + self.edit(edits, layer, "mlp_out", out)

    def unembed(self, post: np.ndarray) -> np.ndarray:
        p = self.config.p
        W_U = unembedding(self.params, self.config).astype(self.dtype, copy=False)
        logits = post @ W_U
        if self.config.unembedding_bias:
            logits += self.get("b_U")[:p]
        return np.broadcast_to(logits, (len(range(p)[self.rows]), p, p))

    def edit(
        self, edits: Edits | None, layer: int, name: str, value: np.ndarray
    ) -> np.ndarray:
        key = f"blocks/{layer}/{name}"
        if edits is None or key not in edits:
            return value
        p = self.config.p
        grid = (p, p)
        full = value.shape[:2] + grid if name == "pattern" else grid + value.shape[2:]
        return edits[key](np.broadcast_to(value, full))

    def _block(self, layer: int, name: str) -> np.ndarray:
        return self.get(f"blocks/{layer}/{name}")

    def _sources(self, residuals: list[np.ndarray], i: int) -> list[np.ndarray]:
        return residuals[: i + 1] if self.config.causal_mask else residuals

    def _normalise(self, x: np.ndarray, layer: int, which: int) -> np.ndarray:
        if not self.config.layer_norm:
            return x
        centred = x - x.mean(axis=-1, keepdims=True)
        variance = np.square(centred).mean(axis=-1, keepdims=True)
        scale = self._block(layer, f"ln{which}_w")
        shift = self._block(layer, f"ln{which}_b")
        return centred / np.sqrt(variance + LAYER_NORM_EPS) * scale + shift


def unembedding(params: Params, config: RunConfig) -> Float[np.ndarray, "d_model p"]:
    """Give W_U for the number classes; the embedding's transpose when tied."""
    W_U = params["W_E"].T if config.tied_unembedding else params["W_U"]
    return W_U[:, : config.p]


def neuron_logit_map(
    params: Params, config: RunConfig, layer: int = -1
) -> Float[np.ndarray, "d_mlp p"]:
    """Give W_L = W_out W_U of a block (the last by default), in float64.

    With LayerNorm this is the direction before normalisation, not the whole path.
    """
    layer = layer % config.n_layers
    W_out = params[f"blocks/{layer}/W_out"].astype(np.float64, copy=False)
    return W_out @ unembedding(params, config)


def _mix(
    weights: np.ndarray, residual: np.ndarray, W_V: np.ndarray, W_O: np.ndarray
) -> np.ndarray:
    """Give Σ_h weights[h, a, b] · (residual W_V[h] W_O[h]), ``[a, b, d_model]``."""
    rows, columns, _ = residual.shape
    if rows > 1 and columns > 1:
        values = np.einsum("abd,hde->abhe", residual, W_V, optimize=True)
        values *= np.moveaxis(weights, 0, -1)[..., None]
        flat = W_O.reshape(-1, W_O.shape[-1])
        return values.reshape(rows, columns, -1) @ flat
    outputs = np.matmul(np.matmul(residual, W_V[:, None]), W_O[:, None])
    if columns > 1:
        mixed = np.matmul(weights.transpose(2, 1, 0), outputs[:, 0].transpose(1, 0, 2))
        return mixed.transpose(1, 0, 2)
    if rows > 1:
        return np.matmul(
            weights.transpose(1, 2, 0), outputs[:, :, 0].transpose(1, 0, 2)
        )
    return np.tensordot(weights, outputs[:, 0, 0], axes=(0, 0))
