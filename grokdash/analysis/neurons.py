"""Which frequency each neuron computes with, how purely, and its phases."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from grokdash.analysis import fourier, variation

CLUSTER_THRESHOLD = 0.85

_AT_ONCE = 16
"""Operands whose grids are added up before the sum is widened to float64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NeuronShares:
    """Fractions of each neuron's variance over pairs by frequency, all ``[nf, m]``.

    ``single``: the 8 terms {1, cos, sin}² of one frequency without the constant, so
    every polynomial of degree 2 in it; ``quadratic``: the 4 product terms; ``sums``:
    the 2 sum directions cos, sin of w_k(i + j). A frequency q/2 has 3, 1 and 1.
    NaN for neurons that do not vary.
    """

    single: Float[np.ndarray, "nf m"]
    quadratic: Float[np.ndarray, "nf m"]
    sums: Float[np.ndarray, "nf m"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeuronFrequencies:
    """The best single frequency of every neuron, all ``[m]``.

    ``best``: frequency with the largest share, −1 for a neuron that does not vary;
    ``frequency``: the same where the share exceeds 0.85, else −1 (unexplained);
    ``fraction``: that largest share, NaN for −1 in ``best``; an ideal ReLU neuron has
    0.962; ``active``: fraction of pairs on which it fires, that is, is positive.
    """

    best: Int[np.ndarray, " m"]
    frequency: Int[np.ndarray, " m"]
    fraction: Float[np.ndarray, " m"]
    active: Float[np.ndarray, " m"]


def shares(N: Float[np.ndarray, "q q m"]) -> NeuronShares:
    """Split each neuron's variance over pairs by frequency (paper section 4.3).

    Computed in the precision of N, whose grid is in canonical order, after its mean is
    subtracted. The terms that count are waves in i, in j, in i + j and in i − j, so
    sums along the four directions suffice, and no 2-D transform is formed: cos w_k(i +
    j) and sin w_k(i + j) with those of i − j span the products of cos and sin.
    """
    q = len(N)
    margins = _margins(N)
    variance = np.where(margins.energy > 0, margins.energy, np.nan)
    linear = _along(margins.rows) + _along(margins.columns)
    sums, differences = _along(margins.sums), _along(margins.differences)
    # The alternating wave of an even q is the same in i + j and in i − j.
    differences[(q - 1) // 2 :] = 0.0
    return NeuronShares(
        single=(linear + sums + differences) / variance,
        quadratic=(sums + differences) / variance,
        sums=sums / variance,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Margins:
    """Sums of centred grids over all pairs with one i, j, i + j or i − j mod q."""

    rows: Float[np.ndarray, "q m"]
    columns: Float[np.ndarray, "q m"]
    sums: Float[np.ndarray, "q m"]
    differences: Float[np.ndarray, "q m"]
    energy: Float[np.ndarray, " m"]


def _margins(N: Float[np.ndarray, "q q m"]) -> _Margins:
    """Add up a few operands at a time in the precision of N, those in float64."""
    q, _, m = N.shape
    N, ones = np.ascontiguousarray(N), np.ones(q, N.dtype)
    near = sum((ones @ grid for grid in N), np.zeros(m)) / max(q * q, 1)
    shift = near.astype(N.dtype)
    rows, energy, total = np.empty((q, m)), np.zeros(m), np.zeros((3, q, m))
    centred, part = np.empty((q, m), N.dtype), np.empty((3, q, m), N.dtype)
    for i in range(q):
        if i % _AT_ONCE == 0:
            total += part if i else 0.0
            part[:] = 0.0
        columns, sums, differences = part
        np.subtract(N[i], shift, out=centred)
        energy += np.einsum("jm,jm->m", centred, centred)
        rows[i] = centred.sum(axis=0)
        columns += centred
        sums[i:] += centred[: q - i]
        sums[:i] += centred[q - i :]
        differences[: q - i] += centred[i:]
        differences[q - i :] += centred[:i]
    total += part if q else 0.0
    left = rows.sum(axis=0) / max(q * q, 1)
    energy = variation.beyond_rounding(
        energy - q * q * np.square(left), shift + left, q * q, N.dtype
    )
    columns, sums, differences = total
    return _Margins(
        rows=rows, columns=columns, sums=sums, differences=differences, energy=energy
    )


def _along(sums: Float[np.ndarray, "q m"]) -> Float[np.ndarray, "nf m"]:
    """Give the energy of every frequency of a function that q pairs share each."""
    q = len(sums)
    power = np.square(fourier.basis(q) @ sums)
    return fourier.fold(power.T).T / q


def frequencies(
    N: Float[np.ndarray, "q q m"], threshold: float = CLUSTER_THRESHOLD
) -> NeuronFrequencies:
    """Assign every neuron to the frequency that explains most of its variance."""
    single = shares(N).single
    known = np.isfinite(single).all(axis=0) & (len(single) > 0)
    filled = np.where(known, single, 0.0) if len(single) else np.zeros((1, N.shape[2]))
    best = np.where(known, filled.argmax(axis=0) + 1, -1)
    fraction = np.where(known, filled.max(axis=0), np.nan)
    explained = np.nan_to_num(fraction, nan=-1.0) > threshold
    return NeuronFrequencies(
        best=best,
        frequency=np.where(explained, best, -1),
        fraction=fraction,
        active=np.count_nonzero(N > 0, axis=(0, 1)) / len(N) ** 2,
    )


def cluster_sizes(frequency: Int[np.ndarray, " m"]) -> dict[int, int]:
    """Count neurons per frequency, ascending; −1 (unexplained) comes first."""
    values, counts = np.unique(frequency, return_counts=True)
    return {int(k): int(n) for k, n in zip(values, counts, strict=True)}


def single_frequency_fit(
    N: Float[np.ndarray, "q q *features"], k: int
) -> Float[np.ndarray, "q q *features"]:
    """Keep the constant and the 8 terms of one frequency of grid functions."""
    q = len(N)
    (k,) = fourier.fold_keys([k], q)
    rows = [0, *fourier.frequency_rows(k, q)]
    F = fourier.basis(q)[rows]
    keep = F.T @ F
    flat = N.reshape(q, q, -1)
    return np.einsum("ai,ijm,jb->abm", keep, flat, keep, optimize=True).reshape(N.shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeuronPhases:
    """Phases in radians of every neuron at its frequency, all ``[m]``.

    A wave of phase φ is cos(w_k t − φ). ``a``, ``b``: of the neuron's input weights for
    the two operands; ``out``: of its weights on the answers. A neuron that adds has
    ``out`` ≈ ``a`` + ``b`` mod 2π; ``defect`` is the difference, in (−π, π].
    NaN for neurons without a frequency.
    """

    a: Float[np.ndarray, " m"]
    b: Float[np.ndarray, " m"]
    out: Float[np.ndarray, " m"]
    defect: Float[np.ndarray, " m"]


def neuron_phases(
    input_a: Float[np.ndarray, "q m"],
    input_b: Float[np.ndarray, "q m"],
    output: Float[np.ndarray, "q m"],
    frequency: Int[np.ndarray, " m"],
) -> NeuronPhases:
    """Read the phases of neurons at their frequencies.

    Parameters
    ----------
    input_a, input_b
        Input of every token to every neuron from position a and b, canonical order:
        the embedding through the heads' value–output maps and W_in.
    output
        W_L transposed, classes in canonical order.
    frequency
        From :func:`frequencies`; −1 gives NaN. The alternating wave of an even q has a
        sign and no other phase: 0 for +, π for −.
    """
    a, b, out = (_phase(W, frequency) for W in (input_a, input_b, output))
    defect = np.pi - (np.pi - (out - a - b)) % (2 * np.pi)
    return NeuronPhases(a=a, b=b, out=out, defect=defect)


def _phase(W: np.ndarray, frequency: np.ndarray) -> np.ndarray:
    q, m = W.shape
    spectrum = np.vstack([fourier.transform(W.astype(np.float64)), np.zeros(m)])
    has = frequency > 0
    k = np.where(has, frequency, 0)
    neuron = np.arange(m)
    sine_row = np.where(2 * k < q, 2 * k, q)
    phase = np.arctan2(spectrum[sine_row, neuron], spectrum[2 * k - has, neuron])
    return np.where(has, phase, np.nan)


def read_direction_fve(
    N: Float[np.ndarray, "q q m"],
    W_L: Float[np.ndarray, "m q"],
    keys: tuple[int, ...],
) -> Float[np.ndarray, "n_keys 2"]:
    """Say how well the directions the logits read are waves in i + j (paper table 1).

    For each key k the cosine and sine rows of F W_Lᵀ are directions in neuron space;
    given is the fraction of variance of the neurons' projection on each that lies on
    cos, sin of w_k(i + j), whatever its phase. The sine of a frequency q/2 is NaN.

    Parameters
    ----------
    N
        Neurons on a canonical grid.
    W_L
        Neuron–logit map, columns in canonical class order.
    keys
        Key frequencies.
    """
    q = len(N)
    folded = fourier.fold_keys(keys, q)
    spectrum = fourier.basis(q) @ W_L.T
    result = np.full((len(folded), 2), np.nan)
    for i, k in enumerate(folded):
        rows = fourier.frequency_rows(k, q)
        projected = N.astype(np.float64, copy=False) @ spectrum[rows].T
        result[i, : len(rows)] = shares(projected).sums[k - 1]
    return result
