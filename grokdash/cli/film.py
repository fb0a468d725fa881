"""``grokdash film``: all of training as one film."""

import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from grokdash.cli.bars import counted
from grokdash.cli.options import StoreOption, cache_folder, default_store
from grokdash.errors import ConfigError
from grokdash.listed import listed
from grokdash.terminal import say
from grokdash.written import size as written_size

if TYPE_CHECKING:
    from grokdash.store import Store

app = typer.Typer()

_LEAST, _MOST = 240, 4096


@app.command()
def film(
    run: Annotated[
        str | None, typer.Argument(help="Run id; none with --sweep.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "--output",
            "-o",
            help="File ending in .mp4, .webm or .gif; else RUN.mp4 here.",
            show_default=False,
        ),
    ] = None,
    store: StoreOption = None,
    views: Annotated[
        str | None,
        typer.Option(
            help="Views joined by commas; else the six of the Explore page.",
            show_default=False,
        ),
    ] = None,
    chart: Annotated[
        bool, typer.Option(help="Whether the loss chart lies above the views.")
    ] = True,
    compare: Annotated[
        list[str] | None,
        typer.Option(help="Another run, shown beside the first.", show_default=False),
    ] = None,
    align: Annotated[
        Literal["grok", "epoch", "fraction"],
        typer.Option(help="How runs beside each other belong together."),
    ] = "grok",
    sweep: Annotated[
        str | None,
        typer.Option(help="A sweep instead of a run: one panel per value."),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(help="Which swept field, where there are several."),
    ] = None,
    hold: Annotated[
        list[str] | None,
        typer.Option(help="Value of another swept field, such as operation=multiply."),
    ] = None,
    select: Annotated[
        list[str] | None,
        typer.Option(help="What is picked, as in the address: k=14, h=1, n=42."),
    ] = None,
    theme: Annotated[
        Literal["light", "dark"], typer.Option(help="Colours of the film.")
    ] = "light",
    pace: Annotated[
        Literal["loss", "epochs"],
        typer.Option(help="Slow where loss and accuracy move, or even in epochs."),
    ] = "loss",
    frames: Annotated[
        int, typer.Option(min=2, max=20_000, help="Number of pictures.")
    ] = 600,
    fps: Annotated[int, typer.Option(min=1, max=60, help="Pictures per second.")] = 25,
    size: Annotated[str, typer.Option(help="Width and height in pixels.")] = (
        "1920x1080"
    ),
    force: Annotated[
        bool, typer.Option("--force", help="Replace a file that is there.")
    ] = False,
) -> None:
    """Make a film of a run, of runs beside each other, or of a sweep.

    It shows the loss chart with a moving playhead and, below it, views at the epoch of
    the playhead; views of all of training are revealed up to it.
    """
    from grokdash.saving.film import cast as casting
    from grokdash.saving.film.make import check_file, make_film
    from grokdash.saving.film.plan import Script, make_plan, metadata_of
    from grokdash.store import open_store

    _check_what(run, compare, sweep, by or hold)
    path = output or Path(f"{run or sweep}.mp4")
    width, height = _pixels(size)
    check_file(path, fps=fps, anew=force)
    opened = open_store(default_store(store))
    if sweep:
        record = casting.find_sweep(opened, sweep)
        cast = casting.cast_of_sweep(opened, record, by, _pairs("--hold", hold))
        title = record.title
    else:
        cast = casting.cast_of_runs(opened, [run or "", *(compare or ())])
        title = " / ".join(one.run.title for one in cast)
    script = Script(
        title=title,
        views=_views(views, runs=len(cast), swept=bool(sweep)),
        chart=chart and not sweep,
        selection=_pairs("--select", select),
        align=align if compare else "epoch",
        pace=pace,
        frames=frames,
        width=width,
        height=height,
    )
    plan = make_plan(cast, script)
    with _served(opened) as address, counted("pictures", frames) as tell:
        make_film(
            plan,
            f"{address}/film?t={theme}",
            path,
            fps=fps,
            metadata=metadata_of(cast, script, plan),
            tell=tell,
        )
    say(f"{path}: {frames} pictures, {written_size(path.stat().st_size)}")


def _check_what(
    run: str | None, compare: list[str] | None, sweep: str | None, of_sweep: object
) -> None:
    if (run is None) == (sweep is None):
        raise ConfigError("expected a run, or --sweep and the name of a sweep")
    if sweep and compare:
        raise ConfigError("--compare: a sweep has its own runs; leave one of them out")
    if of_sweep and not sweep:
        raise ConfigError("--by and --hold: are for a sweep; give one with --sweep")


def _pixels(text: str) -> tuple[int, int]:
    """Read a size such as 1920x1080; encoders want even sides."""
    parts = text.lower().split("x")
    if len(parts) == 2 and all(part.isdecimal() for part in parts):
        width, height = map(int, parts)
        if all(_LEAST <= side <= _MOST and side % 2 == 0 for side in (width, height)):
            return width, height
    raise ConfigError(
        f"--size: expected WIDTHxHEIGHT in even pixels from {_LEAST} to {_MOST}, such "
        f"as 1920x1080; got {text!r}"
    )


def _views(text: str | None, *, runs: int, swept: bool) -> tuple[str, ...]:
    """Read the views; those that suit where none are named."""
    from grokdash.saving.film.plan import BESIDE, SWEPT
    from grokdash.views import EXPLORE

    if text is not None:
        return tuple(listed(text))
    if swept:
        return SWEPT
    return EXPLORE if runs == 1 else BESIDE


def _pairs(option: str, given: list[str] | None) -> dict[str, str]:
    """Read pairs such as k=14."""
    for one in given or ():
        if "=" not in one:
            raise ConfigError(f"{option}: expected NAME=VALUE, got {one!r}")
    parts = (one.partition("=") for one in given or ())
    return {name.strip(): value.strip() for name, _, value in parts}


@contextmanager
def _served(store: "Store") -> Iterator[str]:
    """Serve a store to the page that draws, below a path that nobody can guess."""
    from grokdash.app.factory import create_app
    from grokdash.app.posture import Access
    from grokdash.app.server import make_server
    from grokdash.cache import Cache

    token = secrets.token_urlsafe(16)
    access = Access(token=token, token_in_path=True)
    app = create_app(
        store, Cache(cache_folder(None) / "arrays"), access=access, read_only=True
    )
    listener = socket.create_server(("127.0.0.1", 0))
    server = make_server(app, listener)
    serving = threading.Thread(target=server.run, name="grokdash", daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/{token}"
    finally:
        server.close()
        serving.join(timeout=5)
        store.close()
