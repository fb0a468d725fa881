"""Canonical frames: the re-indexed operation is addition."""

import numpy as np
import pytest

from grokdash.analysis.fibres import fibres
from grokdash.analysis.groups import canonical, primitive_root
from grokdash.errors import ConfigError
from grokdash.operations import OPERATIONS, get_operation

GROUPED = ["add", "subtract", "multiply", "divide"]


@pytest.mark.parametrize("p", [2, 3, 5, 7, 53])
@pytest.mark.parametrize("name", GROUPED)
def test_answer_index_is_the_sum_of_the_operand_indices(name, p):
    frame = canonical(name, p)
    assert frame is not None
    i = np.arange(frame.modulus)

    table = get_operation(name).table(p)[np.ix_(frame.a_order, frame.b_order)]

    assert np.array_equal(table, frame.c_order[(i[:, None] + i) % frame.modulus])


@pytest.mark.parametrize("name", ["add", "subtract"])
def test_composite_moduli_have_additive_frames(name):
    frame = canonical(name, 6)

    assert frame is not None
    assert frame.modulus == 6
    assert frame.basis == "additive"


@pytest.mark.parametrize(
    ("p", "root"), [(2, 1), (3, 2), (53, 2), (59, 2), (97, 5), (113, 3)]
)
def test_primitive_roots(p, root):
    assert primitive_root(p) == root
    assert {pow(root, i, p) for i in range(p - 1)} == set(range(1, p))


def test_primitive_root_of_a_composite_is_refused():
    with pytest.raises(ConfigError, match="prime"):
        primitive_root(12)


@pytest.mark.parametrize("name", ["sum_of_squares", "quadratic", "cubic"])
def test_rules_without_a_group_have_no_frame(name):
    assert canonical(name, 7) is None


def test_grid_spreads_back_with_gaps_at_zero():
    frame = canonical("multiply", 7)
    assert frame is not None
    X = np.random.default_rng(0).normal(size=(7, 7))

    back = frame.spread(frame.grid(X), 7)

    assert np.isnan(back[0]).all()
    assert np.isnan(back[:, 0]).all()
    assert np.array_equal(back[1:, 1:], X[1:, 1:])


def test_grid_of_two_orders_spreads_back_whole():
    frame = canonical("subtract", 7)
    assert frame is not None
    assert not np.array_equal(frame.a_order, frame.b_order)
    X = np.random.default_rng(0).normal(size=(7, 7))

    assert np.array_equal(frame.spread(frame.grid(X), 7), X)


@pytest.mark.parametrize("p", [2, 3, 7])
@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_fibres_hold_every_counted_pair_once_under_its_answer(name, p):
    rule = get_operation(name)
    mask = np.random.default_rng(0).random((p, p)) < 0.5

    grouped = fibres(rule, p, mask)

    answers = rule.table(p).ravel()[grouped.order]
    assert len(set(grouped.order.tolist())) == len(grouped.order)
    assert np.array_equal(grouped.class_order[grouped.label], answers)
    assert np.array_equal(grouped.train, mask.ravel()[grouped.order])
    assert np.array_equal(grouped.counts.sum(axis=1), grouped.sizes)
    assert grouped.counts[:, 0].sum() == grouped.train.sum()


@pytest.mark.parametrize("name", ["add", "divide", "cubic"])
def test_fibre_mean_is_the_mean_over_pairs_with_that_answer(name):
    rule, p = get_operation(name), 7
    L = np.random.default_rng(0).normal(size=(p, p, p))
    grouped = fibres(rule, p, np.zeros((p, p), dtype=bool))
    frame = canonical(rule, p)

    M = grouped.mean_of_rows(grouped.gather(L))

    allowed = np.ones((p, p), dtype=bool)
    if frame is not None and frame.basis == "multiplicative":
        allowed[0] = allowed[:, 0] = False
    for s, answer in enumerate(grouped.class_order):
        pairs = (rule.table(p) == answer) & allowed
        if pairs.any():
            expected = L[pairs].mean(axis=0)[grouped.class_order]
            assert M[s] == pytest.approx(expected)
        else:
            assert np.isfinite(M[s]).all()


@pytest.mark.parametrize("name", list(OPERATIONS))
def test_the_smallest_modulus_is_the_first_whose_group_has_a_frequency(name):
    """Z_1, the units mod 2, is the only group without one."""
    rule = OPERATIONS[name]
    order = {p: canonical(rule, p).modulus if canonical(rule, p) else p for p in (2, 3)}

    assert rule.smallest_p == min(p for p, q in order.items() if q >= 2)
