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
from grokdash.store.record import observed, read_status
from grokdash.store.schema import RUN_FILE
from grokdash.training.footprint import check_memory, memory_text
from grokdash.training.forecast import Forecast, check_room, forecast

COMMON = ("operation", "p", "train_fraction", "weight_decay", "lr", "seed", "epochs")
"""What most runs differ in; the form folds the other fields."""

_LIMITS = (
    ("minimum", "at least"),
    ("exclusiveMinimum", "above"),
    ("maximum", "at most"),
    ("exclusiveMaximum", "below"),
)


def form_fields(why_not: str = "") -> Form:
    """Describe every field and preset as the form needs them, in order."""
    schema = RunConfig.model_json_schema()["properties"]
    names = [*COMMON, *(name for name in schema if name not in COMMON)]
    return Form(
        presets={name: _texts(make_config(name)) for name in PRESETS},
        fields=[_field(name, schema[name]) for name in names],
        why_not=why_not,
    )


def _field(name: str, about: Mapping[str, Any]) -> FormField:
    choices = list(OPERATIONS) if name == "operation" else about.get("enum")
    limits = [f"{word} {about[key]:,}" for key, word in _LIMITS if key in about]
    return FormField(
        name=name,
        label=name.replace("_", " "),
        kind="choice" if choices else about["type"],
        choices=choices,
        unit=about.get("unit", ""),
        range=", ".join(limits),
        help=about["description"],
        common=name in COMMON,
    )


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
    store: Path, preset: str, fields: Mapping[str, Any], budget_gb: float
) -> FormErrors | FormVerdict:
    """Say what is wrong with a form by field, else what starting it would do."""
    config, wrong = check_fields(_values(preset, fields))
    if config is None:
        return FormErrors(errors=wrong)
    run_id = config.run_id()
    expected = forecast(config, budget_gb)
    return FormVerdict(
        errors={},
        run=run_id,
        values=_texts(config),
        forecast=f"{expected.text}; {memory_text([config])}",
        room=_lacking_room(store, config, expected),
        exists=_existing(store / run_id),
        command=shlex.join(["grokdash", "train", *as_options(config, preset)]),
    )


def _lacking_room(store: Path, config: RunConfig, expected: Forecast) -> str:
    try:
        check_memory([config])
        check_room(store, expected)
    except GrokdashError as error:
        return str(error)
    return ""


def _existing(folder: Path) -> Existing | None:
    if not (folder / RUN_FILE).exists():
        return None
    status = observed(read_status(folder), folder.parent)
    return Existing(
        state=status.state,
        label=STATES[status.state],
        step=status.step,
        epochs=status.epochs,
    )
