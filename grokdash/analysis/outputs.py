"""What measures read of one forward pass: patterns, neurons and logits of all pairs.

In a network of one layer without LayerNorm the residual stream is linear in the
attention weights, so it need not be formed: one table with a row per token and head
holds what a token adds to every neuron and every logit, and W_out W_U is one matrix.
The numbers are those of :func:`grokdash.analysis.forward.forward` up to rounding.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from jaxtyping import Float
from numpy.typing import DTypeLike

from grokdash.analysis import activation
from grokdash.analysis.biases import attention_shift
from grokdash.analysis.forward import Params, forward, neuron_logit_map, unembedding
from grokdash.config import RunConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """What the "=" position looks at, computes and says; one entry per block.

    As in :class:`~grokdash.analysis.forward.Activations`, without the residual stream.
    """

    patterns: tuple[Float[np.ndarray, "n_heads 3 p p"], ...]
    neurons: tuple[Float[np.ndarray, "p p d_mlp"], ...]
    logits: Float[np.ndarray, "p p p"]


def outputs(
    params: Params, config: RunConfig, dtype: DTypeLike = np.float32
) -> Outputs:
    """Run the network on every pair.

    Parameters
    ----------
    params, config, dtype
        As for :func:`~grokdash.analysis.forward.forward`.
    """
    if config.n_layers == 1 and not config.layer_norm:
        return _of_one_layer(params, config, np.dtype(dtype))
    active = forward(params, config, dtype)
    return Outputs(
        patterns=active.patterns, neurons=active.neurons, logits=active.logits
    )


def _of_one_layer(params: Params, config: RunConfig, dtype: np.dtype) -> Outputs:
    p, m = config.p, config.d_mlp
    x = _embedded(params, config, dtype)
    pattern = _pattern(x, params, config, dtype)
    first, second = _tables(x, params, config, dtype)
    W_L = neuron_logit_map(params, config).astype(dtype)
    neurons, logits = np.empty((p, p, m), dtype), np.empty((p, p, p), dtype)
    of_first, of_second = _weights(pattern)
    mixed, added = (np.empty((p, 1, first.shape[-1]), dtype) for _ in range(2))
    for a in range(p):
        np.matmul(of_first[a], first[a], out=mixed[:, 0])
        mixed += np.matmul(of_second[a], second, out=added)
        pre = mixed[:, 0, :m]
        if config.activation == "relu":
            np.maximum(pre, 0, out=neurons[a])
        else:
            neurons[a] = activation.activate(pre, config.activation)
        np.matmul(neurons[a], W_L, out=logits[a])
        logits[a] += mixed[:, 0, m:]
    return Outputs(patterns=(pattern,), neurons=(neurons,), logits=logits)


def _weights(
    pattern: Float[np.ndarray, "n_heads 3 p p"],
) -> tuple[Float[np.ndarray, "p p rows"], Float[np.ndarray, "p p 1 n_heads"]]:
    """Give the weights of the rows of both tables of :func:`_tables` for every pair."""
    n_heads, _, p, _ = pattern.shape
    first = np.ones((p, p, n_heads + 1), pattern.dtype)
    first[..., :-1] = np.moveaxis(pattern[:, 0], 0, -1)
    second = np.ascontiguousarray(np.moveaxis(pattern[:, 1], 0, -1))
    return first, second[:, :, None]


def _embedded(
    params: Params, config: RunConfig, dtype: np.dtype
) -> Float[np.ndarray, "rows d_model"]:
    """Give the residual stream of all tokens at a, of all at b, and of "="."""
    W_E, W_pos = (params[name].astype(dtype, copy=False) for name in ("W_E", "W_pos"))
    tokens, equals = W_E[: config.p], W_E[config.p :]
    return np.concatenate([tokens + W_pos[0], tokens + W_pos[1], equals + W_pos[2]])


def _pattern(
    x: np.ndarray, params: Params, config: RunConfig, dtype: np.dtype
) -> Float[np.ndarray, "n_heads 3 p p"]:
    """Give where "=" looks. Scores need no keys: x W_K · q is x · (W_K q)."""
    p = config.p
    W_Q, W_K = (_block(params, name, dtype) for name in ("W_Q", "W_K"))
    query = x[-1] @ W_Q
    if config.attention_bias:
        query += _block(params, "b_Q", dtype)
    query /= dtype.type(sqrt(config.d_head))
    folded = (W_K @ query[:, :, None])[..., 0]
    scores = folded @ x.T
    stacked = np.empty((config.n_heads, 3, p, p), dtype)
    stacked[:, 0] = scores[:, :p, None]
    stacked[:, 1] = scores[:, None, p:-1]
    stacked[:, 2] = scores[:, -1:, None]
    stacked -= stacked.max(axis=1, keepdims=True)
    np.exp(stacked, out=stacked)
    stacked /= stacked.sum(axis=1, keepdims=True)
    return stacked


def _tables(
    x: np.ndarray, params: Params, config: RunConfig, dtype: np.dtype
) -> tuple[Float[np.ndarray, "p rows w"], Float[np.ndarray, "p n_heads w"]]:
    """Give what operands add to ``w`` = d_mlp + p numbers, a row per head.

    Less what "=" adds by that head, whose weight is one minus theirs. The first
    operand has one more row: what all pairs have.
    """
    p, m = config.p, config.d_mlp
    W_U = unembedding(params, config).astype(dtype, copy=False)
    wide = np.concatenate([_block(params, "W_in", dtype), W_U], axis=1)
    values = x @ _block(params, "W_V", dtype)
    each = values @ (_block(params, "W_O", dtype) @ wide)
    row = each[:, -1].sum(axis=0)
    row += (x[-1] + attention_shift(params, config, 0, dtype)) @ wide
    row[:m] += _block(params, "b_in", dtype)
    row[m:] += _block(params, "b_out", dtype) @ W_U
    if config.unembedding_bias:
        row[m:] += params["b_U"][:p]
    by_token = np.moveaxis(each - each[:, -1:], 0, 1)
    rows = np.broadcast_to(row, (p, 1, len(row)))
    first = np.concatenate([by_token[:p], rows], axis=1)
    return first, np.ascontiguousarray(by_token[p:-1])


def _block(params: Params, name: str, dtype: np.dtype) -> np.ndarray:
    return params[f"blocks/0/{name}"].astype(dtype, copy=False)
