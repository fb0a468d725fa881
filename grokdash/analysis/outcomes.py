"""What became of a run, judged by thresholds that a reader may move."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int

from grokdash.errors import ConfigError

OutcomeKind = Literal[
    "groks",
    "generalises at once",
    "memorises only",
    "never groks",
    "collapses",
    "unfinished",
]

OUTCOMES: dict[OutcomeKind, str] = {
    "groks": "test accuracy rises to stay, later than train accuracy",
    "generalises at once": "test accuracy rises to stay with train accuracy",
    "memorises only": "train accuracy reaches its threshold and is not lost, test "
    "accuracy never does",
    "never groks": "neither accuracy reaches its threshold, or train accuracy is lost "
    "again",
    "collapses": "test accuracy reaches its threshold and loses it again",
    "unfinished": "not trained to its last epoch, and not there yet",
}
"""Every outcome and what it means, in the order in which legends list them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Where the lines between outcomes are.

    ``test``, ``train``: accuracies (fractions) that count as generalised and as
    memorised. ``kept``: test accuracy below which a run that was there counts as
    lost; equal to ``test`` it asks what the other pages ask. ``delay``: a run
    generalises at once when it does so by ``delay`` times the epoch at which it
    memorises.
    """

    test: float = 0.99
    train: float = 0.99
    kept: float = 0.99
    delay: float = 2.0

    def __post_init__(self) -> None:
        for name in ("test", "train", "kept"):
            if not 0 < getattr(self, name) <= 1:
                raise ConfigError(f"{name}: expected a share above 0 and at most 1")
        if not self.delay >= 1:
            raise ConfigError(f"delay: expected a factor from 1, got {self.delay}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one run; all times are evaluated epochs.

    The lasting rise lies in (``after``, ``until``]; ``after`` is None when already the
    first evaluation is above, both are None for a run without a lasting rise.
    ``memorised_at`` and ``first_reached`` are the first epochs at which train and test
    accuracy are at their thresholds. Nothing is known beyond epoch ``within``.
    """

    kind: OutcomeKind
    memorised_at: int | None
    first_reached: int | None
    after: int | None
    until: int | None
    within: int

    @property
    def observed(self) -> bool:
        """Whether the lasting rise happened within the evaluated epochs."""
        return self.until is not None

    @property
    def time(self) -> int:
        """Epoch of the lasting rise; if there was none, the last evaluated epoch."""
        return self.within if self.until is None else self.until

    @property
    def text(self) -> str:
        """Say it in words."""
        if self.until is not None:
            when = f"by epoch {self.until:,}"
            if self.after is not None:
                when = f"between epochs {self.after:,} and {self.until:,}"
            return f"{self.kind} {when}"
        if self.kind == "collapses":
            return f"collapses: reached at epoch {self.first_reached:,}, lost again"
        if self.kind == "unfinished":
            return f"not yet, at epoch {self.within:,}"
        return f"{self.kind}, within {self.within:,} epochs"


def classify(
    steps: Int[np.ndarray, " C"],
    train_accuracy: Float[np.ndarray, " C"],
    test_accuracy: Float[np.ndarray, " C"],
    epochs: int,
    thresholds: Thresholds,
) -> Outcome:
    """Judge a run by its accuracies.

    Parameters
    ----------
    steps
        Evaluated epochs, ascending.
    train_accuracy, test_accuracy
        Fractions at each of them; NaN (not stored) is skipped.
    epochs
        Epoch at which the run is over: before it, a run that has not grokked is
        ``unfinished``.
    thresholds
        Where the lines are.
    """
    known = np.isfinite(test_accuracy)
    at, accuracy = steps[known], test_accuracy[known]
    within = int(at[-1]) if len(at) else 0
    memorised_at = _first(steps, train_accuracy >= thresholds.train)
    reached = accuracy >= thresholds.test
    start = _lasting(accuracy, reached, min(thresholds.kept, thresholds.test))
    until = None if start is None else int(at[start])
    kind: OutcomeKind
    if until is not None:
        at_once = memorised_at is None or until <= thresholds.delay * memorised_at
        kind = "generalises at once" if at_once else "groks"
    elif within < epochs:
        kind = "unfinished"
    elif reached.any():
        kind = "collapses"
    elif memorised_at is None or _last(train_accuracy) < thresholds.train / 2:
        kind = "never groks"
    else:
        kind = "memorises only"
    return Outcome(
        kind=kind,
        memorised_at=memorised_at,
        first_reached=_first(at, reached),
        after=int(at[start - 1]) if start else None,
        until=until,
        within=within,
    )


def _lasting(accuracy: np.ndarray, reached: np.ndarray, kept: float) -> int | None:
    """Give the first index at the threshold after the last loss; None without one."""
    lost = np.flatnonzero(accuracy < kept)
    begin = int(lost[-1]) + 1 if len(lost) else 0
    rises = np.flatnonzero(reached[begin:])
    return begin + int(rises[0]) if len(rises) else None


def _last(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known[-1]) if len(known) else float("nan")


def _first(steps: np.ndarray, flags: np.ndarray) -> int | None:
    hits = np.flatnonzero(flags)
    return int(steps[hits[0]]) if len(hits) else None
