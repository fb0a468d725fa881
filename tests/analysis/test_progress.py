"""Restricted and excluded loss: closed forms, and the naive definition on the grid."""

import numpy as np
import pytest

from grokdash.analysis import fourier, logits, losses, progress
from grokdash.analysis.fibres import fibres
from grokdash.operations import OPERATIONS

FULL = 0.10867580831272683
CHANCE = 4.727387818712341
WITHOUT = (0.3045972655, 0.5565075300, 0.7113816302, 0.4624527336, 0.6216309769)


@pytest.fixture(scope="module")
def grouped(half_mask):
    return fibres("add", 113, half_mask)


def naive_projection(cube, keys):
    """P_K applied literally: inner products with unit waves on the p² grid."""
    q = len(cube)
    i = np.arange(q)
    total = (i[:, None] + i[None, :]).ravel()
    flat = cube.reshape(q * q, q)
    result = np.zeros_like(flat)
    for k in keys:
        for wave in (np.cos, np.sin):
            v = wave(2 * np.pi * k * total / q)
            norm = np.linalg.norm(v)
            if norm > 1e-6:
                v = v / norm
                result += np.outer(v, v @ flat)
    return result.reshape(cube.shape)


def naive_losses(cube, mask):
    q = len(cube)
    i = np.arange(q)
    answer = (i[:, None] + i[None, :]) % q
    shifted = cube - cube.max(axis=2, keepdims=True)
    logp = shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))
    loss = -np.take_along_axis(logp, answer[..., None], axis=2)[..., 0]
    return np.array([loss[mask].mean(), loss[~mask].mean(), loss.mean()])


def excluded_by_k(cube, grouped):
    rows = grouped.gather(cube)
    return progress.excluded_by_k(rows, grouped, grouped.mean_of_rows(rows))


def test_pure_network_restricted_to_its_keys_is_itself(pure, grouped, fibre_mean):
    M = fibre_mean(pure.cube)

    scores = progress.restricted_scores(M, grouped.counts, pure.keys)

    assert scores.loss == pytest.approx(FULL, abs=1e-12)
    assert scores.accuracy == pytest.approx(1)
    f = logits.offset_profile(M)
    assert progress.cosine_fit_loss(f, pure.keys) == pytest.approx(FULL, abs=1e-12)
    assert pytest.approx(np.log(np.exp(f).sum()) - f[0]) == FULL


@pytest.mark.parametrize(
    "exclude", [progress.excluded_losses, progress.excluded3d_losses]
)
def test_pure_network_without_its_keys_is_at_chance(pure, grouped, exclude):
    assert exclude(pure.cube, grouped, pure.keys) == pytest.approx(CHANCE, abs=1e-10)


def test_each_key_excluded_alone_has_the_closed_form(pure, grouped):
    by_k = excluded_by_k(pure.cube, grouped)

    keys = np.array(pure.keys) - 1
    for column in range(3):
        assert by_k[keys, column] == pytest.approx(WITHOUT, abs=1e-9)
    others = np.delete(by_k, keys, axis=0)
    assert others == pytest.approx(FULL, abs=1e-10)
    for k, expected in zip((*pure.keys, 1), (*WITHOUT, FULL), strict=True):
        alone = progress.excluded3d_losses(pure.cube, grouped, (k,))
        assert alone == pytest.approx(np.full(3, expected), abs=1e-9)


