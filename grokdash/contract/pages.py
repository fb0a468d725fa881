"""What a page hands to its scripts, in the store ``page-config`` of every layout."""

from typing import Literal

from typing_extensions import TypedDict

from grokdash.contract.codes import (
    CompareMode,
    CompareRanges,
    Facet,
    KeyAction,
    PanelAction,
    RowState,
    RunOutcome,
)
from grokdash.contract.run import Manifest
from grokdash.figures.colours import ThemeName
from grokdash.views.compare.alignment import Align
from grokdash.views.core.view import Kind


class OfferedView(TypedDict):
    """A view that a page may show."""

    id: str
    title: str
    subject: str
    question: str
    missing: str | None
    """Why this run cannot show it."""


class Arrangement(TypedDict):
    """What panels a page shows, and what it may show instead."""

    most: int
    """How many at once."""
    defaults: list[str]
    chosen: list[str]
    views: list[OfferedView]
    notices: list[str]
    """What of the address could not be had, in words."""


class PlayerConfig(TypedDict):
    """A page of one run, or a step of the tour on it."""

    kind: Literal["run", "tour"]
    run: str
    page: str
    views: list[str]
    host: str
    """The view above the scrub bar."""
    query: dict[str, str]
    """The address that ``manifest`` was made for."""
    manifest: Manifest
    arrangement: Arrangement | None
    """None where the panels are the subject's."""


class TourConfig(PlayerConfig):
    """A step of the tour."""

    step: int
    """Its number, from 1."""
    waiting: bool
    """Whether it is told anew when the run has gone on."""


class StoredRun(TypedDict):
    """A run that can be chosen."""

    id: str
    title: str


class CompareColumn(TypedDict):
    """One run of a comparison."""

    run: str
    pin: int | None
    letter: str
    title: str
    """By what it differs from the others."""
    about: str
    """What the run is, in a few words."""
    colours: dict[ThemeName, str]


class CompareView(TypedDict):
    """A view that a comparison may show."""

    id: str
    title: str
    subject: str
    kind: Kind
    overlay: str | None
    """Why its pictures cannot be overlaid."""
    difference: str | None
    """Why they cannot be subtracted."""


class ComparePicker(TypedDict):
    """The Compare page, which has no runs yet where it is empty."""

    kind: Literal["compare", "compare-empty"]
    runs: list[StoredRun]
    most: int
    hint: str
    """How many runs to choose, in words."""


class CompareConfig(ComparePicker):
    """The Compare page with runs."""

    columns: list[CompareColumn]
    chart: str
    """The view above the scrub bar."""
    views: list[CompareView]
    defaults: list[str]
    aligns: dict[Align, str]
    modes: dict[CompareMode, str]
    ranges: dict[CompareRanges, str]
    actions: dict[PanelAction, str]
    """Names of the buttons of a panel; the title goes where "{title}" stands."""


class FacetAbout(TypedDict):
    """One filter of the list of runs."""

    name: Facet
    label: str


class RunsConfig(TypedDict):
    """The list of runs."""

    kind: Literal["runs"]
    most: int
    """How many runs can be compared."""
    hint: str
    """That in words."""
    trains: bool
    """Whether runs can be started and stopped here."""
    facets: list[FacetAbout]
    states: dict[RowState, str]
    outcomes: dict[RunOutcome, str]


class PlainPage(TypedDict):
    """A page that needs nothing but to be known; scripts may open with it or not."""

    kind: Literal[
        "sweeps",
        "guide",
        "problem",
        "stored",
        "tour-entrance",
        "tour-waiting",
        "reports",
    ]


class KeysConfig(TypedDict):
    """Every shortcut; ``data-keys`` of the frame ``app``."""

    actions: dict[str, KeyAction]
    """By the name that the browser gives the key, "Shift+" before a named one."""


class SweepConfig(TypedDict):
    """The page of a sweep; the store ``sweep-config`` has it too."""

    kind: Literal["sweep"]

    id: str


class ReportConfig(TypedDict):
    """The page of a report."""

    kind: Literal["report"]
    name: str


PageConfig = (
    PlayerConfig
    | TourConfig
    | ComparePicker
    | CompareConfig
    | RunsConfig
    | SweepConfig
    | ReportConfig
    | PlainPage
)
"""What ``page-config`` holds."""
