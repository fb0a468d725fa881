"""Cross-entropy keeps its digits near zero; undefined pairs never count."""

import math

import numpy as np
import pytest

from grokdash.analysis import losses
from grokdash.operations import get_operation


def test_loss_near_zero_keeps_its_digits():
    z = np.array([[40.0, 0.0, 0.0], [500.0, 0.0, -3.0]])

    loss = losses.cross_entropy(z, np.array([0, 0]))

    assert loss[0] == pytest.approx(2 * math.exp(-40), rel=1e-12, abs=0)
    assert loss[1] == pytest.approx(
        math.exp(-500) * (1 + math.exp(-3)), rel=1e-12, abs=0
    )


def test_large_loss_does_not_overflow():
    z = np.array([[0.0, 5000.0, 4999.0]])

    loss = losses.cross_entropy(z, np.array([0]))

    assert loss[0] == pytest.approx(5000 + math.log1p(math.exp(-1)))


def test_losses_are_the_textbook_cross_entropy_in_float64():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(200, 9)).astype(np.float32) * 5
    answer = rng.integers(0, 9, 200)

    exact = z.astype(np.float64)
    expected = np.log(np.exp(exact).sum(axis=1)) - exact[np.arange(200), answer]

    assert losses.cross_entropy(z, answer) == pytest.approx(expected, rel=1e-12)


def test_uniform_logits_cost_log_p():
    table = get_operation("add").table(113)

    grid = losses.loss_grid(np.zeros((113, 113, 113), dtype=np.float32), table)

    assert grid == pytest.approx(4.727387818712341)


def test_undefined_pairs_are_nan_and_never_count():
    p = 5
    table = get_operation("divide").table(p)
    L = np.random.default_rng(0).normal(size=(p, p, p))
    mask = np.ones((p, p), dtype=bool)
    mask[0] = False

    loss = losses.loss_grid(L, table)
    means = losses.grid_means(loss, table, mask)

    assert np.isnan(loss[:, 0]).all()
    assert np.isfinite(loss[:, 1:]).all()
    assert means[0] == pytest.approx(loss[1:, 1:].mean())
    assert means[1] == pytest.approx(loss[0, 1:].mean())
    assert means[2] == pytest.approx(loss[:, 1:].mean())
    assert not losses.correct_grid(L, table)[:, 0].any()


def test_right_answers_of_a_table_that_is_no_cube():
    L = np.random.default_rng(4).normal(size=(3, 4, 5))
    table = L.argmax(axis=-1)
    table[1, 2] = (table[1, 2] + 1) % 5

    assert np.argwhere(losses.margin_grid(L, table) <= 0).tolist() == [[1, 2]]
    assert np.argwhere(~losses.correct_grid(L, table)).tolist() == [[1, 2]]


def test_an_empty_part_has_no_mean():
    values = np.ones(4)

    means = losses.split_means(values, np.ones(4, dtype=bool))

    assert means[0] == 1
    assert np.isnan(means[1])


def test_margin_is_positive_exactly_where_the_network_is_right():
    table = get_operation("add").table(7)
    L = np.random.default_rng(1).normal(size=(7, 7, 7))

    margin = losses.margin_grid(L, table)

    assert np.array_equal(margin > 0, losses.correct_grid(L, table))
    a, b = 2, 3
    others = np.delete(L[a, b], 5)
    assert margin[a, b] == pytest.approx(L[a, b, 5] - others.max())


def test_correct_logit_does_not_see_the_gauge():
    table = get_operation("add").table(7)
    rng = np.random.default_rng(2)
    L = rng.normal(size=(7, 7, 7))

    shifted = losses.correct_logit_grid(L + rng.normal(size=(7, 7, 1)), table)

    assert shifted == pytest.approx(losses.correct_logit_grid(L, table))


@pytest.mark.parametrize("n", [0, 1, 7, 8, 9, 113])
def test_a_sum_of_logarithms_keeps_the_digits_of_small_and_large_numbers(n):
    t = 10.0 ** np.random.default_rng(n).uniform(-30, 37, (n, 3))
    t[:, 2] = 1e-20

    found = losses.sum_log1p(t)

    assert found == pytest.approx(np.log1p(t).sum(axis=0), rel=1e-13)
    assert found[2] == pytest.approx(n * 1e-20, rel=1e-13)


def test_the_bound_of_a_sum_of_logarithms_leaves_room():
    t = np.full((8, 1), np.exp(losses.SUM_BOUND) * 1e5)

    assert losses.sum_log1p(t)[0] == pytest.approx(np.log1p(t).sum(), rel=1e-13)
