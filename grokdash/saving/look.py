"""How large a picture is and how its text looks."""

from collections.abc import Mapping
from dataclasses import dataclass

from typing_extensions import TypedDict, Unpack

from grokdash.errors import ConfigError
from grokdash.saving.lengths import PX, pixels

APP_FONT_PX = 11
"""Size of most text in figures of the app."""

FONTS: Mapping[str, str] = {
    "sans": "Arial, 'Liberation Sans', Helvetica, sans-serif",
    "serif": "'Times New Roman', 'Liberation Serif', Times, serif",
}
"""Fonts of one width each, on every system, so that text lies where it was placed."""

PAPER_WIDTH = "8.5cm"
PAPER_FONT_PT = 8
"""A column of a journal, and its lettering."""

APP_WIDTH = "640px"
DPI = 192
PICTURE_THEMES = ("light", "dark", "paper")
_LEAST_PX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Size and style of a picture.

    Parameters
    ----------
    width, height
        In CSS pixels, 96 to an inch; without a height it is what the plots need.
    scale
        Pixels of a PNG per CSS pixel.
    theme
        ``light``, ``dark`` or ``paper``.
    font
        ``sans`` or ``serif``.
    font_pt
        Size of most text in points; small print is smaller, a title larger, as in the
        app. None leaves the app's size.
    title
        Whether a title says what it shows, when, and of which run.
    letter
        Of a panel, in its upper left corner.
    """

    width: float = 640
    height: float | None = None
    scale: float = 2.0
    theme: str = "light"
    font: str = "sans"
    font_pt: float | None = None
    title: bool = True
    letter: str = ""

    @property
    def zoom(self) -> float:
        """How much larger than in the app everything is."""
        if self.font_pt is None:
            return 1.0
        return self.font_pt * (96 / 72) / APP_FONT_PX

    @property
    def inner(self) -> tuple[float, float | None]:
        """Width and height in pixels of the app."""
        height = None if self.height is None else self.height / self.zoom
        return self.width / self.zoom, height


class AskedLook(TypedDict, total=False):
    """How a picture is to look, as people write it; what is left out is chosen here.

    ``width`` and ``height`` are lengths such as 8.5cm, ``font_size`` is in points,
    ``dpi`` the pixels of a PNG per inch.
    """

    theme: str
    width: str | None
    height: str | None
    font_size: float | None
    font: str
    dpi: int
    letter: str
    title: bool


def make_look(**asked: Unpack[AskedLook]) -> Look:
    """Read how a picture is to look, with what its theme makes of the rest.

    Raises
    ------
    ConfigError
        If a length, the theme or the font is not known.
    """
    if strange := set(asked) - set(AskedLook.__annotations__):
        known = ", ".join(AskedLook.__annotations__)
        raise ConfigError(f"expected one of {known}; got {min(strange)!r}")
    theme, font = asked.get("theme", "light"), asked.get("font", "sans")
    if theme not in PICTURE_THEMES:
        known = ", ".join(PICTURE_THEMES)
        raise ConfigError(f"theme: expected one of {known}; got {theme!r}")
    if font not in FONTS:
        raise ConfigError(f"font: expected {' or '.join(FONTS)}; got {font!r}")
    paper = theme == "paper"
    width = pixels(asked.get("width") or (PAPER_WIDTH if paper else APP_WIDTH))
    if width < _LEAST_PX:
        raise ConfigError(
            f"width: expected at least {_LEAST_PX}px; got {asked.get('width')}"
        )
    height = asked.get("height")
    return Look(
        width=width,
        height=None if height is None else pixels(height),
        scale=asked.get("dpi", DPI) / PX["in"],
        theme=theme,
        font=font,
        font_pt=asked.get("font_size") or (PAPER_FONT_PT if paper else None),
        title=asked.get("title", True),
        letter=asked.get("letter", ""),
    )
