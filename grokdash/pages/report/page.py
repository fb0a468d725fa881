"""The frame of the list of reports and of one report; scripts fill both.

What is shown changes with every key that is pressed, so the browser lays it out.
"""

from typing import Any

from dash import dcc, get_relative_path, html

from grokdash.contract.pages import PlainPage, ReportConfig
from grokdash.pages.page import Page, PageContext, opened
from grokdash.store.reports import Reports

_HOW = (
    "A report holds pictures as they were when you added them, with your words. Open "
    "the menu ⋯ of a panel, a picture of a sweep or a comparison and choose Add to "
    "report."
)


def _list_layout(_context: PageContext, **_query: Any) -> html.Div:
    return html.Div(
        [
            opened(PlainPage(kind="reports")),
            html.H1("Reports"),
            html.P(_HOW, className="report-how"),
            html.Div(id="reports", className="reports"),
        ],
        className="report-page reports-page",
    )


def _layout(context: PageContext, **query: Any) -> html.Div:
    name = str(query.get("name", ""))
    report = Reports(context.store).read(name)
    return html.Div(
        [
            opened(ReportConfig(kind="report", name=name)),
            html.P(
                dcc.Link("All reports", href=get_relative_path("/report")),
                className="report-back",
            ),
            html.Div(html.H1(report.title), id="report", className="report"),
        ],
        className="report-page",
    )


PAGES = (
    Page(
        path_template="/report/<name>",
        name="report",
        title="Report · grokdash",
        order=36,
        layout=_layout,
        loads=("plotly",),
    ),
    Page(
        path_template="/report",
        name="reports",
        title="Reports · grokdash",
        order=38,
        layout=_list_layout,
    ),
)
