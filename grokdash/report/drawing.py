"""Pictures and PDF of a report, made by a Chromium on this computer."""

import logging
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from grokdash.report.bundle import Bundle
from grokdash.report.page import as_page
from grokdash.report.prose import JSON
from grokdash.report.sheets import pictured, sheet_of
from grokdash.saving.browser import Drawer, extra
from grokdash.saving.origins import VERSION

_PAPER = {"printBackground": True, "preferCSSPageSize": True, "paperWidth": 8.27}
_PAPER_A4 = {**_PAPER, "paperHeight": 11.69}


def with_pictures(bundle: Bundle, drawer: Drawer) -> Bundle:
    """Draw every picture of a report as SVG."""
    sheets = {
        item.id: sheet_of(item, bundle.figures[item.figure]).as_figure()
        for item in pictured(bundle.report)
    }
    begun = {name: drawer.later(sheet, "svg") for name, sheet in sheets.items()}
    return replace(bundle, pictures={name: one.result() for name, one in begun.items()})


def as_pdf(bundle: Bundle, drawer: Drawer) -> bytes:
    """Print a report whose pictures are drawn; the PDF carries its JSON.

    Raises
    ------
    StoreError
        If the browser does not print.
    """
    with TemporaryDirectory(prefix="grokdash-report-") as folder:
        page = Path(folder) / "report.html"
        page.write_bytes(as_page(bundle))
        printed = drawer.printed(page.as_uri(), _PAPER_A4)
    pypdf: Any = extra("pypdf")
    # Chromium numbers its objects from 1, which is told at length.
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    writer = pypdf.PdfWriter(clone_from=BytesIO(printed))
    writer.add_metadata(
        {"/Title": bundle.report.title, "/Creator": f"grokdash {VERSION}"}
    )
    writer.add_attachment(JSON, replace(bundle, pictures={}).as_bytes())
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
