"""The Explore page: six panels on one playhead, or those that one chooses."""

from typing import Any

from grokdash.pages.page import Page, PageContext
from grokdash.pages.run.arrangement import arrangement, read_panels
from grokdash.pages.run.panels import run_page


def _layout(context: PageContext, **query: Any) -> Any:
    views, notices = read_panels(str(query.get("panels", "")))
    run = context.run_view(str(query.get("run_id", "")))
    chosen = arrangement(run, views, notices)
    return run_page(context, query, "explore", views, chosen)


PAGE = Page(
    path_template="/run/<run_id>",
    name="explore",
    title="Explore · grokdash",
    order=30,
    layout=_layout,
    at_once=True,
    loads=("plotly",),
)
