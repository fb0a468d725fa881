"""``grokdash share``: a run with its player as one file."""

from pathlib import Path
from typing import Annotated

import typer

from grokdash.cli.bars import bar
from grokdash.cli.options import StoreOption, default_store
from grokdash.errors import ConfigError
from grokdash.listed import listed
from grokdash.terminal import say
from grokdash.written import size as written_size

app = typer.Typer()

_MB = 1_000_000


@app.command()
def share(
    run: Annotated[str, typer.Argument(help="Run id.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "--output",
            "-o",
            help="File ending in .html; else RUN.html here.",
            show_default=False,
        ),
    ] = None,
    store: StoreOption = None,
    views: Annotated[
        str | None,
        typer.Option(
            help="Views joined by commas; else the six of the Explore page, the "
            "answers and the logits of one pair.",
            show_default=False,
        ),
    ] = None,
    checkpoints: Annotated[
        int, typer.Option(min=2, max=5_000, help="At most so many epochs.")
    ] = 200,
    weights: Annotated[
        int,
        typer.Option(
            min=0,
            max=5_000,
            help="Of so many of them the weights, from which the page computes any "
            "neuron and any pair.",
        ),
    ] = 40,
    select: Annotated[
        list[str] | None,
        typer.Option(help="What is picked at first: k=14, h=1, n=42."),
    ] = None,
    max_size: Annotated[
        float,
        typer.Option(
            min=0.5,
            max=500,
            help="MB that the file may take: its numbers are as exact as fits.",
        ),
    ] = 8.0,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a file that is there.")
    ] = False,
) -> None:
    """Write one HTML file that plays a run: no server, no network, nothing to install.

    It has the player, the panels and the guide of the app, and the weights of some
    checkpoints, from which it computes what is picked. It says what it holds and how
    exact that is.
    """
    from grokdash.saving.files import refuse_existing, write_file
    from grokdash.sharing.file import Wish, share_run
    from grokdash.store import open_store

    path = output or Path(f"{run}.html")
    if path.suffix.lower() not in (".html", ".htm"):
        raise ConfigError(f"{path}: expected a name ending in .html")
    refuse_existing([path], force=force)
    pairs = [one.partition("=") for one in select or ()]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise ConfigError(f"--select: expected NAME=VALUE, got {wrong[0]!r}")
    wish = Wish(
        views=listed(views),
        checkpoints=checkpoints,
        weights=weights,
        most_bytes=int(max_size * _MB),
        selection={name: value for name, _, value in pairs},
    )
    stored = open_store(default_store(store)).run(run)
    with bar() as begin:
        made = share_run(stored, wish, begin("collecting"))
    write_file(path, made.content)
    say(f"{path}: {written_size(len(made.content))}")
    for sentence in made.about:
        say(sentence)
