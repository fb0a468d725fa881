"""``grokdash serve`` and ``demo``: the app, alone or beside a run in training."""

import signal
import subprocess
import time
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from grokdash.cli.options import StoreOption, cache_folder, default_store
from grokdash.config import make_config
from grokdash.example import put_example
from grokdash.terminal import say

app = typer.Typer()

PortOption = Annotated[int, typer.Option(min=0, max=65535, help="Port.")]


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
    port: PortOption = 8050,
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
            "--read-only",
            help="Let no page start, stop, name or delete a run, or save a report.",
        ),
    ] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Another name by which browsers may call this server, as behind a "
            "proxy; may be repeated.",
        ),
    ] = None,
    allow_frame: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ORIGIN",
            help="Site whose pages may frame this one, for example "
            "https://lab.example.org; may be repeated.",
        ),
    ] = None,
    embed_in: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ORIGIN",
            help="Site whose pages may frame single panels, as grokdash embed writes "
            "them, and nothing else; may be repeated.",
        ),
    ] = None,
    base_path: Annotated[
        str,
        typer.Option(
            metavar="PATH",
            help="Path below which a proxy serves this server; else what a proxy on "
            "this computer says in X-Forwarded-Prefix.",
        ),
    ] = "",
    memory: Annotated[
        float,
        typer.Option(
            metavar="GB",
            min=0.1,
            help="What computing pictures may take in all; at large p some need more.",
        ),
    ] = 1.0,
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
        allow_hosts=allow_host or (),
        allow_frames=allow_frame or (),
        embed_in=embed_in or (),
        base_path=base_path,
        memory_gb=memory,
        say=say,
    )


@app.command()
def demo(
    store: StoreOption = None,
    instant: Annotated[
        bool,
        typer.Option(
            "--instant",
            help="Train nothing: open a small finished run, which grokdash brings "
            "along and puts into the store.",
        ),
    ] = False,
    port: PortOption = 8050,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Open no browser.")
    ] = False,
) -> None:
    """Train the quick preset and serve it at once: watch a network grok, live.

    Or, with --instant, look at one that has grokked.
    """
    place, shown = default_store(store), Shown(port=port, open_browser=not no_browser)
    if instant:
        serve_run(place, put_example(place), shown)
        return
    run_id = make_config("quick").run_id()
    options = ["--preset", "quick", "--store", str(place), "--exit-zero-on-stop"]
    train_and_serve(place, run_id, options, shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Where a run is shown."""

    port: int = 8050
    open_browser: bool = True


def train_and_serve(
    store: Path, run_id: str, arguments: list[str], shown: Shown
) -> None:
    """Train in a child process with the same options, and serve here."""
    from grokdash.training.launch import environment, trainer_command

    trainer = subprocess.Popen(  # noqa: S603 - this very program
        trainer_command(arguments), env=environment()
    )
    signal.signal(signal.SIGTERM, _exit_on_sigterm)
    try:
        if _wait_for_run(store / run_id, trainer):
            serve_run(store, run_id, shown)
    finally:
        if trainer.poll() is None:
            say("waiting for the trainer to write a checkpoint", to_errors=True)
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


def serve_run(store: Path, run_id: str, shown: Shown) -> None:
    """Serve a store and open the page of one of its runs."""
    from grokdash.app.server import serve as run_server
    from grokdash.contract.addresses import run_path

    run_server(
        store,
        port=shown.port,
        cache=cache_folder(None),
        open_browser=shown.open_browser,
        path=run_path(run_id),
        say=say,
    )


def _exit_on_sigterm(number: int, frame: types.FrameType | None) -> None:
    del frame
    raise SystemExit(128 + number)
