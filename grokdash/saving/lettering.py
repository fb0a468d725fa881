"""How wide text is, and where a line of it ends, without a browser that measures it.

Widths are those of Helvetica, which Arial and Liberation Sans share; the faces with
serifs are narrower.
"""

import html
import re

_SHARES = (
    (" !,./:;I[\\]ft|", 278),
    ("'ijl", 222),
    ('"()-`r{}', 355),
    ("*^J", 469),
    ("cksvxyz", 500),
    ("0123456789#$?_abdeghnopquL", 556),
    ("+<=>~FTZ", 611),
    ("&ABEKPSVXY", 667),
    ("CDHNRUw", 722),
    ("GOQ", 778),
    ("Mm%", 889),
    ("@W", 1015),
)
"""Characters and thousandths of the size of type, rounded up."""

_WIDTH = {one: share / 1000 for characters, share in _SHARES for one in characters}
_OTHER = 0.65
_CARE = 1.06
"""Fonts that stand in for these are a little wider."""
_BOLD = 1.06
_TAG = re.compile(r"<[^>]*>")

LINE = 1.3
"""Height of a line of Plotly, in sizes of its type."""


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Estimate how wide a line is, in the unit of the size; tags take no room."""
    plain = html.unescape(_TAG.sub("", text))
    shares = sum(_WIDTH.get(one, _OTHER) for one in plain)
    return shares * size * _CARE * (_BOLD if bold else 1.0)


def wrapped(text: str, size: float, room: float, *, bold: bool = False) -> str:
    """Break text at spaces so that no line is wider than there is room.

    A word that is wider alone, such as the name of a run, is broken within.
    """
    lines: list[str] = []
    for part in text.split("<br>"):
        line = ""
        for word in _pieces(part, size, room, bold=bold):
            longer = f"{line} {word}" if line else word
            if line and text_width(longer, size, bold=bold) > room:
                lines.append(line)
                line = word
            else:
                line = longer
        lines.append(line)
    return "<br>".join(lines)


def _pieces(text: str, size: float, room: float, *, bold: bool) -> list[str]:
    """Part text into words, and words that are too wide into what fits."""
    pieces = []
    for word in text.split(" "):
        piece = ""
        for one in word if "<" not in word else [word]:
            if piece and text_width(piece + one, size, bold=bold) > room:
                pieces.append(piece)
                piece = ""
            piece += one
        pieces.append(piece)
    return pieces


def count_lines(text: str) -> int:
    """Count the lines of a text."""
    return text.count("<br>") + 1 if text else 0
