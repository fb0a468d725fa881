"""Gradients of single logits with respect to the operands' embeddings, by hand.

One forward and one backward pass on a batch of pairs, written out so that the analysis
needs no automatic differentiation. All three positions, in the last block that which is
read. float64.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from jaxtyping import Float, Int

from grokdash.analysis import activation
from grokdash.analysis.forward import LAYER_NORM_EPS, Params, unembedding
from grokdash.config import RunConfig


@dataclass(frozen=True, slots=True)
class _Norm:
    unit: np.ndarray
    scale: np.ndarray


@dataclass(frozen=True, slots=True)
class _Block:
    """What a block's backward pass needs; ``places`` are the positions it computes."""

    places: slice
    q: np.ndarray
    k: np.ndarray
    v: np.ndarray
    pattern: np.ndarray
    pre: np.ndarray
    norms: tuple[_Norm | None, _Norm | None]


def embedding_gradients(
    params: Params,
    config: RunConfig,
    triples: Int[np.ndarray, "n 3"],
) -> Float[np.ndarray, "n 2 d_model"]:
    """Give ∂L[a, b, c]/∂E_a and ∂L[a, b, c]/∂E_b of triples (a, b, c).

    The embedding table is treated as two inputs, one per position, before W_pos is
    added (Zhong et al. 2023, arXiv:2306.17844, section 4.1).
    """
    weights = {name: value.astype(np.float64) for name, value in params.items()}
    tokens = np.column_stack([triples[:, :2], np.full(len(triples), config.p)])
    x = weights["W_E"][tokens] + weights["W_pos"]
    blocks = []
    for layer in range(config.n_layers):
        places = slice(2, 3) if layer + 1 == config.n_layers else slice(0, 3)
        x, block = _forward(x, _layer(weights, layer), config, places)
        blocks.append(block)
    gradient = np.zeros_like(x)
    gradient[:, 0] = unembedding(weights, config).T[triples[:, 2]]
    for layer in reversed(range(config.n_layers)):
        gradient = _backward(gradient, blocks[layer], _layer(weights, layer), config)
    return gradient[:, :2]


def _layer(weights: Params, layer: int) -> dict[str, np.ndarray]:
    prefix = f"blocks/{layer}/"
    return {
        name.removeprefix(prefix): value
        for name, value in weights.items()
        if name.startswith(prefix)
    }


def _forward(
    x: np.ndarray, w: dict[str, np.ndarray], config: RunConfig, places: slice
) -> tuple[np.ndarray, _Block]:
    q = _by_head(x[:, places], w["W_Q"])
    k, v = (_by_head(x, w[name]) for name in ("W_K", "W_V"))
    if config.attention_bias:
        q, k, v = (
            part + w[name][:, None]
            for part, name in ((q, "b_Q"), (k, "b_K"), (v, "b_V"))
        )
    scores = q @ k.swapaxes(2, 3) / sqrt(config.d_head)
    if config.causal_mask:
        visible = np.tril(np.ones((3, 3), dtype=bool))[places]
        scores = np.where(visible, scores, -np.inf)
    pattern = np.exp(scores - scores.max(axis=-1, keepdims=True))
    pattern /= pattern.sum(axis=-1, keepdims=True)
    mid = x[:, places] + _from_heads(pattern @ v, w["W_O"]) + w.get("b_O", 0.0)
    mid, first = _normalise(mid, w, 1)
    pre = np.tensordot(mid, w["W_in"], 1) + w["b_in"]
    hidden = activation.activate(pre, config.activation)
    out = np.tensordot(hidden, w["W_out"], 1) + w["b_out"]
    post, second = _normalise(mid + out, w, 2)
    return post, _Block(places, q, k, v, pattern, pre, (first, second))


def _by_head(x: np.ndarray, W: np.ndarray) -> np.ndarray:
    """Give ``x[n, i, d] W[h, d, e]`` as ``[n, h, i, e]``, in one product."""
    return np.tensordot(x, W, axes=(2, 1)).swapaxes(1, 2)


def _from_heads(z: np.ndarray, W: np.ndarray) -> np.ndarray:
    """Give ``Σ_h z[n, h, i, e] W[h, e, d]`` as ``[n, i, d]``."""
    return np.tensordot(z, W, axes=((1, 3), (0, 1)))


def _normalise(
    x: np.ndarray, w: dict[str, np.ndarray], which: int
) -> tuple[np.ndarray, _Norm | None]:
    if f"ln{which}_w" not in w:
        return x, None
    centred = x - x.mean(axis=-1, keepdims=True)
    scale = 1 / np.sqrt(
        np.square(centred).mean(axis=-1, keepdims=True) + LAYER_NORM_EPS
    )
    unit = centred * scale
    return unit * w[f"ln{which}_w"] + w[f"ln{which}_b"], _Norm(unit, scale)


def _backward(
    gradient: np.ndarray, block: _Block, w: dict[str, np.ndarray], config: RunConfig
) -> np.ndarray:
    gradient = _norm_backward(gradient, block.norms[1], w.get("ln2_w"))
    slope = activation.derivative(block.pre, config.activation)
    to_pre = np.tensordot(gradient, w["W_out"].T, 1) * slope
    gradient = gradient + np.tensordot(to_pre, w["W_in"].T, 1)
    gradient = _norm_backward(gradient, block.norms[0], w.get("ln1_w"))
    values = _by_head(gradient, w["W_O"].swapaxes(1, 2))
    to_pattern = values @ block.v.swapaxes(2, 3)
    weighted = block.pattern * to_pattern
    to_scores = weighted - block.pattern * weighted.sum(axis=-1, keepdims=True)
    to_scores /= sqrt(config.d_head)
    found = _from_heads(to_scores.swapaxes(2, 3) @ block.q, w["W_K"].swapaxes(1, 2))
    to_values = block.pattern.swapaxes(2, 3) @ values
    found += _from_heads(to_values, w["W_V"].swapaxes(1, 2))
    found[:, block.places] += gradient
    found[:, block.places] += _from_heads(to_scores @ block.k, w["W_Q"].swapaxes(1, 2))
    return found


def _norm_backward(
    gradient: np.ndarray, norm: _Norm | None, weight: np.ndarray | None
) -> np.ndarray:
    if norm is None or weight is None:
        return gradient
    g = gradient * weight
    along = (g * norm.unit).mean(axis=-1, keepdims=True)
    return norm.scale * (g - g.mean(axis=-1, keepdims=True) - norm.unit * along)
