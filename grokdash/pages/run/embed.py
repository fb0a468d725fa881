"""One panel alone, for a frame in a page of somebody else's."""

from typing import Any
from urllib.parse import urlencode

from dash import get_relative_path, html

from grokdash.contract.addresses import run_path
from grokdash.errors import NotStoredError
from grokdash.pages.page import Page, PageContext
from grokdash.pages.run.panels import STRIP, run_page
from grokdash.views import get_view


def _layout(context: PageContext, **query: Any) -> Any:
    run_id, view = str(query.get("run_id", "")), get_view(str(query.get("view_id", "")))
    run = context.run_view(run_id)
    why = view.missing(run)
    if why is not None:
        raise NotStoredError(why)
    asked = {name: value for name, value in query.items() if name != "view_id"}
    shown = () if view.id == STRIP else (view,)
    address = {n: v for n, v in asked.items() if n != "run_id"} | {"panels": view.id}
    return html.Div(
        [
            html.H1(f"{view.title}: {run.title}", className="visually-hidden"),
            run_page(context, asked, "explore", shown),
            html.A(
                "Open in grokdash",
                href=f"{get_relative_path(run_path(run_id))}?{urlencode(address)}",
                target="_blank",
                rel="noopener",
                className="embed-way",
            ),
        ],
        className="embed" if shown else "embed embed-strip",
    )


PAGE = Page(
    path_template="/embed/<run_id>/<view_id>",
    name="embed",
    title="Panel · grokdash",
    order=25,
    layout=_layout,
    at_once=True,
    loads=("plotly",),
)
