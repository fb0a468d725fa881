"""The command line: train, serve, demo, runs, sweep, pack, doctor, views, config.

The options of ``train`` are made from the fields of RunConfig, so a field has its
description, type and default in one place. Serving never loads torch and training never
loads the web stack: both are imported by the commands that need them.
"""

import inspect
import json
import os
import re
import signal
import subprocess
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

import typer
from rich.console import Console
from rich.table import Column, Table

from grokdash import config as configuration
from grokdash.config import PRESETS, RunConfig
from grokdash.errors import (
    ConfigError,
    DiskFullError,
    GrokdashError,
    NoRoomError,
    NotStoredError,
    UnusableFolderError,
)
from grokdash.sweeps.commands import app as sweep_app

EXIT_BAD_INPUT = 2
BAD_INPUT = (ConfigError, NotStoredError, UnusableFolderError, NoRoomError)
"""What the user has named cannot work, and nothing was begun."""
EXIT_DISK_FULL = 75
"""EX_TEMPFAIL: free some space and run the same command again."""
MOST_SEEDS = 10_000

app = typer.Typer(
    name="grokdash",
    help="Train small transformers on modular arithmetic and watch them grok.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)
config_app = typer.Typer(help="Show configurations.", no_args_is_help=True)
app.add_typer(config_app, name="config")
app.add_typer(sweep_app, name="sweep")

out = Console()

StoreOption = Annotated[
    Path | None,
    typer.Option(
        "--store",
        help="Folder of the runs; else $GROKDASH_STORE, else ./store.",
        show_default=False,
    ),
]


def main() -> None:
    """Run the command line, turning every error of ours into one clear message."""
    _prefer_few_threads()
    try:
        app(prog_name="grokdash")
    except BAD_INPUT as error:
        _fail(error, EXIT_BAD_INPUT)
    except DiskFullError as error:
        _fail(error, EXIT_DISK_FULL)
    except GrokdashError as error:
        _fail(error, 1)


def _fail(error: GrokdashError, code: int) -> None:
    typer.echo(f"grokdash: {error}", err=True)
    sys.exit(code)


def _prefer_few_threads() -> None:
    """Start over with thread settings that libraries read when they are loaded.

    Training uses its cores itself: NumPy's threads beside them, and OpenMP threads
    that wait by spinning, cost many times what they gain on a machine that also
    serves the app. What the user has set stays.
    """
    wanted = {"OPENBLAS_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
    if os.name != "posix" or wanted.keys() <= os.environ.keys():
        return
    os.environ.update({k: v for k, v in wanted.items() if k not in os.environ})
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606


def default_store(store: Path | None) -> Path:
    """Choose the store: the option, else the environment, else ./store."""
    if store is not None:
        return store
    return Path(os.environ.get("GROKDASH_STORE") or "store")


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


def _with_config_options(command: Callable[..., None]) -> Callable[..., None]:
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


def build_config(
    preset: str | None, file: Path | None, fields: dict[str, Any]
) -> RunConfig:
    """Build the configuration: preset, then the TOML file, then the options.

    Raises
    ------
    ConfigError
        Naming every field that is wrong.
    """
    from_file = configuration.read_toml(file) if file else {}
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


@app.command()
@_with_config_options
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
    fields: dict[str, Any],
) -> None:
    """Train a run, or go on with it; Ctrl-C writes a checkpoint and stops.

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
        _train_and_serve(place, resume or runs[0].run_id(), given)
        return
    # Torch takes seconds to load; no other command waits for it.
    from grokdash.training.loop import Options, describe
    from grokdash.training.loop import train as start

    options = Options(
        store=place,
        threads=threads,
        device=device,
        disk_budget=disk_budget,
        resume=resume,
        new=new,
        quiet=quiet,
    )
    if seeds is None:
        typer.echo(describe(start(runs[0], options)))
        return
    from grokdash.training.batch import train_several

    outcomes = train_several(runs, options)
    for outcome in outcomes:
        typer.echo(describe(outcome))
    states = [outcome.state for outcome in outcomes]
    counts = (f"{states.count(one)} {one}" for one in dict.fromkeys(states))
    typer.echo(f"{len(runs)} runs: {', '.join(counts)}")
    if {"failed", "diverged", "busy"} & set(states):
        raise typer.Exit(1)


def _train_and_serve(store: Path, run_id: str, arguments: list[str]) -> None:
    """Train in a child process with the same options, and serve here."""
    from grokdash.training.launch import environment, trainer_command

    trainer = subprocess.Popen(  # noqa: S603 - this very program
        trainer_command(arguments), env=environment()
    )
    signal.signal(signal.SIGTERM, _exit_on_sigterm)
    try:
        if _wait_for_run(store / run_id, trainer):
            _serve_and_follow(store, run_id)
    finally:
        if trainer.poll() is None:
            typer.echo("waiting for the trainer to write a checkpoint", err=True)
            trainer.send_signal(signal.SIGTERM)
        trainer.wait()
    if trainer.returncode:
        raise typer.Exit(trainer.returncode)


def _wait_for_run(folder: Path, trainer: subprocess.Popen[bytes]) -> bool:
    """Wait for the first checkpoint; say whether there is anything to serve."""
    while True:
        ended = trainer.poll() is not None
        if any(folder.glob("checkpoints/step-*.h5")) or (folder / "run.h5").exists():
            return True
        if ended:
            return False
        time.sleep(0.1)


def _serve_and_follow(store: Path, run_id: str) -> None:
    from grokdash.app.server import serve as run_server

    run_server(
        store,
        cache=cache_folder(None),
        open_browser=True,
        path=f"/run/{run_id}",
        say=typer.echo,
    )


def _exit_on_sigterm(number: int, frame: types.FrameType | None) -> None:
    del frame
    raise SystemExit(128 + number)


def cache_folder(cache: Path | None) -> Path:
    """Choose the cache: the option, else $GROKDASH_CACHE, else the user's cache."""
    if cache is not None:
        return cache
    if named := os.environ.get("GROKDASH_CACHE"):
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "grokdash"


@app.command()
def serve(
    store: Annotated[
        Path | None,
        typer.Argument(
            help="Folder of the runs, or an address such as s3://bucket/prefix; else "
            "$GROKDASH_STORE, else ./store.",
            show_default=False,
        ),
    ] = None,
    host: Annotated[str, typer.Option(help="Address to bind.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port.")] = 8050,
    open_browser: Annotated[
        bool, typer.Option("--open", help="Open the browser.")
    ] = False,
    token: Annotated[
        str, typer.Option(help="Secret in the address; made if others may connect.")
    ] = "",
    cache: Annotated[
        Path | None, typer.Option(help="Folder of recomputed arrays.")
    ] = None,
    read_only: Annotated[
        bool,
        typer.Option(
            "--read-only", help="Let no page start, stop, name or delete a run."
        ),
    ] = False,
) -> None:
    """Serve the app on the runs of a store."""
    from grokdash.app.server import serve as run_server

    run_server(
        default_store(store),
        host=host,
        port=port,
        open_browser=open_browser,
        token=token,
        cache=cache_folder(cache),
        read_only=read_only,
        say=typer.echo,
    )


@app.command()
def demo(store: StoreOption = None) -> None:
    """Train the quick preset and serve it at once: watch a network grok, live."""
    place = default_store(store)
    run_id = configuration.make_config("quick").run_id()
    _train_and_serve(place, run_id, ["--preset", "quick", "--store", str(place)])


@app.command()
def runs(
    store: Annotated[
        Path | None,
        typer.Argument(
            help="Folder of the runs; else $GROKDASH_STORE, else ./store.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, one object per run.")
    ] = False,
) -> None:
    """List the runs of a store."""
    from dataclasses import asdict

    from grokdash.store import open_store

    place = default_store(store)
    found = open_store(place).summaries()
    if as_json:
        typer.echo(json.dumps([asdict(summary) for summary in found], indent=2))
        return
    if not found:
        typer.echo(f"no runs in {place}; train one with: grokdash train --preset quick")
        return
    table = Table(
        Column("run", no_wrap=True),
        "state",
        "epoch",
        "test accuracy",
        "grokked",
        "size",
    )
    for summary in found:
        accuracy = summary.test_accuracy
        table.add_row(
            summary.id,
            summary.problem or summary.state,
            f"{summary.step:,} / {summary.epochs:,}",
            "" if accuracy is None else f"{accuracy:.2%}",
            summary.grok_text,
            f"{summary.size_bytes / 1e6:,.0f} MB",
        )
    out.print(table)


@app.command()
def pack(
    run: Annotated[str, typer.Argument(help="Run id, or the folder of a run.")],
    store: StoreOption = None,
) -> None:
    """Merge a run that is not being written into one file, run.h5."""
    from grokdash.store import pack_run

    folder = Path(run) if Path(run).is_dir() else default_store(store) / run
    typer.echo(f"{pack_run(folder)}")


@app.command()
def doctor(
    store: StoreOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, one object per check.")
    ] = False,
) -> None:
    """Check what this machine has for training, serving, exporting and testing."""
    from dataclasses import asdict

    from grokdash.training.doctor import examine

    checks = examine(default_store(store))
    if as_json:
        typer.echo(json.dumps([asdict(check) for check in checks], indent=2))
    else:
        table = Table("", "check", "found")
        marks = {"ok": "✓", "missing": "–", "problem": "✗"}
        for check in checks:
            table.add_row(marks[check.state], check.name, check.found)
        out.print(table)
    if any(check.state == "problem" for check in checks):
        raise typer.Exit(1)


