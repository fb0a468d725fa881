"""``grokdash export`` and ``figure``: views as files."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import track

from grokdash.cli.look import (
    DpiOption,
    FontOption,
    FontSizeOption,
    ForceOption,
    FormatOption,
    HeightOption,
    LetterOption,
    OutOption,
    SelectOption,
    ThemeOption,
    TitleOption,
    WidthOption,
)
from grokdash.cli.options import StoreOption, default_store, out
from grokdash.errors import ConfigError
from grokdash.listed import listed
from grokdash.saving.files import FORMATS, endings
from grokdash.saving.look import DPI, make_look
from grokdash.saving.picture_formats import STILLS
from grokdash.terminal import say

if TYPE_CHECKING:
    from grokdash.saving.batch import Wanted
    from grokdash.snapshot import RunView
    from grokdash.views.core.selection import Selection

app = typer.Typer()

_DRAWN = [one for one in STILLS if one.drawn]


@app.command()
def export(
    run: Annotated[str, typer.Argument(help="Run id.")],
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[VIEW]...", help="Ids of views: see grokdash views."),
    ] = None,
    store: StoreOption = None,
    views: Annotated[
        str | None, typer.Option(help="Ids joined by commas, or all.")
    ] = None,
    figures: Annotated[
        str | None,
        typer.Option(
            help="paper: the figures of Nanda et al. (2023), by number; seed: those of "
            "the earlier project, by its rows."
        ),
    ] = None,
    epochs: Annotated[
        str,
        typer.Option(
            "--epochs",
            "--epoch",
            help="Epochs joined by commas, or first, last, memorised, peak, formed, "
            "clean, grok, collapsed.",
        ),
    ] = "last",
    formats: FormatOption = "",
    output: OutOption = Path(),
    select: SelectOption = None,
    theme: ThemeOption = "light",
    width: WidthOption = None,
    height: HeightOption = None,
    font_size: FontSizeOption = None,
    font: FontOption = "sans",
    dpi: DpiOption = DPI,
    letter: LetterOption = "",
    title: TitleOption = True,
    force: ForceOption = False,
) -> None:
    """Save views as pictures and as numbers, one or many at a time."""
    from grokdash.saving.batch import (
        Batch,
        place,
        wanted_epochs,
        wanted_formats,
    )

    look = make_look(
        theme=theme,
        width=width,
        height=height,
        font_size=font_size,
        font=font,
        dpi=dpi,
        letter=letter,
        title=title,
    )
    folder, file = place(output, FORMATS)
    if file is not None and formats:
        raise ConfigError(f"{file}: its ending names the format, so leave out --format")
    written_as = wanted_formats(file.suffix if file else formats or "png", FORMATS)
    seen = open_run(store, run)
    selection = make_selection(select or (), seen)
    asked = listed(",".join([*(names or ()), views or ""]))
    shown, reasons = _asked_views(asked, figures, seen)
    steps, notices = wanted_epochs(epochs, seen)
    for line in (*notices, *(f"left out: {one}" for one in reasons)):
        say(line, to_errors=True)
    batch = Batch(
        run=seen,
        wanted=shown,
        epochs=steps,
        selection=selection,
        look=look,
        formats=written_as,
        folder=folder,
        file=file,
        force=force,
    )
    tell(batch.save(), len(batch.paths))


def _asked_views(
    names: list[str], figures: str | None, run: "RunView"
) -> "tuple[list[Wanted], list[str]]":
    from grokdash.saving.batch import Wanted, figure_set, showable, wanted_views
    from grokdash.views import VIEWS

    if figures is not None and not names:
        return showable(figure_set(figures), run)
    if figures is not None:
        raise ConfigError("--figures: names views by itself; leave the others out")
    if names == ["all"]:
        return showable(map(Wanted, VIEWS), run)
    if not names:
        raise ConfigError(
            "expected a view: name one or more (grokdash views lists them), or use "
            "--views all, --figures paper or --figures seed"
        )
    return wanted_views(names, run), []


def open_run(store: Path | None, run: str) -> "RunView":
    """Open a run to look at it, as it is now."""
    from grokdash.cache import Cache
    from grokdash.snapshot import RunView
    from grokdash.store import open_store

    opened = open_store(default_store(store)).run(run)
    return RunView(opened, Cache(), patience_s=None).at_this_moment()


def make_selection(select: Iterable[str], run: "RunView") -> "Selection":
    """Read what is picked, written as in addresses.

    Raises
    ------
    ConfigError
        If a field is unknown or its value does not fit the run.
    """
    from grokdash.views.core.misfits import FIELD_NAMES
    from grokdash.views.core.selection import parse_selection

    pairs = {name: value for name, _, value in (one.partition("=") for one in select)}
    if strange := [name for name in pairs if name not in FIELD_NAMES]:
        known = ", ".join(FIELD_NAMES)
        raise ConfigError(f"--select: expected one of {known}; got {strange[0]!r}")
    selection, notices = parse_selection(pairs, run)
    if notices:
        raise ConfigError("--select " + "; ".join(notices))
    return selection


def tell(made: Iterable[Path], count: int) -> None:
    """Name each file once it is there, under a bar that says how many are to come."""
    bar = track(
        made,
        total=count,
        description="saving",
        console=out,
        transient=True,
        disable=not out.is_terminal,
    )
    for path in bar:
        say(str(path))


@app.command()
def figure(
    file: Annotated[Path, typer.Argument(help="TOML file: see docs/export.md.")],
    store: StoreOption = None,
    formats: Annotated[
        str,
        typer.Option(
            "--format", "-f", help=f"Any of {', '.join(endings(_DRAWN))}, by commas."
        ),
    ] = "pdf",
    output: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Folder, or one file whose ending names the format; else beside FILE.",
        ),
    ] = None,
    dpi: DpiOption = 300,
    force: ForceOption = False,
) -> None:
    """Make a figure of several panels from a TOML file, with a text for its caption."""
    from functools import partial

    from grokdash.saving.batch import place, wanted_formats
    from grokdash.saving.figure_file import compose, read_figure
    from grokdash.saving.files import make_folder, refuse_existing, write_file
    from grokdash.saving.pictures import Job, save

    read = read_figure(file)
    folder, one = place(output or file.parent, _DRAWN)
    written_as = wanted_formats(one.suffix if one else formats, _DRAWN)
    named = {
        (one or folder / f"{file.stem}.{kind.ending}"): kind for kind in written_as
    }
    caption = next(iter(named)).with_suffix(".caption.txt")
    refuse_existing([*named, caption], force=force)
    make_folder(folder)
    sheet = compose(read, partial(open_run, store))
    jobs = (Job(path, lambda: sheet, kind, dpi / 96) for path, kind in named.items())
    tell(save(jobs), len(named))
    write_file(caption, f"{sheet.told}\n".encode())
    say(str(caption))
