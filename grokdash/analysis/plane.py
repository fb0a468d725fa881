"""Where in the plane of two frequencies a function of both operands has its energy."""

import numpy as np
from jaxtyping import Float

from grokdash.analysis import fourier, variation


def folded_plane(X: Float[np.ndarray, "q q"]) -> Float[np.ndarray, "f f"]:
    """Give the share of variance at every pair of folded frequencies.

    Parameters
    ----------
    X
        A function of (i, j) on the grid, in canonical order.

    Returns
    -------
    Float[np.ndarray, "f f"]
        Row k_a = 0 … ⌊q/2⌋, column k_b likewise; 0 is the constant of that operand.
        Cosine and sine are added up. Sums to 1; the corner (0, 0), the mean, is NaN.
        All NaN for a function that does not vary.
    """
    centred, total = variation.centre(X.astype(np.float64), None, np.float32)
    energy = np.square(fourier.transform2(centred))
    folded = _fold_axis(_fold_axis(energy).T).T
    if not total > 0:
        return np.full(folded.shape, np.nan)
    folded = folded / total
    folded[0, 0] = np.nan
    return folded


def _fold_axis(energy: np.ndarray) -> np.ndarray:
    return np.concatenate([energy[:, :1], fourier.fold(energy)], axis=1)


def wave_part(x: Float[np.ndarray, " q"], k: int) -> Float[np.ndarray, " q"]:
    """Give the mean plus the wave of frequency k of a profile: its best fit by one."""
    q = len(x)
    (k,) = fourier.fold_keys([k], q)
    F = fourier.basis(q)[[0, *fourier.frequency_rows(k, q)]]
    return F.T @ (F @ x.astype(np.float64))
