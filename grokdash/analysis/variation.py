"""What varies and what merely rounds: the one place that decides it.

A share of variance needs a variance. Sums of squares about a mean that is large beside
the variation lose it in float32, and a constant that went through a float32 pass keeps
a little "variance" of rounding. So means are taken in float64 and subtracted first, and
what is left counts only above the rounding of the numbers it came from.
"""

import math

import numpy as np
from jaxtyping import Float
from numpy.typing import DTypeLike

from grokdash.analysis import fourier

ROUNDING = {np.dtype(np.float32): 1e-12, np.dtype(np.float64): fourier.ROUNDING}
"""Share of Σx² up to which Σ(x − mean)² is rounding: deviations of 10⁻⁶ (8 units in the
last place) of the root mean square in float32, of 10⁻¹² in float64."""

Axes = int | tuple[int, ...] | None

_BLOCK = 65_536
"""Numbers that are widened to float64 at a time: they stay in the processor's cache."""


def centred(X: Float[np.ndarray, "..."], axes: Axes) -> Float[np.ndarray, "..."]:
    """Subtract the mean over some axes, taken in float64; the precision is kept."""
    mean = X.mean(axis=axes, keepdims=True, dtype=np.float64)
    return X - mean.astype(X.dtype)


def centred_twice(
    X: Float[np.ndarray, "*rows d"],
) -> tuple[Float[np.ndarray, "*rows d"], Float[np.ndarray, " d"]]:
    """Subtract the mean of every row, then the mean of all rows, and give that too.

    Both means are taken in float64; the precision of X is kept.
    """
    d = X.shape[-1]
    rows = X.reshape(-1, d)
    left, mean = np.empty_like(rows), np.zeros(d)
    average = np.full(d, 1 / max(d, 1))
    for part in _blocks(len(rows), d):
        own = rows[part].astype(np.float64) @ average
        np.subtract(rows[part], own.astype(X.dtype)[:, None], out=left[part])
        mean += left[part].astype(np.float64).sum(axis=0)
    mean /= max(len(rows), 1)
    left -= mean.astype(X.dtype)
    return left.reshape(X.shape), mean


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
    if axes == tuple(range(X.ndim - 1)):
        left, energy, mean = _centre_columns(X)
    else:
        mean = X.mean(axis=axes, keepdims=True, dtype=np.float64)
        left = X - mean.astype(X.dtype)
        energy = np.square(left, dtype=np.float64).sum(axis=axes)
    count = X.size // max(energy.size, 1)
    mean = mean.reshape(energy.shape)
    rest = beyond_rounding(np.asarray(energy), mean, count, precision or X.dtype)
    return left, rest


def beyond_rounding(
    energy: Float[np.ndarray, "*rest"],
    mean: Float[np.ndarray, "*rest"],
    count: int,
    precision: DTypeLike,
) -> Float[np.ndarray, "*rest"]:
    """Give Σ(x − mean)² of ``count`` numbers each, 0 where it is only rounding."""
    whole = energy + count * np.square(mean)
    return np.where(energy > ROUNDING[np.dtype(precision)] * whole, energy, 0.0)


def energy(X: Float[np.ndarray, "..."]) -> float:
    """Give Σx² in float64."""
    flat = X.reshape(-1)
    total = 0.0
    for start in range(0, len(flat), _BLOCK):
        block = flat[start : start + _BLOCK].astype(np.float64)
        total += float(block @ block)
    return total


def _centre_columns(X: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centre over all axes but the last; give Σ(X − mean)² and the mean as well."""
    d = X.shape[-1]
    rows = X.reshape(math.prod(X.shape[:-1]), d)
    parts = _blocks(len(rows), d)
    total, energy = np.zeros(d), np.zeros(d)
    for part in parts:
        total += rows[part].astype(np.float64).sum(axis=0)
    mean = total / max(len(rows), 1)
    left, shift = np.empty_like(rows), mean.astype(X.dtype)
    for part in parts:
        wide = np.subtract(rows[part], shift, out=left[part]).astype(np.float64)
        energy += np.square(wide, out=wide).sum(axis=0)
    return left.reshape(X.shape), energy, mean


def _blocks(n: int, d: int) -> list[slice]:
    """Cut n rows of d numbers into parts that stay in the processor's cache."""
    step = max(_BLOCK // max(d, 1), 1)
    return [slice(start, start + step) for start in range(0, n, step)]


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
