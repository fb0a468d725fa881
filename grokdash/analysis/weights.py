"""Norms, ranks and subspaces of weight matrices."""

import numpy as np
from jaxtyping import Float

from grokdash.analysis import fourier
from grokdash.analysis.forward import Params


def tensor_names(params: Params) -> tuple[str, ...]:
    """Give the parameter names in the order of every per-tensor measure: sorted."""
    return tuple(sorted(params))


def sums_of_squares(params: Params) -> Float[np.ndarray, " tensors"]:
    """Give Σw² of every parameter, in the order of :func:`tensor_names`."""
    return np.array(
        [
            float(np.square(params[name], dtype=np.float64).sum())
            for name in tensor_names(params)
        ]
    )


def stable_rank(W: Float[np.ndarray, "n d"]) -> float:
    """Give ‖W‖²_F/‖W‖²₂, between 1 and the rank; NaN for zero."""
    energy = np.square(np.linalg.svd(W.astype(np.float64), compute_uv=False))
    return float(energy.sum() / energy[0]) if energy[0] > 0 else float("nan")


def effective_rank(W: Float[np.ndarray, "n d"]) -> float:
    """Give exp of the entropy (nats) of σ²/Σσ² (Roy and Vetterli 2007); NaN for zero.

    Theirs uses σ; energies σ² are used here so that it is comparable to shares.
    """
    energy = np.square(np.linalg.svd(W.astype(np.float64), compute_uv=False))
    total = energy.sum()
    if total <= 0:
        return float("nan")
    share = energy[energy > 0] / total
    return float(np.exp(-(share * np.log(share)).sum()))


def key_residual(power: Float[np.ndarray, " n"], keys: tuple[int, ...]) -> float:
    """Give √(1 − energy at the keys / all energy): the norm the keys leave over.

    The constant counts as left over. For W_L the paper's section 4.2 finds below
    0.55 %, which fits the square of this (docs/normal.md).
    """
    folded = fourier.fold(power)
    kept = sum(folded[k - 1] for k in fourier.fold_keys(keys, len(power)))
    total = power.sum()
    return float(np.sqrt(max(0.0, 1 - kept / total))) if total > 0 else float("nan")
