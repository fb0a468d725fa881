"""The stored arrays of a run, each with its shape, type, unit, check and addresses."""

from itertools import groupby
from typing import Any

from dash import dcc, get_relative_path, html

from grokdash.contract.addresses import array_path, run_path, store_path
from grokdash.contract.pages import PlainPage
from grokdash.pages.page import Page, PageContext, opened
from grokdash.saving.number_formats import NUMBER_FORMATS
from grokdash.saving.stored import StoredArray, stored_arrays
from grokdash.written import size, whole

_GROUPS = {
    "params": "Parameters",
    "measures": "Measures",
    "grids": "Activation grids",
    "steps": "Every update",
}
_HEADS = ("array", "axes", "type", "unit", "what it is", "first values", "check", "as")


def _layout(context: PageContext, **query: Any) -> html.Div:
    run = context.run_view(str(query.get("run_id", "")))
    stored = run.stored
    found = stored_arrays(stored)
    newest = whole(int(stored.steps[-1]))
    about = (
        f"{whole(len(stored.steps))} checkpoints, {whole(len(found))} arrays, "
        f"{size(stored.size_bytes)}. First values and checks are those of epoch "
        f"{newest}, and of grids of the newest epoch that has some. In an address e is "
        "an epoch, left out all of them, and i a place along the first axis of a grid."
    )
    grouped = groupby(found, key=lambda one: one.name.partition("/")[0])
    return html.Div(
        [
            opened(PlainPage(kind="stored")),
            html.H1(f"The numbers of {run.title}"),
            html.P(dcc.Link(run.id, href=get_relative_path(run_path(run.id)))),
            html.P(about),
            *(_group(stored.id, int(stored.steps[-1]), *part) for part in grouped),
        ],
        className="stored-page",
    )


def _group(run_id: str, newest: int, group: str, arrays: Any) -> html.Section:
    rows = [_row(run_id, newest, one) for one in arrays]
    head = html.Tr([html.Th(name, scope="col") for name in _HEADS])
    table = html.Table(
        [html.Thead(head), html.Tbody(rows)],
        className="sweep-table stored-table",
    )
    return html.Section(
        [html.H2(_GROUPS[group]), html.Div(table, className="sweep-scroll")]
    )


def _row(run_id: str, newest: int, one: StoredArray) -> html.Tr:
    here = get_relative_path(store_path(run_id))
    check = "state state-broken" if one.damaged else "quiet"
    lengths = " × ".join(
        f"{a} {whole(n)}" for a, n in zip(one.axes, one.shape, strict=True)
    )
    return html.Tr(
        [
            html.Td(html.A(html.Code(one.name), href=f"{here}#{one.name}")),
            html.Td(html.Code(lengths)),
            html.Td(one.type),
            html.Td(one.unit or "–"),
            html.Td(one.what, className="stored-what"),
            html.Td(one.first, className="stored-first"),
            html.Td(one.checked, className=check),
            html.Td(_files(run_id, newest, one)),
        ],
        id=one.name,
    )


def _files(run_id: str, newest: int, one: StoredArray) -> list[Any]:
    """Link an array in every format: all of it, or what one answer holds."""
    query = "" if one.whole else f"?e={newest}"
    if one.name.startswith("grids/"):
        query = "?i=0" if len(one.shape) > 3 else ""
    links: list[Any] = []
    for known in NUMBER_FORMATS:
        address = get_relative_path(array_path(run_id, one.name, known.ending)) + query
        name = html.Code(f" of {one.name}", className="visually-hidden")
        links += [html.A([known.ending.upper(), name], href=address), " "]
    return links


PAGE = Page(
    path_template="/store/<run_id>",
    name="stored",
    title="Numbers · grokdash",
    order=28,
    layout=_layout,
)
