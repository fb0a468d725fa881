"""Reports as messages, and as the files that a page asks for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from grokdash.contract.report import ReportBrief, ShownItem, ShownReport
from grokdash.errors import ConfigError, StoreError
from grokdash.report.bundle import Bundle
from grokdash.report.drawing import as_pdf
from grokdash.report.history import item_since
from grokdash.report.markdown import rendered
from grokdash.report.page import as_page
from grokdash.report.prose import as_archive
from grokdash.saving.browser import browser
from grokdash.store import Store
from grokdash.store.report_models import Report, ReportItem
from grokdash.store.reports import Reports


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFormat:
    """A format of a whole report, as a page saves it."""

    ending: str
    media_type: str
    write: Callable[[Bundle], bytes]


def _printed(bundle: Bundle) -> bytes:
    with browser() as drawer:
        return as_pdf(bundle, drawer)


FORMATS = {
    "html": ReportFormat(ending="html", media_type="text/html", write=as_page),
    "md": ReportFormat(ending="zip", media_type="application/zip", write=as_archive),
    "pdf": ReportFormat(ending="pdf", media_type="application/pdf", write=_printed),
    "json": ReportFormat(
        ending="json", media_type="application/json", write=Bundle.as_bytes
    ),
}


def exported(
    bundle: Bundle, kind: str, pictures: Mapping[str, str]
) -> tuple[bytes, ReportFormat]:
    """Write a report with the pictures that a page has drawn.

    Raises
    ------
    ConfigError
        If there is no such format, a picture is missing or none of the report's.
    """
    if kind not in FORMATS:
        raise ConfigError(f"expected one of {', '.join(FORMATS)}, got {kind[:20]!r}")
    wanted = {one.id for one in bundle.report.items if one.figure}
    if kind != "json" and pictures.keys() != wanted:
        raise ConfigError(
            f"pictures: expected one of each of {len(wanted)} items, got "
            f"{len(pictures.keys() & wanted)} of them"
        )
    drawn = {name: text.encode() for name, text in pictures.items()}
    whole = replace(bundle, pictures={} if kind == "json" else drawn)
    return FORMATS[kind].write(whole), FORMATS[kind]


def brief(reports: Reports, name: str) -> ReportBrief:
    """Say of a report what the list shows, or why it cannot be read."""
    try:
        report = reports.read(name)
    except StoreError as error:
        return ReportBrief(
            name=name, title=name, items=0, changed=0.0, problem=reports.inside(error)
        )
    return ReportBrief(
        name=name,
        title=report.title,
        items=len(report.items),
        changed=report.changed,
        problem="",
    )


def shown(name: str, report: Report, store: Store, *, writable: bool) -> ShownReport:
    """Write a report as its page shows it."""
    return ShownReport(
        name=name,
        title=report.title,
        notes=report.notes,
        html=rendered(report.notes),
        revision=report.revision,
        changed=report.changed,
        items=[_shown(one, store) for one in report.items],
        removed=[_shown(one, store) for one in report.removed] if writable else [],
        writable=writable,
    )


def _shown(item: ReportItem, store: Store) -> ShownItem:
    told = item_since(item, store)
    return ShownItem(
        id=item.id,
        kind=item.kind,
        title=item.title,
        caption=item.caption,
        html=rendered(item.caption),
        about=item.about,
        sentence=item.sentence,
        figure=item.figure,
        height=item.height,
        permalink=str(item.origin.get("permalink", "")),
        since=told.since,
        told=store.inside(told.words),
    )
