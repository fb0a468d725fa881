"""The real Fourier basis on Z_n, its folded frequencies, and how sparse a spectrum is.

A frequency is *folded*: k = 1 … ⌊n/2⌋, because k and n − k are the same wave. Row order
is constant, cos 1, sin 1, cos 2, sin 2, …; an even n has one more row, the alternating
wave of frequency n/2, which has no sine.
"""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from jaxtyping import Float, Int

from grokdash.errors import ConfigError

ROUNDING = 1e-24
"""Share of the energy below which float64 cannot tell a wave from its rounding; a
change in the last digit of one float32 weight is above it."""


@lru_cache(maxsize=32)
def basis(n: int) -> Float[np.ndarray, "n n"]:
    """Give the orthonormal real Fourier basis of Z_n, one wave per row.

    Parameters
    ----------
    n
        Modulus, at least 1; odd or even.

    Returns
    -------
    Float[np.ndarray, "n n"]
        ``basis(n) @ x`` are the coefficients of x; the array is shared and read-only.
        Row 0 is 1/√n, row 2k−1 is √(2/n)·cos(2πkt/n), row 2k is √(2/n)·sin(2πkt/n);
        for even n the last row is (−1)^t/√n.
    """
    t = np.arange(n)
    k = np.arange(1, (n - 1) // 2 + 1)
    angle = 2 * np.pi * (np.outer(k, t) % n) / n
    rows = np.empty((n, n))
    rows[0] = 1 / np.sqrt(n)
    rows[1 : 2 * len(k) + 1 : 2] = np.sqrt(2 / n) * np.cos(angle)
    rows[2 : 2 * len(k) + 1 : 2] = np.sqrt(2 / n) * np.sin(angle)
    if n % 2 == 0:
        rows[-1] = (-1.0) ** t / np.sqrt(n)
    rows.setflags(write=False)
    return rows


def n_frequencies(n: int) -> int:
    """Count the folded frequencies of Z_n: ⌊n/2⌋, the alternating wave included."""
    return n // 2


def frequency_rows(k: int, n: int) -> list[int]:
    """List the basis rows of frequency k: cosine and sine, or the alternating one."""
    return [2 * k - 1] if alternates(k, n) else [2 * k - 1, 2 * k]


def alternates(k: int, n: int) -> bool:
    """Say whether k is n/2: the wave (−1)^t, with two values, a sign and no sine."""
    return 2 * k == n


def frequency_order(k: int, n: int) -> Int[np.ndarray, " n"]:
    """List 0 … n − 1 in ascending order of k·t mod n: frequency k then looks like 1.

    The order k⁻¹·t where k has an inverse mod n. Where it shares a factor g with n, the
    g indices that its wave cannot tell apart stand together, in their usual order.
    """
    return np.argsort(k * np.arange(n) % n, kind="stable")


def fold_keys(keys: Iterable[int], n: int) -> tuple[int, ...]:
    """Fold frequencies into 1 … ⌊n/2⌋, without repeats, ascending.

    Raises
    ------
    ConfigError
        If one of them is a multiple of n: the constant is no frequency.
    """
    folded = {min(k % n, -k % n) for k in map(int, keys)}
    if 0 in folded:
        raise ConfigError(
            f"key frequencies: expected 1 … {n // 2} (or their mirror images); got a "
            f"multiple of {n}, which is the constant; leave it out"
        )
    return tuple(sorted(folded))


def fold(power: Float[np.ndarray, "*axes n"]) -> Float[np.ndarray, "*axes nf"]:
    """Add the energies of cosine and sine of each frequency; the constant is dropped.

    Parameters
    ----------
    power
        Energies (squared coefficients) in row order on the last axis.

    Returns
    -------
    Float[np.ndarray, "*axes nf"]
        Energy of k = 1 … ⌊n/2⌋; the alternating wave of an even n counts alone.
    """
    n = power.shape[-1]
    folded = power[..., 1::2].copy()
    folded[..., : (n - 1) // 2] += power[..., 2::2]
    return folded


def transform(
    x: Float[np.ndarray, "n ..."],
) -> Float[np.ndarray, "n ..."]:
    """Fourier-transform the first axis; the precision of x is kept."""
    n = len(x)
    matrix = basis(n).astype(x.dtype, copy=False)
    return (matrix @ x.reshape(n, -1)).reshape(x.shape)


def inverse(
    x: Float[np.ndarray, "n ..."],
) -> Float[np.ndarray, "n ..."]:
    """Undo :func:`transform`."""
    n = len(x)
    matrix = basis(n).astype(x.dtype, copy=False)
    return (matrix.T @ x.reshape(n, -1)).reshape(x.shape)


def component_power(
    W: Float[np.ndarray, "n d"],
) -> Float[np.ndarray, " n"]:
    """Give the energy ‖(F W)[j]‖² of every basis row; the sum is ‖W‖²_F.

    The paper's figure 3a shows the square roots of these (norms). Rows that hold no
    more than the rounding of this sum are zero: an array that is the same for every
    token has no spectrum, and its rounding must not look like one.
    """
    power = np.square(transform(W.astype(np.float64, copy=False))).sum(axis=1)
    return np.where(power > ROUNDING * power.sum(), power, 0.0)


def transform2(
    X: Float[np.ndarray, "n n *features"],
) -> Float[np.ndarray, "n n *features"]:
    """Fourier-transform both grid axes: F X Fᵀ; orthonormal, precision of X kept."""
    n = len(X)
    matrix = basis(n).astype(X.dtype, copy=False)
    first = transform(X).reshape(n, n, -1)
    return np.matmul(matrix, first).reshape(X.shape)


def inverse2(
    C: Float[np.ndarray, "n n *features"],
) -> Float[np.ndarray, "n n *features"]:
    """Undo :func:`transform2`."""
    n = len(C)
    matrix = basis(n).astype(C.dtype, copy=False)
    first = inverse(C).reshape(n, n, -1)
    return np.matmul(matrix.T, first).reshape(C.shape)


def gini(x: Float[np.ndarray, " n"]) -> float:
    """Measure how unequal non-negative numbers are (Hurley and Rickard 2009).

    Returns
    -------
    float
        0 for equal numbers, 1 − m/n when m of n are equal and the rest zero; NaN when
        there are none or their sum is zero.
    """
    n = len(x)
    total = float(np.sum(x, dtype=np.float64))
    if n == 0 or not total > 0:
        return float("nan")
    ranks = np.arange(1, n + 1)
    return float(2 * (ranks @ np.sort(x)) / (n * total) - (n + 1) / n)


def spectrum_gini(power: Float[np.ndarray, " n"]) -> float:
    """Give the Gini of the folded *norms* of a spectrum, constant dropped.

    Norms, not energies, as in the paper's section 5.1; ``power`` are energies in row
    order. A random Gaussian embedding of p = 113 gives about 0.03.
    """
    return norm_gini(np.sqrt(fold(power)))


def norm_gini(norms: Float[np.ndarray, " nf"]) -> float:
    """Give the Gini of folded norms; NaN for one frequency, which cannot be unequal."""
    return gini(norms) if len(norms) > 1 else float("nan")


def count_for_fraction(share: Float[np.ndarray, " n"], fraction: float = 0.99) -> int:
    """Count the largest entries needed to reach a fraction of the sum.

    At fraction 0.9 this under-counts key frequencies; 0.99 is the safer default.
    """
    total = np.cumsum(np.sort(share)[::-1])
    return int(np.searchsorted(total, fraction * total[-1]) + 1) if len(share) else 0
