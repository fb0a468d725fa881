"""The commands of ``grokdash sweep``: run, list, status, resume, cancel."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from grokdash.cli import exits
from grokdash.cli.options import (
    LogOption,
    StoppedOption,
    StoreOption,
    default_store,
    out,
)
from grokdash.cli.tables import fitted
from grokdash.config import MOST_EPOCHS
from grokdash.store import RunSummary, open_store
from grokdash.store.sweeps import (
    SweepProgress,
    SweepRecord,
    cancel_sweep,
    progress,
    read_sweep_record,
    sweep_records,
)
from grokdash.sweeps.drive import make_engine, run_sweep
from grokdash.sweeps.engines import Event
from grokdash.sweeps.plan import Sweep, find_sweep, planned, read_sweep, shipped
from grokdash.sweeps.seeds import parse_seeds
from grokdash.terminal import say
from grokdash.written import percent

app = typer.Typer(
    help="Train many runs from one file, and go on with them.", no_args_is_help=True
)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
EngineOption = Annotated[
    str | None,
    typer.Option(
        "--engine",
        help="local, dask, or a queue of dask-jobqueue; else what the file says.",
        show_default=False,
    ),
]
WorkersOption = Annotated[
    int | None,
    typer.Option("--workers", help="Runs at a time; else one per core."),
]
AddressOption = Annotated[
    str | None, typer.Option("--address", help="Address of a dask scheduler.")
]


@app.command()
def run(
    file: Annotated[str, typer.Argument(help="A sweep file, or a shipped sweep.")],
    store: StoreOption = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=MOST_EPOCHS,
            help="Epochs of every run, instead of the file's.",
            show_default=False,
        ),
    ] = None,
    seeds: Annotated[
        str | None,
        typer.Option(
            help="Seeds such as 0-1 or 0,3, instead of the file's.",
            show_default=False,
        ),
    ] = None,
    engine: EngineOption = None,
    workers: WorkersOption = None,
    address: AddressOption = None,
    log: LogOption = None,
    exit_zero_on_stop: StoppedOption = False,
) -> None:
    """Train every run of a sweep that is not trained yet.

    With other epochs or seeds than the file has it is a sweep of its own, whose id
    ``sweep list`` shows.
    """
    chosen = None if seeds is None else parse_seeds(seeds)
    sweep = read_sweep(find_sweep(file), epochs=epochs, seeds=chosen)
    settings = _settings(sweep, engine, workers, address)
    _mirror(log)
    done = _drive(sweep, default_store(store), settings)
    end_with_status(done, zero_on_stop=exit_zero_on_stop)


@app.command()
def resume(
    sweep_id: Annotated[str, typer.Argument(help="Id of a sweep of the store.")],
    store: StoreOption = None,
    engine: EngineOption = None,
    workers: WorkersOption = None,
    address: AddressOption = None,
    log: LogOption = None,
    exit_zero_on_stop: StoppedOption = False,
) -> None:
    """Go on with a sweep that was stopped, each run from its newest checkpoint."""
    folder = default_store(store)
    sweep = planned(read_sweep_record(folder, sweep_id))
    _mirror(log)
    done = _drive(sweep, folder, _settings(sweep, engine, workers, address))
    end_with_status(done, zero_on_stop=exit_zero_on_stop)


@app.command("list")
def list_sweeps(store: StoreOption = None, as_json: JsonOption = False) -> None:
    """List the sweeps of the store, and those that can be run."""
    folder = default_store(store)
    summaries = open_store(folder).summaries()
    records, problems = sweep_records(folder)
    rows = [_row(record, progress(record, summaries)) for record in records]
    if as_json:
        told = {"sweeps": rows, "problems": problems, "shipped": list(shipped())}
        say(json.dumps(told, indent=1))
        return
    table = Table("sweep", "varies", "runs", "finished", "failed")
    for row in rows:
        counts = row["progress"]
        table.add_row(
            row["id"],
            ", ".join(row["axes"]),
            str(len(row["runs"])),
            str(counts["finished"]),
            str(counts["failed"]),
        )
    for sweep_id, problem in problems.items():
        table.add_row(sweep_id, problem, style="red")
    out.print(fitted(table) if table.row_count else f"no sweep in {folder} yet")
    out.print(f"shipped: {', '.join(shipped())}", soft_wrap=True)


@app.command()
def status(
    sweep_id: Annotated[str, typer.Argument(help="Id of a sweep of the store.")],
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say how far every run of a sweep is."""
    folder = default_store(store)
    record = read_sweep_record(folder, sweep_id)
    summaries = {one.id: one for one in open_store(folder).summaries()}
    counts = progress(record, list(summaries.values()))
    if as_json:
        runs = [_run_row(record, i, summaries) for i in range(len(record.runs))]
        say(json.dumps(_row(record, counts) | {"runs": runs}, indent=1))
        return
    table = Table(*record.axes, "seed", "state", "epoch", "test accuracy", "grokked")
    for place in range(len(record.runs)):
        row = _run_row(record, place, summaries)
        accuracy = row["test_accuracy"]
        table.add_row(
            *(f"{row['point'].get(axis)}" for axis in record.axes),
            str(row["seed"]),
            row["state"],
            f"{row['epoch']:,} of {row['epochs']:,}",
            "" if accuracy is None else f"{percent(accuracy)}",
            row["grokked"],
        )
    out.print(fitted(table))
    out.print(_counted(counts))
    if record.driver is not None:
        out.print("driven by process {pid} on {host}".format(**record.driver))
    for run_id, reason in record.failures.items():
        out.print(f"{run_id}: {reason}", style="red", soft_wrap=True)


