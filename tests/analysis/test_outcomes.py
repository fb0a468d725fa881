"""Outcomes of runs by thresholds, and statistics of censored grok epochs."""

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import linregress, norm

from grokdash.analysis.outcomes import Thresholds, classify
from grokdash.analysis.phases import grok_interval
from grokdash.analysis.survival import (
    association,
    censored_quantile,
    holm,
    log_rank_scores,
    power_law,
    rank_test,
)
from grokdash.errors import ConfigError

STEPS = np.arange(0, 600, 100)


def judge(known, right, epochs=500, **limits):
    train, test = np.array(known, float), np.array(right, float)
    return classify(STEPS, train, test, epochs, Thresholds(**limits))


def test_a_run_that_learns_nothing_never_groks():
    assert judge([0, 0.1, 0.2, 0.3, 0.4, 0.5], [0] * 6).kind == "never groks"


def test_a_run_that_knows_its_training_pairs_memorises_only():
    outcome = judge([0, 0.5, 1, 1, 1, 1], [0] * 6)

    assert outcome.kind == "memorises only"
    assert (outcome.memorised_at, outcome.observed, outcome.time) == (200, False, 500)


def test_a_late_rise_groks_between_two_evaluations():
    outcome = judge([0, 1, 1, 1, 1, 1], [0, 0, 0.1, 0.5, 0.99, 1])

    assert outcome.kind == "groks"
    assert (outcome.after, outcome.until, outcome.observed) == (300, 400, True)
    assert "between epochs 300 and 400" in outcome.text


def test_a_rise_with_training_accuracy_is_at_once_by_the_chosen_delay():
    train, test = [0, 1, 1, 1, 1, 1], [0, 0.5, 1, 1, 1, 1]

    assert judge(train, test, delay=2.0).kind == "generalises at once"
    assert judge(train, test, delay=1.9).kind == "groks"


def test_memorised_and_lost_is_not_memorised_only():
    lost = judge([0, 1, 1, 1, 0.02, 0.02], [0] * 6)
    dip = judge([0, 1, 1, 1, 1, 0.9], [0] * 6)

    assert (lost.kind, dip.kind) == ("never groks", "memorises only")


def test_a_run_that_loses_what_it_reached_collapses():
    outcome = judge([0, 1, 1, 1, 1, 0.1], [0, 0, 1, 1, 1, 0.01])

    assert outcome.kind == "collapses"
    assert (outcome.first_reached, outcome.observed) == (200, False)


def test_a_dip_counts_as_lost_only_below_what_must_be_kept():
    train, test = [0, 1, 1, 1, 1, 1], [0, 0, 1, 0.93, 1, 1]

    assert judge(train, test).until == 400
    assert judge(train, test, kept=0.9).until == 200


def test_the_threshold_moves_the_grok_epoch():
    train, test = [0, 1, 1, 1, 1, 1], [0, 0, 0.6, 0.8, 0.97, 1]

    limits = {"test": 0.75, "kept": 0.75}
    assert judge(train, test, **limits).until == 300
    assert judge(train, test).until == 500


def test_a_run_short_of_its_last_epoch_is_unfinished_unless_it_grokked():
    flat, risen = [0] * 6, [0, 0, 0, 1, 1, 1]

    assert judge([0, 1, 1, 1, 1, 1], flat, epochs=900).kind == "unfinished"
    assert judge([0, 1, 1, 1, 1, 1], risen, epochs=900).kind == "groks"


def test_missing_evaluations_are_skipped():
    outcome = judge([0, 1, 1, 1, 1, 1], [0, 0, np.nan, 1, 1, 1])

    assert (outcome.after, outcome.until) == (100, 300)


def test_a_run_without_checkpoints_is_unfinished():
    empty = np.zeros(0)

    outcome = classify(np.zeros(0, int), empty, empty, 500, Thresholds())

    assert (outcome.kind, outcome.within) == ("unfinished", 0)


@given(st.lists(st.sampled_from([0.0, 0.5, 0.95, 0.99, 1.0]), min_size=1, max_size=12))
def test_usual_thresholds_date_a_run_as_every_other_page_does(accuracies):
    steps = np.arange(len(accuracies)) * 10
    test = np.array(accuracies)

    outcome = classify(steps, np.ones(len(test)), test, int(steps[-1]), Thresholds())
    interval = grok_interval(steps, test)

    assert (outcome.after, outcome.until) == (interval.after, interval.until)
    assert (outcome.kind == "collapses") == (interval.state == "collapsed")


@pytest.mark.parametrize("limits", [{"test": 0.0}, {"kept": 1.2}, {"delay": 0.5}])
def test_impossible_thresholds_are_refused(limits):
    with pytest.raises(ConfigError, match=next(iter(limits))):
        Thresholds(**limits)


def times(*values):
    """Times and flags; a negative time is censored."""
    array = np.array(values, float)
    return np.abs(array), array > 0


