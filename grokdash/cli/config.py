"""``grokdash config``: configurations, shown before they are trained."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from grokdash.cli.fields import build_config, with_config_options
from grokdash.config import PRESETS, RunConfig
from grokdash.terminal import say

app = typer.Typer(help="Show configurations.", no_args_is_help=True)


@app.command("show")
@with_config_options
def show_config(
    preset: Annotated[
        str | None, typer.Option(help=f"One of {', '.join(PRESETS)}.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="TOML file of fields.")] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON schema instead.")
    ] = False,
    *,
    fields: dict[str, Any],
) -> None:
    """Print a configuration as TOML, ready for --config, and the id of its run."""
    if schema:
        say(json.dumps(RunConfig.model_json_schema(), indent=2))
        return
    run = build_config(preset, config, fields)
    say(f"# {run.run_id()}")
    for name, value in run.model_dump().items():
        text = json.dumps(value)
        say(f"{name} = {text}")
