"""Single-frequency shares of ideal neurons, against the numbers theory gives."""

import itertools

import numpy as np
import pytest

from grokdash.analysis import fourier, neurons

P = 113


def wave(k, q=P, phase=0.0):
    return np.cos(2 * np.pi * k * np.arange(q) / q - phase)


def added(k, q=P, phase_a=0.0, phase_b=0.0):
    return wave(k, q, phase_a)[:, None] + wave(k, q, phase_b)[None, :]


def sums(k, q=P):
    i = np.arange(q)
    return np.cos(2 * np.pi * k * (i[:, None] + i) / q)


def found(*grids):
    return neurons.frequencies(np.stack(grids, axis=-1))


@pytest.mark.parametrize(
    ("grid", "share"),
    [
        (added(42) ** 2, 0.8),
        (np.maximum(added(42), 0), 0.9620818770),
        (3 + added(42), 1.0),
        (1 + sums(42), 1.0),
        (np.abs(added(42)), 0.851),
    ],
)
def test_ideal_neurons(grid, share):
    result = found(grid)

    assert result.fraction[0] == pytest.approx(
        share, abs=5e-4 if share < 0.86 else 1e-9
    )
    assert result.best[0] == 42
    assert result.frequency[0] == (42 if share > 0.85 else -1)


def test_published_regression_of_one_neuron():
    """ARENA's exercise: constant 9.1903, linear 6.8069, product 3.5657; r² 0.9659."""
    F = fourier.basis(P)
    c = F[2 * 42 - 1]
    N = np.maximum(0.5 / np.sqrt(P) + c[:, None] + c[None, :], 0)
    C = fourier.transform2(N)
    j = 2 * 42 - 1

    assert C[0, 0] == pytest.approx(9.1903, abs=1e-4)
    assert C[j, 0] == pytest.approx(6.8069, abs=1e-4)
    assert C[j, j] == pytest.approx(3.5657, abs=1e-4)
    variance = np.square(C).sum() - C[0, 0] ** 2
    linear = (C[j, 0] ** 2 + C[0, j] ** 2) / variance
    assert linear + C[j, j] ** 2 / variance == pytest.approx(0.9659, abs=1e-4)
    assert linear == pytest.approx(0.8494, abs=1e-4)


