"""What a reader of a sweep has chosen: read from an address, and written into one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from grokdash.analysis.outcomes import Thresholds
from grokdash.figures.swept import Swept, swept
from grokdash.views.sweep.axes import DERIVED, NAMED
from grokdash.views.sweep.data import SweepData

NONE = "none"
"""What an address says where no second axis is chosen."""

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
class Limit:
    """A threshold as a reader moves it: its range, and what is above it."""

    title: str
    low: float
    high: float
    step: float
    hint: str


THRESHOLDS: dict[str, Limit] = {
    "test": Limit(
        title="test accuracy",
        low=0.1,
        high=1.0,
        step=0.01,
        hint="Test accuracy that counts as grokked.",
    ),
    "train": Limit(
        title="train accuracy",
        low=0.1,
        high=1.0,
        step=0.01,
        hint="Train accuracy that counts as memorised.",
    ),
    "kept": Limit(
        title="kept above",
        low=0.05,
        high=1.0,
        step=0.01,
        hint="A run that was there and falls below this has lost it again.",
    ),
    "delay": Limit(
        title="at once within ×",
        low=1.0,
        high=10.0,
        step=0.5,
        hint="A run that generalises by this many times the epoch at which it "
        "memorises does so at once.",
    ),
}
"""Every field of :class:`grokdash.analysis.outcomes.Thresholds`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The axes, the values other axes are held at, and where the lines are."""

    x: str
    y: str | None = None
    held: dict[str, Any] = field(default_factory=dict)
    thresholds: Thresholds = field(default_factory=Thresholds)
    event: EventKind = "lasting"
    colour: str = "median"


def axis_of(data: SweepData, name: str) -> Swept:
    """Lay out one quantity of a sweep by the values of all planned runs."""
    derived = DERIVED.get(name)
    value: Callable[[Any], Any] = (
        (lambda config: getattr(config, name)) if derived is None else derived.value
    )
    found = swept(data.axes[name], [value(one) for one in data.record.configs])
    return replace(found, kind="names") if name in NAMED else found


def default_axes(data_axes: Mapping[str, str], swept_fields: Sequence[str]) -> Choice:
    """Choose what is drawn against what before a reader chooses."""
    varied = [name for name in swept_fields if name in data_axes]
    names = varied or list(data_axes)
    x = "decay_rate" if "decay_rate" in data_axes else names[0]
    if x == "twin" and "seed" in data_axes:
        return Choice(x="seed", y="twin")  # what rounding does, beside what seeds do
    rest = [name for name in varied if name != x]
    return Choice(x=x, y=rest[0] if rest and x != "decay_rate" else None)


def held_axes(data: SweepData) -> list[str]:
    """Name the axes that can be held at one value: the planned ones and the seed."""
    return [name for name in data.axes if name not in DERIVED]


def parse_choice(data: SweepData, values: Mapping[str, Any]) -> Choice:
    """Read a choice from the query of an address or from the controls.

    What is unknown or out of range takes its default.

    Parameters
    ----------
    values
        ``x``, ``y`` name axes, ``h.<axis>`` is the place of the value an axis is held
        at, from 1 (0: all values), and the thresholds are numbers.
    """
    usual = default_axes(data.axes, data.record.axes)
    x = values.get("x")
    x = str(x) if x in data.axes else usual.x
    y = values.get("y", usual.y if x == usual.x else NONE)
    y = str(y) if y in data.axes and y != x else None
    held = {}
    for name in held_axes(data):
        options = axis_of(data, name).values
        place = _number(values.get(f"h.{name}"), 0.0, 0.0, float(len(options)))
        if place and name not in (x, y):
            held[name] = options[int(place) - 1]
    usual_limits = Thresholds()
    numbers = {
        name: _number(values.get(name), getattr(usual_limits, name), one.low, one.high)
        for name, one in THRESHOLDS.items()
    }
    numbers["kept"] = min(numbers["kept"], numbers["test"])
    return Choice(
        x=x,
        y=y,
        held=held,
        thresholds=Thresholds(**numbers),
        event="first" if values.get("event") == "first" else "lasting",
        colour=str(values["colour"]) if values.get("colour") in COLOURS else "median",
    )


def strange_choice(data: SweepData, values: Mapping[str, Any]) -> str:
    """Say what of a choice is not known or does not fit; empty if all is taken.

    A page takes what it can from an address; who writes a command is told.
    """
    read = choice_query(data, parse_choice(data, values))
    for name, value in values.items():
        if name not in read and name not in (f"h.{one}" for one in held_axes(data)):
            return f"expected one of {', '.join(read)}; got {name[:40]!r}"
        if name not in read or not _same(read[name], str(value)):
            return f"{name}: {str(value)[:40]!r} is not possible here"
    return ""


def _same(read: str, given: str) -> bool:
    return read == given or _number(given, -1.0, -1.0, 1e9) == _number(
        read, -2.0, -1.0, 1e9
    )


def _number(value: Any, usual: float, low: float, high: float) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return usual
    return min(max(number, low), high) if number == number else usual  # noqa: PLR0124


def choice_query(data: SweepData, choice: Choice) -> dict[str, str]:
    """Write a choice as the query that :func:`parse_choice` reads."""
    held = {
        f"h.{name}": str(axis_of(data, name).index(value) + 1)
        for name, value in choice.held.items()
    }
    limits = {name: f"{getattr(choice.thresholds, name):g}" for name in THRESHOLDS}
    return {
        "x": choice.x,
        "y": choice.y or NONE,
        "event": choice.event,
        "colour": choice.colour,
        **held,
        **limits,
    }
