"""The split equals that of the two generators it names."""

import random

import numpy as np
import pytest

from grokdash.config import make_config
from grokdash.store import shuffled_pairs, train_mask


def test_python_split_is_the_global_generators_shuffle():
    config = make_config(p=17, split_seed=5)
    pairs = [(a, b) for a in range(17) for b in range(17)]
    random.seed(5)
    random.shuffle(pairs)

    np.testing.assert_array_equal(shuffled_pairs(config), pairs)


def test_numpy_split_is_the_global_generators_permutation():
    config = make_config("seed", p=17)
    expected = np.random.RandomState(42).permutation(17 * 17)

    pairs = shuffled_pairs(config)

    np.testing.assert_array_equal(pairs[:, 0] * 17 + pairs[:, 1], expected)


def test_first_pairs_of_the_default_run_stay_what_they_are():
    # CPython's Mersenne Twister with seed 0, as published splits of p = 113 have it.
    pairs = [(a, b) for a in range(113) for b in range(113)]
    random.Random(0).shuffle(pairs)

    found = shuffled_pairs(make_config())

    assert [tuple(pair) for pair in found[:5].tolist()] == pairs[:5]
    assert train_mask(make_config()).sum() == int(0.3 * 113**2) == 3830


@pytest.mark.parametrize("operation", ["add", "divide"])
def test_mask_marks_n_train_defined_pairs(operation):
    config = make_config(p=7, operation=operation)

    mask = train_mask(config)

    assert mask.sum() == config.n_train
    assert not (mask & (config.rule.table(7) < 0)).any()
