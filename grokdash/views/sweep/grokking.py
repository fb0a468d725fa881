"""Pictures of when the runs of a sweep grok: times, phases, shares."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis.outcomes import OUTCOMES
from grokdash.analysis.survival import censored_quantile
from grokdash.figures.grids import Scale
from grokdash.figures.intervals import Event, Median, add_law, intervals
from grokdash.figures.phase_diagram import Cell, outcome_bars, phase_diagram
from grokdash.figures.swept import label, spread_out, swept
from grokdash.figures.theme import Theme
from grokdash.views.sweep import ends
from grokdash.views.sweep.choice import COLOURS
from grokdash.views.sweep.chosen import Chosen
from grokdash.views.sweep.data import SweepRun
from grokdash.views.sweep.picture import (
    SweepPicture,
    Table,
    outcome_table,
    settings_table,
)
from grokdash.written import fixed, whole

_ALL = swept("", ["all runs"])
"""The second axis where none is chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """The runs of one pair of values; ``median`` is infinite if there is none."""

    value: Any
    second: Any
    runs: list[SweepRun]
    times: np.ndarray
    observed: np.ndarray
    median: float

    def name(self, chosen: Chosen) -> str:
        """Name the values."""
        first = f"{chosen.x.title} {label(self.value)}"
        if chosen.y is None:
            return first
        return f"{first}, {self.second_name(chosen)}"

    def second_name(self, chosen: Chosen) -> str:
        """Name the second value; nothing without one."""
        if chosen.y is None:
            return ""
        return f"{chosen.y.title} {label(self.second)}"


def _groups(chosen: Chosen) -> list[_Group]:
    found = []
    for (value, second), runs in chosen.groups().items():
        times, observed = chosen.times(runs)
        found.append(
            _Group(
                value=value,
                second=second,
                runs=runs,
                times=times,
                observed=observed,
                median=censored_quantile(times, observed),
            )
        )
    return found


def _draw_times(chosen: Chosen, theme: Theme) -> go.Figure:
    x, y = chosen.x, chosen.y
    hues = (x if y is None else y).colours(theme)
    rows = 1 if y is None else len(y.values)
    events, medians = [], []
    for group in _groups(chosen):
        row = 0 if y is None else y.index(group.second)
        hue = hues[x.index(group.value) if y is None else row]
        place = x.unit([group.value])[0]
        place += (row - (rows - 1) / 2) * 0.8 * x.gap / rows
        offsets = spread_out([0] * len(group.runs), 0.55 * 0.7 * x.gap / rows)
        places = x.drawn(place + offsets)
        events += [
            _event(chosen, run, float(at), hue)
            for run, at in zip(group.runs, places, strict=True)
        ]
        middle = float(x.drawn(np.array([place]))[0])
        medians.append(_median(chosen, group, middle, hue))
    letters = 30 if chosen.narrow else 80
    figure = intervals(events, medians, theme, x, letters)
    law = chosen.law
    if law is not None:
        at = np.array(x.values, dtype=float)
        add_law(figure, at, law.scale * at**law.slope, theme)
    return figure


def _event(chosen: Chosen, run: SweepRun, x: float, hue: str) -> Event:
    rise = chosen.rise(run)
    return Event(
        run=run.id,
        x=x,
        after=rise.after,
        until=rise.time,
        observed=rise.observed,
        outcome=chosen.outcomes[run.id].kind,
        colour=hue,
        text=chosen.text(run),
    )


def _median(chosen: Chosen, group: _Group, x: float, hue: str) -> Median:
    latest = float(group.times.max())
    known = np.isfinite(group.median)
    told = whole(group.median) if known else f"beyond {whole(latest)}"
    return Median(
        group=group.second_name(chosen),
        x=x,
        value=group.median,
        low=float(group.times.min()),
        high=latest,
        within=latest,
        colour=hue,
        text=(
            f"{group.name(chosen)}<br>median grok epoch {told}<br>"
            f"{int(group.observed.sum())} of {len(group.runs)} runs"
        ),
    )