@pytest.mark.parametrize("q", [2, 3, 6, 7, 12])
def test_table_forms_are_the_projection_on_the_grid(q, fibre_mean):
    rng = np.random.default_rng(q)
    cube = rng.normal(size=(q, q, q)) * 4
    mask = np.arange(q * q).reshape(q, q) % 3 == 0
    grouped = fibres("add", q, mask)
    M = fibre_mean(cube)
    every = tuple(range(1, q // 2 + 1))

    for keys in ((), (1,), every):
        part = naive_projection(cube, keys)
        kept = part + cube.mean(axis=(0, 1))
        assert progress.restricted_losses(M, grouped.counts, keys) == pytest.approx(
            naive_losses(kept, mask), abs=2e-12
        )
        assert progress.excluded_losses(cube, grouped, keys) == pytest.approx(
            naive_losses(cube - part, mask), abs=2e-12
        )
    by_k = excluded_by_k(cube, grouped)
    alone = progress.restricted_by_k(M, grouped.counts)
    for k in every:
        part = naive_projection(cube, (k,))
        assert by_k[k - 1] == pytest.approx(naive_losses(cube - part, mask), abs=2e-12)
        assert alone[k - 1] == pytest.approx(
            naive_losses(part + cube.mean(axis=(0, 1)), mask), abs=2e-12
        )


@pytest.mark.parametrize("q", [6, 7])
def test_three_dimensional_exclusion_is_the_projection_on_the_cube(q):
    rng = np.random.default_rng(q)
    cube = rng.normal(size=(q, q, q)) * 3
    mask = rng.random((q, q)) < 0.5
    a, b, c = np.ix_(np.arange(q), np.arange(q), np.arange(q))
    removed = np.zeros_like(cube)
    for k in (2, 3):
        u = np.cos(2 * np.pi * k * (a + b - c) / q)
        u /= np.linalg.norm(u)
        removed += (cube * u).sum() * u

    result = progress.excluded3d_losses(cube, fibres("add", q, mask), (2, 3))

    assert result == pytest.approx(naive_losses(cube - removed, mask), abs=2e-12)


def test_excluded_losses_near_zero_keep_their_digits(grouped):
    t = np.arange(113)
    table = 40.0 * (t[:, None] == t[None, :])
    cube = table[(t[:, None] + t[None, :]) % 113]

    by_k = excluded_by_k(cube, grouped)

    gap = 40 - 40 * 2 / 113 * (
        1 - np.cos(2 * np.pi * np.outer(np.arange(1, 57), t[1:]) / 113)
    )
    expected = np.log1p(np.exp(-gap).sum(axis=1))
    assert by_k[:, 2] == pytest.approx(expected, rel=1e-9, abs=0)


def test_huge_logits_do_not_overflow(make_cube):
    cube = make_cube(13, (2, 5), (3e4, 2e4))
    mask = np.arange(169).reshape(13, 13) % 2 == 0

    result = excluded_by_k(cube, fibres("add", 13, mask))

    for k in (2, 5):
        expected = naive_losses(cube - naive_projection(cube, (k,)), mask)
        assert result[k - 1] == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_restricted_plus_excluded_less_the_mean_are_the_logits(fibre_mean):
    cube = np.random.default_rng(0).normal(size=(113, 113, 113))
    part = naive_projection(cube, (3, 40))
    i = np.arange(113)
    M = fibre_mean(cube)

    table = logits.band(M, (3, 40))

    np.testing.assert_allclose(part, table[(i[:, None] + i) % 113], atol=1e-12)


def test_gauge_leaves_restricted_and_excluded_loss(pure, grouped, fibre_mean):
    rng = np.random.default_rng(1)
    cube = pure.cube + rng.normal(size=pure.cube.shape)
    gauged = cube + rng.normal(size=(113, 113, 1))

    def both(L):
        M = fibre_mean(L)
        return (
            progress.restricted_losses(M, grouped.counts, pure.keys),
            progress.excluded_losses(L, grouped, pure.keys),
        )

    for found, expected in zip(both(gauged), both(cube), strict=True):
        assert found == pytest.approx(expected, abs=1e-12)


def test_random_logits_restricted_are_nearly_the_mean(grouped, fibre_mean):
    cube = np.random.default_rng(2).normal(size=(113, 113, 113))
    M = fibre_mean(cube)

    only_mean = progress.restricted_losses(M, grouped.counts, ())
    restricted = progress.restricted_losses(M, grouped.counts, (14, 35, 41, 42, 52))

    assert only_mean == pytest.approx(CHANCE, abs=0.01)
    assert restricted == pytest.approx(only_mean, abs=0.01)


def test_subtraction_keeps_nothing_on_sums_and_everything_on_differences(
    make_cube, pure, half_mask
):
    difference = make_cube(113, pure.keys, pure.alpha, sign=-1)
    on_sums = fibres("add", 113, half_mask)
    on_differences = fibres("subtract", 113, half_mask)

    M = on_sums.mean_of_rows(on_sums.gather(difference))
    right = on_differences.mean_of_rows(on_differences.gather(difference))

    assert progress.restricted_losses(M, on_sums.counts, pure.keys) == pytest.approx(
        CHANCE, abs=1e-10
    )
    assert progress.restricted_losses(
        right, on_differences.counts, pure.keys
    ) == pytest.approx(FULL, abs=1e-10)


def test_multiplication_is_a_clock_on_logarithms(half_mask):
    p, keys = 113, (5, 11, 23)
    log = np.zeros(p, dtype=int)
    for i in range(p - 1):
        log[pow(3, i, p)] = i
    a, b, c = np.ix_(log, log, log)
    L = sum(np.cos(2 * np.pi * k * (a + b - c) / 112) for k in keys)
    grouped = fibres("multiply", p, half_mask)
    M = grouped.mean_of_rows(grouped.gather(L))
    energy = float(np.square(logits.gauge_fix(L[1:, 1:, 1:])).sum())

    assert logits.key_frequencies(logits.sum_shares(M, energy)) == keys
    scores = progress.restricted_scores(M, grouped.counts, keys)
    assert scores.accuracy == pytest.approx(1)
    f = logits.offset_profile(M)
    assert logits.fve(f, keys, energy) == pytest.approx(1)
    assert progress.excluded_losses(L, grouped, keys) == pytest.approx(np.log(112))


def test_one_multiplicative_character_is_flat_in_the_additive_basis():
    p = 113
    powers = np.array([pow(3, i, p) for i in range(p - 1)])
    angle = 2 * np.pi * 5 * np.arange(p - 1) / (p - 1)
    W = np.zeros((p, 2))
    W[powers] = np.stack([np.cos(angle), np.sin(angle)], axis=1)

    additive = fourier.fold(fourier.component_power(W))
    multiplicative = fourier.fold(fourier.component_power(W[powers]))

    assert additive.max() / additive.min() == pytest.approx(1)
    assert fourier.spectrum_gini(fourier.component_power(W)) == pytest.approx(
        0, abs=1e-12
    )
    assert multiplicative[4] / multiplicative.sum() == pytest.approx(1)


def test_blocks_keep_the_mean_and_of_each_class_its_own(make_cube):
    mean = np.arange(7.0)
    first = np.cos(2 * np.pi * np.arange(7) / 7)
    cube = mean + first[None, :, None] + make_cube(7, (2,), (3.0,))

    kept = progress.keep_blocks(cube, (2,), "block2")

    expected = mean + make_cube(7, (2,), (3.0,))
    np.testing.assert_allclose(kept, expected, atol=1e-12)


def test_blocks_keep_more_than_the_sum_directions(pure, make_cube, half_mask):
    linear = np.cos(2 * np.pi * 14 * np.arange(113) / 113)
    classes = np.cos(2 * np.pi * 9 * np.arange(113) / 113)
    extra = linear[:, None, None] * classes
    difference = make_cube(113, (35,), (2.0,), sign=-1)
    other = make_cube(113, (7,), (2.0,))
    cube = pure.cube + extra + difference + other

    block2 = progress.keep_blocks(cube, pure.keys, "block2")
    block3 = progress.keep_blocks(cube, pure.keys, "block3")

    np.testing.assert_allclose(block2, pure.cube + difference, atol=1e-10)
    np.testing.assert_allclose(block3, pure.cube + difference + extra, atol=1e-10)
    assert progress.cube_scores(pure.cube, half_mask).loss == pytest.approx(FULL)


@pytest.mark.parametrize("name", sorted(OPERATIONS))
@pytest.mark.parametrize("p", [2, 3, 7])
def test_every_operation_has_finite_losses_at_tiny_moduli(name, p):
    mask = np.arange(p * p).reshape(p, p) % 2 == 0
    grouped = fibres(name, p, mask)
    L = np.random.default_rng(0).normal(size=(p, p, p))
    M = grouped.mean_of_rows(grouped.gather(L))
    every = tuple(range(1, grouped.q // 2 + 1))

    for keys in ((), every):
        assert np.isfinite(progress.excluded_losses(L, grouped, keys)[2])
        assert np.isfinite(progress.restricted_losses(M, grouped.counts, keys)[2])
    assert excluded_by_k(L, grouped).shape == (len(every), 3)
    rows = losses.cross_entropy(grouped.gather(L), grouped.label)
    assert progress.excluded_losses(L, grouped, ()) == pytest.approx(
        losses.split_means(rows, grouped.train), nan_ok=True
    )


def test_label_means_without_a_group_keep_the_whole_function_of_the_label():
    p = 7
    mask = np.random.default_rng(1).random((p, p)) < 0.5
    grouped = fibres("quadratic", p, mask)
    table = np.random.default_rng(2).normal(size=(p, p))
    L = np.empty((p, p, p))
    L.reshape(p * p, p)[grouped.order] = table[grouped.label]
    M = grouped.mean_of_rows(grouped.gather(L))

    loss = losses.cross_entropy(table, np.arange(p))
    shift = progress.pair_mean(M, grouped.counts) - M.mean(axis=0)
    expected = losses.cross_entropy(table + shift, np.arange(p))

    restricted = progress.restricted_losses(M, grouped.counts, (1, 2, 3))
    assert restricted[2] == pytest.approx((grouped.sizes @ expected) / p**2)
    assert progress.excluded_losses(L, grouped, ())[2] == pytest.approx(
        (grouped.sizes @ loss) / p**2
    )


def test_confusion_counts_wrong_answers_by_offset(pure, grouped):
    confusion = progress.confusion_by_offset(np.roll(pure.cube, 4, axis=2), grouped)

    assert confusion[4] == pytest.approx(1)
    assert confusion.sum(axis=0) == pytest.approx(1)


@pytest.mark.parametrize("scale", [1.0, 30.0, 400.0])
def test_losses_with_nothing_taken_are_the_losses(scale):
    rng = np.random.default_rng(0)
    thirteen = fibres("add", 13, rng.random((13, 13)) < 0.4)
    rows = thirteen.gather(scale * rng.normal(size=(13, 13, 13)))

    taken = progress.take_tables(rows, thirteen, np.zeros((1, 13, 13)))

    own = losses.cross_entropy(rows, thirteen.label)
    assert taken.own == pytest.approx(own, rel=1e-12)
    assert taken.without[0] == pytest.approx(
        losses.split_means(own, thirteen.train), rel=1e-12
    )


@pytest.mark.parametrize("scale", [1.0, 100.0, 700.0])
def test_losses_with_a_table_taken_are_those_of_what_is_left(scale):
    rng = np.random.default_rng(1)
    thirteen = fibres("add", 13, rng.random((13, 13)) < 0.4)
    rows = thirteen.gather(rng.normal(size=(13, 13, 13)))
    tables = scale * rng.normal(size=(3, 13, 13))

    taken = progress.take_tables(rows, thirteen, tables)

    assert (np.abs(tables - tables[..., :1]).max() > 300) == (scale > 10)
    for table, without in zip(tables, taken.without, strict=True):
        left = losses.cross_entropy(rows - table[thirteen.label], thirteen.label)
        expected = losses.split_means(left, thirteen.train)
        assert without == pytest.approx(expected, rel=1e-12)
