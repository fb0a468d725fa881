"""The options of ``train`` and ``config show``: one per field of RunConfig.

A field has its description, type and default in one place, the configuration.
"""

import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import typer

from grokdash import config as configuration
from grokdash.config import RunConfig
from grokdash.errors import ConfigError
from grokdash.toml_input import read_toml


def with_config_options(command: Callable[..., None]) -> Callable[..., None]:
    """Replace the ``fields`` argument of a command by one option per field."""
    own = [
        parameter
        for parameter in inspect.signature(command).parameters.values()
        if parameter.name != "fields"
    ]
    options = [_field_option(name) for name in RunConfig.model_fields]

    def wrapped(**values: Any) -> None:
        given = {name: values.pop(name) for name in RunConfig.model_fields}
        fields = {name: value for name, value in given.items() if value is not None}
        command(fields=fields, **values)

    parameters = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own
    ] + options
    wrapped.__doc__ = command.__doc__
    wrapped.__name__ = command.__name__
    wrapped.__signature__ = inspect.Signature(parameters)
    wrapped.__annotations__ = {p.name: p.annotation for p in parameters}
    return wrapped


def _field_option(name: str) -> inspect.Parameter:
    """Make the option of one configuration field; None means it was not given."""
    field = RunConfig.model_fields[name]
    flag = "--" + name.replace("_", "-")
    kind: Any = field.annotation
    text = field.description or ""
    if get_origin(kind) is Literal:
        text += f" ({', '.join(get_args(kind))})"
        kind = str
    if kind is bool:
        flag += f"/--no-{name.replace('_', '-')}"
    text += f" [default: {field.default}]"
    if name == "seed":
        text += "; sets the split too, unless --split-seed is given"
    option = typer.Option(
        flag,
        help=text.replace("[", "\\["),
        show_default=False,
        rich_help_panel="Configuration (defaults of the nanda preset)",
    )
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[kind | None, option],
    )


def given_fields(
    preset: str | None, file: Path | None, fields: dict[str, Any]
) -> dict[str, tuple[Any, str]]:
    """Give every field that was given, with its value and the words that gave it.

    A preset gives all fields but the epochs, which every run may choose.
    """
    from_file = read_toml(file) if file else {}
    named = from_file.pop("preset", None)
    given: dict[str, tuple[Any, str]] = {}
    if (base := preset or named) is not None:
        words = f"--preset {base}" if preset else f"{file}: preset = {base!r}"
        values = configuration.make_config(base).model_dump()
        given |= {n: (value, words) for n, value in values.items() if n != "epochs"}
    given |= {n: (v, f"{file}: {n} = {json.dumps(v)}") for n, v in from_file.items()}
    return given | {n: (v, _as_option(n, v)) for n, v in fields.items()}


def _as_option(name: str, value: Any) -> str:
    flag = name.replace("_", "-")
    if isinstance(value, bool):
        return f"--{flag}" if value else f"--no-{flag}"
    return f"--{flag} {value}"


def build_config(
    preset: str | None, file: Path | None, fields: dict[str, Any]
) -> RunConfig:
    """Build the configuration: preset, then the TOML file, then the options.

    Raises
    ------
    ConfigError
        Naming every field that is wrong.
    """
    from_file = read_toml(file) if file else {}
    named = from_file.pop("preset", "nanda")
    given = configuration.with_split_seed(fields)
    both = len(given) > len(fields)
    try:
        return configuration.make_config(preset or named, from_file, given)
    except ConfigError as error:
        lines = str(error).splitlines()
        told = [line for line in lines if not line.startswith("split_seed: ")]
        # One bad --seed is one mistake, though it stands in two fields.
        if both and any(line.startswith("seed: ") for line in lines):
            raise ConfigError("\n".join(told)) from None
        raise
