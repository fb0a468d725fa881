"""Circles are projections of the weights, and frames stay put over epochs."""

import numpy as np
import pytest

from grokdash.analysis import embedding, fourier


def waves(p, k, amplitude=1.0, d=6, at=0):
    t = 2 * np.pi * k * np.arange(p) / p
    W = np.zeros((p, d))
    W[:, at], W[:, at + 1] = amplitude * np.cos(t), amplitude * np.sin(t)
    return W


def test_a_circle_is_found_in_the_weights():
    W = waves(113, 14, 2.0) + waves(113, 35, 1.0, at=2)

    circle = embedding.circle(W, 14)

    t = 2 * np.pi * 14 * np.arange(113) / 113
    assert circle.x == pytest.approx(2 * np.cos(t), abs=1e-12)
    assert circle.y == pytest.approx(2 * np.sin(t), abs=1e-12)
    assert circle.share == pytest.approx(4 / 5)
    assert circle.eccentricity == pytest.approx(1)
    assert circle.angle == pytest.approx(np.pi / 2)
    assert circle.residual == pytest.approx(0, abs=1e-12)
    assert embedding.frequency_share(W)[[13, 34]] == pytest.approx([0.8, 0.2])


def test_a_small_circle_is_a_circle():
    circle = embedding.circle(waves(113, 14, 1e-3), 14)

    assert circle.directions @ circle.directions.T == pytest.approx(np.eye(2))
    assert np.hypot(circle.x, circle.y) == pytest.approx(1e-3)


def test_random_embedding_shows_no_circle():
    W = np.random.default_rng(0).normal(size=(113, 128))

    circles = [embedding.circle(W, k) for k in range(1, 57)]

    assert max(c.share for c in circles) < 0.03
    assert min(c.residual for c in circles) > 0.3


@pytest.mark.parametrize("p", [7, 23, 60, 113])
@pytest.mark.parametrize("d_model", [16, 128])
def test_random_embeddings_seldom_have_more_than_chance_at_a_frequency(p, d_model):
    """And they are as round as is said, because they are seen along themselves."""
    rng = np.random.default_rng(p + d_model)
    shares, residuals = [], []
    for _ in range(200):
        W = rng.normal(size=(p, d_model))
        k = 1 + int(rng.integers((p - 1) // 2))
        shares.append(embedding.frequency_share(W)[: (p - 1) // 2])
        residuals.append(embedding.circle(W, k).residual)

    assert np.mean(np.array(shares) > embedding.chance_share(p, d_model)) < 0.002
    assert np.mean(shares) == pytest.approx(2 / (p - 1), rel=0.02)
    assert np.mean(residuals) == pytest.approx((p - 3) / (p - 3 + d_model), abs=0.02)


def test_an_ellipse_and_a_skewed_plane_are_told():
    W = waves(113, 5)
    skew = W.copy()
    W[:, 1] *= 0.5
    skew[:, 0] += skew[:, 1]

    assert embedding.circle(W, 5).eccentricity == pytest.approx(2)
    circle = embedding.circle(skew, 5)
    assert circle.angle == pytest.approx(np.pi / 4)
    assert circle.directions @ circle.directions.T == pytest.approx(np.eye(2))


def test_the_alternating_wave_is_a_line_of_two_values():
    """(−1)^t with amplitude 3 in one direction, and nothing divided by its sine."""
    direction = np.array([0.6, 0.8])
    W = 3 * np.outer((-1.0) ** np.arange(12), direction)

    circle = embedding.circle(W, 6)

    np.testing.assert_allclose(circle.x, 3 * (-1.0) ** np.arange(12))
    assert not circle.y.any()
    assert circle.share == pytest.approx(1)
    assert circle.residual == pytest.approx(0)
    assert np.isnan([circle.eccentricity, circle.angle]).all()


def test_mirror_image_shows_the_same_circle():
    W = np.random.default_rng(1).normal(size=(13, 4))

    assert embedding.circle(W, 10).share == embedding.circle(W, 3).share


@pytest.mark.parametrize(("p", "k"), [(6, 3), (2, 1), (112, 56)])
def test_the_alternating_wave_is_a_line(p, k):
    W = np.zeros((p, 3))
    W[:, 1] = (-1.0) ** np.arange(p)

    circle = embedding.circle(W, k)

    assert circle.share == pytest.approx(1)
    assert circle.y == pytest.approx(0)
    assert abs(circle.x) == pytest.approx(1)


def test_an_embedding_without_variation_has_no_share():
    circle = embedding.circle(np.zeros((7, 3)), 2)

    assert np.isnan(circle.share)
    assert circle.x == pytest.approx(0)
    assert np.isnan(embedding.frequency_share(np.zeros((7, 3)))).all()


def test_constant_added_to_the_embedding_changes_nothing_else():
    W = np.random.default_rng(2).normal(size=(13, 4))

    shares = embedding.frequency_share(W + np.array([3.0, -1.0, 0.0, 2.0]))

    assert shares == pytest.approx(embedding.frequency_share(W))


def test_rotation_of_the_residual_stream_keeps_the_picture():
    rng = np.random.default_rng(3)
    W = rng.normal(size=(13, 4))
    Q = np.linalg.qr(rng.normal(size=(4, 4)))[0]

    first, second = embedding.circle(W, 3), embedding.circle(W @ Q, 3)

    assert second.x == pytest.approx(first.x)
    assert second.y == pytest.approx(first.y)


def test_components_are_ordered_and_keep_their_sign():
    rng = np.random.default_rng(4)
    X = rng.normal(size=(40, 5)) * np.array([1, 5, 2, 1, 1])

    found = embedding.pca(X, 3)
    mirrored = embedding.pca(X[::-1].copy(), 3)

    assert (np.diff(found.share) < 0).all()
    assert found.scores.var(axis=0) / X.var(axis=0).sum() == pytest.approx(found.share)
    assert mirrored.axes == pytest.approx(found.axes)
    assert (X - found.mean) @ found.axes.T == pytest.approx(found.scores)


def test_procrustes_undoes_a_turn_and_a_mirror():
    rng = np.random.default_rng(6)
    reference = rng.normal(size=(20, 2))
    turn = np.array([[0.6, 0.8], [0.8, -0.6]])
    turned = 3 * reference @ turn

    back = embedding.procrustes_2d(turned[:, 0], turned[:, 1], reference)

    assert back == pytest.approx(3 * reference)


def test_an_embedding_equal_for_all_tokens_has_no_circle_in_its_rounding():
    W = np.tile(np.random.default_rng(9).normal(size=16), (113, 1)).astype(np.float32)

    found = embedding.circle(W, 14)

    assert np.isnan(found.share)
    assert not found.x.any()
    assert not found.y.any()
    assert not fourier.component_power(W)[1:].any()


def test_the_last_digit_of_one_weight_is_variation():
    W = np.ones((113, 16), np.float32)
    W[3, 4] = np.nextafter(np.float32(1), np.float32(2))

    assert fourier.component_power(W)[1:].all()
