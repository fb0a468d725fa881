"""What the runs of a sweep differ in: fields, and what follows from fields."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

from grokdash.config import RunConfig
from grokdash.store.schema import param_shapes
from grokdash.store.sweeps import SweepRecord
from grokdash.views.reading.fields import field_title

NAMED = ("seed", "split_seed", "twin")
"""Fields whose numbers are names: no trend, no law and no stratum follows from them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A quantity that follows from fields.

    It gets an axis when it varies and two of its fields do, or one of ``alone``. Runs
    that differ in a field of ``apart`` are not compared as if they differed in it only.
    """

    title: str
    fields: tuple[str, ...]
    alone: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    value: Callable[[RunConfig], float | int]


DERIVED: dict[str, Derived] = {
    "decay_rate": Derived(
        title="weight decay × learning rate",
        fields=("weight_decay", "lr"),
        value=lambda config: float(f"{config.weight_decay * config.lr:.6g}"),
    ),
    "d_head": Derived(
        title="d_head",
        fields=("d_model", "n_heads"),
        value=lambda config: config.d_head,
    ),
    "parameters": Derived(
        title="parameters",
        fields=("p", "n_layers", "n_heads", "d_model", "d_mlp"),
        alone=("p", "n_layers", "d_model", "d_mlp"),
        apart=("p",),
        value=lambda config: sum(prod(one) for one in param_shapes(config).values()),
    ),
    "train_pairs": Derived(
        title="train pairs",
        fields=("p", "train_fraction"),
        alone=("p",),
        value=lambda config: config.n_train,
    ),
}


def axis_value(name: str, config: RunConfig) -> Any:
    """Give a run's value on an axis, be it a field or derived from fields."""
    derived = DERIVED.get(name)
    return getattr(config, name) if derived is None else derived.value(config)


def varied_axes(record: SweepRecord) -> dict[str, str]:
    """Give names and titles of all quantities that vary in a sweep."""
    fields = [*record.axes]
    if len({config.seed for config in record.configs}) > 1 and "seed" not in fields:
        fields.append("seed")
    found = {
        name: field_title(name)
        for name in fields
        if len({getattr(config, name) for config in record.configs}) > 1
    }
    if not found:
        found["seed"] = "seed"
    for name, derived in DERIVED.items():
        values = {derived.value(config) for config in record.configs}
        varied = [one for one in derived.fields if one in found]
        telling = len(varied) > 1 or any(one in derived.alone for one in varied)
        if len(values) > 1 and telling:
            found[name] = derived.title
    return found
