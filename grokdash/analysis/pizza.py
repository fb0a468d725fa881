"""Clock and pizza: three continuous measures of how a network adds.

Zhong et al. 2023 (arXiv:2306.17844). They are measures, not a classifier: later work
argues that the two algorithms are one family. An untrained network already has a
gradient symmetricity near 1, so always show the value at epoch 0 too.
"""

from functools import lru_cache
from math import sqrt
from random import Random

import numpy as np
from jaxtyping import Float, Int

from grokdash.analysis import fourier, variation
from grokdash.analysis.embedding import pca
from grokdash.analysis.forward import Params
from grokdash.analysis.gradients import embedding_gradients
from grokdash.analysis.groups import Canonical
from grokdash.config import RunConfig


def distance_irrelevance(correct: Float[np.ndarray, "q q"]) -> float:
    """Say how little the correct logit depends on i − j.

    Mean over the difference t of the standard deviation along i + j, divided by the
    standard deviation of the whole table (population deviations).

    Parameters
    ----------
    correct
        Logit of the right class on a canonical grid (i, j), in float64, from a pass in
        float32.

    Returns
    -------
    float
        0 if it depends on i − j only (pizza), 1 if on i + j only (clock); NaN for a
        constant table. The paper draws its line at 0.4. For an even q the definition
        stays, but sums and differences have one parity: a part that depends on it alone
        is a function of i − j as well and lowers the value, and the deviation along
        i + j is that over half of the sums. For q = 2 sum and difference are the same,
        so there is nothing to tell apart: NaN.
    """
    q = len(correct)
    if q <= 2:
        return float("nan")
    j = np.arange(q)
    by_difference = correct[(j[None, :] + j[:, None]) % q, j[None, :]]
    whole = variation.variance(by_difference)
    if not whole > 0:
        return float("nan")
    return float(by_difference.std(axis=1).mean()) / sqrt(whole)


def gradient_symmetricity(
    params: Params,
    config: RunConfig,
    triples: Int[np.ndarray, "n 3"] | None = None,
) -> tuple[float, float]:
    """Give the mean cosine between the gradients for the two operands' embeddings.

    1 if the network sees only E_a + E_b (pizza); the pure product of a clock has mean
    0. Uses :func:`published_triples` unless others are given; gradients of length zero
    are left out.

    Returns
    -------
    tuple[float, float]
        The mean over the triples, and its standard error as an estimate of the mean
        over all p³: after grokking 0.02 to 0.04, for a hundred triples. (An error of
        0.005 would take some 5,000 and more time than all other measures together.)
    """
    if triples is None:
        triples = published_triples(config.p)
    first, second = embedding_gradients(params, config, triples).transpose(1, 0, 2)
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    alive = lengths > 0
    if not alive.any():
        return float("nan"), float("nan")
    cosines = (first * second).sum(axis=1)[alive] / lengths[alive]
    if len(cosines) == 1:
        return float(cosines[0]), float("nan")
    return float(cosines.mean()), float(cosines.std(ddof=1) / sqrt(len(cosines)))


def largest_error(
    symmetricity: Float[np.ndarray, " C"], n: int = 100
) -> Float[np.ndarray, " C"]:
    """Bound the standard error of a mean of n cosines: their squares are at most 1."""
    return np.sqrt(np.maximum(1 - np.square(symmetricity), 0) / (n - 1))


@lru_cache(maxsize=8)
def published_triples(p: int, n: int = 100) -> Int[np.ndarray, "n 3"]:
    """Give the triples (a, b, c) the paper's code samples.

    The first 100 of all p³ in lexicographic order after a shuffle by Python's
    ``random.Random(42)``; above p = 127 that list is too long to be worth building, and
    100 triples drawn by the same generator are used.
    """
    generator = Random(42)  # noqa: S311 reproduces a published sample
    if p > 127:
        drawn = [generator.randrange(p**3) for _ in range(n)]
    else:
        drawn = list(range(p**3))
        generator.shuffle(drawn)
    triples = np.stack(np.unravel_index(np.array(drawn[:n]), (p, p, p)), axis=1)
    triples.setflags(write=False)
    return triples


def circularity(
    W_E: Float[np.ndarray, "p d_model"], frame: Canonical | None = None
) -> float:
    """Say how well the first four principal components are single waves.

    For each component (unit norm over tokens) the largest share of its energy at one
    frequency, averaged. Networks that learned circles have more than about 0.995.
    NaN for two or three tokens: they have one frequency, which no component can miss.
    """
    W = W_E if frame is None else W_E[frame.a_order]
    scores = pca(W, 4).scores
    norms = np.linalg.norm(scores, axis=0)
    kept = scores[:, norms > 1e-12 * max(float(norms.max(initial=0.0)), 1e-300)]
    if not kept.size or fourier.n_frequencies(len(W)) < 2:
        return float("nan")
    unit = kept / np.linalg.norm(kept, axis=0)
    best = fourier.fold(np.square(fourier.transform(unit)).T).max(axis=1)
    return float(np.minimum(best, 1.0).mean())


def three_measures(
    params: Params,
    config: RunConfig,
    correct: Float[np.ndarray, "q q"],
    frame: Canonical | None,
) -> dict[str, np.ndarray]:
    """Give ``symmetricity``, its error, ``irrelevance`` and ``circularity``.

    Parameters
    ----------
    params, config
        The network.
    correct
        Logit of the right class on the grid of the frame, in float64.
    frame
        The operation's; None reads pairs and tokens as they are numbered.
    """
    symmetricity, error = gradient_symmetricity(params, config)
    return {
        "symmetricity": np.array(symmetricity),
        "symmetricity_error": np.array(error),
        "irrelevance": np.array(distance_irrelevance(correct)),
        "circularity": np.array(circularity(params["W_E"][: config.p], frame)),
    }
