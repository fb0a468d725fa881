"""Messages about several runs at once."""

from typing_extensions import TypedDict

from grokdash.contract.pictures import Figure
from grokdash.views.compare.alignment import Align


class TimelineColumn(TypedDict):
    """Where one run is at every place of the timeline."""

    run: str
    pin: int | None
    """The epoch it stays at; None if it moves."""
    indices: list[int]
    """Of its checkpoints, one per place."""
    scale: float
    """Coordinate = epoch × scale."""
    grok: int | None
    """Its grok epoch."""


class TimelineAnswer(TypedDict):
    """One timeline for several runs."""

    align: Align
    """What is possible; it may differ from what was asked for."""
    axis: str
    """Title of the axis."""
    unit: str
    """What is said after a coordinate."""
    decimals: int
    """Digits after the point with which a coordinate is written."""
    coordinates: list[float]
    """Of the places, ascending."""
    notices: list[str]
    columns: list[TimelineColumn]


class MixedHead(TypedDict):
    """What is said of a picture made of several runs."""

    sentence: str
    warning: str
    """In what the runs are no two of a kind; empty if they are."""
    offsets: list[int]
    """Trace i of run l is trace offsets[l] + i; empty where traces are not kept."""
    steps: list[int]
    """The epoch of every run."""


class MixedFigure(MixedHead):
    """A picture made of several runs and what is said of it."""

    figure: Figure


class Missing(TypedDict):
    """Why there is no such picture."""

    missing: str
