"""Options of the commands that save pictures: formats, size and style."""

from pathlib import Path
from typing import Annotated

import typer

from grokdash.saving.files import FORMATS, endings
from grokdash.saving.look import (
    APP_WIDTH,
    FONTS,
    PAPER_FONT_PT,
    PAPER_WIDTH,
    PICTURE_THEMES,
)

FormatOption = Annotated[
    str,
    typer.Option(
        "--format",
        "-f",
        help=f"Any of {', '.join(endings(FORMATS))}, joined by commas; png if none is "
        "given.",
        show_default=False,
    ),
]
OutOption = Annotated[
    Path,
    typer.Option(
        "--out", "-o", help="Folder, or one file whose ending names the format."
    ),
]
FolderOption = Annotated[Path, typer.Option("--out", "-o", help="Folder of the files.")]
SelectOption = Annotated[
    list[str] | None,
    typer.Option(help="What is picked, as in the address: k=14, h=1, n=42."),
]
ThemeOption = Annotated[str, typer.Option(help=f"One of {', '.join(PICTURE_THEMES)}.")]
WidthOption = Annotated[
    str | None,
    typer.Option(
        help="Such as 8.5cm, 85mm, 3.35in, 241pt, 640px; "
        f"{APP_WIDTH} if it is not given, {PAPER_WIDTH} with --theme paper.",
        show_default=False,
    ),
]
HeightOption = Annotated[
    str | None, typer.Option(help="Else what the plots need.", show_default=False)
]
FontSizeOption = Annotated[
    float | None,
    typer.Option(
        min=3,
        max=72,
        help=f"In points; {PAPER_FONT_PT} with --theme paper, else the app's.",
        show_default=False,
    ),
]
FontOption = Annotated[str, typer.Option(help=f"{' or '.join(FONTS)}.")]
DpiOption = Annotated[
    int, typer.Option(min=48, max=1200, help="Pixels of a PNG per inch.")
]
LetterOption = Annotated[
    str, typer.Option(help="Letter in the upper left corner, such as a.")
]
TitleOption = Annotated[
    bool, typer.Option("--title/--no-title", help="A title above each picture.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace files.")]
