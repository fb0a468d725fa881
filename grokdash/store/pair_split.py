"""The split of all pairs into training and test pairs, recomputed from the config.

It is never stored: the seed, the generator and the fraction say it exactly, and a test
pins the result of both generators.
"""

import random

import numpy as np
from jaxtyping import Bool, Int

from grokdash.config import RunConfig


def shuffled_pairs(config: RunConfig) -> Int[np.ndarray, "n 2"]:
    """Shuffle the defined pairs (a, b); the first ``config.n_train`` are trained on.

    Parameters
    ----------
    config : RunConfig
        ``split_rng`` "python" is ``random.seed(s); random.shuffle(pairs)`` on the
        pairs in lexicographic order, as Nanda et al. do it; "numpy" takes the order
        ``RandomState(s).permutation(n)``.

    Returns
    -------
    ndarray of int64, [n, 2]
        Every defined pair once.
    """
    pairs = config.rule.pairs(config.p)
    if config.split_rng == "numpy":
        order = np.random.RandomState(config.split_seed).permutation(len(pairs))
    else:
        numbers = list(range(len(pairs)))
        random.Random(config.split_seed).shuffle(numbers)  # noqa: S311 - no secret
        order = np.array(numbers)
    return pairs[order].astype(np.int64)


def train_mask(config: RunConfig) -> Bool[np.ndarray, "p p"]:
    """Mark the pairs (a, b) that are trained on."""
    mask = np.zeros((config.p, config.p), dtype=bool)
    a, b = shuffled_pairs(config)[: config.n_train].T
    mask[a, b] = True
    return mask
