"""A sweep seen through a choice: the runs it leaves, and what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from grokdash.analysis.outcomes import Outcome, classify
from grokdash.analysis.survival import PowerLaw, power_law
from grokdash.figures.swept import Swept, label
from grokdash.views.sweep.axes import DERIVED
from grokdash.views.sweep.choice import Choice, axis_of
from grokdash.views.sweep.data import SweepData, SweepRun

NO_RUN = "No run of this choice is stored yet."


@dataclass(frozen=True, slots=True)
class Rise:
    """The grok epoch of a run: in (``after``, ``time``], or after ``time`` if ever."""

    after: int | None
    time: int
    observed: bool


class Chosen:
    """The runs a choice leaves, their outcomes, and the axes they are drawn on.

    ``narrow`` says that they are drawn on a page as narrow as that of a phone.
    """

    def __init__(
        self, data: SweepData, choice: Choice, *, narrow: bool = False
    ) -> None:
        self.data = data
        self.choice = choice
        self.narrow = narrow
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

    @cached_property
    def law(self) -> PowerLaw | None:
        """The power law of the grok epochs; None where the values are no numbers."""
        if self.x.kind == "names":
            return None
        values = [run.values[self.choice.x] for run in self.runs]
        return power_law(np.array(values, dtype=float), *self.times(self.runs))

    @property
    def settings(self) -> dict[str, str]:
        """Titles of the quantities that tell runs apart, by name."""
        drawn = (self.choice.x, self.choice.y)
        return {
            name: title
            for name, title in self.data.axes.items()
            if name not in DERIVED or name in drawn
        }

    def groups(self) -> dict[tuple[Any, Any], list[SweepRun]]:
        """Give the runs of each pair of values of x and y, in the order of the axes."""
        found: dict[tuple[Any, Any], list[SweepRun]] = {}
        for run in self.runs:
            key = (run.values[self.choice.x], self.second(run))
            found.setdefault(key, []).append(run)
        return found

    def twins(self) -> list[list[SweepRun]]:
        """Give the groups of runs that differ in nothing but rounding."""
        found: dict[str, list[SweepRun]] = {}
        for run in self.runs:
            alike = run.config.model_copy(update={"twin": 0})
            found.setdefault(alike.canonical_json(), []).append(run)
        return [runs for runs in found.values() if len(runs) > 1]

    def second(self, run: SweepRun) -> Any:
        """Give a run's value on the second axis; None without one."""
        return None if self.choice.y is None else run.values[self.choice.y]

    def name(self, run: SweepRun) -> str:
        """Name a run by its values, for a hover."""
        values = [
            f"{title} {label(run.values[name])}"
            for name, title in self.settings.items()
        ]
        return f"{', '.join(values)}<br>click to open the run"

    def text(self, run: SweepRun) -> str:
        """Name a run and say what became of it, for a hover."""
        return f"{self.outcomes[run.id].text}<br>{self.name(run)}"

    def _order(self, run: SweepRun) -> tuple[int, int, int]:
        place = self.x.index(run.values[self.choice.x])
        second = 0 if self.y is None else self.y.index(self.second(run))
        return place, second, run.config.seed
