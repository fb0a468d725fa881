"""``grokdash measures``: all that is known of a run, as a table."""

from pathlib import Path
from typing import Annotated

import typer

from grokdash.cli.options import StoreOption, default_store
from grokdash.errors import ConfigError
from grokdash.store import open_store
from grokdash.store.sweeps import read_sweep_record
from grokdash.terminal import say

app = typer.Typer()


@app.command()
def measures(
    run: Annotated[
        str | None, typer.Argument(help="Run id.", show_default=False)
    ] = None,
    sweep: Annotated[
        str | None,
        typer.Option(
            help="Id of a sweep instead: a row per run and checkpoint.",
            show_default=False,
        ),
    ] = None,
    store: StoreOption = None,
    as_csv: Annotated[
        bool, typer.Option("--csv", help="Write CSV, as without -o.")
    ] = False,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Write JSON, with units and what is of the run."),
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "--output",
            "-o",
            help="File, whose ending .csv or .json says the format; else the terminal.",
            show_default=False,
        ),
    ] = None,
    per_run: Annotated[
        bool,
        typer.Option("--per-run", help="One row per run, not one per checkpoint."),
    ] = False,
    full: Annotated[
        bool,
        typer.Option(
            "--full", help="Add the values of every frequency, head and neuron."
        ),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a file that exists.")
    ] = False,
) -> None:
    """Write all that is known of a run at every checkpoint, as CSV or JSON."""
    from grokdash.saving.files import write_file
    from grokdash.saving.measures import run_measures, sweep_measures

    written_as = _format(output, csv=as_csv, json=as_json)
    if output is not None and output.exists() and not force:
        raise ConfigError(
            f"{output}: exists and is not written over: name another, or add --force"
        )
    place = default_store(store)
    if (run is None) == (sweep is None):
        raise ConfigError("expected either a run or --sweep, and one of them")
    opened = open_store(place)
    if sweep is not None:
        record = read_sweep_record(place, sweep)
        found = sweep_measures(opened, record, full=full, per_run=per_run)
    else:
        found = run_measures(opened.run(run or ""), full=full, per_run=per_run)
    content = found.json() if written_as == "json" else found.csv()
    if output is None:
        say(content.decode().removesuffix("\n"))
        return
    write_file(output, content)
    n_rows = len(found.values.get("run", []))
    say(f"{output}: {len(found.values)} columns, {n_rows} rows")


def _format(output: Path | None, *, csv: bool, json: bool) -> str:
    """Choose the format: as asked for, else by the name of the file, else CSV."""
    asked = {name for name, wanted in (("csv", csv), ("json", json)) if wanted}
    named = output.suffix.removeprefix(".") if output else ""
    if named in ("csv", "json"):
        asked.add(named)
    elif output is not None and not asked:
        raise ConfigError(
            f"{output}: expected a name ending in .csv or .json, or --csv or --json"
        )
    if len(asked) > 1:
        raise ConfigError("expected one format: --csv or --json, and a name like it")
    return asked.pop() if asked else "csv"
