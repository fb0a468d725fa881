"""What a reader changes in a report: words and order; pictures stay as they froze."""

import time
from collections.abc import Mapping
from contextlib import suppress

from grokdash.contract.report import ReportBody, SavedItem
from grokdash.errors import BusyError, ConfigError, OutdatedError
from grokdash.report.freeze import freeze
from grokdash.report.picture import Asked, Sources
from grokdash.store.report_models import MOST_ITEMS, Report, ReportItem
from grokdash.store.reports import Reports, checked

_TRIES = 8
"""How often a picture is put after what others have added in the meantime."""


def edited(report: Report, body: ReportBody) -> Report:
    """Put what a page has in the place of what is stored.

    Items that the page has no more can be put back: the page sends them again.

    Raises
    ------
    ConfigError
        If it is no report.
    """
    known = {one.id: one for one in (*report.removed, *report.items)}
    items = [_item(one, known) for one in body["items"]]
    kept = {one.id for one in items}
    if len(kept) < len(items):
        raise ConfigError("items: expected each once")
    gone = [one for one in (*report.items, *report.removed) if one.id not in kept]
    return checked(
        report.model_dump()
        | {
            "title": body["title"].strip() or report.title,
            "notes": body["notes"],
            "revision": body["revision"],
            "items": items,
            "removed": gone[:MOST_ITEMS],
        }
    )


def add(reports: Reports, name: str, asked: Asked, sources: Sources) -> Report:
    """Freeze a picture and put it at the end of a report.

    Raises
    ------
    BusyError, ConfigError, NotStoredError, StoreError
        If there is no such picture or report, or it cannot be kept.
    """
    reports.read(name)
    item, figure = freeze(asked, sources)
    item = item.model_copy(update={"figure": reports.put_figure(name, figure)})
    for _ in range(_TRIES):
        report = reports.read(name)
        items = [*report.items, item]
        with suppress(OutdatedError):  # what another has saved meanwhile stays
            return reports.save(name, checked(report.model_dump() | {"items": items}))
    raise BusyError(f"{name}: is saved by many at a time: try again in a few seconds")


def _item(saved: SavedItem, known: Mapping[str, ReportItem]) -> ReportItem:
    words = {"title": saved["title"].strip(), "caption": saved["caption"]}
    item = known.get(saved["id"])
    if item is None:
        begun = {"kind": "text", "made": time.time()}
        return _valid({"id": saved["id"], **begun, **words})
    return _valid(item.model_dump() | words)


def _valid(values: dict) -> ReportItem:
    return ReportItem.model_validate(values)
