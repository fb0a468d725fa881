"""Messages about a sweep; the query holds the choice as the page's address does."""

from typing import Any

from typing_extensions import TypedDict

from grokdash.contract.pictures import Figure


class SweptRun(TypedDict):
    """One of the runs that a picture of a sweep shows."""

    run: str
    config: str
    """Hash of the configuration."""
    epoch: int
    """Of its newest checkpoint; 0 before the first."""


class SweepOrigin(TypedDict):
    """Where a picture of a sweep and its numbers come from."""

    sweep: str
    picture: str
    """Empty for the table of all runs."""
    choice: dict[str, str]
    """The query that gives this choice again."""
    runs: list[SweptRun]
    planned: int
    """How many runs the sweep has."""
    permalink: str
    version: str
    """Of grokdash."""


class SweepFigureHead(TypedDict):
    """What is said of a picture of a sweep."""

    title: str
    sentence: str
    height: int
    """In pixels."""
    about: str
    """Of which sweep it is, and what of it is chosen."""
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