def _times_words(chosen: Chosen) -> str:
    times, observed = chosen.times(chosen.runs)
    parts = [f"{int(observed.sum())} of {len(times)} runs grok within their epochs."]
    missing = len(times) - int(observed.sum())
    if missing:
        parts.append(
            f"Open markers with an arrow: {missing} that did not by their last epoch, "
            "and count as later than that."
        )
    at_once = int((times[observed] == 0).sum())
    if at_once:
        parts.append(f"{at_once} do at epoch 0, which the axis has no place for.")
    reached = [one for one in _groups(chosen) if np.isfinite(one.median)]
    if reached:
        first = min(reached, key=lambda one: one.median)
        parts.append(
            f"Earliest median: {whole(first.median)}, at {first.name(chosen)}."
        )
    law = chosen.law
    if law is not None:
        parts.append(
            "Dotted: power law through all runs by maximum likelihood, censored runs "
            f"included, grok epoch ∝ value^{fixed(law.slope)} (standard error "
            f"{fixed(law.error)})."
        )
    parts.append(_caution(chosen))
    parts.append("Medians are product-limit (Kaplan–Meier) estimates.")
    return " ".join(filter(None, parts))


def _caution(chosen: Chosen) -> str:
    """Say what may lie between two runs besides the swept quantity; empty if told."""
    twins = chosen.twins()
    rises = [[chosen.rise(run) for run in alike] for alike in twins]
    times = [[one.time for one in alike] for alike in rises]
    spans = [
        (max(known) - min(known), min(known), max(known))
        for known, alike in zip(times, rises, strict=True)
        if all(one.observed for one in alike)
    ]
    if spans:
        _, low, high = max(spans)
        return (
            "Rounding twins of one seed start alike but for the last bit of one "
            f"weight: between {low:,} and {high:,}, the furthest apart here, lies "
            "nothing but rounding."
        )
    if twins:
        return "Between rounding twins of one seed lies nothing but rounding."
    if len(chosen.runs) > 1 and all(len(one.runs) == 1 for one in _groups(chosen)):
        return (
            "One run for each value: what lies between two of them may as well be the "
            "seed, or rounding."
        )
    return ""


def _times_numbers(chosen: Chosen) -> Table:
    """Give one row per run; the epochs of a run that does not grok are not known."""
    groups = _groups(chosen)
    runs = [run for group in groups for run in group.runs]
    medians = [one.median if np.isfinite(one.median) else np.nan for one in groups]
    return {
        **settings_table(chosen, runs),
        **outcome_table(chosen, runs),
        "looked at until": np.array([chosen.outcomes[run.id].within for run in runs]),
        "median of its values": np.repeat(medians, [len(one.runs) for one in groups]),
    }


def _draw_phases(chosen: Chosen, theme: Theme) -> go.Figure:
    x, y, colour = chosen.x, chosen.y or _ALL, chosen.choice.colour
    log10 = colour == "median"
    z = np.full((len(y.values), len(x.values)), np.nan)
    for group in _groups(chosen):
        row = 0 if chosen.y is None else y.index(group.second)
        number = _NUMBERS[colour](group)
        if log10:
            number = np.log10(number) if number > 0 else np.nan
        z[row, x.index(group.value)] = number
    cells = [
        Cell(
            run=run.id,
            x=run.values[chosen.choice.x],
            y=_ALL.values[0] if chosen.y is None else chosen.second(run),
            outcome=chosen.outcomes[run.id].kind,
            text=chosen.text(run),
        )
        for run in chosen.runs
    ]
    known = z[np.isfinite(z)]
    low, high = (known.min(), known.max()) if len(known) else (0.0, 1.0)
    if colour in ("share", "accuracy"):
        low, high = 0.0, 1.0
    scale = Scale(
        colours=theme.sequential,
        low=float(low),
        high=float(max(high, low + 0.05)),
        title=COLOURS[colour],
        log10=log10,
    )
    return phase_diagram(cells, z, scale, theme, x, y)


