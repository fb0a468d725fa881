"""The spectrum of the logits: sum directions, key frequencies, cosine coefficients.

Variance shares are of *gauge-fixed* logits: the mean over classes, which a softmax does
not see, is subtracted first, then the mean over pairs. In a canonical frame of modulus
q the pair is (i, j), the answer i + j mod q.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from grokdash.analysis import fourier, variation

KEY_THRESHOLD = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class LogitSpectrum:
    """How the variance of gauge-fixed logits divides over 2-D frequencies.

    ``sum_share``, ``diff_share`` ``[nf]``: waves in i + j and in i − j of frequency k
    (the alternating wave of an even q is both and counts as sum). ``lin_share``: terms
    in i or j alone. ``cross_share``: products of two different frequencies. These add
    up to 1. ``dc_share``: energy of the mean over pairs as a fraction of the energy of
    the class-centred logits; apart from the others. ``G`` ``[q, q]``: norms over
    classes of the 2-D coefficients. ``energy``: sum of squares of gauge-fixed logits.
    """

    sum_share: Float[np.ndarray, " nf"]
    diff_share: Float[np.ndarray, " nf"]
    lin_share: float
    cross_share: float
    dc_share: float
    G: Float[np.ndarray, "q q"]
    energy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GaugeFixed:
    """Logits less the mean over classes, then less that over pairs.

    ``values`` in the precision of the logits; ``energy``: their sum of squares, 0 (as
    the values are) if that is only rounding; ``mean``: that over pairs, per class.
    """

    values: Float[np.ndarray, "*pairs classes"]
    energy: float
    mean: Float[np.ndarray, " classes"]


def gauge_fix(L: Float[np.ndarray, "*pairs classes"]) -> Float[np.ndarray, "..."]:
    """Subtract the mean over classes, then the mean over pairs; precision is kept."""
    return gauge_fixed(L).values


def gauge_fixed_energy(L: Float[np.ndarray, "*pairs classes"]) -> float:
    """Give the sum of squares of gauge-fixed logits; 0 if that is only rounding."""
    return gauge_fixed(L).energy


def gauge_fixed(L: Float[np.ndarray, "*pairs classes"]) -> GaugeFixed:
    """Take from logits what a softmax and the pairs' variance do not see."""
    fixed, mean = variation.centred_twice(L)
    energy = variation.energy(fixed)
    whole = energy + float(np.square(mean).sum()) * (L.size // L.shape[-1])
    if energy <= variation.ROUNDING[L.dtype] * whole:
        return GaugeFixed(values=np.zeros_like(fixed), energy=0.0, mean=mean)
    return GaugeFixed(values=fixed, energy=energy, mean=mean)


def spectrum(cube: Float[np.ndarray, "q q q"]) -> LogitSpectrum:
    """Divide the variance of logits in canonical order over 2-D frequencies.

    Computed in the precision of ``cube``, after the means are subtracted. All shares
    are NaN for logits that are the same for every pair, up to rounding.
    """
    return spectrum_of(gauge_fixed(cube))


def spectrum_of(fixed: GaugeFixed) -> LogitSpectrum:
    """Give the :func:`spectrum` of gauge-fixed logits ``[q, q, q]``."""
    q, mean = len(fixed.values), fixed.mean
    C = fourier.transform2(fixed.values)
    power = np.einsum("fgc,fgc->fg", C, C).astype(np.float64)
    power[0, 0] = 0.0
    energy = float(power.sum())
    dc = float(np.square(mean).sum()) * q**2
    G = np.sqrt(power)
    G[0, 0] = np.sqrt(dc)
    cos, sin = np.arange(1, q - 1, 2), np.arange(2, q, 2)
    cc, ss, cs, sc = C[cos, cos], C[sin, sin], C[cos, sin], C[sin, cos]
    nyquist = [power[-1, -1]] if q % 2 == 0 else []
    total = energy if energy > 0 else np.nan
    sums = np.append(_energy(cc - ss) / 2 + _energy(sc + cs) / 2, nyquist) / total
    differences = np.append(
        _energy(cc + ss) / 2 + _energy(sc - cs) / 2, np.zeros(len(nyquist))
    )
    linear = float(power[0, 1:].sum() + power[1:, 0].sum()) / total
    differences = differences / total
    return LogitSpectrum(
        sum_share=sums,
        diff_share=differences,
        lin_share=linear,
        cross_share=1 - linear - float(sums.sum() + differences.sum()),
        dc_share=dc / (energy + dc) if energy + dc > 0 else float("nan"),
        G=G,
        energy=energy,
    )


def _energy(x: np.ndarray) -> np.ndarray:
    return np.square(x, dtype=np.float64).sum(axis=-1)


def sum_shares(
    M: Float[np.ndarray, "q q"],
    energy: float,
    sizes: np.ndarray | None = None,
) -> Float[np.ndarray, " nf"]:
    """Give each frequency's share from the fibre means alone.

    Parameters
    ----------
    M
        Mean logits per answer s (rows) and class.
    energy
        Sum of squares of the gauge-fixed logits.
    sizes
        Pairs per answer, default q each. With unequal fibres (no group) the waves are
        not orthogonal on the pairs, so shares need not be complete.
    """
    q = len(M)
    weights = np.full(q, float(q)) if sizes is None else np.asarray(sizes, np.float64)
    centred = M - M.mean(axis=1, keepdims=True)
    waves = np.square(bands(centred)).sum(axis=2) @ weights
    return waves / energy if energy > 0 else np.full(len(waves), np.nan)


def key_frequencies(
    sum_share: Float[np.ndarray, " nf"], threshold: float = KEY_THRESHOLD
) -> tuple[int, ...]:
    """List the frequencies whose sum directions hold more than 1 % of the variance.

    The published rule, which memorised answers may pass; NaN shares give none. Runs
    count their keys by :func:`grokdash.analysis.cross_split.key_frequencies`, and
    :mod:`grokdash.analysis.keys` compares the rules.
    """
    return tuple(int(k) + 1 for k in np.flatnonzero(sum_share > threshold))


def bands(M: Float[np.ndarray, "q d"]) -> Float[np.ndarray, "nf q d"]:
    """Split a table along its rows into its waves of each frequency; constant left out.

    P_k applied to functions of i + j: ``M`` = mean over rows + sum of the bands.
    """
    q, d = M.shape
    F = fourier.basis(q)
    S = F @ M
    pairs = (q - 1) // 2
    both = slice(1, 2 * pairs + 1)
    waves = np.empty((q // 2, q, d))
    along = F[both].reshape(pairs, 2, q).transpose(0, 2, 1)
    np.matmul(along, S[both].reshape(pairs, 2, d), out=waves[:pairs])
    if q % 2 == 0:
        waves[-1] = np.outer(F[-1], S[-1])
    return waves


def band_products(
    one: Float[np.ndarray, "q d"],
    two: Float[np.ndarray, "q d"],
    weights: np.ndarray,
) -> Float[np.ndarray, " nf"]:
    """Give Σ_s w_s Σ_d P_k one[s, d] · P_k two[s, d] of every frequency.

    The bands themselves are never formed: each is two waves times two rows.
    """
    q = len(one)
    F = fourier.basis(q)
    rows, others = F @ one, F @ two
    found = np.zeros(q // 2)
    for first in (1, 2):
        for second in (1, 2):
            pairs = (q - 1) // 2 if 2 in (first, second) else q // 2
            i, j = (slice(start, start + 2 * pairs, 2) for start in (first, second))
            overlap = (F[i] * F[j]) @ weights
            found[:pairs] += overlap * np.einsum("kd,kd->k", rows[i], others[j])
    return found


def band(
    M: Float[np.ndarray, "q d"], keys: tuple[int, ...]
) -> Float[np.ndarray, "q d"]:
    """Give the part P_K M of a table at some frequencies (folded, no order)."""
    q = len(M)
    rows = [r for k in fourier.fold_keys(keys, q) for r in fourier.frequency_rows(k, q)]
    F = fourier.basis(q)[rows]
    return F.T @ (F @ M)


def offset_profile(M: Float[np.ndarray, "q q"]) -> Float[np.ndarray, " q"]:
    """Give f(t), the mean logit over all triples with i + j − c = t mod q.

    The average over the translation group; only the fibre means are needed.
    """
    q = len(M)
    s = np.arange(q)
    return M[s[None, :], (s[None, :] - s[:, None]) % q].mean(axis=1)


def cosine_coefficients(f: Float[np.ndarray, " q"]) -> Float[np.ndarray, " nf"]:
    """Give α_k of the least-squares fit Σ α_k cos(2πk(i + j − c)/q) to the logits.

    The cosines are orthogonal on the cube, so each α_k is a projection:
    α_k = (2/q) Σ_t f(t) cos(2πkt/q), half of that for the alternating wave.
    """
    q = len(f)
    coefficients = fourier.basis(q)[1::2] @ f * np.sqrt(2 / q)
    if q % 2 == 0:
        coefficients[-1] /= np.sqrt(2)
    return coefficients


def cosine_energies(f: Float[np.ndarray, " q"]) -> Float[np.ndarray, " nf"]:
    """Give the energy ⟨L, u_k⟩² of each unit cosine wave on the q³ triples."""
    return np.square(fourier.basis(len(f))[1::2] @ f) * len(f) ** 2


def fve(f: Float[np.ndarray, " q"], keys: tuple[int, ...], energy: float) -> float:
    """Give the fraction of gauge-fixed logit variance the key cosines explain."""
    chosen = np.array(fourier.fold_keys(keys, len(f)), dtype=np.int64) - 1
    explained = float(cosine_energies(f)[chosen].sum())
    return explained / energy if energy > 0 else float("nan")


def equivariance_share(f: Float[np.ndarray, " q"], energy: float) -> float:
    """Give the fraction of gauge-fixed variance that is a function of i + j − c."""
    explained = float(np.square(f - f.mean()).sum()) * len(f) ** 2
    return explained / energy if energy > 0 else float("nan")


def commutativity_defect(cube: Float[np.ndarray, "q q q"]) -> float:
    """Give the share of gauge-fixed energy that changes sign when i and j swap.

    0 for symmetric logits, 1 for antisymmetric ones: ‖(L − Lᵀ)/2‖²/‖L‖².
    """
    return antisymmetry(gauge_fixed(cube))


def antisymmetry(fixed: GaugeFixed) -> float:
    """Give the :func:`commutativity_defect` of gauge-fixed logits ``[q, q, q]``."""
    if not fixed.energy > 0:
        return float("nan")
    L = fixed.values
    # Every pair i < j stands for two, and half of the difference has its sign.
    odd = sum(
        variation.energy(L[i, i + 1 :] - L[i + 1 :, i]) for i in range(len(L) - 1)
    )
    return odd / 2 / fixed.energy


def cosine_table(
    coefficients: Float[np.ndarray, " nf"], keys: tuple[int, ...], q: int
) -> Float[np.ndarray, "q q"]:
    """Give Σ_K α_k cos(2πk(s − c)/q), the cosine fit as a table over (s, c)."""
    t = np.arange(q)
    profile = np.zeros(q)
    for k in fourier.fold_keys(keys, q):
        profile += coefficients[k - 1] * np.cos(2 * np.pi * (k * t % q) / q)
    return profile[(t[:, None] - t[None, :]) % q]


def offset_margin(f: Float[np.ndarray, " q"]) -> float:
    """Give f(0) − max f(t ≠ 0), the margin of the shift-averaged logits."""
    return float(f[0] - f[1:].max()) if len(f) > 1 else float("inf")
