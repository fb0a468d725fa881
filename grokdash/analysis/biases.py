"""What the biases of attention add: networks of other projects may have them."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float
from numpy.typing import DTypeLike

from grokdash.config import RunConfig


def attended(
    pattern: Float[np.ndarray, "n_heads sources a b"],
    params: Mapping[str, np.ndarray],
    layer: int,
    dtype: DTypeLike,
) -> Float[np.ndarray, "a b d_model"]:
    """Give b_O and what the bias of the values adds by these patterns."""
    moved, b_O = _moved(params, layer, dtype)
    return np.tensordot(pattern.sum(axis=1), moved, axes=(0, 0)) + b_O


def attention_shift(
    params: Mapping[str, np.ndarray], config: RunConfig, layer: int, dtype: DTypeLike
) -> Float[np.ndarray, " d_model"]:
    """Give what the biases of attention add at every position: b_O + Σ_h b_V W_O.

    Attention sums to one, so the bias of the values comes through whole.
    """
    if not config.attention_bias:
        return np.zeros(config.d_model, dtype)
    moved, b_O = _moved(params, layer, dtype)
    return moved.sum(axis=0) + b_O


def _moved(
    params: Mapping[str, np.ndarray], layer: int, dtype: DTypeLike
) -> tuple[Float[np.ndarray, "n_heads d_model"], Float[np.ndarray, " d_model"]]:
    """Give b_V W_O of every head, and b_O."""
    b_V, W_O, b_O = (
        params[f"blocks/{layer}/{name}"].astype(dtype, copy=False)
        for name in ("b_V", "W_O", "b_O")
    )
    return np.einsum("he,hed->hd", b_V, W_O), b_O
