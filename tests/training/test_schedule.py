import numpy as np
import pytest

from grokdash.config import make_config
from grokdash.training.schedule import checkpoint_steps, grid_steps


def test_nanda_schedule_is_dense_to_1500_and_every_100_after():
    steps = checkpoint_steps(make_config("nanda"))

    assert steps[0] == 0
    assert steps[-1] == 40_000
    assert set(np.diff(steps[steps <= 1500])) == {10}
    assert set(np.diff(steps[steps >= 1500])) == {100}
    assert len(steps) == 536


@pytest.mark.parametrize("epochs", [1, 7, 10, 1499, 1500, 1501, 1555])
def test_first_and_last_epoch_are_always_stored(epochs):
    steps = checkpoint_steps(make_config("nanda", epochs=epochs))

    assert steps[0] == 0
    assert steps[-1] == epochs
    assert (np.diff(steps) > 0).all()


@pytest.mark.parametrize("count", [2, 3, 64, 535, 536])
def test_grids_spread_evenly_from_first_to_last(count):
    steps = checkpoint_steps(make_config("nanda"))

    chosen = grid_steps(steps, count)

    assert len(chosen) == count
    assert chosen[0] == 0
    assert chosen[-1] == 40_000
    gaps = np.diff(np.searchsorted(steps, chosen))
    assert gaps.max() - gaps.min() <= 1


def test_more_grids_than_checkpoints_is_all_of_them():
    steps = np.array([0, 5, 10])

    assert grid_steps(steps, 64).tolist() == [0, 5, 10]
    assert grid_steps(steps, 1).tolist() == [10]
    assert grid_steps(steps, 0).tolist() == []
