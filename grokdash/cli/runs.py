"""``grokdash runs`` and ``pack``: what a store holds."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from grokdash.cli.options import StoreArgument, StoreOption, default_store, out
from grokdash.cli.tables import fitted
from grokdash.contract.rows import keys_told
from grokdash.store import open_store, pack_run
from grokdash.terminal import say
from grokdash.written import percent, size

app = typer.Typer()


@app.command()
def runs(
    store: StoreArgument = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, one object per run.")
    ] = False,
) -> None:
    """List the runs of a store."""
    place = default_store(store)
    found = open_store(place).summaries()
    if as_json:
        say(json.dumps([asdict(summary) for summary in found], indent=2))
        return
    if not found:
        say(
            f"no runs in {place}; see one with: grokdash demo --instant; train one "
            "with: grokdash train --preset quick"
        )
        return
    table = Table(
        Column("run", no_wrap=True),
        "state",
        "epoch",
        "test accuracy",
        "grokked",
        "keys",
        "size",
    )
    for summary in found:
        accuracy = summary.test_accuracy
        table.add_row(
            summary.id,
            summary.problem or "; ".join(filter(None, (summary.state, summary.notice))),
            f"{summary.step:,} / {summary.epochs:,}",
            "" if accuracy is None else percent(accuracy, 2),
            summary.grok_text,
            keys_told(summary),
            size(summary.size_bytes),
        )
    out.print(fitted(table))


@app.command()
def pack(
    run: Annotated[str, typer.Argument(help="Run id, or the folder of a run.")],
    store: StoreOption = None,
) -> None:
    """Merge a run that is not being written into one file, run.h5."""
    folder = Path(run) if Path(run).is_dir() else default_store(store) / run
    say(f"{pack_run(folder)}")
