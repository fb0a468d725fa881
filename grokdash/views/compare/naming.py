"""What the runs of a comparison are called: by what tells one from the others."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from grokdash.config import RunConfig
from grokdash.views.compare.alignment import Column
from grokdash.views.compare.runs import plain
from grokdash.views.reading.fields import field_title

_STORED = ("checkpoint_every", "dense_every", "dense_until", "grids")
"""Fields that decide what is kept of a training, not how it goes."""

_MOST = 3
"""More than these would be a list, not a name; all are said if it takes them."""


def column_names(columns: Sequence[Column]) -> list[str]:
    """Name every column by what differs between them.

    A title given by hand is a name already. Runs of one configuration are told apart by
    their folders, columns of one run by the epochs at which they stay.
    """
    runs = {one.run.id for one in columns}
    if len(columns) > 1 == len(runs):
        return [_epoch(one) for one in columns]
    parts = _differences(columns)
    names = _named(columns, [some[:_MOST] for some in parts])
    if len(set(names)) < len(runs):
        names = _named(columns, parts)
    named = {(name, one.run.id) for name, one in zip(names, columns, strict=True)}
    bearers = Counter(name for name, _run in named)
    return [
        _full(name, one, alone=bearers[name] == 1)
        for name, one in zip(names, columns, strict=True)
    ]


def common_name(columns: Sequence[Column]) -> str:
    """Say what all runs have in common, of what names a run; empty if nothing."""
    configs = [one.run.config for one in columns]
    first = configs[0]
    rules = {config.operation for config in configs}
    said = {
        "p": f"{first.rule.title} mod {first.p}"
        if len(rules) == 1
        else f"mod {first.p}",
        "weight_decay": _said("weight_decay", first),
        "seed": _said("seed", first),
    }
    shared = [
        text
        for name, text in said.items()
        if len({one.run.fields[name] for one in columns}) == 1
        and columns[0].run.fields[name] is not None
    ]
    return ", ".join(shared)


def _named(columns: Sequence[Column], parts: Sequence[Sequence[str]]) -> list[str]:
    return [
        one.run.stored.notes.title or ", ".join(some) or one.run.title
        for one, some in zip(columns, parts, strict=True)
    ]


def _differences(columns: Sequence[Column]) -> list[list[str]]:
    """Give the fields that differ as words, one list per column."""
    configs = [one.run.config for one in columns]
    dumps: list[dict[str, Any]] = [config.model_dump() for config in configs]
    names = [name for name in dumps[0] if len({str(one[name]) for one in dumps}) > 1]
    told = [name for name in names if name not in _STORED] or names
    if "seed" in told and all(one.seed == one.split_seed for one in configs):
        told.remove("split_seed")
    return [[_said(name, config) for name in told] for config in configs]


def _said(name: str, config: RunConfig) -> str:
    value = getattr(config, name)
    if name == "operation":
        return config.rule.title
    if name == "p":
        return f"p = {value}"
    if name == "epochs":
        return f"{value:,} epochs"
    if isinstance(value, bool):
        return ("" if value else "no ") + field_title(name)
    return f"{field_title(name)} {plain(value)}"


def _full(name: str, column: Column, *, alone: bool) -> str:
    folder = "" if alone else f" ({column.run.id})"
    epoch = "" if column.pin is None else f", {_epoch(column)}"
    return f"{name}{folder}{epoch}"


def _epoch(column: Column) -> str:
    return "moves along" if column.pin is None else f"epoch {column.pin:,}"
