"""What the command line asks of the page that puts the pictures of a film together."""

from typing_extensions import TypedDict


class FilmColumn(TypedDict):
    """One run of a film, and what is picked in it."""

    run: str
    selection: dict[str, str]


class FilmShot(TypedDict):
    """One picture of a film."""

    steps: list[int]
    """The epoch of every run."""
    names: list[str]
    """What stands above the pictures of every run; empty where there is one."""
    label: str
    """The epoch, or whatever the runs have in common."""


class FilmPlan(TypedDict):
    """A film: its runs and views, its size, and all its pictures in order."""

    columns: list[FilmColumn]
    chart: str | None
    """The view above the others, over their whole width."""
    views: list[str]
    title: str
    origin: str
    """What is said quietly beside the title: which run this is."""
    width: int
    """Pixels of the film."""
    height: int
    ratio: float
    """Pixels of the film per pixel of the layout: with it letters grow."""
    shots: list[FilmShot]
