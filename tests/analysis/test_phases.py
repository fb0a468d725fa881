"""Grokking is a lasting rise, dated as an interval; phases follow the test loss."""

import numpy as np
import pytest

from grokdash.analysis.phases import grok_interval, loss_weighted_time, phases

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


def test_three_dividing_epochs():
    steps = np.arange(8) * 100
    loss = np.array([4.7, 26.0, 20.0, 4.0, 1.0, 5e-5, 2e-3, 5e-5])

    found = phases(steps, loss, 113)

    assert (found.memorised, found.formed, found.clean) == (100, 300, 700)
    assert found.spans == (
        ("memorisation", 0, 100),
        ("circuit formation", 100, 300),
        ("cleanup", 300, 700),
        ("stable", 700, 700),
    )


def test_chance_depends_on_the_modulus():
    loss = np.array([3.0, 9.0, 4.5, 4.0])
    steps = np.arange(4)

    assert phases(steps, loss, 113).formed == 2
    assert phases(steps, loss, 59).formed == 3


def test_a_run_still_memorising_has_entered_one_phase():
    found = phases(np.arange(3), np.array([4.7, 5.0, 6.0]), 113)

    assert (found.memorised, found.formed, found.clean) == (None, None, None)
    assert found.spans == (("memorisation", 0, 2),)


def test_an_unfinished_cleanup_is_open():
    found = phases(np.arange(4), np.array([4.7, 9.0, 1.0, 0.5]), 113)

    assert found.clean is None
    assert found.spans[-1] == ("cleanup", 2, 3)


def test_loss_weighted_time_spends_itself_where_the_loss_changes():
    time = loss_weighted_time(STEPS, np.array([1.0, 1.0, 0.1, np.nan, 0.01]))

    assert time == pytest.approx([0, 0, 0.5, 0.75, 1])


def test_loss_weighted_time_of_a_flat_loss_is_uniform():
    assert loss_weighted_time(STEPS, np.ones(5)) == pytest.approx(STEPS / 400)
