"""Frozen pictures as they go into files: in one width, on white, without a title.

The page of a report and the command line draw the same sheets with the same script, so
their files are alike.
"""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from grokdash.errors import DamagedFileError
from grokdash.figures.theme import PAPER
from grokdash.report.numbers import plain_figure
from grokdash.saving.fitting import fitted
from grokdash.saving.look import FONTS, Look
from grokdash.saving.sheets import Sheet, alone
from grokdash.store.report_models import Report, ReportItem

_NO_FIGURE = ArithmeticError, AttributeError, LookupError, TypeError, ValueError
"""What Plotly and what lays figures out say of what is none."""

WIDTH = 720
"""Pixels of every picture in a file."""


def sheet_of(item: ReportItem, frozen: Mapping[str, Any]) -> Sheet:
    """Lay a frozen picture out.

    Raises
    ------
    DamagedFileError
        If it is no figure.
    """
    look = Look(width=WIDTH, title=False)
    below = float(item.height) if item.kind == "sweep" else None
    try:
        figure = go.Figure(plain_figure(frozen["light"]))
        figure.update_layout(font_family=FONTS[look.font], paper_bgcolor=PAPER.paper)
        fitted(figure, *look.inner, None, below=below)
    except _NO_FIGURE as error:
        raise DamagedFileError(
            f"{item.title}: the frozen figure is none: {error}"
        ) from error
    origin = {
        "permalink": str(item.origin.get("permalink", "")),
        "version": item.version,
        **item.origin,
    }
    return alone(figure, look, origin, title=item.title, told=item.sentence)


def pictured(report: Report) -> list[ReportItem]:
    """Give the items of a report that are pictures."""
    return [one for one in report.items if one.figure]
