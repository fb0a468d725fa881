r"""The one door to the terminal: nothing that a file says can steer it.

Titles, notes, ids, log lines and names of files come from anywhere. A control
character, an escape sequence (colour, cursor, hyperlink, title of the window) or a mark
that turns the direction of writing in them is shown as what it is, ``\x1b`` or
``\u202e``, and rich reads no markup. What rich itself draws, bars and tables, is drawn
as ever.
"""

import sys
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

_KEPT = "\n\t"


def shown(text: str) -> str:
    """Write a text with everything escaped that a terminal would obey.

    Line ends, tabs and all kinds of spaces stay.
    """
    if text.isprintable():
        return text
    return "".join(map(_shown, text))


def _shown(one: str) -> str:
    if one.isprintable() or one in _KEPT or unicodedata.category(one) == "Zs":
        return one
    return ascii(one)[1:-1]


def say(text: str, *, to_errors: bool = False) -> None:
    """Write a line to standard output, or to standard error."""
    stream = sys.stderr if to_errors else sys.stdout
    if stream is not None:
        stream.write(f"{shown(text)}\n")
        stream.flush()


class Terminal(Console):
    """A console of rich that takes texts as they are: no markup, no escape sequence."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **settings)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterator[Segment]:
        """Render as rich does; every piece of text passes here before it is styled."""
        return _harmless(super().render(renderable, options))


def _harmless(segments: Iterable[Segment]) -> Iterator[Segment]:
    """Escape what is text; cursor movements of rich's own are no text."""
    for segment in segments:
        if segment.control:
            yield segment
            continue
        style: Any = segment.style
        if style is not None and style.link:
            style = style.update_link(None)
        yield Segment(shown(segment.text), style)
