"""A swept quantity as an axis and as colours: linear, log, or a list of names."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from grokdash.figures.scales import ramp
from grokdash.figures.theme import Theme, axis
from grokdash.written import number


@dataclass(frozen=True, slots=True)
class Swept:
    """The values of one swept quantity, in order, and how to lay them out."""

    title: str
    values: tuple[Any, ...]
    kind: Literal["linear", "log", "names"]

    @property
    def labels(self) -> list[str]:
        """The values as texts."""
        return [label(value) for value in self.values]

    def index(self, value: Hashable) -> int:
        """Give the place of a value among all values."""
        return self.values.index(value)

    def unit(self, values: Sequence[Any]) -> np.ndarray:
        """Give places at which equal distances are to look equal, ``[n]``."""
        if self.kind == "names":
            return np.array([self.index(value) for value in values], dtype=float)
        numbers = np.array(values, dtype=float)
        return np.log10(numbers) if self.kind == "log" else numbers

    def drawn(self, unit: np.ndarray) -> np.ndarray:
        """Give the coordinates that the axis of :meth:`settings` takes for them."""
        return np.power(10.0, unit) if self.kind == "log" else np.asarray(unit)

    @property
    def gap(self) -> float:
        """Smallest distance between neighbours, in units."""
        places = np.sort(self.unit(self.values))
        return float(np.diff(places).min()) if len(places) > 1 else 1.0

    @property
    def short(self) -> list[str]:
        """The values as texts for ticks: 208,768 as 209k."""
        return [_short(value) for value in self.values]

    def settings(self, theme: Theme, letters: int = 80) -> dict[str, Any]:
        """Give an axis with the swept values as its ticks.

        Parameters
        ----------
        letters
            How many letters fit along the axis; labels too close are left out.
        """
        places = self.unit(self.values)
        room = 0.6 * self.gap if self.kind == "names" else 0.08 * np.ptp(places)
        room = max(float(room), 0.5 * self.gap)
        shown = _apart(places, self.short, letters)
        return axis(theme) | {
            "title_text": self.title,
            "type": "log" if self.kind == "log" else "linear",
            "range": [float(places.min() - room), float(places.max() + room)],
            "tickmode": "array",
            "tickvals": self.drawn(places)[shown].tolist(),
            "ticktext": [self.short[one] for one in shown],
            "tickangle": 0,
        }

    def colours(self, theme: Theme) -> list[str]:
        """Give one colour per value, in the order of the values."""
        places = self.unit(self.values)
        span = float(np.ptp(places)) or 1.0
        shares = (places - places.min()) / span
        return ramp(shares.tolist(), theme.name)


def swept(title: str, values: Sequence[Any]) -> Swept:
    """Order the values and choose how to lay them out.

    Numbers are laid out by their logarithm when that makes their distances more even;
    anything else, truth values too, is a list of names in the order given.
    """
    distinct = list(dict.fromkeys(values))
    if any(isinstance(one, bool | str) or one is None for one in distinct):
        return Swept(title, tuple(distinct), "names")
    ordered = tuple(sorted(distinct))
    if ordered[0] <= 0 or len(ordered) < 2:
        return Swept(title, ordered, "linear")
    plain, logs = np.diff(ordered), np.diff(np.log(np.array(ordered, dtype=float)))
    uneven = [float(np.std(one) / np.mean(one)) for one in (plain, logs)]
    wide = ordered[-1] / ordered[0]
    log = wide >= 20 or (wide >= 3 and uneven[1] < uneven[0])
    return Swept(title, ordered, "log" if log else "linear")


def label(value: Any) -> str:
    """Write a swept value: 0.003 as 0.003, 10000 as 10,000, True as yes."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return (
        number(value, 4) if isinstance(value, float) else str(value).replace("_", " ")
    )


def _short(value: Any) -> str:
    if isinstance(value, int) and value >= 10_000:
        return f"{number(value / 1000)}k" if value < 1_000_000 else number(value)
    return label(value)


def _apart(places: np.ndarray, texts: Sequence[str], letters: int) -> list[int]:
    """Choose labels from the left so that each has room beside the one before."""
    span = float(np.ptp(places)) or 1.0
    shown: list[int] = []
    for one in np.argsort(places, kind="stable").tolist():
        if shown:
            last = shown[-1]
            room = (places[one] - places[last]) / span * letters
            if room < (len(texts[one]) + len(texts[last])) / 2 + 1:
                continue
        shown.append(one)
    return shown


def spread_out(groups: Sequence[Hashable], room: float) -> np.ndarray:
    """Give offsets ``[n]`` that set the members of each group side by side."""
    offsets = np.zeros(len(groups))
    members: dict[Hashable, list[int]] = {}
    for place, group in enumerate(groups):
        members.setdefault(group, []).append(place)
    for places in members.values():
        if len(places) > 1:
            offsets[places] = np.linspace(-room / 2, room / 2, len(places))
    return offsets


def span(place: int, count: int, gap: float) -> list[float]:
    """Give the part of 0 to 1 that one of several plots beside each other takes."""
    width = (1 - gap * (count - 1)) / count
    start = place * (width + gap)
    return [max(0.0, start), min(1.0, start + width)]
