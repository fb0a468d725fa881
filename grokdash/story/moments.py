"""When the chapters of a run's story begin, from its curves alone.

Every moment is the epoch of a checkpoint, or None where the run did not come so far.
"""

from dataclasses import dataclass

import numpy as np

from grokdash.analysis.phases import memorised_at
from grokdash.snapshot import RunView

SHOWING = 0.1
"""Share of the other pairs from which on it shows that the network generalises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """The epochs that the story turns on.

    ``learned``: the training pairs are known for the first time. ``peak``: the test
    loss is highest, until it groks. ``showing``, ``half``,
    ``grokked``: test accuracy comes to stay above :func:`showing_share`, one half,
    99 %. ``last``: the newest checkpoint.
    """

    learned: int | None
    peak: int
    showing: int | None
    half: int | None
    grokked: int | None
    last: int

    @property
    def plateau(self) -> tuple[int, int] | None:
        """First and last epoch at which all is known by heart and nothing more shows.

        It ends with the run where it has not ended before.
        """
        if self.learned is None:
            return None
        end = self.last if self.showing is None else self.showing
        return (self.learned, end) if end > self.learned else None


def showing_share(p: int) -> float:
    """Give the share of test pairs that cannot be luck: guessing gets 1/p right."""
    return max(SHOWING, 2 / p)


def moments(run: RunView) -> Moments:
    """Date the chapters of a run that has at least one checkpoint."""
    steps = run.steps
    train, test = run.series("accuracy/train"), run.series("accuracy/test")
    grokked = run.grok().until
    before = steps <= (steps[-1] if grokked is None else grokked)
    loss = np.where(before, run.series("loss/test"), np.nan)
    return Moments(
        learned=memorised_at(steps, train),
        peak=int(steps[np.nanargmax(loss)]) if np.isfinite(loss).any() else 0,
        showing=_stays_above(steps, test, showing_share(run.p)),
        half=_stays_above(steps, test, 0.5),
        grokked=grokked,
        last=int(steps[-1]),
    )


def _stays_above(steps: np.ndarray, values: np.ndarray, least: float) -> int | None:
    """Give the first epoch from which on the values are never below ``least``."""
    below = np.flatnonzero(~(values >= least) & np.isfinite(values))
    start = int(below[-1]) + 1 if len(below) else 0
    return int(steps[start]) if start < len(steps) else None