def _phases_words(chosen: Chosen) -> str:
    told = f"Colour: {COLOURS[chosen.choice.colour]}. "
    if chosen.choice.colour == "median":
        told += "No colour: no more than half of the runs grok within their epochs. "
    return told + "Marks: one per run, by what became of it."


def _phases_numbers(chosen: Chosen) -> Table:
    """Give one row per pair of values: its number, and its runs by outcome."""
    groups, colour = _groups(chosen), chosen.choice.colour
    table = {chosen.x.title: np.array([one.value for one in groups])}
    if chosen.y is not None:
        table[chosen.y.title] = np.array([one.second for one in groups])
    table[COLOURS[colour]] = np.array([_NUMBERS[colour](one) for one in groups])
    counts = [_counts(chosen, one.runs) for one in groups]
    return table | {kind: np.array([one[kind] for one in counts]) for kind in OUTCOMES}


def _counts(chosen: Chosen, runs: Sequence[SweepRun]) -> dict[str, int]:
    kinds = [chosen.outcomes[run.id].kind for run in runs]
    return {kind: kinds.count(kind) for kind in OUTCOMES}


def _scatter(group: _Group) -> float:
    """Give the coefficient of variation; NaN when a run is censored."""
    if len(group.times) < 2 or not group.observed.all():
        return float("nan")
    return float(group.times.std(ddof=1) / group.times.mean())


def _mean(number: Callable[[SweepRun], float]) -> Callable[[_Group], float]:
    def mean(group: _Group) -> float:
        found = np.array([number(run) for run in group.runs])
        found = found[np.isfinite(found)]
        return float(found.mean()) if len(found) else float("nan")

    return mean


_NUMBERS: dict[str, Callable[[_Group], float]] = {
    "median": lambda one: one.median if np.isfinite(one.median) else float("nan"),
    "share": lambda one: float(one.observed.mean()),
    "scatter": _scatter,
    "accuracy": _mean(ends.test_accuracy),
    "keys": _mean(ends.key_count),
    "gini": _mean(ends.gini),
    "norm": _mean(ends.norm),
}


def _shares(chosen: Chosen) -> dict[str, np.ndarray]:
    by_value: list[list[SweepRun]] = [[] for _ in chosen.x.values]
    for run in chosen.runs:
        by_value[chosen.x.index(run.values[chosen.choice.x])].append(run)
    counts = [_counts(chosen, runs) for runs in by_value]
    return {kind: np.array([one[kind] for one in counts]) for kind in OUTCOMES}


def _draw_shares(chosen: Chosen, theme: Theme) -> go.Figure:
    return outcome_bars(_shares(chosen), theme, chosen.x)


def _shares_words(chosen: Chosen) -> str:
    counts = _counts(chosen, chosen.runs)
    return ", ".join(f"{n} × {kind}" for kind, n in counts.items() if n) + "."


def _shares_numbers(chosen: Chosen) -> Table:
    return {chosen.x.title: np.array(chosen.x.values), **_shares(chosen)}


GROK = SweepPicture(
    name="grok",
    title="Grok epoch",
    question="When do the runs grok, and how sure is that?",
    draw=_draw_times,
    words=_times_words,
    numbers=_times_numbers,
    judged=True,
    width=7,
    height=360,
)

PHASES = SweepPicture(
    name="phases",
    title="Phase diagram",
    question="Where do two settings together make runs grok?",
    draw=_draw_phases,
    words=_phases_words,
    numbers=_phases_numbers,
    judged=True,
    width=5,
    height=360,
)

SHARES = SweepPicture(
    name="shares",
    title="Outcomes",
    question="What share of the runs has which outcome?",
    draw=_draw_shares,
    words=_shares_words,
    numbers=_shares_numbers,
    judged=True,
    width=5,
    height=300,
)
