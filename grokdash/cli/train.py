"""``grokdash train``: one run or several seeds, new or resumed."""

import re
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from grokdash.cli import exits
from grokdash.cli.fields import build_config, with_config_options
from grokdash.cli.options import StoppedOption, StoreOption, default_store
from grokdash.cli.serve import train_and_serve
from grokdash.config import PRESETS, RunConfig
from grokdash.errors import ConfigError

MOST_SEEDS = 10_000

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
    overwritten: its name ends in a hash of the whole configuration.
    """
    place = default_store(store)
    if seeds is not None and resume is not None:
        raise ConfigError(
            "--seeds: goes on with its runs by itself; leave --resume out"
        )
    runs = (
        [build_config(preset, config, fields)]
        if seeds is None
        else _build_seeds(seeds, preset, config, fields)
    )
    if serve:
        given = [word for word in sys.argv[2:] if word != "--serve"]
        train_and_serve(place, resume or runs[0].run_id(), given)
        return
    # Torch takes seconds to load; no other command waits for it.
    from grokdash.training.outcome import describe
    from grokdash.training.train import Options, train_several
    from grokdash.training.train import train as start

    options = Options(
        store=place,
        threads=threads,
        device=device,
        disk_budget=disk_budget,
        resume=resume,
        new=new,
        quiet=quiet,
    )
    several = seeds is not None
    outcomes = train_several(runs, options) if several else [start(runs[0], options)]
    for outcome in outcomes:
        typer.echo(describe(outcome))
    states = [outcome.state for outcome in outcomes]
    if several:
        counts = (f"{states.count(one)} {one}" for one in dict.fromkeys(states))
        typer.echo(f"{len(runs)} runs: {', '.join(counts)}")
    if {"failed", "diverged", "busy"} & set(states):
        raise typer.Exit(exits.FAILED)
    if "interrupted" in states and not exit_zero_on_stop:
        raise typer.Exit(exits.STOPPED)


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


def parse_seeds(text: str) -> list[int]:
    """Read seeds such as ``0-9``, ``0,3,7`` or ``0-3,8``.

    Raises
    ------
    ConfigError
        If the text is something else, or names a seed twice.
    """
    seeds: list[int] = []
    for part in text.split(","):
        found = re.fullmatch(r"\s*(\d+)(?:-(\d+))?\s*", part)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        if not 0 <= last - first < MOST_SEEDS:
            raise ConfigError(
                f"--seeds: expected numbers and rising ranges of up to {MOST_SEEDS:,}, "
                f"such as 0-9 or 0,3,7; got {text!r}"
            )
        seeds += range(first, last + 1)
    if len(set(seeds)) < len(seeds):
        twice = next(seed for seed in seeds if seeds.count(seed) > 1)
        raise ConfigError(f"--seeds: {text!r} names seed {twice} twice; name it once")
    return seeds
