"""What the pages of a static folder carry beside those of single runs."""

from typing import Any

from typing_extensions import TypedDict

from grokdash.contract.compare import MixedHead, TimelineAnswer
from grokdash.contract.pages import CompareConfig
from grokdash.contract.share import ShareHead
from grokdash.contract.sweep import SweepFigureHead


class SiteMixed(TypedDict):
    """A picture made of several runs: as it is drawn, less what changes by epoch."""

    missing: str
    """Why there is none; empty if there is."""
    aligned: bool
    """Whether it differs by how the runs are aligned."""
    fields: list[str]
    """Fields of the selection by which it differs."""
    pictures: dict[str, Any]
    """Figures by theme, alignment and values of the fields; see ``ShareHead.pool``."""
    offsets: list[int]
    """Trace i of run l is trace offsets[l] + i; empty where traces are not kept."""
    head: MixedHead | None
    """What is said of it at the last place."""


class SiteCompare(TypedDict):
    """The page of several runs: each as a file to share has it, and all together."""

    config: CompareConfig
    heads: list[ShareHead]
    """In the order of the columns."""
    timelines: dict[str, TimelineAnswer]
    """By alignment that is asked for."""
    mixed: dict[str, SiteMixed]
    """By mode, view and places of the columns: ``overlay|loss-curves|0,1``."""
    pool: list[Any]
    addresses: dict[str, str]
    """Of the pages of the runs, by id."""


class SitePicture(TypedDict):
    """One picture of a sweep, for every choice."""

    fields: list[str]
    """By what it differs: x, y, event, colour, and width, which is wide or narrow."""
    figures: dict[str, Any]
    """By theme and values of the fields; see ``ShareHead.pool``."""
    heads: dict[str, SweepFigureHead]
    """By values of the fields."""
    tables: dict[str, Any]
    """The numbers behind it, as columns by title; by values of the fields."""


class SiteSweep(TypedDict):
    """The page of a sweep."""

    id: str
    choice: dict[str, str]
    """What is chosen at first."""
    pictures: dict[str, SitePicture]
    pool: list[Any]
    addresses: dict[str, str]
    """Of the pages of the runs that the folder has, by id."""
    comparisons: dict[str, str]
    """The tests of which values differ, as HTML, by x and event."""


class SiteMarker(TypedDict):
    """What ``site.json`` says of a folder that ``grokdash site`` has written."""

    made_by: str
    version: str
    """Of grokdash."""
    title: str
    runs: list[str]
    pages: list[str]
    """Addresses of all pages within the folder."""
