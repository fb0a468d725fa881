"""Messages about reports: the list, one report, what is added, saved and exported."""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from grokdash.store.report_models import ItemKind


class ReportBrief(TypedDict):
    """One report in the list."""

    name: str
    """In addresses, and of its folder in the store."""
    title: str
    items: int
    changed: float
    """Unix seconds."""
    problem: str
    """Why it cannot be read; empty if it can."""


class ReportsAnswer(TypedDict):
    """Every report of the store, the one changed last first."""

    reports: list[ReportBrief]
    writable: bool
    """Whether anything can be saved here."""


class ShownItem(TypedDict):
    """One item of a report."""

    id: str
    kind: ItemKind
    title: str
    caption: str
    """Markdown; of words alone the words."""
    html: str
    """The same as HTML that does nothing."""
    about: str
    """Which run, epoch and choice it shows."""
    sentence: str
    figure: str
    """Digest of the frozen figure; empty where there is none."""
    height: int
    """In pixels."""
    permalink: str
    """Where in the app the same is shown now, from its root; empty if nowhere."""
    since: Literal["same", "grown", "anew", "gone"]
    """What became of the runs since the picture was frozen."""
    told: str
    """That in words; empty if nothing did."""


class ShownReport(TypedDict):
    """A report."""

    name: str
    title: str
    notes: str
    """Markdown."""
    html: str
    revision: int
    changed: float
    """Unix seconds."""
    items: list[ShownItem]
    removed: list[ShownItem]
    """What was taken out last, newest first; it can be put back."""
    writable: bool


class NewReport(TypedDict):
    """The wish for a new report."""

    title: str


class Named(TypedDict):
    """A report by the name that it has got."""

    name: str
    title: str


class SavedItem(TypedDict):
    """What a reader has written to an item; one that is not known is words alone."""

    id: str
    title: str
    caption: str


class ReportBody(TypedDict):
    """A report as a page has it: its items in their order."""

    revision: int
    """From which it was made."""
    title: str
    notes: str
    items: list[SavedItem]


class CopyBody(TypedDict):
    """The wish for a copy, of what is stored or of what a page has."""

    title: str
    report: NotRequired[ReportBody]


class DeleteReport(TypedDict):
    """The wish to delete a report for good."""

    confirm: str
    """Its name once more."""


class AddBody(TypedDict):
    """A picture to be frozen, as its address names it."""

    kind: ItemKind
    of: str
    """The run or the sweep; empty where there are several runs."""
    view: str
    query: dict[str, str]


class Added(TypedDict):
    """A picture was added."""

    name: str
    """Of the report."""
    title: str
    item: str
    count: int
    """Of items in the report."""


class ItemSheet(TypedDict):
    """A picture of a report as it goes into a file."""

    id: str
    figure: dict[str, Any]
    """Of Plotly; its ``layout.meta.sheet`` is what is drawn."""


class ExportBody(TypedDict):
    """Pictures of a report, drawn by the page."""

    revision: int
    pictures: dict[str, str]
    """SVG by item."""
