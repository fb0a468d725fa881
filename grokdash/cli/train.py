"""``grokdash train``: one run or several seeds, new or resumed."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from grokdash.cli import exits
from grokdash.cli.fields import build_config, given_fields, with_config_options
from grokdash.cli.options import LogOption, StoppedOption, StoreOption, default_store
from grokdash.cli.serve import Shown, train_and_serve
from grokdash.config import PRESETS, RunConfig
from grokdash.errors import ConfigError
from grokdash.sweeps.seeds import parse_seeds
from grokdash.terminal import say
from grokdash.training.session import run_to_resume, wanted_epochs

app = typer.Typer()


@app.command()
@with_config_options
def train(
    *,
    preset: Annotated[
        str | None,
        typer.Option(
            help=f"Where to start from: {', '.join(PRESETS)} \\[default: nanda]",
            show_default=False,
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(help="TOML file of configuration fields.", show_default=False),
    ] = None,
    store: StoreOption = None,
    seeds: Annotated[
        str | None,
        typer.Option(
            help="Several seeds, such as 0-9 or 0,3,7: the runs that --seed would "
            "train, together as one model where that is faster",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option(
            metavar="RUN", help="Go on with this run of the store.", show_default=False
        ),
    ] = None,
    new: Annotated[
        bool, typer.Option("--new", help="Refuse to go on with a run that exists.")
    ] = False,
    threads: Annotated[
        int | None,
        typer.Option(
            help="CPU threads \\[default: 2, or 1 for small networks]; part of what "
            "makes a run repeat bit by bit",
            show_default=False,
        ),
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    disk_budget: Annotated[
        float, typer.Option(help="GB the run may take; fewer grids are stored if less.")
    ] = 1.0,
    log: LogOption = None,
    serve: Annotated[
        bool,
        typer.Option("--serve", help="Serve the store at once and follow the run."),
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
    exit_zero_on_stop: StoppedOption = False,
    fields: dict[str, Any],
) -> None:
    """Train a run, or go on with it; Ctrl-C stores a checkpoint and stops (status 3).

    The same command again goes on where it stopped. A run that exists is never
    overwritten: its name ends in a hash of the whole configuration. --resume RUN
    --epochs N trains a run past its end, finished or not; it keeps its name.
    """
    place = default_store(store)
    _check_together(seeds=seeds, resume=resume, new=new)
    runs = _configs(place, resume, seeds, (preset, config, fields))
    if serve:
        given = [word for word in sys.argv[2:] if word != "--serve"]
        train_and_serve(place, resume or runs[0].run_id(), given, Shown())
        return
    # Torch takes seconds to load; no other command waits for it.
    from grokdash.training.mirrors import parse_mirrors
    from grokdash.training.outcome import describe
    from grokdash.training.train import Options, train_several
    from grokdash.training.train import train as start

    options = Options(
        store=place,
        threads=threads,
        device=device,
        disk_budget=disk_budget,
        resume=resume,
        epochs=runs[0].epochs if resume else None,
        new=new,
        quiet=quiet,
        mirrors=parse_mirrors(log),
    )
    several = seeds is not None
    outcomes = train_several(runs, options) if several else [start(runs[0], options)]
    for outcome in outcomes:
        say(describe(outcome))
    states = [outcome.state for outcome in outcomes]
    if several:
        counts = (f"{states.count(one)} {one}" for one in dict.fromkeys(states))
        say(f"{len(runs)} runs: {', '.join(counts)}")
    if {"failed", "diverged", "busy"} & set(states):
        raise typer.Exit(exits.FAILED)
    if "interrupted" in states and not exit_zero_on_stop:
        raise typer.Exit(exits.STOPPED)


def _check_together(*, seeds: str | None, resume: str | None, new: bool) -> None:
    """Refuse options of which one would be ignored."""
    if seeds is not None and resume is not None:
        raise ConfigError(
            "--seeds: goes on with its runs by itself; leave --resume out"
        )
    if new and resume is not None:
        raise ConfigError(
            f"--new: refuses a run that exists, and --resume {resume} goes on with "
            "one: leave one of the two out"
        )


def _configs(
    store: Path,
    resume: str | None,
    seeds: str | None,
    given: tuple[str | None, Path | None, dict[str, Any]],
) -> list[RunConfig]:
    """Build what is to be trained: new runs, or a stored one up to a later end."""
    if resume is not None:
        stored = run_to_resume(store, resume)
        epochs = wanted_epochs(stored, given_fields(*given))
        return [stored.config.model_copy(update={"epochs": epochs})]
    if seeds is not None:
        return _build_seeds(seeds, *given)
    return [build_config(*given)]


def _build_seeds(
    text: str, preset: str | None, file: Path | None, fields: dict[str, Any]
) -> list[RunConfig]:
    """Build one configuration per seed: the ones that ``--seed`` would build."""
    if "seed" in fields:
        raise ConfigError("--seeds: names every seed; leave --seed out")
    return [
        build_config(preset, file, fields | {"seed": seed})
        for seed in parse_seeds(text)
    ]
