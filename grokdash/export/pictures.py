"""Pictures outside the browser: one view at one epoch, or a film of all of training.

What a browser draws, such as films, needs the extra ``grokdash[export]`` and a Chromium
on this computer; HTML and JSON do not.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from grokdash.contract.words import RANGE_BUTTON
from grokdash.export.files import format_of, write_file
from grokdash.export.picture_formats import FILMS, STILLS, browser, extra
from grokdash.figures.grids import fit_bar
from grokdash.snapshot import RunView
from grokdash.views.core.ranges import of_epoch
from grokdash.views.core.render import make_drawing, render
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Size in pixels before scaling, the scale, and the theme of a picture."""

    width: int = 640
    height: int = 440
    scale: float = 2.0
    theme: str = "light"


def titled(
    run: RunView, view: View, epoch: int, selection: Selection, look: Look
) -> go.Figure:
    """Draw a view with a title line that says what, when and of which run."""
    snapshot = run.at(epoch)
    drawing = make_drawing(snapshot, view, selection, look.theme)
    fig = render(drawing, view)
    ranged = f", {RANGE_BUTTON}" if of_epoch(drawing, view) else ""
    layout: Any = fig.layout
    top = int(layout.margin.t or 0)
    fig.update_layout(
        width=look.width,
        height=look.height,
        margin_t=top + 40,
        title={
            "text": f"{view.title}, epoch {snapshot.step:,}{ranged}<br>"
            f"<sub>{run.title}; run {run.id}</sub>",
            "x": 0.02,
            "y": 1,
            "yanchor": "top",
            "pad": {"t": 16},
            "font": {"size": 14},
        },
    )
    return fit_bar(fig, look.width, look.height)


def save_still(fig: go.Figure, path: Path, look: Look) -> None:
    """Write one figure; the ending of the path decides the format.

    Raises
    ------
    ConfigError
        If the ending is unknown, or what the format needs is not installed.
    StoreError
        If the file cannot be written.
    """
    write_file(path, format_of(path, STILLS).write(fig, look.scale))


def save_film(
    figures: Iterator[go.Figure], path: Path, look: Look, seconds: float
) -> int:
    """Write figures as a film of this length; give the number of pictures.

    Raises
    ------
    ConfigError
        If the ending is unknown, or what a film needs is not installed.
    StoreError
        If the file cannot be written.
    """
    film, imageio = format_of(path, FILMS), extra("imageio.v3")
    with browser() as draw:
        pictures = [
            imageio.imread(io.BytesIO(draw(fig, "png", look.scale))) for fig in figures
        ]
    options = film.options(1000 * seconds / max(1, len(pictures)))
    content = imageio.imwrite(
        "<bytes>", pictures, extension=f".{film.ending}", **options
    )
    write_file(path, content)
    return len(pictures)


def spread(steps: Sequence[int], count: int) -> list[int]:
    """Choose at most ``count`` epochs, evenly among the checkpoints, both ends in."""
    if len(steps) <= count:
        return list(steps)
    last = len(steps) - 1
    return [steps[round(i * last / (count - 1))] for i in range(count)]
