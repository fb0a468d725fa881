"""When a run grokked, and the phases of its training, from its curves alone."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int, Num

GrokState = Literal["grokked", "collapsed", "memorised only", "not within"]
PhaseName = Literal[
    "memorisation", "unsettled", "circuit formation", "cleanup", "stable", "collapsed"
]

PHASES: dict[PhaseName, str] = {
    "memorisation": "until the training pairs are learned and the test loss is past "
    "its highest",
    "unsettled": "until the training pairs, lost in between, stay learned",
    "circuit formation": "from there until the test loss stays below ln p",
    "cleanup": "from there until the test loss stays below 10⁻⁴ nats",
    "stable": "from there on",
    "collapsed": "the training pairs are lost and not learned again",
}
"""Every phase and what dates it, in order; the rule is this project's own."""
CLEAN_NATS = 1e-4
"""Test loss below which the circuit counts as clean."""
LASTING: tuple[PhaseName, ...] = ("circuit formation", "cleanup", "stable")
"""Phases that a run has entered only if it did not leave them backwards again."""


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
    """The dividing epochs of a run; None where the run has not come so far.

    All but the first are the beginnings of states that last to the end of the run: what
    was reached and lost again is not reached. ``peak``: the training pairs are learned
    and the test loss is at its highest. ``forming``: the training pairs stay learned.
    ``formed``: the test loss stays below chance, log p nats. ``clean``: it
    stays below 10⁻⁴ nats. ``collapsed``: the training pairs are lost and stay lost;
    then the three before are None. ``last``: the last evaluated epoch.
    """

    peak: int | None
    forming: int | None
    formed: int | None
    clean: int | None
    collapsed: int | None
    last: int

    @property
    def spans(self) -> tuple[tuple[PhaseName, int, int], ...]:
        """Name, first and last epoch of every phase the run has entered."""
        starts: list[tuple[PhaseName, int | None]] = [
            ("memorisation", 0),
            ("unsettled", self.peak),
            ("circuit formation", self.forming),
            ("cleanup", self.formed),
            ("stable", self.clean),
            ("collapsed", self.collapsed),
        ]
        entered: list[tuple[PhaseName, int]] = [
            (name, start) for name, start in starts if start is not None
        ]
        ends = [*(start for _, start in entered[1:]), self.last]
        found: list[tuple[PhaseName, int, int]] = [
            (name, start, end) for (name, start), end in zip(entered, ends, strict=True)
        ]
        return (*(one for one in found[:-1] if one[1] < one[2]), found[-1])

    @property
    def now(self) -> PhaseName:
        """Name the phase at the last evaluated epoch."""
        return self.spans[-1][0]

    @property
    def text(self) -> str:
        """Say where the run stands and what it has not reached."""
        name, start, _ = self.spans[-1]
        since = "" if name == "memorisation" else f" since epoch {start:,}"
        dates = (self.forming, self.formed, self.clean)
        missing = [
            name for name, date in zip(LASTING, dates, strict=True) if date is None
        ]
        if not missing:
            return f"{name}{since}"
        return f"{name}{since}; not reached: {', '.join(missing)}"


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


def memorised_at(
    steps: Int[np.ndarray, " C"],
    train_accuracy: Float[np.ndarray, " C"],
    threshold: float = 0.99,
) -> int | None:
    """Date memorising: the first evaluated epoch at which training accuracy arrives.

    The test loss goes on rising long after, until its peak: see :class:`Phases`.
    """
    arrived = np.flatnonzero(train_accuracy >= threshold)
    return int(steps[arrived[0]]) if len(arrived) else None


def phases(
    steps: Int[np.ndarray, " C"],
    test_loss: Float[np.ndarray, " C"],
    train_accuracy: Float[np.ndarray, " C"],
    p: int,
    floor: float = CLEAN_NATS,
) -> Phases:
    """Divide a run into memorisation, circuit formation, cleanup and after.

    The paper drew its lines by eye (1.4k, 9.4k, 14k epochs) and states no rule; this
    one is ours. The end of memorising is dated by the test loss, because training
    accuracy saturates ten times too early; training accuracy only says whether there is
    a network that has learned anything. Pairs count as learned when the accuracy is
    past half of the way from chance, 1/p, to all. Of a run whose test loss stays below
    chance in the end, the highest test loss before that counts, of another one the
    highest while its training pairs are learned.

    Parameters
    ----------
    steps
        Evaluated epochs, ascending.
    test_loss
        Test loss in nats at each of them; epochs where both are NaN are skipped.
    train_accuracy
        Fraction of training pairs right; NaN (not stored) counts as learned.
    p
        Number of answers; chance is log p nats.
    floor
        Test loss in nats below which the circuit counts as clean.
    """
    known = np.isfinite(test_loss) | np.isfinite(train_accuracy)
    at, loss = steps[known], test_loss[known]
    learned = ~(train_accuracy[known] < (1 + 1 / p) / 2)
    places = np.flatnonzero(learned)
    if not len(places):
        return _dated(at, peak=None, collapsed=None)
    final = int(places[-1])
    below = _stays(learned & (loss < np.log(p)))
    before = loss[: (int(below.argmax()) if below[-1] else final) + 1]
    highest = int(np.argmax(np.where(np.isfinite(before), before, -np.inf)))
    peak = max(highest, int(places[0])) if highest < final else None
    if peak is None or final + 1 < len(at):
        lost = final + 1 if final + 1 < len(at) else None
        return _dated(at, peak=peak, collapsed=lost)
    forming = _first(_stays(learned), peak)
    formed = _first(below, forming)
    clean = _first(_stays(below & (loss < floor)), formed)
    return _dated(
        at,
        peak=peak,
        forming=forming,
        formed=formed,
        clean=clean,
        collapsed=None,
    )


def _dated(
    at: Int[np.ndarray, " K"],
    *,
    peak: int | None,
    collapsed: int | None,
    forming: int | None = None,
    formed: int | None = None,
    clean: int | None = None,
) -> Phases:
    """Turn places among the evaluated epochs into epochs."""

    def epoch(place: int | None) -> int | None:
        return None if place is None else int(at[place])

    return Phases(
        peak=epoch(peak),
        forming=epoch(forming),
        formed=epoch(formed),
        clean=epoch(clean),
        collapsed=epoch(collapsed),
        last=int(at[-1]) if len(at) else 0,
    )


def _stays(flags: np.ndarray) -> np.ndarray:
    """Say from where on a flag holds to the end."""
    return np.logical_and.accumulate(flags[::-1])[::-1]


def _first(flags: np.ndarray, start: int | None) -> int | None:
    """Give the first place from ``start`` on at which a flag holds."""
    hits = [] if start is None else np.flatnonzero(flags[start:])
    return int(hits[0]) + (start or 0) if len(hits) else None


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
