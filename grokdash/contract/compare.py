"""Messages about several runs at once."""

from typing_extensions import TypedDict

from grokdash.contract.codes import CompareMode
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


class ComparedRun(TypedDict):
    """One of the runs that a picture shows, and what of it."""

    run: str
    config: str
    """Hash of the configuration."""
    epoch: int
    selection: dict[str, str]


class CompareOrigin(TypedDict):
    """Where a picture made of several runs and its numbers come from."""

    runs: list[ComparedRun]
    """In the order of their letters; of a difference, what is left first."""
    view: str
    mode: CompareMode
    align: Align
    permalink: str
    version: str
    """Of grokdash."""


class MixedHead(TypedDict):
    """What is said of a picture made of several runs."""

    sentence: str
    warning: str
    """In what the runs are no two of a kind; empty if they are."""
    offsets: list[int]
    """Trace i of run l is trace offsets[l] + i; empty where traces are not kept."""
    steps: list[int]
    """The epoch of every run."""
    runs: str
    """Which run each letter stands for."""
    file: str
    """Name of what is saved of it, without the ending."""
    origin: CompareOrigin


class MixedFigure(MixedHead):
    """A picture made of several runs and what is said of it."""

    figure: Figure


class Missing(TypedDict):
    """Why there is no such picture."""

    missing: str
