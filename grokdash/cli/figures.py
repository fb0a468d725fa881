"""``grokdash export-sweep`` and ``export-compare``: figures of several runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grokdash.cli.export import tell
from grokdash.cli.look import (
    DpiOption,
    FolderOption,
    FontOption,
    FontSizeOption,
    ForceOption,
    FormatOption,
    HeightOption,
    SelectOption,
    ThemeOption,
    TitleOption,
    WidthOption,
)
from grokdash.cli.options import StoreOption, default_store
from grokdash.errors import ConfigError
from grokdash.saving.files import FORMATS
from grokdash.saving.look import DPI, Look, make_look
from grokdash.terminal import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from grokdash.saving.figure_files import FigureFile
    from grokdash.saving.files import Format

app = typer.Typer()


@app.command("export-sweep")
def export_sweep(
    sweep: Annotated[
        str, typer.Argument(help="Id of a sweep: see grokdash sweep list.")
    ],
    figures: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FIGURE]...", help="Such as grok; else every figure."),
    ] = None,
    store: StoreOption = None,
    formats: FormatOption = "png",
    out: FolderOption = Path(),
    select: Annotated[
        list[str] | None,
        typer.Option(
            help="What is chosen, as in the address: x=weight_decay, y=none, test=0.95."
        ),
    ] = None,
    theme: ThemeOption = "light",
    width: WidthOption = None,
    font_size: FontSizeOption = None,
    font: FontOption = "sans",
    dpi: DpiOption = DPI,
    title: TitleOption = True,
    force: ForceOption = False,
) -> None:
    """Save figures of a sweep, or their numbers, named ``sweep__figure``."""
    from grokdash.saving.batch import wanted_formats
    from grokdash.saving.sweep_figures import sweep_files
    from grokdash.store import open_store
    from grokdash.views.sweep.choice import parse_choice, strange_choice
    from grokdash.views.sweep.chosen import Chosen
    from grokdash.views.sweep.data import SweepReader

    written_as = wanted_formats(formats, FORMATS)
    look = make_look(
        theme=theme,
        width=width or _wide(theme),
        font_size=font_size,
        font=font,
        dpi=dpi,
        title=title,
    )
    data = SweepReader(open_store(default_store(store))).get(sweep)
    asked = _pairs(select)
    if problem := strange_choice(data, asked):
        raise ConfigError(f"--select: {problem}")
    chosen = Chosen(data, parse_choice(data, asked))
    made = sweep_files(chosen, figures or (), look)
    _save(made, written_as, out, look, force=force)


@app.command("export-compare")
def export_compare(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN...",
            help="Two runs or more, each RUN or, to stay at an epoch, RUN@EPOCH.",
        ),
    ],
    store: StoreOption = None,
    views: Annotated[
        str, typer.Option("--views", "--view", help="Ids of views joined by commas.")
    ] = "loss-curves",
    mode: Annotated[
        str, typer.Option(help="overlay, or difference: the first minus each other.")
    ] = "overlay",
    align: Annotated[str, typer.Option(help="epoch, fraction or grok.")] = "epoch",
    epochs: Annotated[
        str | None,
        typer.Option(
            "--epochs",
            "--epoch",
            help="Joined by commas, in what the runs are aligned by; else the last.",
            show_default=False,
        ),
    ] = None,
    formats: FormatOption = "png",
    out: FolderOption = Path(),
    select: SelectOption = None,
    theme: ThemeOption = "light",
    width: WidthOption = None,
    height: HeightOption = None,
    font_size: FontSizeOption = None,
    font: FontOption = "sans",
    dpi: DpiOption = DPI,
    title: TitleOption = True,
    force: ForceOption = False,
) -> None:
    """Save pictures of several runs in one, or their numbers."""
    from grokdash.cache import Cache
    from grokdash.saving.batch import wanted_formats
    from grokdash.saving.compared_files import (
        compared_columns,
        compared_files,
        comparisons_at,
    )
    from grokdash.snapshot import RunView
    from grokdash.store import open_store
    from grokdash.views import get_view
    from grokdash.views.compare.runs import read_align

    written_as = wanted_formats(formats, FORMATS)
    look = make_look(
        theme=theme,
        width=width,
        height=height,
        font_size=font_size,
        font=font,
        dpi=dpi,
        title=title,
    )
    if mode not in ("overlay", "difference"):
        raise ConfigError(f"--mode: expected overlay or difference, got {mode!r}")
    if read_align(align) != align:
        raise ConfigError(f"--align: expected epoch, fraction or grok, got {align!r}")
    opened, cache = open_store(default_store(store)), Cache()
    columns, notices = compared_columns(
        runs, lambda name: RunView(opened.run(name), cache, patience_s=None)
    )
    shown = [get_view(one.strip()) for one in views.split(",")]
    places = None if epochs is None else _numbers(epochs)
    compared = comparisons_at(columns, places, read_align(align), _pairs(select), theme)
    made, reasons = compared_files(compared, shown, mode, look)
    for line in (*compared[0].line.notices, *notices, *reasons):
        say(line, to_errors=True)
    _save(made, written_as, out, look, force=force)


def _save(
    made: "list[FigureFile]",
    formats: "Sequence[Format]",
    folder: Path,
    look: Look,
    *,
    force: bool,
) -> None:
    from grokdash.saving.figure_files import save_files

    files = save_files(made, formats, folder, look.scale, force=force)
    tell(files, len(made) * len(formats))


def _wide(theme: str) -> str | None:
    """Give figures of sweeps the width of their page, in print that of a page."""
    return {"paper": "17cm"}.get(theme, "900px")


def _pairs(select: list[str] | None) -> dict[str, str]:
    return {
        name: value for name, _, value in (one.partition("=") for one in select or ())
    }


def _numbers(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise ConfigError(
            f"--epochs: expected numbers joined by commas, got {text[:40]!r}"
        ) from None
