"""Grokking is a lasting rise, dated as an interval; phases follow the test loss."""

import numpy as np
import pytest

from grokdash.analysis.phases import (
    grok_interval,
    loss_weighted_time,
    memorised_at,
    phases,
)

STEPS = np.array([0, 100, 200, 300, 400])


def test_the_rise_is_dated_between_evaluated_epochs():
    found = grok_interval(STEPS, np.array([0.0, 0.2, 0.995, 0.99, 1.0]), 400)

    assert found.state == "grokked"
    assert (found.after, found.until) == (100, 200)
    assert found.complete
    assert found.text == "grokked between epochs 100 and 200"


def test_a_dip_moves_the_lasting_rise_but_not_the_first():
    found = grok_interval(STEPS, np.array([0.0, 1.0, 0.5, 1.0, 1.0]), 1000)

    assert (found.after, found.until, found.first_reached) == (200, 300, 100)
    assert not found.complete


def test_reached_and_lost_is_collapsed():
    found = grok_interval(STEPS, np.array([0.0, 1.0, 1.0, 1.0, 0.3]))

    assert found.state == "collapsed"
    assert found.until is None
    assert "lost again" in found.text


@pytest.mark.parametrize(
    ("train", "state"), [(1.0, "memorised only"), (0.4, "not within")]
)
def test_a_run_that_never_rises_is_censored_at_its_last_epoch(train, state):
    found = grok_interval(
        STEPS, np.full(5, 0.1), 40_000, train_accuracy=np.full(5, train)
    )

    assert found.state == state
    assert "400 epochs" in found.text
    assert not found.complete


def test_missing_values_are_skipped():
    accuracy = np.array([0.1, np.nan, 1.0, np.nan, np.nan])

    found = grok_interval(STEPS, accuracy)

    assert (found.after, found.until, found.within) == (0, 200, 200)


def test_good_from_the_first_checkpoint_has_no_lower_end():
    found = grok_interval(STEPS[:1], np.array([1.0]))

    assert (found.after, found.until) == (None, 0)
    assert found.text == "grokked by epoch 0"


def test_an_empty_run_has_not_grokked():
    found = grok_interval(np.array([], dtype=np.int64), np.array([]))

    assert found.state == "not within"
    assert found.within == 0


LN_P = np.log(113)
HIGH, LOW, TINY = 26.0, 1.0, 5e-5


def divided(loss, accuracy=None, p=113):
    """Give the phases of checkpoints 100 epochs apart, all but the first learned."""
    steps = np.arange(len(loss)) * 100
    if accuracy is None:
        accuracy = [0.01, *[1.0] * (len(loss) - 1)]
    return phases(steps, np.array(loss, float), np.array(accuracy, float), p)


def test_three_dividing_epochs():
    found = divided([4.7, HIGH, 20, 4, LOW, TINY, 2e-3, TINY])

    assert (found.peak, found.forming, found.formed) == (100, 100, 300)
    assert (found.clean, found.collapsed) == (700, None)
    assert found.spans == (
        ("memorisation", 0, 100),
        ("circuit formation", 100, 300),
        ("cleanup", 300, 700),
        ("stable", 700, 700),
    )
    assert found.text == "stable since epoch 700"


def test_chance_depends_on_the_modulus():
    loss = [3.0, 9.0, 4.5, 4.0]

    assert divided(loss).formed == 200
    assert divided(loss, p=59).formed == 300


def test_what_is_touched_and_left_again_is_not_reached():
    found = divided([4.7, HIGH, 10, LOW, TINY, LOW, 8, 7])

    assert (found.peak, found.forming) == (100, 100)
    assert (found.formed, found.clean) == (None, None)
    assert found.spans[-1] == ("circuit formation", 100, 700)
    assert found.text == (
        "circuit formation since epoch 100; not reached: cleanup, stable"
    )


def test_what_is_touched_and_comes_back_is_dated_by_its_last_coming():
    found = divided([4.7, HIGH, LOW, 8, LOW, TINY, LOW, TINY])

    assert (found.formed, found.clean) == (400, 700)


def test_a_late_collapse_takes_back_what_was_reached():
    """The loss of a collapse, 60, is higher than that of memorising."""
    accuracy = [0.01, 1, 1, 1, 1, 1, 0.01, 0.01]
    found = divided([4.7, HIGH, 10, LOW, TINY, TINY, 60, LN_P], accuracy)

    assert (found.peak, found.collapsed) == (100, 600)
    assert (found.forming, found.formed, found.clean) == (None, None, None)
    assert found.spans == (
        ("memorisation", 0, 100),
        ("unsettled", 100, 600),
        ("collapsed", 600, 700),
    )
    assert found.text == (
        "collapsed since epoch 600; not reached: circuit formation, cleanup, stable"
    )


