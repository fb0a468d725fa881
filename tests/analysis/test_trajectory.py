"""Paths from inner products equal paths from the vectors themselves."""

import numpy as np
import pytest

from grokdash.analysis.embedding import pca
from grokdash.analysis.trajectory import (
    gram,
    homing_cosines,
    path,
    step_lengths,
    turning_cosines,
)


@pytest.fixture
def points():
    return np.random.default_rng(0).normal(size=(9, 10_000)).astype(np.float32)


def test_path_is_the_principal_component_analysis(points):
    found = path(gram(points))
    expected = pca(points, 2)

    np.testing.assert_allclose(np.abs(found.scores), np.abs(expected.scores), atol=1e-6)
    np.testing.assert_allclose(found.share, expected.share)
    assert (found.scores[-1] >= 0).all()


def test_gram_adds_over_matrices(points):
    parts = gram(points[:, :300]) + gram(points[:, 300:])

    np.testing.assert_allclose(parts, gram(points), rtol=1e-9, atol=1e-8)


def test_lengths_are_distances(points):
    expected = np.linalg.norm(np.diff(points.astype(float), axis=0), axis=1)

    np.testing.assert_allclose(step_lengths(gram(points)), expected)


def test_cosines_of_a_known_walk():
    walk = np.array([[0, 0], [1, 0], [1, 1], [1, 3], [1, 2]], dtype=np.float32)
    G = gram(walk)

    np.testing.assert_allclose(turning_cosines(G), [0, 1, -1], atol=1e-12)
    home = [1 / np.sqrt(5), 1, 1, 1]
    np.testing.assert_allclose(homing_cosines(G), home, atol=1e-12)
    elsewhere = (walk + 3).astype(float)
    G = elsewhere @ elsewhere.T
    np.testing.assert_allclose(homing_cosines(G), home, atol=1e-12)


def test_tiny_last_steps_of_large_vectors_are_exact():
    X = np.full((3, 5000), 100.0, dtype=np.float32)
    X[0, 0], X[1, 0] = 90.0, 100.0625

    np.testing.assert_allclose(step_lengths(gram(X)), [10.0625, 0.0625], rtol=1e-12)


def test_one_checkpoint_is_a_point_at_the_origin():
    found = path(gram(np.ones((1, 4), dtype=np.float32)))

    assert found.scores.shape == (1, 2)
    assert not found.scores.any()
    assert not len(step_lengths(gram(np.ones((1, 4), dtype=np.float32))))
