"""Derive a report again: draw every picture anew and say what differs.

A run that has only gone on is drawn as it was then. What was trained anew, is gone or
has changed its view cannot be told to be the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from grokdash.errors import GrokdashError
from grokdash.report.compare import TOLERANCE, differences
from grokdash.report.freeze import figures_of, picture_of
from grokdash.report.history import Told, item_since
from grokdash.report.looks import in_theme
from grokdash.report.picture import Asked, Sources
from grokdash.report.sources import as_of
from grokdash.store import Store
from grokdash.store.report_models import Report, ReportItem
from grokdash.store.reports import digest_of

Verdict = Literal["same", "differs", "cannot be told"]


@dataclass(frozen=True, slots=True)
class Verified:
    """What became of one item: the verdict, and lines that say why."""

    item: str
    title: str
    verdict: Verdict
    lines: tuple[str, ...] = ()


def verify(
    report: Report,
    figures: Mapping[str, dict[str, Any]],
    store: Store,
    sources: Sources,
    tolerance: float = TOLERANCE,
) -> Iterator[Verified]:
    """Derive every item of a report from a store.

    Parameters
    ----------
    figures
        The frozen figures by their digests.
    tolerance
        Of the range of an array, by which floating-point numbers may differ.
    """
    for item in report.items:
        if item.kind == "text":
            continue
        frozen = figures.get(item.figure)
        if frozen is None:
            missing = ("its frozen figure is missing",)
            yield Verified(item.id, item.title, "differs", missing)
            continue
        found = _verified(item, frozen, store, sources, tolerance)
        if digest_of(frozen) != item.figure:
            lines = (_CHANGED, *found.lines)
            found = Verified(item.id, item.title, "differs", lines)
        yield found


_CHANGED = "the frozen figure was changed: it is not the one that its digest sums up"


def _verified(
    item: ReportItem,
    frozen: dict[str, Any],
    store: Store,
    sources: Sources,
    tolerance: float,
) -> Verified:
    told = item_since(item, store)
    if told.since == "gone":
        why = store.inside(told.words)
        return Verified(item.id, item.title, "cannot be told", (why,))
    try:
        lines = _differing(item, frozen, as_of(sources, item.runs), tolerance)
    except GrokdashError as error:
        why = store.inside(str(error))
        return Verified(item.id, item.title, "cannot be told", (why,))
    return Verified(item.id, item.title, *_judged(item, told, lines))


def _judged(
    item: ReportItem, told: Told, lines: list[str]
) -> tuple[Verdict, tuple[str, ...]]:
    """Judge what was found by what became of the runs."""
    if told.since == "anew":
        found = "differs" if lines else "is the same"
        return "cannot be told", (told.words, f"drawn from the new one it {found}")
    if told.since == "grown" and item.kind == "sweep" and lines:
        return "cannot be told", (told.words, *lines)
    if not lines:
        return "same", tuple(filter(None, (told.words,)))
    return "differs", tuple(lines)


def _differing(
    item: ReportItem, frozen: dict[str, Any], sources: Sources, tolerance: float
) -> list[str]:
    asked = Asked(item.kind, item.of, item.view, item.query)
    picture = picture_of(asked, sources)
    lines = []
    if picture.sentence != item.sentence:
        lines.append(
            f"sentence: {item.sentence!r} in the report, {picture.sentence!r} in the "
            "store"
        )
    now = figures_of(picture)
    lines += differences(_named(frozen, "light"), _named(now, "light"), tolerance)
    if not lines:
        lines += [
            f"dark theme: {one}"
            for one in differences(
                _named(frozen, "dark"), _named(now, "dark"), tolerance
            )
        ]
    return lines


def _named(frozen: dict[str, Any], theme: Literal["light", "dark"]) -> dict[str, Any]:
    """Give a figure with its traces by name, so that a difference names one."""
    figure = in_theme(frozen, theme)
    traces = enumerate(figure["data"])
    named = {f"trace {i} {one.get('name', '')}".strip(): one for i, one in traces}
    return named | {"layout": figure["layout"]}
