"""The embedding's circles, its principal components, and one frame for all epochs."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from grokdash.analysis import fourier


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """All tokens projected on the plane of one frequency of the embedding.

    ``x``, ``y`` are projections (units of the weights) on two orthonormal directions;
    ``share`` is the fraction of the embedding's energy (constant left out) at this
    frequency; ``eccentricity`` = ‖cos row‖/‖sin row‖ (1 for a circle); ``angle`` the
    angle in radians between the two rows before they were made orthogonal (π/2 for a
    circle), both NaN where there is no sine; ``residual`` the fraction of the points'
    variance that the wave of this frequency does not explain; ``directions`` the two
    unit vectors ``[2, d]``.
    """

    frequency: int
    x: Float[np.ndarray, " p"]
    y: Float[np.ndarray, " p"]
    share: float
    eccentricity: float
    angle: float
    residual: float
    directions: Float[np.ndarray, "2 d"]


def circle(W_E: Float[np.ndarray, "p d_model"], k: int) -> Circle:
    """Project the number tokens on the plane in which frequency k turns.

    Parameters
    ----------
    W_E
        Embedding of the number tokens (row "=" dropped), in the order of the frame:
        re-index by ``Canonical.a_order`` for a multiplicative frequency.
    k
        Folded frequency; the alternating wave of an even p has no sine: its points lie
        on a line, around two values, so y and the second direction are 0.

    Returns
    -------
    Circle
        Real projections of W_E: an embedding without this frequency shows a cloud with
        a small ``share``. Where the two directions are not orthogonal the second one is
        orthogonalised; ``angle`` tells.
    """
    W = W_E.astype(np.float64, copy=False)
    p = len(W)
    (k,) = fourier.fold_keys([k], p)
    spectrum = fourier.basis(p) @ W
    if not fourier.component_power(W)[1:].any():
        return _no_circle(k, W)
    rows = spectrum[fourier.frequency_rows(k, p)]
    u = rows[0]
    v = rows[1] if len(rows) == 2 else np.zeros_like(u)
    norm_u, norm_v = np.linalg.norm(u), np.linalg.norm(v)
    has_sine = norm_v > 0
    with np.errstate(invalid="ignore"):
        cosine = np.clip(u @ v / (norm_u * norm_v), -1, 1) if has_sine else np.nan
    unit_u = _normalise(u)
    unit_v = _normalise(v - (v @ unit_u) * unit_u, floor=1e-12 * float(norm_v))
    x, y = W @ unit_u, W @ unit_v
    total = np.square(spectrum[1:]).sum()
    return Circle(
        frequency=k,
        x=x,
        y=y,
        share=float(np.square(rows).sum() / total) if total > 0 else float("nan"),
        eccentricity=float(norm_u / norm_v) if has_sine else float("nan"),
        angle=float(np.arccos(cosine)),
        residual=_unexplained(np.stack([x, y], axis=1), k),
        directions=np.stack([unit_u, unit_v]),
    )


def _no_circle(k: int, W: np.ndarray) -> Circle:
    """Describe an embedding that is the same for every token."""
    nothing = np.zeros(len(W))
    return Circle(
        frequency=k,
        x=nothing,
        y=nothing,
        share=float("nan"),
        eccentricity=float("nan"),
        angle=float("nan"),
        residual=float("nan"),
        directions=np.zeros((2, W.shape[1])),
    )


def _normalise(v: np.ndarray, floor: float = 0.0) -> np.ndarray:
    norm = float(np.linalg.norm(v))
    return v / norm if norm > floor else np.zeros_like(v)


def _unexplained(points: np.ndarray, k: int) -> float:
    power = fourier.component_power(points)
    total = power[1:].sum()
    if total <= 0:
        return float("nan")
    return float(1 - fourier.fold(power)[k - 1] / total)


def frequency_share(W: Float[np.ndarray, "p d"]) -> Float[np.ndarray, " nf"]:
    """Give each folded frequency's fraction of the energy, constant left out.

    NaN for an array without variation.
    """
    folded = fourier.fold(fourier.component_power(W))
    total = folded.sum()
    return folded / total if total > 0 else np.full(len(folded), np.nan)


def chance_share(p: int, d_model: int) -> float:
    """Give what random embeddings seldom have at a frequency, as a share of the energy.

    Of p tokens with independent Gaussian entries every frequency of two waves holds
    2/(p − 1) in the mean, with a standard deviation of about 1/√d_model of that; this
    is four deviations above it, which fewer than one frequency in a thousand passes
    (counted over random embeddings, p = 7 to 113, d_model = 8 to 128). The two
    directions of ``circle`` are made from the same tokens that are projected on them,
    so those embeddings are rather round by themselves: their residual is
    (p − 3)/(p − 3 + d_model) in the mean.
    """
    return 2 / (p - 1) * (1 + 4 / np.sqrt(d_model))


@dataclass(frozen=True, slots=True, kw_only=True)
class Components:
    """Principal components: scores ``[n, r]``, axes ``[r, d]``, mean and shares.

    ``share`` is the fraction of variance of each component.
    """

    scores: Float[np.ndarray, "n r"]
    axes: Float[np.ndarray, "r d"]
    mean: Float[np.ndarray, " d"]
    share: Float[np.ndarray, " r"]


def pca(X: Float[np.ndarray, "n d"], n_components: int = 2) -> Components:
    """Find the principal axes of points, with a sign that does not jump.

    The largest entry of every axis is made positive.
    """
    X = X.astype(np.float64, copy=False)
    mean = X.mean(axis=0)
    centred = X - mean
    _, singular, axes = np.linalg.svd(centred, full_matrices=False)
    axes = axes[:n_components]
    largest = np.abs(axes).argmax(axis=1)
    axes = axes * np.where(axes[np.arange(len(axes)), largest] < 0, -1.0, 1.0)[:, None]
    energy = np.square(singular)
    total = energy.sum()
    share = energy[:n_components] / total if total > 0 else 0 * energy[:n_components]
    return Components(scores=centred @ axes.T, axes=axes, mean=mean, share=share)


def procrustes(
    X: Float[np.ndarray, "n r"], reference: Float[np.ndarray, "n r"]
) -> Float[np.ndarray, "r r"]:
    """Give the rotation (or reflection) R for which X @ R is nearest the reference.

    Orthogonal Procrustes (Schönemann 1966): no scaling and no translation, so the
    size of a circle stays what it is.
    """
    u, _, v = np.linalg.svd(X.T @ reference)
    return u @ v


def procrustes_2d(
    x: Float[np.ndarray, " n"],
    y: Float[np.ndarray, " n"],
    reference: Float[np.ndarray, "n 2"],
) -> Float[np.ndarray, "n 2"]:
    """Turn (and if need be mirror) plane points into the frame of a reference."""
    points = np.stack([x, y], axis=1)
    return points @ procrustes(points, reference)
