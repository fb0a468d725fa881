"""Pictures outside the browser: one view at one epoch, or a film of all of training.

PNG, SVG, PDF and GIF need the extra ``grokdash[export]`` and a Chromium on this
computer; HTML, CSV-like data and JSON do not.
"""

import io
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import plotly.graph_objects as go

from grokdash.errors import ConfigError, StoreError
from grokdash.snapshot import RunView
from grokdash.views.core.render import make_drawing, render
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import View

STILLS = (".png", ".svg", ".pdf", ".html", ".json")
FILM = ".gif"
_BROWSERS = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser")


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
    fig = render(make_drawing(snapshot, view, selection, look.theme), view)
    layout: Any = fig.layout
    top = int(layout.margin.t or 0)
    fig.update_layout(
        width=look.width,
        height=look.height,
        margin_t=top + 40,
        title={
            "text": f"{view.title}, epoch {snapshot.step:,}<br>"
            f"<sub>{run.title}; run {run.id}</sub>",
            "x": 0.02,
            "y": 0.98,
            "yanchor": "top",
            "font": {"size": 14},
        },
    )
    return fig


def save_still(fig: go.Figure, path: Path, look: Look) -> None:
    """Write one figure; the ending of the path decides the format.

    Raises
    ------
    ConfigError
        If the ending is unknown, or what the format needs is not installed.
    StoreError
        If the file cannot be written.
    """
    if path.suffix not in STILLS:
        known = ", ".join((*STILLS, FILM))
        raise ConfigError(f"{path}: expected a name ending in one of {known}")
    if path.suffix == ".html":
        _write(path, fig.to_html(include_plotlyjs=True, full_html=True).encode())
    elif path.suffix == ".json":
        _write(path, str(fig.to_json()).encode())
    else:
        with _browser() as draw:
            _write(path, draw(fig, path.suffix[1:], look.scale))


def save_film(
    figures: Iterator[go.Figure], path: Path, look: Look, seconds: float
) -> int:
    """Write figures as a looping GIF of this length; give the number of pictures.

    Raises
    ------
    ConfigError
        If what a film needs is not installed.
    StoreError
        If the file cannot be written.
    """
    imageio = _extra("imageio.v3")
    with _browser() as draw:
        pictures = [
            imageio.imread(io.BytesIO(draw(fig, "png", look.scale))) for fig in figures
        ]
    shown_ms = 1000 * seconds / max(1, len(pictures))
    film = imageio.imwrite(
        "<bytes>", pictures, extension=FILM, duration=shown_ms, loop=0
    )
    _write(path, film)
    return len(pictures)


def spread(steps: Sequence[int], count: int) -> list[int]:
    """Choose at most ``count`` epochs, evenly among the checkpoints, both ends in."""
    if len(steps) <= count:
        return list(steps)
    last = len(steps) - 1
    return [steps[round(i * last / (count - 1))] for i in range(count)]


@contextmanager
def _browser() -> Iterator[Callable[[go.Figure, str, float], bytes]]:
    """Keep one browser open and give a function that draws figures in it."""
    kaleido: Any = _extra("kaleido")
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None:
        raise ConfigError(
            "pictures are drawn by a Chromium, and there is none: install chromium "
            "(Debian: apt-get install chromium), or save as .html"
        )
    kaleido.start_sync_server(path=found, silence_warnings=True)
    try:
        yield lambda fig, kind, scale: kaleido.calc_fig_sync(
            fig, opts={"format": kind, "scale": scale}
        )
    finally:
        kaleido.stop_sync_server(silence_warnings=True)


def _extra(name: str) -> ModuleType:
    import importlib  # noqa: PLC0415 - only for what is optional

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ConfigError(
            f"this needs {name.partition('.')[0]}: "
            'pip install "grokdash[export]", or save as .html'
        ) from error


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise StoreError(f"{path}: cannot be written: {error.strerror}") from error
