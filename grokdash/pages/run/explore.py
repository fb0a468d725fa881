"""The Explore page: six panels on one playhead."""

from typing import Any

from grokdash.pages.page import Page, PageContext
from grokdash.pages.run.panels import run_page
from grokdash.views import EXPLORE, get_view


def _layout(context: PageContext, **query: Any) -> Any:
    return run_page(context, query, "explore", [get_view(one) for one in EXPLORE])


PAGE = Page(
    path_template="/run/<run_id>",
    name="explore",
    title="Explore · grokdash",
    order=30,
    layout=_layout,
    at_once=True,
    pictures=True,
)
