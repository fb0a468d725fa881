"""``grokdash views`` and ``export``: the views, listed and saved."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from grokdash.cli.options import StoreOption, default_store, out
from grokdash.errors import ConfigError
from grokdash.export.files import (
    FORMATS,
    PICTURE_FORMATS,
    endings,
    format_of,
    write_file,
)
from grokdash.export.number_formats import NumberFormat
from grokdash.export.picture_formats import Film
from grokdash.terminal import say

app = typer.Typer()

_PICTURES = endings(PICTURE_FORMATS)
_NUMBERS = [ending for ending in endings(FORMATS) if ending not in _PICTURES]


def _either(names: Sequence[str]) -> str:
    """Join several names of which one is chosen."""
    return f"{', '.join(names[:-1])} or {names[-1]}"


@app.command()
def views(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the views: what each shows and which question it answers."""
    from grokdash.views.catalogue import catalogue

    rows = catalogue()
    if as_json:
        say(json.dumps(rows, indent=2))
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
        typer.Argument(
            help=f"File ending in {_either(_PICTURES)}; for the numbers, "
            f"in {_either(_NUMBERS)}."
        ),
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
    """Save one view as a picture or as numbers, or all of training as a film."""
    from grokdash.cache import Cache
    from grokdash.export import pictures
    from grokdash.export.numbers import view_numbers
    from grokdash.snapshot import RunView
    from grokdash.store import open_store
    from grokdash.views import get_view
    from grokdash.views.core.render import make_drawing
    from grokdash.views.core.selection import parse_selection

    written_as = format_of(output, FORMATS)
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
    if isinstance(written_as, Film):
        epochs = pictures.spread([int(step) for step in seen.steps], frames)
        drawn = (pictures.titled(seen, shown, e, selection, look) for e in epochs)
        count = pictures.save_film(drawn, output, look, seconds)
        say(f"{output}: {count} pictures")
        return
    chosen = seen.last if epoch is None else epoch
    if isinstance(written_as, NumberFormat):
        drawing = make_drawing(seen.at(chosen), shown, selection, theme)
        write_file(output, written_as.of_view(view_numbers(drawing, shown)))
    else:
        figure = pictures.titled(seen, shown, chosen, selection, look)
        pictures.save_still(figure, output, look)
    say(f"{output}")