@given(st.lists(st.integers(1, 50), min_size=1, max_size=9))
def test_without_censoring_the_median_is_the_usual_one(values):
    assert censored_quantile(*times(*values)) == np.median(values)


def test_the_textbook_product_limit_median():
    # Freireich's leukaemia trial, 6-MP: published Kaplan-Meier median 23 weeks.
    six_mp = (
        *(6, 6, 6, 7, 10, 13, 16, 22, 23),
        *(-6, -9, -10, -11, -17, -19, -20, -25, -32, -32, -34, -35),
    )

    assert censored_quantile(*times(*six_mp)) == 23


def test_half_of_the_runs_are_not_enough_for_a_median():
    assert censored_quantile(*times(300, -1000)) == math.inf
    assert censored_quantile(*times(300, 500, -1000)) == 500
    assert censored_quantile(*times(-10, -10)) == math.inf


def test_a_run_that_never_groks_moves_the_median_up():
    assert censored_quantile(*times(100, 200, 300)) == 200
    assert censored_quantile(*times(100, 200, 300, -900, -900)) == 300


def test_the_textbook_log_rank_statistic():
    # Freireich's trial: observed minus expected events with 6-MP, 9 − 19.25.
    six_mp = (
        *(6, 6, 6, 7, 10, 13, 16, 22, 23),
        *(-6, -9, -10, -11, -17, -19, -20, -25, -32, -32, -34, -35),
    )
    placebo = (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, *(11, 11, 12, 12, 15, 17, 22, 23))
    scores = log_rank_scores(*times(*six_mp, *placebo))

    assert scores[:21].sum() == pytest.approx(9 - 19.25, abs=0.005)
    assert scores.sum() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("ordered", [True, False])
def test_all_values_at_once_is_the_pairwise_test_when_there_are_two(ordered):
    t, seen = times(100, 150, 200, 400, 600, -900)
    groups = np.array([0, 0, 1, 0, 1, 1])

    found = association(t, seen, groups, ordered=ordered)

    exact = rank_test(t, seen, groups == 0)
    assert found.p_value == pytest.approx(exact.p_value, abs=0.02)
    if ordered:
        assert (found.statistic > 0) == (exact.statistic < 0)


def test_a_trend_needs_the_order_and_any_difference_does_not():
    t, seen = times(*(-950, 910, 920), *(700, 710, 720), *(500, 510, 520))
    rising = np.repeat([0, 1, 2], 3)
    folded = np.repeat([0, 2, 1], 3)

    trend = association(t, seen, rising, ordered=True)

    assert trend.statistic > 0
    assert trend.p_value < association(t, seen, folded, ordered=True).p_value
    one, other = (association(t, seen, g, ordered=False) for g in (rising, folded))
    assert one.statistic == pytest.approx(other.statistic)


def test_any_difference_weighs_each_value_by_its_runs():
    """Squares of the sums of scores, each over how many runs have the value."""
    t, seen = times(100, 150, 200, 400, -900, -900)
    scores = log_rank_scores(t, seen)

    found = association(t, seen, np.array([0, 1, 1, 2, 2, 2]), ordered=False)

    sums = [scores[:1].sum(), scores[1:3].sum(), scores[3:].sum()]
    expected = sum(one**2 / n for one, n in zip(sums, (1, 2, 3), strict=True))
    assert found.statistic == pytest.approx(expected)


def test_strata_keep_another_setting_out_of_the_test_of_all_values():
    t, seen = times(*(100, 110, 120, 130), *(800, 810, 820, 830))
    groups = np.array([0, 0, 0, 1, 0, 1, 1, 1])
    strata = ["fast"] * 4 + ["slow"] * 4

    alone = association(t, seen, groups, ordered=True)
    apart = association(t, seen, groups, strata, ordered=True)

    assert apart.p_value > alone.p_value


def test_the_permutation_test_counts_every_assignment():
    t, seen = times(100, 150, 200, 400, -900, -900)
    first = np.array([True] * 3 + [False] * 3)
    scores = log_rank_scores(t, seen)
    orders = {tuple(sorted(order[:3])) for order in permutations(range(6))}
    sums = np.array([scores[list(one)].sum() for one in orders])

    test = rank_test(t, seen, first)

    assert (test.assignments, test.exact) == (20, True)
    assert test.statistic == pytest.approx(scores[:3].sum())
    assert test.statistic > 0
    assert test.p_value == pytest.approx(
        np.mean(np.abs(sums) >= abs(scores[:3].sum()) - 1e-9)
    )
    assert test.p_value == test.smallest == pytest.approx(2 / 20)


def test_two_runs_cannot_show_a_difference():
    test = rank_test(*times(1, 1000), np.array([True, False]))

    assert test.p_value == test.smallest == 1


