"""A report as Markdown with its pictures and its numbers beside it."""

import io
import re
import zipfile

from grokdash.report.bundle import Bundle
from grokdash.report.page import when_told
from grokdash.store.report_models import ReportItem

JSON = "report.json"
"""The report as the files carry it, beside the Markdown."""
_TEXT = "report.md"
_YEAR_0 = (1980, 1, 1, 0, 0, 0)
"""The same report gives the same archive."""


def as_files(bundle: Bundle, text: str = _TEXT, beside: str = "") -> dict[str, bytes]:
    """Write a report as files by name: Markdown, pictures and JSON.

    Parameters
    ----------
    text
        Name of the Markdown.
    beside
        Folder of the others, with a slash at its end.
    """
    found = {beside + JSON: bundle.as_bytes()}
    parts = [f"# {_plain(bundle.report.title)}", when_told(bundle)]
    parts.append(bundle.report.notes)
    for place, item in enumerate(bundle.report.items, start=1):
        plain = re.sub(r"[^A-Za-z0-9-]+", "-", item.view)
        name = f"{beside}pictures/{place:02d}-{plain}-{item.id}.svg"
        if item.id in bundle.pictures:
            found[name] = bundle.pictures[item.id]
        parts += _item(item, name if name in found else "")
    parts.append(
        "Every picture and sentence can be derived again from the runs: "
        f"`grokdash report verify {beside + JSON}`"
    )
    written = "\n\n".join(part for part in parts if part) + "\n"
    return {text: written.encode(), **found}


def as_archive(bundle: Bundle) -> bytes:
    """Write the same as one ZIP."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in as_files(bundle).items():
            archive.writestr(zipfile.ZipInfo(name, _YEAR_0), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def picture_name(names: list[str], item: str) -> str | None:
    """Find the picture of an item among the names of files."""
    return next((one for one in names if one.endswith(f"-{item}.svg")), None)


def _item(item: ReportItem, picture: str) -> list[str]:
    title = f"## {_plain(item.title)}" if item.title else ""
    if not item.figure:
        return [title, item.caption]
    shown = f"![{_plain(item.sentence)}]({picture})" if picture else ""
    return [
        title,
        shown,
        item.caption,
        _plain(item.sentence),
        f"*{_plain(item.about)}*",
    ]


def _plain(text: str) -> str:
    """Write a text so that Markdown takes nothing in it for a mark."""
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", " ".join(text.split()))
