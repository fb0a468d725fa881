"""Work that is put off is shown in outline, finished, and never lost in silence."""

import threading

import numpy as np
import pytest

from grokdash.backlog import Backlog, coarsest_missing


def square(step):
    return {"square": np.array(step**2)}


def test_a_patient_caller_gets_everything():
    found = Backlog(patience_s=None).collect(("squares",), [1, 2, 3], square)

    assert {step: int(one["square"]) for step, one in found.items()} == {
        1: 1,
        2: 4,
        3: 9,
    }


def test_an_impatient_caller_gets_what_is_known_and_the_rest_later():
    gate = threading.Event()

    def held(step):
        if step == 2:
            gate.wait(10)
        return square(step)

    impatient = Backlog(patience_s=0.2)
    first = impatient.collect(("squares",), [1, 2, 3], held)
    gate.set()
    impatient._patience_s = None
    second = impatient.collect(("squares",), [1, 2, 3], held)

    assert 2 not in first
    assert set(second) == {1, 2, 3}


def test_nothing_is_computed_twice_and_new_steps_are_added():
    asked = []

    def count(step):
        asked.append(step)
        return square(step)

    backlog = Backlog(patience_s=None)
    backlog.collect(("squares",), [1, 2], count)
    backlog.collect(("squares",), [1, 2, 3], count)

    assert sorted(asked) == [1, 2, 3]


def test_an_error_reaches_whoever_asks():
    def fails(_step):
        raise ValueError("no such epoch")

    backlog = Backlog(patience_s=None)
    with pytest.raises(ValueError, match="no such epoch"):
        backlog.collect(("squares",), [1], fails)

    assert set(backlog.collect(("squares",), [1], square)) == {1}


def test_both_ends_come_first_and_then_halves():
    steps, done, order = list(range(9)), {}, []
    while (step := coarsest_missing(steps, done)) is not None:
        order.append(step)
        done[step] = {}

    assert order[:4] == [0, 8, 4, 2]
    assert sorted(order) == steps
