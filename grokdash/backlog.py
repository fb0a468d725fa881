"""Work that is put off: values at many checkpoints, computed behind the scenes.

Whoever asks waits for a moment and gets what is known by then; a thread goes on with
the rest, a coarse grid of checkpoints first, so that a curve is complete in outline
long before it is complete. What was asked for last is worked on first.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from grokdash.cache import Arrays
from grokdash.patience import seen

PATIENCE_S = 0.15
_MOST_TOPICS = 8

Topic = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Arrays over checkpoints, first axis the checkpoint; NaN where still pending.

    ``pending`` is the number of checkpoints still to come.
    """

    arrays: Arrays
    pending: int

    def beside(self, other: "Gathered") -> "Gathered":
        """Put other arrays over the same checkpoints beside these."""
        return Gathered(
            {**self.arrays, **other.arrays}, max(self.pending, other.pending)
        )


def gathered(
    steps: Sequence[int], found: Mapping[int, Arrays], unknown: Arrays
) -> Gathered:
    """Stack arrays by step; ``unknown`` stands for a step that is still to come."""
    rows = [found.get(step, unknown) for step in steps]
    stacked = {name: np.array([row[name] for row in rows]) for name in unknown}
    return Gathered(stacked, len(steps) - len(found))


@dataclass(slots=True)
class _Work:
    compute: Callable[[int], Arrays]
    steps: Sequence[int] = ()
    found: dict[int, Arrays] = field(default_factory=dict)
    failure: Exception | None = None

    @property
    def missing(self) -> int | None:
        """The next step to compute."""
        return None if self.failure else coarsest_missing(self.steps, self.found)


class Backlog:
    """Values by topic and step; one thread works through what is missing.

    Parameters
    ----------
    patience_s
        How long :meth:`collect` waits for a topic to be complete; None for ever.
    """

    def __init__(self, *, patience_s: float | None = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._topics: OrderedDict[Topic, _Work] = OrderedDict()
        self._changed = threading.Condition()
        self._worker: threading.Thread | None = None

    def collect(
        self, topic: Topic, steps: Sequence[int], compute: Callable[[int], Arrays]
    ) -> dict[int, Arrays]:
        """Give what is known of a topic by step; the rest comes while one waits.

        Parameters
        ----------
        topic
            What is computed; equal topics share their results.
        steps
            Where it is wanted.
        compute
            Makes the arrays of one step, in another thread. Its error is raised here,
            by this call or the next.
        """
        with self._changed:
            work = self._topics.setdefault(topic, _Work(compute))
            self._topics.move_to_end(topic)
            while len(self._topics) > _MOST_TOPICS:
                self._topics.popitem(last=False)
            work.compute, work.steps = compute, steps
            if work.missing is not None and self._worker is None:
                self._worker = threading.Thread(target=self._go_on, daemon=True)
                self._worker.start()
            self._changed.wait_for(lambda: work.missing is None, self._patience_s)
            if work.failure is not None:
                failure, work.failure = work.failure, None
                raise failure
            return {step: work.found[step] for step in steps if step in work.found}

    def _go_on(self) -> None:
        while (job := self._next()) is not None:
            work, step = job
            try:
                with seen():
                    work.found[step] = work.compute(step)
            except Exception as error:  # noqa: BLE001 - raised again by collect
                work.failure = error
            if work.missing is None:
                with self._changed:
                    self._changed.notify_all()

    def _next(self) -> tuple[_Work, int] | None:
        with self._changed:
            for work in reversed(self._topics.values()):
                step = work.missing
                if step is not None:
                    return work, step
            self._worker = None
            return None


def coarsest_missing(steps: Sequence[int], done: dict[int, Arrays]) -> int | None:
    """Choose the next step: both ends, then halves, quarters and so on between."""
    if len(done) >= len(steps) and all(step in done for step in steps):
        return None
    stride = 1
    while stride < len(steps):
        stride *= 2
    while stride:
        for step in (*steps[::stride], *steps[-1:]):
            if step not in done:
                return step
        stride //= 2
    return None
