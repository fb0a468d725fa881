"""Pages: one file each, listed here in the order in which paths are matched."""

from grokdash.pages.page import Page, PageContext

PAGES: tuple[Page, ...] = ()

__all__ = ["PAGES", "Page", "PageContext"]
