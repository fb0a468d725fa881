"""The runs of a film: one, several beside each other, or one for each swept value."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from grokdash.cache import Cache
from grokdash.errors import ConfigError, GrokdashError, NotStoredError
from grokdash.saving.film.plan import Cast
from grokdash.snapshot import RunView
from grokdash.store import Store
from grokdash.store.sweeps import SweepRecord, sweep_records
from grokdash.views.compare.alignment import letter_of
from grokdash.views.sweep.axes import axis_value, varied_axes
from grokdash.written import number


def cast_of_runs(store: Store, run_ids: Sequence[str]) -> list[Cast]:
    """Open runs that are named.

    Raises
    ------
    NotStoredError
        If there is none of that name, or none of its checkpoints.
    """
    seen = [_seen(store, one) for one in run_ids]
    return [
        Cast(run=run, name=f"{letter_of(place)}: {run.title}" if len(seen) > 1 else "")
        for place, run in enumerate(seen)
    ]


def _seen(store: Store, run_id: str) -> RunView:
    run = RunView(store.run(run_id), Cache(), patience_s=None)
    run.last  # noqa: B018 - raises where there is nothing to be shown
    return run.at_this_moment()


def find_sweep(store: Store, name: str) -> SweepRecord:
    """Find a sweep by its id, or by a name that only one has.

    Raises
    ------
    NotStoredError
        If the store has none, or several of that name.
    """
    records, _ = sweep_records(store.path)
    exact = [one for one in records if one.id == name]
    found = exact or [one for one in records if one.name == name]
    if len(found) == 1:
        return found[0]
    has = ", ".join(one.id for one in found or records) or "none"
    which = "several sweeps are called" if found else "no sweep"
    raise NotStoredError(f"--sweep: {which} {name[:80]!r}; this store has {has}")


def cast_of_sweep(
    store: Store, record: SweepRecord, by: str | None, hold: Mapping[str, str]
) -> list[Cast]:
    """Choose one run for every value of a swept field, ascending.

    It is the first in the order of the sweep that is stored: the lowest seed, and the
    first value of whatever else varies and is not held.

    Parameters
    ----------
    store, record
        The sweep, and where its runs are.
    by
        The field; the first that varies if None.
    hold
        Values of other fields, as somebody types them.

    Raises
    ------
    ConfigError
        If there is no such field, or no run to be shown.
    """
    axes = varied_axes(record)
    name = by or next(iter(axes))
    for option, one in (("--by", name), *(("--hold", held) for held in hold)):
        if one not in axes:
            known = ", ".join(axes)
            raise ConfigError(f"{option}: expected one of {known}, got {one!r}")
    found: dict[Any, RunView] = {}
    for run_id, config in zip(record.runs, record.configs, strict=True):
        if not all(_is(axis_value(one, config), hold[one]) for one in hold):
            continue
        value = axis_value(name, config)
        if value not in found and (run := _stored(store, run_id)) is not None:
            found[value] = run
    if not found:
        held = "".join(f" with {one} = {value}" for one, value in hold.items())
        raise ConfigError(f"{record.id}: none of its runs{held} has a checkpoint yet")
    return [
        Cast(run=found[value], name=f"{axes[name]} {_written(value)}")
        for value in sorted(found, key=_order)
    ]


def _stored(store: Store, run_id: str) -> RunView | None:
    try:
        return _seen(store, run_id)
    except GrokdashError:  # not trained yet, or broken: the list of runs says why
        return None


def _order(value: Any) -> tuple[bool, Any]:
    """Sort numbers as numbers, before what are words."""
    plain = _is_number(value)
    return (not plain, value if plain else str(value))


def _is(value: Any, text: str) -> bool:
    """Say whether a value is what somebody has typed: numbers in any form."""
    if not _is_number(value):
        return str(value).lower() == text.lower()
    try:
        return math.isclose(value, float(text))
    except ValueError:
        return False


def _written(value: Any) -> str:
    return number(value, 6) if _is_number(value) else str(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
