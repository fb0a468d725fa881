"""``grokdash doctor``: what this machine has."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from grokdash.cli.options import StoreOption, default_store, out
from grokdash.cli.tables import fitted
from grokdash.terminal import say

app = typer.Typer()


@app.command()
def doctor(
    store: StoreOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, one object per check.")
    ] = False,
) -> None:
    """Check what this machine has for training, serving, exporting and testing."""
    from grokdash.training.doctor import examine

    checks = examine(default_store(store))
    if as_json:
        say(json.dumps([asdict(check) for check in checks], indent=2))
    else:
        table = Table("", "check", "found")
        marks = {"ok": "✓", "missing": "–", "problem": "✗"}
        for check in checks:
            table.add_row(marks[check.state], check.name, check.found)
        out.print(fitted(table))
    if any(check.state == "problem" for check in checks):
        raise typer.Exit(1)
