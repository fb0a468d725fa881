"""Pages: one file each, listed here; a path is matched by ascending ``Page.order``."""

from grokdash.pages import compare, explore, guide, runs, subjects, sweeps
from grokdash.pages.page import Page, PageContext

PAGES: tuple[Page, ...] = (
    *subjects.PAGES,
    explore.PAGE,
    compare.PAGE,
    *sweeps.PAGES,
    runs.PAGE,
    guide.PAGE,
)

__all__ = ["PAGES", "Page", "PageContext"]
