"""Which epochs the pictures of a film show."""

import numpy as np
import pytest

from grokdash.saving.film.pace import HOLD, PACES, curves_of, spend

STEPS = np.arange(0, 1001, 10.0)


def cliff(at):
    """A curve that is level but for one fall of 100 epochs."""
    return np.interp(STEPS, [0, at, at + 100, 1000], [1.0, 1.0, 0.0, 0.0])[None]


@pytest.mark.parametrize("pace", PACES)
def test_it_goes_from_the_first_to_the_last_and_stays_there(pace):
    places = spend(cliff(600), STEPS, 400, pace)

    assert len(places) == 400
    assert places[0] == 0
    assert (np.diff(places) >= 0).all()
    assert (places == len(STEPS) - 1).sum() >= 400 * HOLD


def test_it_is_slow_where_the_curves_move_and_even_where_asked():
    def shown(pace):
        epochs = STEPS[spend(cliff(600), STEPS, 400, pace)]
        return ((epochs > 600) & (epochs < 700)).mean()

    assert shown("loss") > 0.45
    assert shown("epochs") == pytest.approx(0.1, abs=0.03)


def test_spikes_after_training_take_little_time():
    calm, wild = np.zeros((1, 1001)), np.zeros((1, 1001))
    calm[0] = wild[0] = np.linspace(1, 0, 1001) ** 8
    wild[0, 800::40] += 0.3
    steps = np.arange(1001.0)

    late = [(spend(one, steps, 600, "loss") >= 800).mean() for one in (calm, wild)]

    assert late[1] < late[0] + 0.15


@pytest.mark.parametrize("count", [1, 2])
def test_one_or_two_checkpoints_fill_a_film(count):
    places = spend(np.ones((2, count)), np.arange(float(count)), 30, "loss")

    assert set(places) == {*range(count)}


def test_losses_count_by_their_decades_and_not_below_noise(run_view):
    curves = curves_of(run_view)

    assert curves.shape == (4, len(run_view.steps))
    assert (curves[:2] >= np.log(1e-4)).all()
