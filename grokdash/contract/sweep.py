"""Messages about a sweep; the query holds the choice as the page's address does."""

from typing import Any

from typing_extensions import TypedDict

from grokdash.contract.pictures import Figure


class SweepOrigin(TypedDict):
    """Where a picture of a sweep and its numbers come from."""

    sweep: str
    picture: str
    choice: dict[str, str]
    """The query that gives this choice again."""
    runs: int
    """How many of the planned runs are in it."""
    planned: int
    permalink: str


class SweepFigureHead(TypedDict):
    """What is said of a picture of a sweep."""

    title: str
    sentence: str
    height: int
    """In pixels."""
    file: str
    """Name of what is saved of it, without the ending."""
    origin: SweepOrigin


class SweepFigure(SweepFigureHead):
    """A picture of a sweep and what is said of it."""

    figure: Figure


class SweepTable(TypedDict):
    """The numbers behind a picture: columns of equal length, null is not known."""

    provenance: SweepOrigin
    arrays: dict[str, list[Any]]
