"""When a run grokked, and the phases of its training, from its curves alone."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int, Num

GrokState = Literal["grokked", "collapsed", "memorised only", "not within"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GrokInterval:
    """When the test accuracy rose above the threshold to stay.

    The change happened in (``after``, ``until``], two neighbouring evaluated epochs;
    ``after`` is None when the first evaluated checkpoint is already above. Both are
    None unless the state is ``grokked``. ``first_reached`` is the first epoch at or
    above the threshold whether or not it stayed; ``within`` the last evaluated epoch:
    a state other than ``grokked`` says nothing about later epochs.
    """

    state: GrokState
    after: int | None
    until: int | None
    first_reached: int | None
    within: int
    complete: bool

    @property
    def text(self) -> str:
        """Say it in words."""
        if self.state == "grokked" and self.after is None:
            return f"grokked by epoch {self.until:,}"
        if self.state == "grokked":
            return f"grokked between epochs {self.after:,} and {self.until:,}"
        if self.state == "collapsed":
            return f"collapsed: reached at epoch {self.first_reached:,}, lost again"
        if self.state == "memorised only":
            return f"memorised only, within {self.within:,} epochs"
        return f"not within {self.within:,} epochs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phases:
    """The three dividing epochs of a run; None where the run has not come so far.

    ``memorised``: test loss is at its highest. ``formed``: first evaluated epoch after
    it with test loss below chance, log p nats. ``clean``: first one after that from
    which test loss stays below 10⁻⁴ nats.
    """

    memorised: int | None
    formed: int | None
    clean: int | None
    last: int

    @property
    def spans(self) -> tuple[tuple[str, int, int], ...]:
        """Name, first and last epoch of every phase the run has entered."""
        names = ("memorisation", "circuit formation", "cleanup", "stable")
        marks = [m for m in (self.memorised, self.formed, self.clean) if m is not None]
        starts, ends = [0, *marks], [*marks, self.last]
        return tuple(
            (name, start, end)
            for name, start, end in zip(names, starts, ends, strict=False)
            if start < end or name == "stable"
        )


def grok_interval(
    steps: Int[np.ndarray, " C"],
    test_accuracy: Float[np.ndarray, " C"],
    epochs: int | None = None,
    threshold: float = 0.99,
    *,
    train_accuracy: Float[np.ndarray, " C"] | None = None,
) -> GrokInterval:
    """Date the lasting rise of test accuracy as an interval of evaluated epochs.

    Parameters
    ----------
    steps
        Evaluated epochs, ascending.
    test_accuracy
        Fraction of test pairs right at each of them; NaN (not stored) is skipped.
    epochs
        Planned length of the run: says whether the run is complete.
    threshold
        Fraction that counts as grokked.
    train_accuracy
        Tells ``memorised only`` from ``not within`` when given.
    """
    known = np.isfinite(test_accuracy)
    at, above = steps[known], test_accuracy[known] >= threshold
    last = int(at[-1]) if len(at) else 0
    reached = np.flatnonzero(above)
    first = int(at[reached[0]]) if len(reached) else None
    complete = epochs is not None and last >= epochs
    if first is None:
        memorised = train_accuracy is not None and _last_finite(train_accuracy) >= (
            threshold
        )
        state: GrokState = "memorised only" if memorised else "not within"
        start = None
    elif not above[-1]:
        state, start = "collapsed", None
    else:
        below = np.flatnonzero(~above)
        state, start = "grokked", int(below[-1]) + 1 if len(below) else 0
    return GrokInterval(
        state=state,
        after=int(at[start - 1]) if start else None,
        until=None if start is None else int(at[start]),
        first_reached=first,
        within=last,
        complete=complete,
    )


def _last_finite(values: Float[np.ndarray, " C"]) -> float:
    finite = values[np.isfinite(values)]
    return float(finite[-1]) if len(finite) else float("nan")


def phases(
    steps: Int[np.ndarray, " C"],
    test_loss: Float[np.ndarray, " C"],
    p: int,
    floor: float = 1e-4,
) -> Phases:
    """Divide a run into memorisation, circuit formation, cleanup and after.

    The paper drew its lines by eye (1.4k, 9.4k, 14k epochs) and states no rule; this
    one is ours. Training accuracy is not used: it saturates ten times too early.

    Parameters
    ----------
    steps
        Evaluated epochs, ascending.
    test_loss
        Test loss in nats at each of them; NaN is skipped.
    p
        Number of answers; chance is log p nats.
    floor
        Test loss in nats below which the circuit counts as clean.
    """
    known = np.isfinite(test_loss)
    at, loss = steps[known], test_loss[known]
    last = int(at[-1]) if len(at) else 0
    peak = int(np.argmax(loss)) if len(at) else 0
    formed = _first(loss[peak:] < np.log(p), peak) if peak + 1 < len(at) else None
    clean = None
    if formed is not None:
        stays = np.logical_and.accumulate((loss < floor)[::-1])[::-1]
        clean = _first(stays[formed:], formed)
    return Phases(
        memorised=int(at[peak]) if peak + 1 < len(at) else None,
        formed=None if formed is None else int(at[formed]),
        clean=None if clean is None else int(at[clean]),
        last=last,
    )


def _first(flags: np.ndarray, offset: int) -> int | None:
    hits = np.flatnonzero(flags)
    return int(hits[0]) + offset if len(hits) else None


def loss_weighted_time(
    steps: Num[np.ndarray, " C"], loss: Float[np.ndarray, " C"]
) -> Float[np.ndarray, " C"]:
    """Give the share of all change of log loss that has happened by each epoch.

    A time axis on which plateaus are short and transitions long: arc length of
    log₁₀ loss, from 0 to 1. NaN entries add no change. If nothing ever changes the
    result is uniform in epochs.
    """
    known = np.isfinite(loss) & (loss > 0)
    if known.sum() < 2:
        return _unit(steps.astype(np.float64))
    filled = np.interp(steps, steps[known], np.log10(loss[known]))
    length = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(filled)))])
    return _unit(length) if length[-1] > 0 else _unit(steps.astype(np.float64))


def _unit(values: np.ndarray) -> np.ndarray:
    span = values[-1] - values[0] if len(values) else 0.0
    return (values - values[0]) / span if span > 0 else np.zeros(len(values))