@app.command()
def views(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the views: what each shows and which question it answers."""
    from grokdash.views.catalogue import catalogue

    rows = catalogue()
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    table = Table("view", "title", "question")
    for row in rows:
        table.add_row(row["id"], row["title"], row["question"])
    out.print(table)


@app.command()
def export(
    run: Annotated[str, typer.Argument(help="Run id.")],
    view: Annotated[str, typer.Argument(help="Id of a view: see grokdash views.")],
    output: Annotated[
        Path,
        typer.Argument(help="File ending in .png, .svg, .pdf, .html, .json or .gif."),
    ],
    store: StoreOption = None,
    epoch: Annotated[
        int | None, typer.Option(help="Epoch; else the newest. A film shows them all.")
    ] = None,
    select: Annotated[
        list[str] | None,
        typer.Option(help="What is picked, as in the address: k=14, h=1, n=42."),
    ] = None,
    theme: Annotated[str, typer.Option(help="light or dark.")] = "light",
    width: Annotated[int, typer.Option(min=100, max=8000)] = 640,
    height: Annotated[int, typer.Option(min=100, max=8000)] = 440,
    scale: Annotated[float, typer.Option(min=0.5, max=8.0)] = 2.0,
    frames: Annotated[int, typer.Option(min=2, max=1000, help="Of a film.")] = 60,
    seconds: Annotated[float, typer.Option(min=0.5, help="Length of a film.")] = 8.0,
) -> None:
    """Save one view as a picture, or all of training as a film."""
    from grokdash.cache import Cache
    from grokdash.export import pictures
    from grokdash.snapshot import RunView
    from grokdash.store import open_store
    from grokdash.views import get_view
    from grokdash.views.core.selection import parse_selection

    opened = open_store(default_store(store)).run(run)
    seen = RunView(opened, Cache(), patience_s=None)
    shown = get_view(view)
    if (why := shown.missing(seen)) is not None:
        raise ConfigError(why)
    picked = [one.partition("=") for one in select or ()]
    pairs = {name: value for name, _, value in picked}
    selection, notices = parse_selection(pairs, seen)
    if notices:
        raise ConfigError("--select " + "; ".join(notices))
    if theme not in ("light", "dark"):
        raise ConfigError(f"--theme: expected light or dark, got {theme!r}")
    look = pictures.Look(width=width, height=height, scale=scale, theme=theme)
    if output.suffix == pictures.FILM:
        epochs = pictures.spread([int(step) for step in seen.steps], frames)
        drawn = (pictures.titled(seen, shown, e, selection, look) for e in epochs)
        count = pictures.save_film(drawn, output, look, seconds)
        typer.echo(f"{output}: {count} pictures")
        return
    chosen = seen.last if epoch is None else epoch
    figure = pictures.titled(seen, shown, chosen, selection, look)
    pictures.save_still(figure, output, look)
    typer.echo(f"{output}")


@config_app.command("show")
@_with_config_options
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
        typer.echo(json.dumps(RunConfig.model_json_schema(), indent=2))
        return
    run = build_config(preset, config, fields)
    typer.echo(f"# {run.run_id()}")
    for name, value in run.model_dump().items():
        text = json.dumps(value)
        typer.echo(f"{name} = {text}")