@app.command()
def cancel(
    sweep_id: Annotated[str, typer.Argument(help="Id of a sweep of the store.")],
    store: StoreOption = None,
) -> None:
    """Stop a sweep, wherever it is driven: its runs store a checkpoint and end."""
    driver = cancel_sweep(default_store(store), sweep_id)
    out.print(
        f"{sweep_id}: {driver} stops it within seconds; go on with: grokdash sweep "
        f"resume {sweep_id}",
        soft_wrap=True,
    )


def _mirror(log: str | None) -> None:
    """Have the workers write to mirrors, if these can begin here."""
    from grokdash.training.mirrors import VARIABLE, parse_mirrors

    if log is not None:
        parse_mirrors(log)
        os.environ[VARIABLE] = log


def _settings(
    sweep: Sweep, kind: str | None, workers: int | None, address: str | None
) -> dict[str, Any]:
    given = {"kind": kind, "workers": workers, "address": address}
    return sweep.engine | {k: v for k, v in given.items() if v is not None}


def _drive(sweep: Sweep, store: Path, settings: dict[str, Any]) -> SweepProgress:
    engine = make_engine(settings)
    total, ended = len(sweep.configs), 0

    def tell(event: Event) -> None:
        nonlocal ended
        ended += event.kind in ("finished", "failed")
        sign = " " if event.kind == "started" else ": "
        reason = f"{sign}{event.reason}" if event.reason else ""
        out.print(
            f"[{ended}/{total}] {event.run_id} {event.kind}{reason}", markup=False
        )

    out.print(
        f"{sweep.title}: {total} runs of {sweep.id} into {store.resolve()}",
        soft_wrap=True,
    )
    counts = run_sweep(sweep, store, engine, tell)
    out.print(_counted(counts))
    out.print(f"see it with: grokdash serve {store}, page /sweeps/{sweep.id}")
    return counts


def end_with_status(counts: SweepProgress, *, zero_on_stop: bool) -> None:
    """End with the status that says whether every run has finished."""
    if counts.failed:
        raise typer.Exit(exits.FAILED)
    if counts.finished < counts.total and not zero_on_stop:
        raise typer.Exit(exits.STOPPED)


def _counted(counts: SweepProgress) -> str:
    return ", ".join(f"{n} {name}" for name, n in asdict(counts).items() if n)


def _row(record: SweepRecord, counts: SweepProgress) -> dict[str, Any]:
    kept = {n: v for n, v in asdict(record).items() if n != "configs"}
    return kept | {"progress": asdict(counts)}


def _run_row(
    record: SweepRecord, place: int, summaries: dict[str, RunSummary]
) -> dict[str, Any]:
    run_id, config = record.runs[place], record.configs[place]
    found = summaries.get(run_id)
    failed = run_id in record.failures
    return {
        "id": run_id,
        "point": record.points[place],
        "seed": config.seed,
        "state": found.state if found else "failed" if failed else "waiting",
        "epoch": found.step if found else 0,
        "epochs": found.epochs if found else config.epochs,
        "test_accuracy": found.test_accuracy if found else None,
        "grok_start": found.grok_start if found else None,
        "grok_end": found.grok_end if found else None,
        "grokked": found.grok_text if found else "",
        "reason": record.failures.get(run_id, "") or (found.message if found else ""),
    }
