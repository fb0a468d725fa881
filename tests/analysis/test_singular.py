"""Singular values and ranks, against diagonal matrices and the slow road."""

import numpy as np
import pytest

from grokdash.analysis import singular, weights


@pytest.mark.parametrize("shape", [(5, 9), (9, 5)])
def test_values_are_those_of_the_svd(shape):
    W = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    expected = np.linalg.svd(W.astype(float), compute_uv=False)
    values = singular.singular_values(W)
    assert np.allclose(values, expected, rtol=1e-9)
    assert singular.stable_rank(values) == pytest.approx(weights.stable_rank(W))
    assert singular.effective_rank(values) == pytest.approx(weights.effective_rank(W))


def test_equal_directions_count_themselves():
    values = singular.singular_values(3 * np.eye(4, 6))
    assert np.allclose(values, 3)
    assert singular.stable_rank(values) == pytest.approx(4)
    assert singular.effective_rank(values) == pytest.approx(4)


def test_ranks_of_two_unequal_directions():
    values = np.array([2.0, 1.0])
    assert singular.stable_rank(values) == pytest.approx(1.25)
    entropy = -(0.8 * np.log(0.8) + 0.2 * np.log(0.2))
    assert singular.effective_rank(values) == pytest.approx(np.exp(entropy))


def test_zero_matrix_has_no_rank():
    values = singular.singular_values(np.zeros((3, 4)))
    assert np.isnan(singular.stable_rank(values))
    assert np.isnan(singular.effective_rank(values))
