"""Thinning keeps extremes; slingshots are dated by their first update."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grokdash.analysis.thinning import slingshots, thin_extremes


def test_a_spike_of_one_update_survives():
    values = np.ones(40_001)
    values[12_345], values[30_000] = 9.0, -9.0

    kept = thin_extremes(values, 4000)

    assert len(kept) <= 4000
    assert {12_345, 30_000} <= set(kept.tolist())
    assert (np.diff(kept) > 0).all()


@given(st.integers(1, 300), st.integers(2, 50), st.integers(0, 9))
def test_extremes_of_the_whole_are_kept(n, most, seed):
    values = np.random.default_rng(seed).normal(size=n)

    kept = thin_extremes(values, most)

    assert len(kept) <= max(most, 2)
    assert values[kept].max() == values.max()
    assert values[kept].min() == values.min()


@pytest.mark.parametrize(("n", "most"), [(50, 12), (47, 20), (100, 7)])
def test_every_stretch_keeps_its_own_extremes(n, most):
    values = np.random.default_rng(n).normal(size=n)

    kept = thin_extremes(values, most)

    edges = np.linspace(0, n, most // 2 + 1).astype(int)
    stretches = np.split(np.arange(n), edges[1:-1])
    places = [s[f(values[s])] for s in stretches for f in (np.argmin, np.argmax)]
    assert kept.tolist() == sorted(set(places))


def test_nan_is_skipped():
    values = np.full(1000, np.nan)
    values[500], values[501] = 1.0, 2.0

    assert {500, 501} <= set(thin_extremes(values, 20).tolist())


def test_slingshots_are_counted_once_each():
    steps = np.arange(3000)
    loss = np.full(3000, 1e-6)
    loss[1000:1050] = 1e-2
    loss[1060] = 1e-2
    loss[2500] = 2e-5
    loss[700] = 9e-6

    np.testing.assert_array_equal(slingshots(steps, loss), [1000.0, 2500.0])


def test_a_slingshot_needs_one_update_before_it():
    steps = np.arange(7, 9)

    assert slingshots(steps, np.array([1e-6, 1.0])).tolist() == [8]
    assert slingshots(steps, np.array([1.0, 1e-6])).tolist() == []


def test_a_falling_loss_has_no_slingshot():
    assert not len(slingshots(np.arange(500), np.exp(-np.arange(500) / 20)))
    assert not len(slingshots(np.arange(1), np.ones(1)))
