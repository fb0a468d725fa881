"""What a step of the tour is made of: sentences, buttons in them, the views beside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Picture = Literal["", "waves"]
"""A drawing that is no view of the run: two waves becoming one."""

OtherPage = Literal["run", "compare", "guide", "runs"]
"""A page that a sentence leads to; "run" is Explore of the run it tells of."""


@dataclass(frozen=True, slots=True)
class Go:
    """A button in a sentence, which moves the panels beside it.

    Parameters
    ----------
    text
        What it says.
    epoch
        Where the playhead goes; None leaves it.
    until
        Where it plays to from there; None does not play.
    picks
        What is selected: ``{"k": 13}``.
    """

    text: str
    epoch: int | None = None
    until: int | None = field(default=None, kw_only=True)
    picks: Mapping[str, int] = field(default_factory=dict, kw_only=True)


@dataclass(frozen=True, slots=True)
class Term:
    """A word that the glossary explains under a name like ``key-frequency``."""

    text: str
    name: str


@dataclass(frozen=True, slots=True)
class Maths:
    """A formula on a line of its own, as MathML."""

    mathml: str


@dataclass(frozen=True, slots=True)
class Away:
    """A link to another page of the app."""

    text: str
    page: OtherPage


Piece = str | Go | Term | Away
Paragraph = Sequence[Piece] | Maths


def says(text: str, *pieces: Piece | Sequence[Piece]) -> Paragraph:
    """Put pieces into a sentence, each where ``[]`` stands.

    Raises
    ------
    ValueError
        If there are more or fewer of them than places.
    """
    first, *others = text.split("[]")
    told: list[Piece] = [first]
    for piece, after in zip(pieces, others, strict=True):
        alone = isinstance(piece, str | Go | Term | Away)
        told += [*([piece] if alone else piece), after]
    return [one for one in told if one != ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step as it is told on one run.

    Parameters
    ----------
    views
        Which panels stand beside it.
    start
        Where its panels begin: ``{"e": 190, "k": 13}``, as the address says it.
    paragraphs
        The prose.
    chart
        Whether the loss chart has been introduced and is shown.
    picture
        What is drawn beside the panels.
    waiting
        Whether it tells of something that a growing run has yet to reach.
    """

    views: tuple[str, ...]
    start: Mapping[str, int]
    paragraphs: Sequence[Paragraph]
    chart: bool = True
    picture: Picture = ""
    waiting: bool = False

    def saying(self, *paragraphs: Paragraph, **changes: Any) -> "Step":
        """Give the step with its prose."""
        return replace(self, paragraphs=paragraphs, **changes)
