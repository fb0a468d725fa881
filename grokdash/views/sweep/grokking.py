"""Pictures of when the runs of a sweep grok: times, phases, shares, tests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis.outcomes import OUTCOMES
from grokdash.analysis.survival import (
    Association,
    PowerLaw,
    RankTest,
    association,
    censored_quantile,
    holm,
    power_law,
    rank_test,
)
from grokdash.figures.grids import Scale
from grokdash.figures.intervals import Event, Median, add_law, intervals
from grokdash.figures.phase_diagram import Cell, outcome_bars, phase_diagram
from grokdash.figures.swept import label, spread_out, swept
from grokdash.figures.theme import Theme
from grokdash.views.sweep.choice import COLOURS, Chosen
from grokdash.views.sweep.data import DERIVED, SweepRun

_MOST_PAIRS = 15


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture and what it shows, in words; its height in pixels if not the usual."""

    figure: go.Figure
    sentence: str
    height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two values of the swept quantity compared; ``corrected`` is Holm's p value.

    ``test`` is None when nothing can be compared.
    """

    first: Any
    second: Any
    runs: tuple[int, int]
    grokked: tuple[int, int]
    medians: tuple[float, float]
    test: RankTest | None
    corrected: float


def grok_epochs(chosen: Chosen, theme: Theme) -> Drawn:
    """Draw grok epochs against the swept value."""
    x, y, groups = chosen.x, chosen.y, chosen.groups()
    hues = (x if y is None else y).colours(theme)
    room = 0.7 * x.gap / (1 if y is None else len(y.values))
    events, medians = [], []
    for (value, second), runs in groups.items():
        place = x.unit([value])[0]
        hue = hues[x.index(value) if y is None else y.index(second)]
        if y is not None:
            row = y.index(second) - (len(y.values) - 1) / 2
            place += row * 0.8 * x.gap / len(y.values)
        offsets = spread_out([0] * len(runs), 0.55 * room)
        places = x.drawn(place + offsets)
        for run, at in zip(runs, places, strict=True):
            rise = chosen.rise(run)
            events.append(
                Event(
                    run=run.id,
                    x=float(at),
                    after=rise.after,
                    until=rise.time,
                    observed=rise.observed,
                    outcome=chosen.outcomes[run.id].kind,
                    colour=hue,
                    text=chosen.text(run),
                )
            )
        middle = float(x.drawn(np.array([place]))[0])
        medians.append(_median(chosen, value, second, runs, x=middle, hue=hue))
    law = _law(chosen)
    figure = intervals(events, medians, theme, x)
    if law is not None:
        at = np.array(x.values, dtype=float)
        add_law(figure, at, law.scale * at**law.slope, theme)
    return Drawn(figure, _grok_sentence(chosen, medians, law))


def _median(
    chosen: Chosen, value: Any, second: Any, runs: list[SweepRun], *, x: float, hue: str
) -> Median:
    times, observed = chosen.times(runs)
    middle = censored_quantile(times, observed)
    group = ""
    if chosen.y is not None:
        group = f"{chosen.y.title} {label(second)}"
    told = f"{middle:,.0f}" if np.isfinite(middle) else f"beyond {times.max():,.0f}"
    return Median(
        group=group,
        x=x,
        value=middle,
        low=float(times.min()),
        high=float(times.max()),
        within=float(times.max()),
        colour=hue,
        text=(
            f"{chosen.x.title} {label(value)}{', ' + group if group else ''}<br>"
            f"median grok epoch {told}<br>{int(observed.sum())} of {len(runs)} runs"
        ),
    )


def _grok_sentence(chosen: Chosen, medians: list[Median], law: PowerLaw | None) -> str:
    if not chosen.runs:
        return "No run is stored for this choice."
    times, observed = chosen.times(chosen.runs)
    parts = [f"{int(observed.sum())} of {len(times)} runs grok within their epochs."]
    missing = len(times) - int(observed.sum())
    if missing:
        parts.append(
            f"Open markers with an arrow: {missing} that did not by their last epoch, "
            "and count as later than that."
        )
    reached = [one for one in medians if np.isfinite(one.value)]
    if reached:
        low = min(reached, key=lambda one: one.value)
        head = low.text.partition("<br>")[0]
        parts.append(f"Earliest median: {low.value:,.0f}, at {head}.")
    if law is not None:
        parts.append(
            "Dotted: power law through all runs by maximum likelihood, censored runs "
            f"included, grok epoch ∝ value^{law.slope:.2f} (standard error "
            f"{law.error:.2f})."
        )
    parts.append("Medians are product-limit (Kaplan–Meier) estimates.")
    return " ".join(parts)


def _law(chosen: Chosen) -> PowerLaw | None:
    if chosen.x.kind == "names" or chosen.choice.x == "seed":
        return None
    values = np.array([run.values[chosen.choice.x] for run in chosen.runs], dtype=float)
    return power_law(values, *chosen.times(chosen.runs))


def phases(chosen: Chosen, theme: Theme) -> Drawn:
    """Draw the median grok epoch over two swept quantities, and every run."""
    x = chosen.x
    y = chosen.y or swept("", ["all runs"])
    z = np.full((len(y.values), len(x.values)), np.nan)
    number = _NUMBERS[chosen.choice.colour]
    for (value, second), runs in chosen.groups().items():
        row = 0 if chosen.y is None else y.index(second)
        z[row, x.index(value)] = number(chosen, runs)
    cells = [
        Cell(
            run=run.id,
            x=run.values[chosen.choice.x],
            y="all runs" if chosen.y is None else chosen.second(run),
            outcome=chosen.outcomes[run.id].kind,
            text=chosen.text(run),
        )
        for run in chosen.runs
    ]
    known = z[np.isfinite(z)]
    low, high = (known.min(), known.max()) if len(known) else (0.0, 1.0)
    if chosen.choice.colour in ("share", "accuracy"):
        low, high = 0.0, 1.0
    title = COLOURS[chosen.choice.colour]
    scale = Scale(
        colours=theme.sequential,
        low=float(low),
        high=float(max(high, low + 0.05)),
        title=title,
        log10=chosen.choice.colour == "median",
    )
    told = f"Colour: {title}. "
    if chosen.choice.colour == "median":
        told += "No colour: no more than half of the runs grok within their epochs. "
    told += "Marks: one per run, by what became of it."
    return Drawn(phase_diagram(cells, z, scale, theme, x, y), told)


def _log_median(chosen: Chosen, runs: Sequence[SweepRun]) -> float:
    middle = censored_quantile(*chosen.times(runs))
    return float(np.log10(max(middle, 1))) if np.isfinite(middle) else float("nan")


def _scatter(chosen: Chosen, runs: Sequence[SweepRun]) -> float:
    """Give the coefficient of variation; NaN when a run is censored."""
    times, observed = chosen.times(runs)
    if len(times) < 2 or not observed.all():
        return float("nan")
    return float(times.std(ddof=1) / times.mean())


def _mean(runs: Sequence[SweepRun], number: Callable[[SweepRun], float]) -> float:
    found = np.array([number(run) for run in runs if len(run.steps)])
    found = found[np.isfinite(found)]
    return float(found.mean()) if len(found) else float("nan")


_NUMBERS: dict[str, Callable[[Chosen, Sequence[SweepRun]], float]] = {
    "median": _log_median,
    "share": lambda chosen, runs: float(chosen.times(runs)[1].mean()),
    "scatter": _scatter,
    "accuracy": lambda _, runs: _mean(runs, lambda run: run.last("test_accuracy")),
    "keys": lambda _, runs: _mean(runs, lambda run: float(len(run.keys))),
    "gini": lambda _, runs: _mean(runs, lambda run: run.last("gini")),
    "norm": lambda _, runs: _mean(runs, lambda run: run.last("sumsq") ** 0.5),
}


def shares(chosen: Chosen, theme: Theme) -> Drawn:
    """Draw the share of runs of each value with each outcome."""
    x = chosen.x
    counts = {kind: np.zeros(len(x.values), dtype=int) for kind in OUTCOMES}
    for run in chosen.runs:
        place = x.index(run.values[chosen.choice.x])
        counts[chosen.outcomes[run.id].kind][place] += 1
    told = [f"{int(n.sum())} × {kind}" for kind, n in counts.items() if n.sum()]
    return Drawn(outcome_bars(counts, theme, x), ", ".join(told) + ".")


def comparisons(chosen: Chosen) -> list[Comparison]:
    """Compare values of the swept quantity pairwise, neighbours only if many."""
    by_value: dict[Any, list[SweepRun]] = {}
    for run in chosen.runs:
        by_value.setdefault(run.values[chosen.choice.x], []).append(run)
    values = [value for value in chosen.x.values if value in by_value]
    pairs = list(combinations(values, 2))
    if len(pairs) > _MOST_PAIRS:
        pairs = list(pairwise(values))
    fields = strata_fields(chosen)
    found = [_compare(chosen, by_value, pair, fields) for pair in pairs]
    tested = [one.test for one in found if one.test is not None]
    corrected = iter(holm(np.array([one.p_value for one in tested])))
    return [
        one if one.test is None else _with_corrected(one, float(next(corrected)))
        for one in found
    ]


def all_values(chosen: Chosen) -> Association | None:
    """Test all values of the swept quantity at once; None if nothing varies.

    Numbers are tested for a trend, names for any difference.
    """
    fields = strata_fields(chosen)
    strata = [
        tuple(getattr(run.config, name) for name in fields) for run in chosen.runs
    ]
    groups = [chosen.x.index(run.values[chosen.choice.x]) for run in chosen.runs]
    pairs = set(zip(strata, groups, strict=True))
    if len(pairs) == len(set(strata)):
        return None
    times, observed = chosen.times(chosen.runs)
    ordered = chosen.x.kind != "names"
    return association(times, observed, np.array(groups), strata, ordered=ordered)


def _with_corrected(one: Comparison, corrected: float) -> Comparison:
    return Comparison(
        first=one.first,
        second=one.second,
        runs=one.runs,
        grokked=one.grokked,
        medians=one.medians,
        test=one.test,
        corrected=corrected,
    )


def strata_fields(chosen: Chosen) -> list[str]:
    """Name the other quantities that vary while the swept one does not."""
    x = chosen.choice.x
    derived = DERIVED.get(x)
    part_of_x = () if derived is None else derived.fields
    apart = () if derived is None else derived.apart
    free = [name for name in chosen.data.record.axes if name in apart]
    for name in chosen.data.record.axes:
        if name in (x, "seed", "split_seed") or name in part_of_x:
            continue
        seen: dict[Any, set[Any]] = {}
        for config in chosen.data.record.configs:
            seen.setdefault(_value(config, x), set()).add(getattr(config, name))
        if any(len(values) > 1 for values in seen.values()):
            free.append(name)
    return free


def _value(config: Any, name: str) -> Any:
    derived = DERIVED.get(name)
    return getattr(config, name) if derived is None else derived.value(config)


def _compare(
    chosen: Chosen,
    by_value: dict[Any, list[SweepRun]],
    pair: tuple[Any, Any],
    fields: list[str],
) -> Comparison:
    groups = [by_value[value] for value in pair]
    both = [*groups[0], *groups[1]]
    times, observed = chosen.times(both)
    first = np.arange(len(both)) < len(groups[0])
    strata = [tuple(getattr(run.config, name) for name in fields) for run in both]
    shared = {s for s, one in zip(strata, first, strict=True) if one} & {
        s for s, one in zip(strata, first, strict=True) if not one
    }
    kept = np.array([one in shared for one in strata], dtype=bool)
    test = None
    if kept.any():
        names = [one for one, use in zip(strata, kept, strict=True) if use]
        test = rank_test(times[kept], observed[kept], first[kept], names)
    if test is not None and test.assignments < 2:
        test = None
    return Comparison(
        first=pair[0],
        second=pair[1],
        runs=(len(groups[0]), len(groups[1])),
        grokked=(int(observed[first].sum()), int(observed[~first].sum())),
        medians=(
            censored_quantile(times[first], observed[first]),
            censored_quantile(times[~first], observed[~first]),
        ),
        test=test,
        corrected=float("nan"),
    )
