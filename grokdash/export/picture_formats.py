"""Formats of pictures: each is one value, and whatever saves pictures walks the lists.

An import of this module loads neither plotly nor the views, so that the help of the
command line can name the formats: figures of Plotly are ``Any`` here.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from grokdash.errors import ConfigError

_BROWSERS = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser")


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """A format of one picture.

    Parameters
    ----------
    ending
        Of a file's name, without the dot.
    write
        Make the file from a figure and the scale of its pixels.
    """

    ending: str
    write: Callable[[Any, float], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """A format of pictures that follow each other, as imageio writes it.

    Parameters
    ----------
    ending
        Of a file's name, without the dot.
    options
        What imageio is told, from the milliseconds that a picture is shown.
    """

    ending: str
    options: Callable[[float], dict[str, Any]]


def _drawn(kind: str) -> Callable[[Any, float], bytes]:
    """Make a writer of what a browser draws."""

    def write(fig: Any, scale: float) -> bytes:
        with browser() as draw:
            return draw(fig, kind, scale)

    return write


def _html(fig: Any, _scale: float) -> bytes:
    return fig.to_html(include_plotlyjs=True, full_html=True).encode()


def _json(fig: Any, _scale: float) -> bytes:
    return str(fig.to_json()).encode()


STILLS = (
    Still(ending="png", write=_drawn("png")),
    Still(ending="svg", write=_drawn("svg")),
    Still(ending="pdf", write=_drawn("pdf")),
    Still(ending="html", write=_html),
    Still(ending="json", write=_json),
)
"""Every format of one picture."""

FILMS = (
    Film(ending="gif", options=lambda shown_ms: {"duration": shown_ms, "loop": 0}),
)
"""Every format of a film."""


@contextmanager
def browser() -> Iterator[Callable[[Any, str, float], bytes]]:
    """Keep one browser open and give a function that draws figures in it.

    Raises
    ------
    ConfigError
        If there is no browser, or what drives it is not installed.
    """
    kaleido: Any = extra("kaleido")
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


def extra(name: str) -> ModuleType:
    """Import what only saving needs.

    Raises
    ------
    ConfigError
        If it is not installed.
    """
    import importlib  # noqa: PLC0415 - only for what is optional

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ConfigError(
            f"this needs {name.partition('.')[0]}: "
            'pip install "grokdash[export]", or save as .html'
        ) from error
