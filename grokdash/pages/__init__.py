"""Pages: one file each, listed here; a path is matched by ascending ``Page.order``."""

from grokdash.pages import runs, stored
from grokdash.pages.compare import page as compare
from grokdash.pages.guide import page as guide
from grokdash.pages.page import Page, PageContext
from grokdash.pages.report import page as report
from grokdash.pages.run import embed, explore, subjects
from grokdash.pages.sweeps import page as sweeps
from grokdash.pages.tour import page as tour

PAGES: tuple[Page, ...] = (
    *subjects.PAGES,
    explore.PAGE,
    embed.PAGE,
    stored.PAGE,
    *tour.PAGES,
    compare.PAGE,
    *sweeps.PAGES,
    *report.PAGES,
    runs.PAGE,
    *guide.PAGES,
)

__all__ = ["PAGES", "Page", "PageContext"]
