"""Norms, ranks and subspaces of known matrices."""

import numpy as np
import pytest

from grokdash.analysis import fourier, weights
from grokdash.config import make_config


def test_sums_of_squares_follow_the_sorted_names():
    params = {"b": np.array([1.0, 2.0]), "a": np.array([3.0])}

    assert weights.tensor_names(params) == ("a", "b")
    assert weights.sums_of_squares(params).tolist() == [9, 5]


def test_ranks_of_known_matrices():
    Q = np.linalg.qr(np.random.default_rng(0).normal(size=(8, 8)))[0]
    W = Q @ np.diag([2.0, 2, 2, 1, 0, 0, 0, 0])

    assert weights.stable_rank(W) == pytest.approx(13 / 4)
    assert weights.stable_rank(np.eye(5)) == pytest.approx(5)
    assert weights.effective_rank(np.eye(5)) == pytest.approx(5)
    assert weights.effective_rank(np.outer([1.0, 2], [3.0, 4])) == pytest.approx(1)
    assert np.isnan(weights.stable_rank(np.zeros((2, 2))))
    assert np.isnan(weights.effective_rank(np.zeros((2, 2))))


def test_rotation_leaves_the_ranks():
    rng = np.random.default_rng(1)
    W = rng.normal(size=(9, 6))
    Q = np.linalg.qr(rng.normal(size=(6, 6)))[0]

    assert weights.effective_rank(W @ Q) == pytest.approx(weights.effective_rank(W))
    assert weights.stable_rank(W @ Q) == pytest.approx(weights.stable_rank(W))


def test_residual_of_the_keys(network):
    power = fourier.component_power(network.params["W_E"][:113])

    assert weights.key_residual(power, network.keys) == pytest.approx(0, abs=1e-7)
    assert weights.key_residual(power, network.keys[:4]) == pytest.approx(np.sqrt(0.2))
    assert np.isnan(weights.key_residual(np.zeros(5), (1,)))


def test_initial_norm_is_the_published_one(make_params):
    config = make_config("nanda")
    params = {
        name: value * (np.sqrt(128 / 114) if name == "W_U" else 1)
        for name, value in make_params(config).items()
        if not name.endswith(("b_in", "b_out"))
    }

    assert weights.sums_of_squares(params).sum() == pytest.approx(1781, rel=0.01)
