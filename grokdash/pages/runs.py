"""The Runs page: what is stored, how far it is, and what came of it."""

from typing import Any

import dash_ag_grid as dag
from dash import html

from grokdash.contract.codes import Facet
from grokdash.contract.listing import RunRow
from grokdash.contract.pages import FacetAbout, RunsConfig
from grokdash.contract.rows import run_row
from grokdash.contract.words import OUTCOMES, STATES
from grokdash.pages.page import Page, PageContext, opened
from grokdash.pages.tour.welcome import GROKKING, see_one, welcome
from grokdash.views.compare.runs import CHOOSE, MOST_RUNS

FIRST_ROWS = 100
"""Rows that come with the page; the browser fetches the others at once."""

_HEARD = "heard"
"""Of the head of a narrow column: it is read out and not shown."""

_FACETS: dict[Facet, str] = {
    "operation": "Rule",
    "p": "p",
    "state": "State",
    "outcome": "Outcome",
    "tag": "Tags",
}


def _layout(context: PageContext, **_query: Any) -> html.Div:
    trains = not context.why_no_training()
    newest = context.store.summaries()[:FIRST_ROWS]
    rows = [run_row(summary) for summary in newest]
    return html.Div(
        [
            opened(_config(trains=trains)),
            welcome(context),
            html.Div(
                [
                    html.H1("Runs"),
                    html.Span(id="runs-count", className="quiet"),
                    html.Span(className="spacer"),
                    html.Span(id="runs-search"),
                    *([_new_run("New run")] if trains else []),
                ],
                className="runs-head",
            ),
            html.Div(id="runs-facets", className="runs-facets", **_facet_group()),
            _empty(context, trains=trains, hidden=bool(rows)),
            _grid(rows),
        ],
        id="runs-page",
        className="runs-page",
        **{"data-training": "yes" if trains else "no"},  # pyright: ignore[reportArgumentType]
    )


def _config(*, trains: bool) -> RunsConfig:
    return RunsConfig(
        kind="runs",
        most=MOST_RUNS,
        hint=CHOOSE,
        trains=trains,
        facets=[FacetAbout(name=name, label=label) for name, label in _FACETS.items()],
        states=STATES,
        outcomes=OUTCOMES,
    )


def _new_run(text: str, look: str = "primary") -> html.Button:
    attributes: dict[str, Any] = {"data-new-run": "yes", "aria-haspopup": "dialog"}
    return html.Button(text, type="button", className=f"tool {look}", **attributes)


def _facet_group() -> dict[str, Any]:
    return {"role": "group", "aria-label": "Filter runs"}


def _empty(context: PageContext, *, trains: bool, hidden: bool) -> html.Div:
    """Lay out what a store without a run offers: to see one, then to train one."""
    here = [html.P(_new_run("Train one from here", "framed"))] if trains else []
    return html.Div(
        [
            html.H2("See one before you train one"),
            html.P(GROKKING),
            *see_one(context),
            html.H2("Train one"),
            *here,
            html.P("This trains one in under two minutes and stores it:"),
            html.Pre("grokdash train --preset quick"),
            html.P("It appears here as soon as it has started.", className="quiet"),
        ],
        id="runs-empty",
        className="runs-empty",
        hidden=hidden,
    )


def _grid(rows: list[RunRow]) -> dag.AgGrid:
    return dag.AgGrid(
        id="runs-grid",
        rowData=[dict(row) for row in rows],
        columnDefs=_columns(),
        getRowId="params.data.id",
        defaultColDef={
            "sortable": True,
            "filter": True,
            "resizable": True,
            "suppressHeaderMenuButton": False,
        },
        dashGridOptions={
            "rowHeight": 36,
            "headerHeight": 32,
            "animateRows": False,
            "suppressCellFocus": False,
            "domLayout": "normal",
            "theme": {"function": "themeQuartz"},
            "suppressColumnVirtualisation": True,
            "rowSelection": {
                "mode": "multiRow",
                "checkboxes": True,
                "headerCheckbox": False,
                "enableClickSelection": False,
            },
            "selectionColumnDef": {
                "headerName": "Chosen",
                "headerClass": _HEARD,
                "width": 36,
                "pinned": "left",
            },
        },
        className="runs-grid" + ("" if rows else " no-rows"),
        style={"height": "100%", "width": "100%"},
    )


def _columns() -> list[dict[str, Any]]:
    return [
        _column(
            "title",
            "Run",
            flex=2,
            minWidth=160,
            cellRenderer="GrokRunTitle",
            cellRendererParams={"words": STATES},
            wrapText=True,
            autoHeight=True,
        ),
        _column(
            "state",
            _FACETS["state"],
            width=106,
            cellRenderer="GrokRunState",
            cellRendererParams={"words": STATES},
        ),
        _column(
            "progress", "Progress", width=84, cellRenderer="GrokProgress", filter=False
        ),
        _column(
            "operation",
            _FACETS["operation"],
            width=102,
            cellRenderer="GrokWords",
        ),
        _number("p", 50),
        _number("weight_decay", 50, "wd"),
        _number("lr", 60),
        _number("seed", 50),
        _number("train_fraction", 62, "train", cellRenderer="GrokPercent"),
        _number("train_accuracy", 80, "train acc", cellRenderer="GrokPercent"),
        _number("test_accuracy", 70, "test acc", cellRenderer="GrokPercent"),
        _number("grok_end", 104, "grok epoch", cellRenderer="GrokInterval"),
        _column("keys_text", "keys", width=50, cellRenderer="GrokKeys"),
        _column(
            "sparkline",
            "curve",
            width=56,
            cellRenderer="GrokSparkline",
            sortable=False,
            filter=False,
            cellDataType=False,
        ),
        _number("size_bytes", 72, "size", cellRenderer="GrokBytes"),
        _number("updated", 96, "age", cellRenderer="GrokAge", sort="desc"),
        _column(
            "id",
            "Menu",
            headerClass=_HEARD,
            width=44,
            cellRenderer="GrokRunMenu",
            pinned="right",
            sortable=False,
            filter=False,
            resizable=False,
        ),
    ]


def _column(field: str, name: str, **more: Any) -> dict[str, Any]:
    return {"field": field, "headerName": name, **more}


def _number(field: str, width: int, name: str = "", **more: Any) -> dict[str, Any]:
    return _column(
        field,
        name or field,
        width=width,
        type="rightAligned",
        filter="agNumberColumnFilter",
        **more,
    )


PAGE = Page(
    path_template="/",
    name="runs",
    title="Runs · grokdash",
    order=40,
    layout=_layout,
    loads=("grid",),
)
