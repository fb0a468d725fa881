"""The form that starts a run, made from the configuration's own schema."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grokdash.config import (
    PRESETS,
    RunConfig,
    as_options,
    check_fields,
    make_config,
    with_split_seed,
)
from grokdash.contract.training import (
    Existing,
    Form,
    FormErrors,
    FormField,
    FormVerdict,
)
from grokdash.contract.words import STATES
from grokdash.errors import ConfigError, GrokdashError
from grokdash.operations import OPERATIONS
from grokdash.store import Store
from grokdash.store.record import observed, read_status
from grokdash.store.schema import RUN_FILE
from grokdash.training.footprint import check_memory, footprint
from grokdash.training.forecast import Forecast, check_room, forecast
from grokdash.training.pace import how, in_words, modelled_s, pace
from grokdash.views.reading.fields import field_title
from grokdash.written import size

COMMON = ("operation", "p", "train_fraction", "weight_decay", "lr", "seed", "epochs")
"""What most runs differ in; the form folds the other fields."""

_UNTOLD = 2**31
"""A limit that nobody meets by typing is not told."""


def form_fields(store: Store, why_not: str = "") -> Form:
    """Describe every field and preset as the form needs them.

    The preset that is trained soonest comes first: the form opens with it.
    """
    schema = RunConfig.model_json_schema()["properties"]
    names = [*COMMON, *(name for name in schema if name not in COMMON)]
    configs = sorted(map(_preset, PRESETS), key=lambda one: modelled_s(one[1]))
    return Form(
        presets={name: _texts(config) for name, config in configs},
        about={
            name: f"{name}: p = {config.p}, about {duration_of(store, config)[0]}"
            for name, config in configs
        },
        fields=[_field(name, schema[name]) for name in names],
        why_not=why_not,
    )


def _preset(name: str) -> tuple[str, RunConfig]:
    return name, make_config(name)


def duration_of(store: Store, config: RunConfig) -> tuple[str, str]:
    """Say how long a run takes on this computer, and how that is known."""
    found = pace(store, config)
    return in_words(found.factor * modelled_s(config)), how(found)


def _field(name: str, about: Mapping[str, Any]) -> FormField:
    choices = list(OPERATIONS) if name == "operation" else about.get("enum")
    return FormField(
        name=name,
        label=field_title(name),
        kind="choice" if choices else about["type"],
        choices=choices,
        unit=about.get("unit", ""),
        range=_limits(about),
        help=about["description"],
        common=name in COMMON,
    )


def _limits(about: Mapping[str, Any]) -> str:
    """Say what a number may be: from 2 to 1,009; above 0, at most 1; 0 or more."""
    low, above = about.get("minimum"), about.get("exclusiveMinimum")
    high, below = about.get("maximum"), about.get("exclusiveMaximum")
    if below is not None and below >= _UNTOLD:
        below = None
    if low is not None and high is not None:
        return f"from {low:,} to {high:,}"
    if low is not None and below is None:
        return f"{low:,} or more"
    words = (("above", above), ("at least", low), ("at most", high), ("below", below))
    return ", ".join(f"{word} {limit:,}" for word, limit in words if limit is not None)


def _texts(config: RunConfig) -> dict[str, str]:
    values = config.model_dump()
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in values.items()
    }


def _values(preset: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    if preset not in PRESETS:
        raise ConfigError(
            f"preset: expected one of {', '.join(PRESETS)}; got {preset[:40]!r}"
        )
    return PRESETS[preset] | with_split_seed(fields)


def chosen_config(preset: str, fields: Mapping[str, Any]) -> RunConfig:
    """Build the configuration that a filled form means.

    Raises
    ------
    ConfigError
        Naming every field that is wrong.
    """
    config, wrong = check_fields(_values(preset, fields))
    if config is None:
        raise ConfigError("\n".join(wrong.values()))
    return config


def check_form(
    store: Store, preset: str, fields: Mapping[str, Any], budget_gb: float
) -> FormErrors | FormVerdict:
    """Say what is wrong with a form by field, else what starting it would do."""
    config, wrong = check_fields(_values(preset, fields))
    if config is None:
        return FormErrors(errors=wrong)
    expected = forecast(config, budget_gb)
    duration, basis = duration_of(store, config)
    return FormVerdict(
        errors={},
        run=config.run_id(),
        values=_texts(config),
        duration=f"about {duration}",
        basis=basis,
        size=_size(config, expected),
        room=_lacking_room(store.path, config, expected),
        exists=_existing(store.path, config),
        command=shlex.join(["grokdash", "train", *as_options(config, preset)]),
    )


def _size(config: RunConfig, expected: Forecast) -> str:
    """Say what a run takes of the disk and, while it is trained, of the memory."""
    told = f"{expected.checkpoints:,} checkpoints, {expected.grids:,} with grids"
    if expected.grids < expected.asked_grids:
        told += (
            f" of the {expected.asked_grids:,} asked for, which would take more than "
            "a run may; the others are computed when they are looked at"
        )
    disk, memory = size(expected.total), size(footprint([config]))
    more = size(expected.packing)
    return f"{disk} on disk ({told}; {more} more while packed), {memory} of memory"


def _lacking_room(store: Path, config: RunConfig, expected: Forecast) -> str:
    try:
        check_memory([config])
        check_room(store, expected)
    except GrokdashError as error:
        return str(error)
    return ""


def _existing(store: Path, config: RunConfig) -> Existing | None:
    folder = store / config.run_id()
    if not (folder / RUN_FILE).exists():
        return None
    status = observed(read_status(folder), store)
    return Existing(
        state=status.state,
        label=STATES[status.state],
        step=status.step,
        epochs=status.epochs,
        free_seed=_free_seed(store, config),
    )


def _free_seed(store: Path, config: RunConfig) -> int:
    """Give the next seed of which there is no run that is equal otherwise."""
    seed = config.seed
    while True:
        seed += 1
        again = config.model_copy(update={"seed": seed, "split_seed": seed})
        if not (store / again.run_id()).exists():
            return seed