@pytest.mark.parametrize("q", [2, 3, 6, 7])
def test_fast_blocks_are_those_of_the_full_transform(q):
    N = np.random.default_rng(q).normal(size=(q, q, 4))
    C = np.square(fourier.transform2(N))
    C[0, 0] = 0
    total = C.sum(axis=(0, 1))

    result = neurons.shares(N)

    for k in range(1, q // 2 + 1):
        rows = fourier.frequency_rows(k, q)
        block = C[np.ix_(rows, rows)].sum(axis=(0, 1))
        linear = C[rows, 0].sum(axis=0) + C[0, rows].sum(axis=0)
        assert result.single[k - 1] == pytest.approx((block + linear) / total)
        assert result.quadratic[k - 1] == pytest.approx(block / total)
    assert (result.sums <= result.quadratic + 1e-12).all()


def test_sum_share_tells_sums_from_differences():
    i = np.arange(P)
    difference = np.cos(2 * np.pi * 9 * (i[:, None] - i) / P)

    result = neurons.shares(np.stack([sums(9), difference], axis=-1))

    assert result.sums[8] == pytest.approx([1, 0], abs=1e-12)
    assert result.quadratic[8] == pytest.approx([1, 1])


def test_constant_neurons_have_no_frequency():
    result = found(np.zeros((P, P)), np.full((P, P), 3.0), np.maximum(added(5), 0))

    assert result.best.tolist() == [-1, -1, 5]
    assert result.frequency.tolist() == [-1, -1, 5]
    assert np.isnan(result.fraction[:2]).all()
    assert result.active == pytest.approx([0, 1, 0.5], abs=0.01)


def test_float32_is_precise_enough_beside_a_large_constant():
    N = (100 + added(7))[..., None].astype(np.float32)

    assert neurons.frequencies(N).fraction[0] == pytest.approx(1, abs=1e-3)


def test_highest_frequency_is_a_candidate():
    assert found(np.maximum(added(56), 0)).best[0] == 56
    assert found(added(6, q=12)).best[0] == 6


def test_permutation_and_rescaling_of_neurons_permute_the_result():
    rng = np.random.default_rng(0)
    N = rng.random((7, 7, 5))
    order = rng.permutation(5)

    result, other = neurons.frequencies(N), neurons.frequencies(3 * N[..., order])

    assert other.fraction == pytest.approx(result.fraction[order])
    assert np.array_equal(other.best, result.best[order])


def test_swapping_and_shifting_the_operands_changes_no_share():
    N = np.random.default_rng(1).random((7, 7, 5))
    reference = neurons.shares(N).single

    for other in (N.transpose(1, 0, 2), np.roll(N, 3, axis=0)):
        assert neurons.shares(other).single == pytest.approx(reference)


def test_fit_keeps_one_frequency():
    grid = 3 + added(4, q=13) + sums(4, q=13)
    noise = sums(5, q=13) + added(2, q=13)

    fit = neurons.single_frequency_fit((grid + noise)[..., None], 4)

    assert fit[..., 0] == pytest.approx(grid, abs=1e-12)


def test_phase_out_is_the_sum_of_the_phases_in():
    rng = np.random.default_rng(2)
    k = np.array([3, 5, 5, -1])
    a, b = rng.uniform(-3, 3, 4), rng.uniform(-3, 3, 4)
    inputs = [
        np.stack([wave(f, 13, x) for f, x in zip(k, phase, strict=True)], axis=1)
        for phase in (a, b, a + b)
    ]

    result = neurons.neuron_phases(*inputs, k)

    assert result.a[:3] == pytest.approx(a[:3])
    assert result.b[:3] == pytest.approx(b[:3])
    assert result.defect[:3] == pytest.approx(0, abs=1e-12)
    assert np.isnan(result.a[3])


def test_remapped_neuron_has_frequency_one():
    order = fourier.frequency_order(14, P)
    grid = np.maximum(added(14), 0)

    assert found(grid[np.ix_(order, order)]).best[0] == 1


def test_the_alternating_wave_has_signs_for_phases():
    """±cos(πt): of both inputs and of the output, all eight combinations."""
    q = 6
    signs = np.array(list(itertools.product((1, -1), repeat=3)), dtype=float).T
    alternating = (-1.0) ** np.arange(q)

    result = neurons.neuron_phases(
        *(np.outer(alternating, sign) for sign in signs), np.full(8, q // 2)
    )

    for phase, sign in zip((result.a, result.b, result.out), signs, strict=True):
        np.testing.assert_allclose(np.cos(phase), sign)
        assert set(np.round(phase, 12)) == {0.0, round(np.pi, 12)}
    np.testing.assert_allclose(np.cos(result.defect), signs.prod(axis=0))


def test_parity_neurons_are_wholly_alternating():
    """A ReLU neuron of two alternating waves has no ceiling of 0.96: it is pure."""
    parity = (-1.0) ** np.arange(6)

    grid = np.maximum(parity[:, None] + parity[None, :], 0)

    assert found(grid).fraction[0] == pytest.approx(1)
    assert found(grid).best[0] == 3


def test_cluster_sizes_count_the_unexplained_first():
    sizes = neurons.cluster_sizes(np.array([5, -1, 5, 2, -1]))

    assert list(sizes.items()) == [(-1, 2), (2, 1), (5, 2)]


def test_a_frame_of_one_token_has_no_frequencies():
    result = found(np.ones((1, 1)), np.zeros((1, 1)))

    assert result.best.tolist() == [-1, -1]
    assert np.isnan(result.fraction).all()
