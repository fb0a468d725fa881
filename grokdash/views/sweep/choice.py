"""What a reader of a sweep has chosen, and the sweep seen through that choice."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np

from grokdash.analysis.outcomes import Outcome, Thresholds, classify
from grokdash.figures.swept import Swept, label, swept
from grokdash.views.sweep.data import DERIVED, SweepData, SweepRun

EventKind = Literal["lasting", "first"]

EVENTS: dict[EventKind, str] = {
    "lasting": "rises to stay",
    "first": "is first reached",
}
"""Which epoch counts as the grok epoch."""

COLOURS: dict[str, str] = {
    "median": "median grok epoch",
    "share": "share of runs that grok",
    "scatter": "sd / mean of grok epoch",
    "accuracy": "final test accuracy",
    "keys": "key frequencies",
    "gini": "Gini of W_L",
    "norm": "weight norm",
}
"""What the colour of a cell of the phase diagram can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The axes, the values other axes are held at, and where the lines are."""

    x: str
    y: str | None = None
    held: dict[str, Any] = field(default_factory=dict)
    thresholds: Thresholds = field(default_factory=Thresholds)
    event: EventKind = "lasting"
    colour: str = "median"


@dataclass(frozen=True, slots=True)
class Rise:
    """The grok epoch of a run: in (``after``, ``time``], or after ``time`` if ever."""

    after: int | None
    time: int
    observed: bool


class Chosen:
    """The runs a choice leaves, their outcomes, and the axes they are drawn on."""

    def __init__(self, data: SweepData, choice: Choice) -> None:
        self.data = data
        self.choice = choice
        self.runs: list[SweepRun] = [
            run
            for run in data.runs
            if all(run.values[name] == value for name, value in choice.held.items())
        ]
        self.runs.sort(key=self._order)

    @cached_property
    def x(self) -> Swept:
        """The swept quantity that most pictures have along their x axis."""
        return self.axis(self.choice.x)

    @cached_property
    def y(self) -> Swept | None:
        """The second swept quantity, if one is chosen."""
        return None if self.choice.y is None else self.axis(self.choice.y)

    def axis(self, name: str) -> Swept:
        """Lay out one quantity: all its values, whether or not their runs are there."""
        return axis_of(self.data, name)

    @cached_property
    def outcomes(self) -> dict[str, Outcome]:
        """What became of every run, by id."""
        return {
            run.id: classify(
                run.steps,
                run.curves.get("train_accuracy", np.zeros(0)),
                run.curves.get("test_accuracy", np.zeros(0)),
                run.over_at,
                self.choice.thresholds,
            )
            for run in self.runs
        }

    def rise(self, run: SweepRun) -> Rise:
        """Give the grok epoch as the choice defines it."""
        outcome = self.outcomes[run.id]
        if self.choice.event == "lasting":
            return Rise(outcome.after, outcome.time, outcome.observed)
        first = outcome.first_reached
        if first is None:
            return Rise(None, outcome.within, observed=False)
        earlier = run.steps[run.steps < first]
        return Rise(int(earlier[-1]) if len(earlier) else None, first, observed=True)

    def times(self, runs: Sequence[SweepRun]) -> tuple[np.ndarray, np.ndarray]:
        """Give grok epochs and whether they were observed, for the statistics."""
        rises = [self.rise(run) for run in runs]
        times = np.array([rise.time for rise in rises], dtype=float)
        return times, np.array([rise.observed for rise in rises], dtype=bool)

    def groups(self) -> dict[tuple[Any, Any], list[SweepRun]]:
        """Give the runs of each pair of values of x and y, in the order of the axes."""
        found: dict[tuple[Any, Any], list[SweepRun]] = {}
        for run in self.runs:
            key = (run.values[self.choice.x], self.second(run))
            found.setdefault(key, []).append(run)
        return found

    def second(self, run: SweepRun) -> Any:
        """Give a run's value on the second axis; None without one."""
        return None if self.choice.y is None else run.values[self.choice.y]

    def name(self, run: SweepRun) -> str:
        """Name a run by its values, for a hover."""
        values = [
            f"{title} {label(run.values[name])}"
            for name, title in self.data.axes.items()
            if name not in DERIVED or name in (self.choice.x, self.choice.y)
        ]
        return f"{', '.join(values)}<br>click to open {run.id}"

    def text(self, run: SweepRun) -> str:
        """Name a run and say what became of it, for a hover."""
        return f"{self.outcomes[run.id].text}<br>{self.name(run)}"

    def _order(self, run: SweepRun) -> tuple[int, int, int]:
        place = self.x.index(run.values[self.choice.x])
        second = 0 if self.y is None else self.y.index(self.second(run))
        return place, second, run.config.seed


def axis_of(data: SweepData, name: str) -> Swept:
    """Lay out one quantity of a sweep by the values of all planned runs."""
    derived = DERIVED.get(name)
    value: Callable[[Any], Any] = (
        (lambda config: getattr(config, name)) if derived is None else derived.value
    )
    return swept(data.axes[name], [value(one) for one in data.record.configs])


def default_axes(data_axes: Mapping[str, str], swept_fields: Sequence[str]) -> Choice:
    """Choose what is drawn against what before a reader chooses."""
    varied = [name for name in swept_fields if name in data_axes]
    names = varied or list(data_axes)
    x = "decay_rate" if "decay_rate" in data_axes else names[0]
    rest = [name for name in varied if name != x]
    return Choice(x=x, y=rest[0] if rest and x != "decay_rate" else None)
