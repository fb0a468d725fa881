"""A large mean hides no variation, and rounding is none: mean 1,000, amplitude 1."""

import numpy as np
import pytest

from grokdash.analysis import attention, embedding, fourier, logits, neurons, pizza
from grokdash.analysis.plane import folded_plane
from grokdash.analysis.variation import centre, energy, variance

Q = 59
MEAN = 1000
I = np.arange(Q)
SUMS = (I[:, None] + I) % Q
PLAIN = np.cos(2 * np.pi * 7 * I / Q)


def on_top(values, dtype=np.float32):
    return (MEAN + values).astype(dtype)


def rounded(shape):
    """A constant as three sums in another order leave it: last places differ."""
    places = np.random.default_rng(0).integers(-1, 2, shape)
    return (MEAN * (1 + places * np.finfo(np.float32).eps)).astype(np.float32)


def wave(k):
    return np.cos(2 * np.pi * k * SUMS / Q)


def test_variance_beside_a_large_mean():
    assert variance(on_top(PLAIN)) == pytest.approx(0.5, rel=1e-4)
    assert variance(rounded(Q)) == 0
    assert variance(np.array([np.nan, 3.0, 5.0])) == 1
    assert variance(np.array([np.nan])) == 0


def test_what_is_constant_depends_on_the_precision_it_was_computed_in():
    values = MEAN * (1 + 1e-9 * PLAIN)

    assert centre(values, None)[1] > 0
    assert centre(values, None, np.float32)[1] == 0


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_the_unit_does_not_matter(scale):
    energy = centre((scale * PLAIN).astype(np.float32), None)[1]

    assert energy == pytest.approx(scale**2 * Q / 2, rel=1e-5)


@pytest.mark.parametrize("amplitude", [1.0, 0.1, 0.01])
def test_a_neuron_and_a_head_keep_their_frequency(amplitude):
    grid = on_top(amplitude * wave(7))

    neuron = neurons.frequencies(grid[..., None])
    head = attention.head_frequencies(grid[None])

    assert neuron.frequency.tolist() == head.frequency.tolist() == [7]
    assert neuron.fraction[0] == pytest.approx(1, abs=1e-4)
    assert head.fraction[0] == pytest.approx(1, abs=1e-4)


def test_a_head_of_small_spread_is_split_as_one_without_a_mean():
    """Two waves of 0.3 % of the mean: the share is that of the waves alone, 0.8."""
    grid = (0.5 + 0.0015 * (2 * wave(3) + wave(8)) / np.sqrt(2.5)).astype(np.float32)

    head = attention.head_frequencies(grid[None])

    assert head.frequency.tolist() == [3]
    assert head.fraction[0] == pytest.approx(0.8, abs=1e-4)


def test_neurons_and_heads_that_merely_round_have_none():
    grid = rounded((Q, Q))

    assert neurons.frequencies(grid[..., None]).best.tolist() == [-1]
    assert attention.head_frequencies(grid[None]).frequency.tolist() == [-1]
    assert np.isnan(attention.difference_fit(grid[None])).all()
    assert np.isnan(folded_plane(grid)).all()
    assert np.isnan(pizza.distance_irrelevance(grid.astype(float)))


def test_the_table_two_fit_beside_a_large_mean():
    fit = attention.difference_fit(on_top(PLAIN[:, None] - PLAIN)[None])

    assert fit[6, 0] == pytest.approx(1, abs=1e-5)


def test_tables_over_tokens():
    table = on_top(PLAIN, float)[None, :, None]

    assert attention.folded_shares(table)[0, 6] == pytest.approx(1)
    assert np.isnan(attention.folded_shares(np.full((1, Q, 1), 0.1))).all()


def test_plane_and_distance_irrelevance_beside_a_large_mean():
    assert folded_plane(on_top(wave(7)))[7, 7] == pytest.approx(1, abs=1e-6)
    table = on_top(wave(7)).astype(float)
    assert pizza.distance_irrelevance(table) == pytest.approx(1, abs=1e-6)


def cube(mean_by_class=0.0, amplitude=1.0):
    classes = np.random.default_rng(1).normal(size=Q)
    waves = np.cos(2 * np.pi * 7 * (SUMS[..., None] - I) / Q)
    return (amplitude * waves + mean_by_class * classes).astype(np.float32)


def test_logits_beside_large_class_biases():
    """Class biases a thousand times the waves change no share of the variance."""
    plain, biased = logits.spectrum(cube()), logits.spectrum(cube(MEAN))

    assert biased.sum_share[6] == pytest.approx(1, abs=1e-5)
    assert biased.energy == pytest.approx(plain.energy, rel=1e-4)
    assert biased.dc_share == pytest.approx(1, abs=1e-5)
    assert biased.G[0, 0] ** 2 == pytest.approx(
        biased.energy * biased.dc_share / (1 - biased.dc_share), rel=1e-3
    )
    assert logits.commutativity_defect(cube(MEAN)) == pytest.approx(0, abs=1e-6)
    assert logits.gauge_fixed_energy(cube(MEAN)) == pytest.approx(
        plain.energy, rel=1e-4
    )


def test_logits_that_merely_round_have_no_shares():
    L = cube(MEAN, amplitude=0.0)
    L *= rounded(L.shape) / MEAN
    spectrum = logits.spectrum(L)

    assert spectrum.energy == logits.gauge_fixed_energy(L) == 0
    assert np.isnan(spectrum.sum_share).all()
    assert spectrum.dc_share == 1
    assert not spectrum.G.ravel()[1:].any()
    assert np.isnan(logits.commutativity_defect(L))


def test_embedding_beside_a_large_mean():
    W = on_top(PLAIN[:, None] * np.ones(4) + 0.5 * np.sin(2 * np.pi * I / Q)[:, None])

    assert embedding.frequency_share(W)[[6, 0]] == pytest.approx([0.8, 0.2], abs=1e-4)
    assert embedding.circle(W, 7).share == pytest.approx(0.8, abs=1e-4)
    assert embedding.pca(W).share[0] == pytest.approx(1)
    assert pizza.circularity(on_top(np.stack([PLAIN] * 4, axis=1))) == pytest.approx(1)
    assert fourier.spectrum_gini(fourier.component_power(W)) > 0.9


@pytest.mark.parametrize("shape", [(300, 400, 3), (5, 7), (1, 1), (3, 0)])
def test_sums_by_blocks_are_those_of_the_whole_array(shape):
    values = on_top(np.random.default_rng(0).normal(size=shape))
    axes = tuple(range(len(shape) - 1))

    left, found = centre(values, axes)

    mean = values.mean(axis=axes, dtype=np.float64)
    expected = values - mean.astype(np.float32)
    np.testing.assert_array_equal(left, expected)
    squares = np.square(expected.astype(np.float64))
    np.testing.assert_allclose(found, squares.sum(axis=axes), rtol=1e-12)
    assert energy(expected) == pytest.approx(squares.sum(), rel=1e-12)