def test_strata_keep_a_difference_between_them_out():
    # Within each stratum the groups are alike; the second stratum is just slower.
    t, seen = times(10, 20, 10, 20, 1000, 2000)
    first = np.array([True, True, False, False, True, False])
    strata = ["a", "a", "a", "a", "b", "b"]

    assert rank_test(t, seen, first, strata).assignments == 6 * 2


def test_many_assignments_are_sampled_and_never_give_zero():
    t, seen = times(*range(1, 13), *range(101, 113))
    first = np.arange(24) < 12

    test = rank_test(t, seen, first)

    assert not test.exact
    assert 0 < test.p_value < 0.001
    # The arrangement that was really made is one of the draws, in both shares.
    for share in (test.p_value, test.smallest):
        count = share * (test.assignments + 1)
        assert count == pytest.approx(round(count), rel=1e-6)


def test_sampled_assignments_spread_as_random_halves_do():
    t, seen = times(*range(1, 25))
    first = np.arange(24) % 3 < 1
    scores = log_rank_scores(t, seen)
    chosen = np.count_nonzero(first)
    spread = np.sqrt(chosen * (24 - chosen) / 24 * scores.var(ddof=1))

    test = rank_test(t, seen, first)

    assert not test.exact
    normal = 2 * norm.sf(abs(test.statistic) / spread)
    assert test.p_value == pytest.approx(normal, abs=0.03)
    assert 0.1 < normal < 0.9


def test_holm_multiplies_the_smallest_by_the_number_and_keeps_the_order():
    corrected = holm(np.array([0.04, 0.01, 0.03, 0.9]))

    assert corrected == pytest.approx([0.09, 0.04, 0.09, 0.9])
    assert holm(np.array([0.6, 0.9])) == pytest.approx([1, 1])


def test_an_exact_power_law_is_found():
    values = np.array([0.5, 1, 2, 4, 8])
    law = power_law(values, 1000 * values**-1.2, np.ones(5, bool))

    assert law.slope == pytest.approx(-1.2)
    assert law.scale == pytest.approx(1000)
    assert (law.spread, law.error) == (pytest.approx(0, abs=1e-9), 0)


def test_censored_runs_keep_the_slope_that_cutting_would_flatten():
    generator = np.random.default_rng(0)
    values = np.repeat([0.25, 0.5, 1.0, 2.0, 4.0], 40)
    times = 1000 / values * np.exp(0.5 * generator.standard_normal(200))
    observed = times < 2000

    law = power_law(values, np.minimum(times, 2000), observed)
    dropped = power_law(
        values[observed], times[observed], np.ones(observed.sum(), bool)
    )

    assert abs(law.slope + 1) < 3 * law.error < 0.2
    assert abs(dropped.slope + 1) > 2 * abs(law.slope + 1)
    assert law.spread == pytest.approx(0.5, rel=0.15)


def test_without_censoring_the_error_is_that_of_least_squares():
    generator = np.random.default_rng(1)
    values = np.repeat([0.5, 1.0, 2.0, 5.0], 6)
    log_times = 7 - 1.1 * np.log(values) + 0.4 * generator.standard_normal(24)

    law = power_law(values, np.exp(log_times), np.ones(24, bool))

    line = linregress(np.log(values), log_times)
    # Maximum likelihood divides by n, least squares by n − 2.
    assert law.slope == pytest.approx(line.slope)
    assert law.error == pytest.approx(line.stderr * np.sqrt(22 / 24))


@pytest.mark.parametrize("limit", [700, 2000, 9000])
def test_the_error_is_that_of_the_likelihood_profiled_over_all_else(limit):
    """The curvature of max over height and scatter of the log-likelihood."""
    generator = np.random.default_rng(3)
    values = np.repeat([0.25, 0.5, 1.0, 2.0, 4.0], 6)
    times = 1000 / values * np.exp(0.5 * generator.standard_normal(30))
    observed = times < limit
    x, y = np.log(values), np.log(np.minimum(times, limit))

    law = power_law(values, np.minimum(times, limit), observed)

    def profile(slope):
        def surprise(rest):
            z = (y - rest[0] - slope * x) / np.exp(rest[1])
            seen = norm.logpdf(z) - rest[1]
            return -np.where(observed, seen, norm.logsf(z)).sum()

        start = (np.log(law.scale), np.log(law.spread))
        return minimize(surprise, start, method="BFGS", tol=1e-10).fun

    h = 0.02
    at = [profile(law.slope + step * h) for step in (-1, 0, 1)]
    assert at[1] < min(at[0], at[2])
    curvature = (at[0] - 2 * at[1] + at[2]) / h**2
    assert law.error == pytest.approx(1 / np.sqrt(curvature), rel=0.01)


def test_no_law_from_two_events_or_one_value():
    assert power_law(np.array([1.0, 2, 3]), *times(10, 20, -30)) is None
    assert power_law(np.ones(4), *times(10, 20, 30, 40)) is None
