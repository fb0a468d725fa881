"""Clock and pizza measures of networks whose answers are known."""

from random import Random

import numpy as np
import pytest

from grokdash.analysis import pizza
from grokdash.analysis.groups import canonical
from grokdash.config import make_config


@pytest.mark.parametrize("q", [7, 112, 113])
def test_distance_irrelevance_of_pure_tables(q):
    i = np.arange(q)
    profile = np.random.default_rng(0).normal(size=q)

    of_difference = profile[(i[:, None] - i) % q]
    of_sum = profile[(i[:, None] + i) % q]

    assert pizza.distance_irrelevance(of_difference) == pytest.approx(0, abs=1e-12)
    if q % 2:
        assert pizza.distance_irrelevance(of_sum) == pytest.approx(1)


def test_distance_irrelevance_is_the_published_formula():
    q = 7
    table = np.random.default_rng(1).normal(size=(q, q))
    rearranged = np.array(
        [
            [
                table[a, b]
                for t in range(q)
                for a in range(q)
                for b in range(q)
                if (a + b) % q == s and (a - b) % q == t
            ]
            for s in range(q)
        ]
    )

    expected = rearranged.std(axis=0).mean() / rearranged.std()

    assert pizza.distance_irrelevance(table) == pytest.approx(expected)


def test_an_even_modulus_counts_parity_as_dependence_on_the_difference():
    """A table of i + j whose energy is in its parity alone depends on i − j alone."""
    i = np.arange(12)
    parity = (-1.0) ** (i[:, None] + i)
    wave = np.cos(2 * np.pi * (i[:, None] + i) / 12)

    assert pizza.distance_irrelevance(parity) == pytest.approx(0)
    assert pizza.distance_irrelevance(wave) == pytest.approx(1)
    assert pizza.distance_irrelevance(parity + wave) == pytest.approx(3**-0.5)


def test_groups_too_small_to_tell_say_nothing():
    """Mod 2 sum and difference are one; Z_2 and Z_3 have one frequency."""
    rng = np.random.default_rng(0)

    assert np.isnan(pizza.distance_irrelevance(rng.normal(size=(2, 2))))
    for p in (2, 3):
        assert np.isnan(pizza.circularity(rng.normal(size=(p, 4))))
    assert pizza.circularity(rng.normal(size=(4, 4))) < 1


def test_constant_table_has_no_distance_irrelevance():
    assert np.isnan(pizza.distance_irrelevance(np.full((7, 7), 0.1)))


def test_a_network_that_adds_embeddings_has_symmetric_gradients(network):
    triples = np.random.default_rng(0).integers(0, 113, (40, 3))

    g, error = pizza.gradient_symmetricity(network.params, network.config, triples)

    assert g == pytest.approx(1)
    assert error == pytest.approx(0, abs=1e-9)


def test_a_pure_product_has_gradients_at_every_angle(make_params):
    """A bilinear clock: cosine of the two gradients is cos(w(a − b)), mean 0."""
    p, k = 7, 2
    t = 2 * np.pi * k * np.arange(p) / p
    a, b, c = np.ix_(t, t, t)
    to_a = np.stack(np.broadcast_arrays(np.cos(b - c), -np.sin(b - c)), axis=-1)
    to_b = np.stack(np.broadcast_arrays(np.cos(a - c), -np.sin(a - c)), axis=-1)

    cosine = (to_a * to_b).sum(axis=-1)

    assert cosine == pytest.approx(np.cos(a - b) + 0 * c)
    assert cosine.mean() == pytest.approx(0, abs=1e-12)


def test_attention_between_operands_breaks_the_symmetry(make_params):
    config = make_config("nanda", p=7, d_model=12, n_heads=3, train_fraction=0.5)
    params = make_params(config)
    uniform = {
        name: np.zeros_like(value) if name.endswith(("W_Q", "W_pos")) else value
        for name, value in params.items()
    }

    assert pizza.gradient_symmetricity(uniform, config)[0] == pytest.approx(1)
    assert pizza.gradient_symmetricity(params, config)[0] < 0.999


def test_the_error_is_the_scatter_of_samples_about_the_mean_over_all(make_params):
    config = make_config("nanda", p=7, d_model=12, n_heads=3, train_fraction=0.5)
    params = make_params(config)
    everything = np.stack(np.unravel_index(np.arange(343), (7, 7, 7)), axis=1)
    mean, _ = pizza.gradient_symmetricity(params, config, everything)
    rng = np.random.default_rng(5)

    samples = [
        pizza.gradient_symmetricity(params, config, rng.integers(0, 7, (100, 3)))
        for _ in range(200)
    ]

    means, errors = np.array(samples).T
    scatter = np.sqrt(np.mean(np.square(means - mean)))
    assert errors.mean() == pytest.approx(scatter, rel=0.15)
    assert (errors <= pizza.largest_error(means)).all()


def test_the_largest_error_is_that_of_cosines_of_one_and_minus_one():
    few = np.repeat([1.0, -1.0], [80, 20])
    error = few.std(ddof=1) / np.sqrt(100)

    found = pizza.largest_error(np.array([few.mean(), 1.0, 1.1]))

    assert found == pytest.approx([error, 0, 0])


def test_two_triples_have_an_error_and_one_has_none(make_params):
    config = make_config("nanda", p=7, d_model=12, n_heads=3, train_fraction=0.5)
    triples = np.array([[0, 1, 2], [3, 5, 6]])
    params = make_params(config)
    one, other = (
        pizza.gradient_symmetricity(params, config, triple[None]) for triple in triples
    )

    mean, error = pizza.gradient_symmetricity(params, config, triples)

    assert np.isnan([one[1], other[1]]).all()
    assert mean == pytest.approx((one[0] + other[0]) / 2)
    assert error == pytest.approx(abs(one[0] - other[0]) / 2)


def test_triples_are_those_of_the_published_shuffle():
    triples = [(a, b, c) for a in range(5) for b in range(5) for c in range(5)]
    Random(42).shuffle(triples)

    found = pizza.published_triples(5)

    assert found.tolist() == [list(t) for t in triples[:100]]
    assert pizza.published_triples(997).shape == (100, 3)


def test_circles_are_circular_and_noise_is_not(network):
    rng = np.random.default_rng(2)
    circles = network.params["W_E"][:113] * np.repeat(np.arange(1, 65), 2)

    assert pizza.circularity(circles) == pytest.approx(1)
    assert pizza.circularity(1e-14 * circles) == pytest.approx(1)
    assert pizza.circularity(rng.normal(size=(113, 64))) < 0.3
    assert np.isnan(pizza.circularity(np.zeros((7, 3))))


def test_circularity_is_read_in_the_frame():
    frame = canonical("multiply", 113)
    assert frame is not None
    angle = 2 * np.pi * 5 * np.arange(112) / 112
    W = np.zeros((113, 2))
    W[frame.a_order] = np.stack([np.cos(angle), np.sin(angle)], axis=1)

    assert pizza.circularity(W, frame) == pytest.approx(1)
    assert pizza.circularity(W) < 0.1
