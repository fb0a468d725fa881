"""Computations of a server share its memory: some wait, none for ever."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from grokdash.allowed import MemoryBudget
from grokdash.errors import NoMemoryError

LONG = 30.0


class Holder:
    """Takes bytes in a thread of its own until it is told to give them back."""

    def __init__(self, budget, needed):
        self.has, self.release = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._hold, args=(budget, needed))
        self.thread.start()

    def _hold(self, budget, needed):
        with budget.reserved(needed, 7):
            self.has.set()
            assert self.release.wait(LONG)

    def end(self):
        self.release.set()
        self.thread.join(LONG)


def waiting(budget, count):
    while len(budget._waiting) < count:
        pass


def test_what_alone_would_be_too_much_is_refused_at_once():
    budget = MemoryBudget(100)

    with pytest.raises(NoMemoryError, match="--memory"), budget.reserved(101, 7):
        pass
    with budget.reserved(100, 7):
        pass
    with MemoryBudget().reserved(10**15, 7):
        pass


def test_what_does_not_fit_beside_others_waits_for_them_in_turn():
    budget = MemoryBudget(100)
    first, second = Holder(budget, 60), Holder(budget, 40)
    assert first.has.wait(LONG)
    assert second.has.wait(LONG)

    large = Holder(budget, 100)
    waiting(budget, 1)
    small = Holder(budget, 10)
    waiting(budget, 2)
    first.end()

    assert not large.has.is_set()
    assert not small.has.is_set()  # or the large one might wait for ever
    second.end()
    assert large.has.wait(LONG)
    large.end()
    assert small.has.wait(LONG)
    small.end()
    assert budget._taken == 0


def test_what_is_computed_inside_a_computation_does_not_wait():
    budget = MemoryBudget(100)

    def nested():
        with budget.reserved(60, 7), budget.reserved(80, 7):
            return budget._taken

    with ThreadPoolExecutor(4) as threads:
        found = [threads.submit(nested) for _ in range(20)]
        assert [one.result(timeout=LONG) for one in found] == [60] * 20
    assert budget._taken == 0


def test_a_computation_that_fails_gives_its_memory_back():
    budget = MemoryBudget(100)

    for _ in range(3):
        with pytest.raises(ZeroDivisionError), budget.reserved(100, 7):
            raise ZeroDivisionError
    assert budget._taken == 0
