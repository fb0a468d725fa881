"""``grokdash site``: runs, comparisons and sweeps as a folder of files."""

from pathlib import Path
from typing import Annotated

import typer

from grokdash.cli.bars import bar
from grokdash.cli.options import StoreArgument, default_store
from grokdash.listed import listed
from grokdash.terminal import say
from grokdash.written import size

app = typer.Typer()

_MB = 1_000_000


@app.command()
def site(
    store: StoreArgument = None,
    output: Annotated[
        Path,
        typer.Option("--out", "--output", "-o", help="Folder to be made."),
    ] = Path("site"),
    runs: Annotated[
        str, typer.Option(help="Run ids joined by commas, all or none.")
    ] = "all",
    compare: Annotated[
        list[str] | None,
        typer.Option(
            help="Two to six runs joined by commas, for a page that compares them; "
            "RUN@EPOCH stays at an epoch. Can be given several times.",
            show_default=False,
        ),
    ] = None,
    sweeps: Annotated[
        str, typer.Option(help="Sweep ids joined by commas, all or none.")
    ] = "all",
    views: Annotated[
        str | None,
        typer.Option(
            help="Views on the pages of runs and comparisons, joined by commas; else "
            "those of grokdash share, and seven of a comparison.",
            show_default=False,
        ),
    ] = None,
    title: Annotated[str, typer.Option(help="Title of the list.")] = "Runs",
    checkpoints: Annotated[
        int,
        typer.Option(
            min=2,
            max=5_000,
            help="At most so many epochs of each run; of compared ones at most 100.",
        ),
    ] = 200,
    weights: Annotated[
        int,
        typer.Option(
            min=0, max=5_000, help="Of so many of them the weights, on pages of a run."
        ),
    ] = 40,
    max_size: Annotated[
        float,
        typer.Option(
            min=0.5,
            max=500,
            help="MB that the page of a run may take; a comparison so many for each.",
        ),
    ] = 8.0,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Replace a folder that this command has made before."
        ),
    ] = False,
) -> None:
    """Write runs, comparisons and sweeps as a folder that any host of files can serve.

    Its first page lists, filters and sorts the runs; every run has the page that
    ``grokdash share`` makes. No page needs a server or the network, and all of them
    work from disk. The folder is moved into place when all of it is written.
    """
    from grokdash.sharing.site.folder import refuse_folder, written_whole
    from grokdash.sharing.site.make import Site
    from grokdash.sharing.site.wanted import SiteWish
    from grokdash.store import open_store

    refuse_folder(output, force=force)
    wish = SiteWish(
        title=title,
        runs=runs,
        compared=compare or (),
        sweeps=sweeps,
        views=listed(views),
        checkpoints=checkpoints,
        weights=weights,
        most_bytes=int(max_size * _MB),
    )
    made = Site(open_store(default_store(store)), wish)
    with written_whole(output) as folder, bar() as begin:
        taken = made.write(folder, begin)
    say(f"{output}: {made.told}, {size(taken)}")
    say(f"open {output / 'index.html'}, or copy the folder to any host of files")
