"""Which values of a sweep differ: tests of pairs of values, and of all at once."""

from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from grokdash.analysis.survival import (
    Association,
    RankTest,
    association,
    censored_quantile,
    holm,
    rank_test,
)
from grokdash.views.sweep.axes import DERIVED, NAMED, axis_value
from grokdash.views.sweep.chosen import Chosen
from grokdash.views.sweep.data import SweepRun
from grokdash.written import number

_MOST_PAIRS = 15


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
        one if one.test is None else replace(one, corrected=float(next(corrected)))
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


def together(chosen: Chosen) -> str:
    """Say what one test of all values at once finds."""
    found = all_values(chosen)
    if found is None:
        return "The runs differ in other settings too: nothing to compare."
    p = f"p = {number(found.p_value, 2)}" if found.p_value >= 1e-4 else "p < 0.0001"
    if found.kind == "any":
        return f"All values at once, any difference: {p}."
    way = "earlier" if found.statistic > 0 else "later"
    return (
        f"All values at once, trend towards {way} grokking as {chosen.x.title} "
        f"rises: {p}."
    )


def strata_fields(chosen: Chosen) -> list[str]:
    """Name the other quantities that vary while the swept one does not."""
    x = chosen.choice.x
    derived = DERIVED.get(x)
    part_of_x = () if derived is None else derived.fields
    apart = () if derived is None else derived.apart
    free = [name for name in chosen.data.record.axes if name in apart]
    for name in chosen.data.record.axes:
        if name in (x, *NAMED) or name in part_of_x:
            continue
        seen: dict[Any, set[Any]] = {}
        for config in chosen.data.record.configs:
            seen.setdefault(axis_value(x, config), set()).add(getattr(config, name))
        if any(len(values) > 1 for values in seen.values()):
            free.append(name)
    return free


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