def test_a_low_test_loss_without_learned_pairs_is_no_circuit():
    """A uniform guess over fewer answers is below ln p, and knows nothing."""
    found = divided([4.7, 9, 4.6, 4.6], [0.01, 1.0, 0.02, 0.02])

    assert (found.formed, found.now) == (None, "collapsed")


def test_a_recovered_network_forms_circuits_from_its_recovery_on():
    accuracy = [0.01, 1, 1, 0.3, 1, 1, 1]
    found = divided([4.7, HIGH, 10, 12, 9, LOW, LOW], accuracy)

    assert found.spans == (
        ("memorisation", 0, 100),
        ("unsettled", 100, 400),
        ("circuit formation", 400, 500),
        ("cleanup", 500, 600),
    )


@pytest.mark.parametrize("end", [np.nan, np.inf])
def test_a_diverged_run_has_collapsed(end):
    accuracy = [0.01, 1, 1, 1, 0.01, 0.01]
    found = divided([4.7, HIGH, 10, LOW, end, end], accuracy)

    assert (found.peak, found.collapsed, found.formed) == (100, 400, None)


def test_a_run_that_diverged_before_its_next_checkpoint_is_judged_by_the_last():
    found = divided([4.7, HIGH, LOW, np.nan], [0.01, 1, 1, np.nan])

    assert (found.formed, found.last, found.now) == (200, 200, "cleanup")


def test_a_run_that_never_memorises_enters_no_other_phase():
    """Its test loss has a highest value and comes below chance all the same."""
    found = divided([4.8, 4.9, 4.6, 4.5], [0.01, 0.02, 0.1, 0.3])

    assert found.spans == (("memorisation", 0, 300),)
    assert found.text == (
        "memorisation; not reached: circuit formation, cleanup, stable"
    )


@pytest.mark.parametrize(("p", "accuracy"), [(2, 0.7), (113, 0.5)])
def test_learned_is_half_of_the_way_from_chance_to_all(p, accuracy):
    loss = np.log(p) * np.array([1.1, 1.5, 0.8, 0.5])

    assert divided(loss, [accuracy] * 4, p).peak is None
    assert divided(loss, [accuracy + 0.06] * 4, p).peak == 100


def test_a_run_that_generalises_at_once_memorises_until_its_pairs_are_learned():
    found = divided([4.8, 4.7, 2, 0.1, TINY], [0.01, 0.3, 0.8, 1, 1])

    assert (found.peak, found.formed, found.clean) == (200, 200, 400)
    assert found.spans == (
        ("memorisation", 0, 200),
        ("cleanup", 200, 400),
        ("stable", 400, 400),
    )


def test_a_run_still_memorising_has_entered_one_phase():
    found = divided([4.7, 5.0, 6.0])

    assert (found.peak, found.formed, found.clean) == (None, None, None)
    assert found.spans == (("memorisation", 0, 200),)


def test_an_extended_run_may_lose_a_phase_and_reach_it_later():
    loss = [4.7, HIGH, 10, LOW, TINY, 9, LOW, LOW, TINY]

    seen = [divided(loss[:n]).now for n in (3, 5, 6, 8, 9)]

    first, then = ["circuit formation", "stable"], ["cleanup", "stable"]
    assert seen == [*first, "circuit formation", *then]
    assert divided(loss[:5]).clean == 400
    assert divided(loss).clean == 800
    assert divided(loss).peak == divided(loss[:5]).peak == 100


def test_accuracy_that_was_not_stored_is_no_reason_against_a_phase():
    found = divided([4.7, HIGH, LOW, TINY], [np.nan] * 4)

    assert (found.peak, found.formed, found.clean) == (100, 200, 300)


def test_an_empty_run_is_at_its_beginning():
    found = divided([], [])

    assert found.spans == (("memorisation", 0, 0),)


def test_loss_weighted_time_spends_itself_where_the_loss_changes():
    time = loss_weighted_time(STEPS, np.array([1.0, 1.0, 0.1, np.nan, 0.01]))

    assert time == pytest.approx([0, 0, 0.5, 0.75, 1])


def test_loss_weighted_time_of_a_flat_loss_is_uniform():
    assert loss_weighted_time(STEPS, np.ones(5)) == pytest.approx(STEPS / 400)


def test_memorised_is_when_training_accuracy_arrives_not_where_the_test_loss_peaks():
    steps, loss = np.arange(0, 600, 100), np.array([4.0, 6, 9, 12, 5, 1])
    right = np.array([0.02, 0.7, 0.99, 1, 1, 1])

    assert memorised_at(steps, right) == 200
    assert phases(steps, loss, right, p=59).peak == 300
    assert memorised_at(steps[:2], right[:2]) is None
