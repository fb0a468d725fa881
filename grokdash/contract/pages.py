"""What a page hands to its scripts, in a ``dcc.Store`` or as ``data-config``."""

from typing_extensions import TypedDict

from grokdash.contract.codes import (
    CompareMode,
    Facet,
    RowState,
    RunOutcome,
)
from grokdash.contract.run import Manifest
from grokdash.figures.theme import ThemeName
from grokdash.views.compare.alignment import Align
from grokdash.views.core.view import Kind


class PlayerConfig(TypedDict):
    """A page of one run; the store ``player-config``."""

    run: str
    page: str
    views: list[str]
    host: str
    """The view above the scrub bar."""
    query: dict[str, str]
    """The address that ``manifest`` was made for."""
    manifest: Manifest


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
    keys: list[int]
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
    """The Compare page before runs are chosen; ``data-config`` of ``compare-empty``."""

    runs: list[StoredRun]
    most: int


class CompareConfig(ComparePicker):
    """The Compare page; ``data-config`` of ``compare-page``."""

    columns: list[CompareColumn]
    chart: str
    """The view above the scrub bar."""
    views: list[CompareView]
    defaults: list[str]
    aligns: dict[Align, str]
    modes: dict[CompareMode, str]


class FacetAbout(TypedDict):
    """One filter of the list of runs."""

    name: Facet
    label: str


class RunsConfig(TypedDict):
    """The list of runs; ``data-config`` of ``runs-page``."""

    most: int
    """How many runs can be compared."""
    trains: bool
    """Whether runs can be started and stopped here."""
    facets: list[FacetAbout]
    states: dict[RowState, str]
    outcomes: dict[RunOutcome, str]


class SweepConfig(TypedDict):
    """The page of a sweep; the store ``sweep-config``."""

    id: str
