"""The path of training through parameter space, from inner products alone.

With C checkpoints everything about the path, its plane, its lengths and its angles, is
in the C × C matrix of inner products of the parameter vectors. That matrix is a sum
over matrices and over columns, so no more than a slice has to be in memory.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

_SLICE = 16384


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """Checkpoints on the principal axes of the path.

    ``scores`` ``[C, r]`` in units of the weights; distances between them are distances
    between networks as far as these axes show. ``share``: fraction of the variance.
    """

    scores: Float[np.ndarray, "C r"]
    share: Float[np.ndarray, " r"]


def gram(X: Float[np.ndarray, "C n"]) -> Float[np.ndarray, "C C"]:
    """Give the inner products of the rows of X, measured from its last row.

    The origin does not change distances and angles of a path; the last checkpoint as
    origin keeps the small steps near the end exact. Float64, slice by slice.
    """
    total = np.zeros((len(X), len(X)))
    for start in range(0, X.shape[1], _SLICE):
        part = X[:, start : start + _SLICE].astype(np.float64)
        part -= part[-1].copy()
        total += part @ part.T
    return total


def path(G: Float[np.ndarray, "C C"], n_components: int = 2) -> Path:
    """Give the principal components of a path from its inner products.

    Equal to a principal component analysis of the parameter vectors. The sign is
    chosen so that the last checkpoint is not on the negative side of any axis.
    """
    centred = G - G.mean(axis=0) - G.mean(axis=1)[:, None] + G.mean()
    values, vectors = np.linalg.eigh(centred)
    n = min(n_components, len(G))
    energy = np.maximum(values[::-1][:n], 0.0)
    scores = np.zeros((len(G), n_components))
    scores[:, :n] = vectors[:, ::-1][:, :n] * np.sqrt(energy)
    scores *= np.where(scores[-1] < 0, -1.0, 1.0)
    share = np.zeros(n_components)
    total = np.maximum(values, 0.0).sum()
    share[:n] = energy / total if total > 0 else np.nan
    return Path(scores=scores, share=share)


def step_lengths(G: Float[np.ndarray, "C C"]) -> Float[np.ndarray, " steps"]:
    """Give the distances between neighbouring checkpoints, C − 1 of them."""
    d = np.diag(G)
    return np.sqrt(np.maximum(d[1:] + d[:-1] - 2 * np.diag(G, 1), 0.0))


def turning_cosines(G: Float[np.ndarray, "C C"]) -> Float[np.ndarray, " turns"]:
    """Give the cosine between each change and the next, C − 2 of them; NaN at rest."""
    length = step_lengths(G)
    d = np.diag(G)
    inner = np.diag(G, 1)[:-1] - np.diag(G, 2) - d[1:-1] + np.diag(G, 1)[1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.clip(inner / (length[:-1] * length[1:]), -1.0, 1.0)


def homing_cosines(G: Float[np.ndarray, "C C"]) -> Float[np.ndarray, " steps"]:
    """Give the cosine between each change and the way to the last checkpoint."""
    d = np.diag(G)
    end = G[:, -1]
    length = step_lengths(G)
    left = np.sqrt(np.maximum(d + d[-1] - 2 * end, 0.0))[:-1]
    inner = end[1:] - np.diag(G, 1) - end[:-1] + d[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.clip(inner / (length * left), -1.0, 1.0)
