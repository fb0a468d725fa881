"""The basis, folding, Parseval and sparsity, against theory."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grokdash.analysis import fourier
from grokdash.errors import ConfigError

MODULI = [1, 2, 3, 6, 7, 53, 59, 97, 112, 113]


@pytest.mark.parametrize("n", MODULI)
def test_basis_is_orthonormal(n):
    F = fourier.basis(n)

    assert pytest.approx(np.eye(n), abs=1e-13) == F @ F.T


@pytest.mark.parametrize("n", MODULI)
def test_rows_come_in_the_order_constant_cosine_sine(n):
    F, t = fourier.basis(n), np.arange(n)

    assert F[0] == pytest.approx(np.full(n, n**-0.5))
    for k in range(1, (n - 1) // 2 + 1):
        assert F[2 * k - 1] == pytest.approx(
            np.sqrt(2 / n) * np.cos(2 * np.pi * k * t / n), abs=1e-12
        )
        assert F[2 * k] == pytest.approx(
            np.sqrt(2 / n) * np.sin(2 * np.pi * k * t / n), abs=1e-12
        )
    if n % 2 == 0:
        assert F[-1] == pytest.approx((-1.0) ** t / np.sqrt(n))


def test_basis_cannot_be_changed_by_a_caller():
    with pytest.raises(ValueError, match="read-only"):
        fourier.basis(7)[0, 0] = 0


@given(n=st.integers(1, 40), seed=st.integers(0, 99))
def test_energy_is_kept_in_one_and_two_dimensions(n, seed):
    rng = np.random.default_rng(seed)
    W, X = rng.normal(size=(n, 3)), rng.normal(size=(n, n, 2))

    assert fourier.component_power(W).sum() == pytest.approx(np.square(W).sum())
    C = fourier.transform2(X)
    assert np.square(C).sum() == pytest.approx(np.square(X).sum())
    assert fourier.inverse2(C) == pytest.approx(X)
    assert fourier.inverse(fourier.transform(W)) == pytest.approx(W)


@given(n=st.integers(1, 40), seed=st.integers(0, 99))
def test_folded_energy_is_that_of_both_mirror_images_of_the_fft(n, seed):
    x = np.random.default_rng(seed).normal(size=n)
    energy = np.square(np.abs(np.fft.fft(x, norm="ortho")))

    expected = [
        energy[k] + (energy[n - k] if 2 * k != n else 0) for k in range(1, n // 2 + 1)
    ]

    folded = fourier.fold(fourier.component_power(x[:, None]))
    assert folded == pytest.approx(expected)
    assert fourier.n_frequencies(n) == len(folded)


def test_two_dimensional_transform_is_basis_on_both_sides():
    X = np.random.default_rng(1).normal(size=(7, 7))
    F = fourier.basis(7)

    assert fourier.transform2(X) == pytest.approx(F @ X @ F.T)


def test_keys_are_folded_without_repeats_and_the_constant_is_refused():
    assert fourier.fold_keys([52, 61, 14, -14], 113) == (14, 52)
    assert fourier.fold_keys([56], 112) == (56,)
    with pytest.raises(ConfigError, match="constant"):
        fourier.fold_keys([113], 113)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.ones(56), 0.0),
        (np.eye(56)[3], 55 / 56),
        (np.repeat([1.0, 0.0], [5, 51]), 51 / 56),
        (np.array([1.0, 3.0]), 0.25),
    ],
)
def test_gini_of_known_inputs(values, expected):
    assert fourier.gini(values) == pytest.approx(expected, abs=1e-14)


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=30), st.floats(0.1, 10))
def test_gini_ignores_scale_order_and_duplication(values, scale):
    x = np.array(values)
    reference = fourier.gini(x)

    assert fourier.gini(x * scale) == pytest.approx(reference, abs=1e-12)
    assert fourier.gini(x[::-1].copy()) == pytest.approx(reference, abs=1e-12)
    assert fourier.gini(np.repeat(x, 2)) == pytest.approx(reference, abs=1e-12)


def test_gini_is_that_of_hurley_and_rickard():
    x = np.sort(np.random.default_rng(2).random(20))
    i = np.arange(1, 21)

    expected = 1 - 2 * np.sum(x / x.sum() * (20 - i + 0.5) / 20)

    assert fourier.gini(x) == pytest.approx(expected)


@pytest.mark.parametrize("n", [2, 3])
def test_one_frequency_cannot_be_sparse(n):
    """Z_2 and Z_3 have one: every centred function lies in it, so nothing is said."""
    power = fourier.component_power(np.random.default_rng(0).normal(size=(n, 4)))

    assert fourier.fold(power) == pytest.approx(power[1:].sum())
    assert np.isnan(fourier.spectrum_gini(power))


@pytest.mark.parametrize("n", [2, 3, 4, 6, 12, 30, 112, 113])
def test_in_its_own_order_every_frequency_looks_like_the_first(n):
    """One period over the n places, with one value per g indices where g is shared."""
    for k in range(1, n // 2 + 1):
        order = fourier.frequency_order(k, n)
        g = np.gcd(k, n)

        assert sorted(order) == list(range(n))
        assert ((k * order % n) == np.arange(n) // g * g).all()
        if g == 1:
            assert (order == pow(k, -1, n) * np.arange(n) % n).all()


def test_gini_of_nothing_is_unknown():
    assert np.isnan(fourier.gini(np.zeros(5)))
    assert np.isnan(fourier.gini(np.zeros(0)))


def test_random_embedding_is_not_sparse():
    W = np.random.default_rng(0).normal(size=(113, 128))

    gini = fourier.spectrum_gini(fourier.component_power(W))

    assert gini == pytest.approx(0.03, abs=0.015)


def test_collapsed_network_does_not_look_sparse_because_the_constant_is_dropped():
    W = 1000 + np.random.default_rng(0).normal(size=(113, 128))
    power = fourier.component_power(W)

    assert fourier.gini(power) > 0.98
    assert fourier.spectrum_gini(power) < 0.05


def test_counts_of_frequencies():
    share = np.array([0.5, 0.45, 0.04, 0.005, 0.005])

    assert fourier.count_for_fraction(share, 0.9) == 2
    assert fourier.count_for_fraction(share, 0.99) == 3
