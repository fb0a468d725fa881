"""``grokdash verify``: whether every byte of the runs is what was written."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, TextColumn

from grokdash.cli.exits import FAILED, STOPPED
from grokdash.cli.options import default_store, out
from grokdash.errors import GrokdashError, NotStoredError
from grokdash.store import open_store
from grokdash.store.remote import remote_url
from grokdash.store.schema import CHECKPOINTS, PACKED_FILE, RUN_FILE
from grokdash.store.verify import Verified
from grokdash.terminal import say
from grokdash.written import size

app = typer.Typer()


@app.command()
def verify(
    places: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[RUN|STORE]...",
            help="Run ids, folders of runs, stores or addresses such as s3://…; else "
            "$GROKDASH_STORE, else ./store.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, one object per run.")
    ] = False,
) -> None:
    """Check every array of every run against its hash; status 1 if one is damaged."""
    told: list[Verified] = []
    chosen = [_chosen(place) for place in places or [default_store(None)]]
    try:
        for store, name in chosen:
            for one in _verified(store, name):
                told.append(one)
                if not as_json:
                    _tell(one)
    except KeyboardInterrupt:
        say(f"stopped after {len(told)} runs", to_errors=True)
        raise typer.Exit(STOPPED) from None
    if as_json:
        say(json.dumps([asdict(one) for one in told], indent=2))
    damaged = [one.run for one in told if one.damage]
    if damaged:
        say(f"{len(damaged)} of {len(told)} runs are damaged", to_errors=True)
        raise typer.Exit(FAILED)


def _chosen(place: Path) -> tuple[Path, str | None]:
    """Tell a store from a run in it; None stands for all runs of the store."""
    if remote_url(place) is not None:
        return place, None
    if place.is_dir():
        is_run = any(
            (place / one).exists() for one in (RUN_FILE, PACKED_FILE, CHECKPOINTS)
        )
        return (
            (place.absolute().parent, place.absolute().name)
            if is_run
            else (place, None)
        )
    if not (default_store(None) / place).is_dir():
        raise NotStoredError(f"{place}: no run and no store of that name")
    return default_store(None), str(place)


def _verified(place: Path, name: str | None) -> Iterator[Verified]:
    store = open_store(place)
    names = [one.id for one in store.summaries()] if name is None else [name]
    try:
        for run in sorted(names):
            try:
                with _progress(run) as on_bytes:
                    one = store.verify(run, on_bytes)
            except GrokdashError as error:
                one = Verified(run, damage=[str(error)])
            yield one
    finally:
        store.close()


class _progress:  # noqa: N801 - used as a function
    """Show how much of a run has been read; nothing where nobody looks."""

    def __init__(self, run: str) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            TextColumn("{task.fields[read]}"),
            console=out,
            transient=True,
            disable=not out.is_terminal,
        )
        self._task = self._bar.add_task(run, total=None, read="")
        self._read = 0

    def __enter__(self) -> Callable[[int], None]:
        self._bar.start()
        return self._more

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def _more(self, n: int) -> None:
        self._read += n
        self._bar.update(self._task, read=size(self._read))


def _tell(one: Verified) -> None:
    amount = f"{one.arrays} arrays in {one.files} files, {size(one.n_bytes)}"
    if one.damage:
        say(f"{one.run}: damaged: {amount}")
        for line in one.damage:
            say(f"  {line}")
        say(
            "  what to do: copy the named files anew from where the run is whole; a "
            "run that is not packed can be gone on with: grokdash train --resume"
        )
    elif one.without:
        say(
            f"{one.run}: no hashes in {len(one.without)} of {one.files} files (written "
            f"before 1.1): only HDF5's checksums were checked: {amount}"
        )
    else:
        say(f"{one.run}: OK: {amount}")
