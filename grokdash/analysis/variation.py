"""What varies and what merely rounds: the one place that decides it.

A share of variance needs a variance. Sums of squares about a mean that is large beside
the variation lose it in float32, and a constant that went through a float32 pass keeps
a little "variance" of rounding. So means are taken in float64 and subtracted first, and
what is left counts only above the rounding of the numbers it came from.
"""

import numpy as np
from jaxtyping import Float
from numpy.typing import DTypeLike

from grokdash.analysis import fourier

ROUNDING = {np.dtype(np.float32): 1e-12, np.dtype(np.float64): fourier.ROUNDING}
"""Share of Σx² up to which Σ(x − mean)² is rounding: deviations of 10⁻⁶ (8 units in the
last place) of the root mean square in float32, of 10⁻¹² in float64."""

Axes = int | tuple[int, ...] | None


def centred(X: Float[np.ndarray, "..."], axes: Axes) -> Float[np.ndarray, "..."]:
    """Subtract the mean over some axes, taken in float64; the precision is kept."""
    mean = X.mean(axis=axes, keepdims=True, dtype=np.float64)
    return X - mean.astype(X.dtype)


def centre(
    X: Float[np.ndarray, "..."], axes: Axes, precision: DTypeLike | None = None
) -> tuple[Float[np.ndarray, "..."], Float[np.ndarray, "..."]]:
    """Subtract the mean and say how much is left.

    Parameters
    ----------
    X
        Any real numbers.
    axes
        What the mean is over; None for all.
    precision
        Of the computation that gave X, where it is coarser than X's own.

    Returns
    -------
    tuple
        X − mean in the precision of X, and Σ(X − mean)² over the axes in float64: 0
        where it is no more than rounding.
    """
    mean = X.mean(axis=axes, keepdims=True, dtype=np.float64)
    left = X - mean.astype(X.dtype)
    energy = np.square(left, dtype=np.float64).sum(axis=axes)
    count = X.size // max(energy.size, 1)
    whole = energy + count * np.square(mean).reshape(energy.shape)
    rounding = ROUNDING[np.dtype(precision or X.dtype)] * whole
    return left, np.where(energy > rounding, energy, 0.0)


def variance(values: np.ndarray, precision: DTypeLike = np.float32) -> float:
    """Give the variance of all finite values; 0 if it is no more than rounding.

    Parameters
    ----------
    values
        Any shape; what is not finite is left out.
    precision
        Of the computation that gave them.
    """
    known = values[np.isfinite(values)].astype(np.float64)
    if not known.size:
        return 0.0
    return float(centre(known, None, precision)[1]) / known.size
