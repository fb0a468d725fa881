"""The first page of a site: the runs, comparisons and sweeps that it has."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html

from grokdash.app.scripts import first_paint
from grokdash.bundle import assets_folder
from grokdash.contract.listing import RunRow
from grokdash.contract.words import OUTCOMES, STATES
from grokdash.operations import OPERATIONS
from grokdash.pages.run.alone import alone_bar
from grokdash.sharing.markup import write_document
from grokdash.sharing.packing import boot, scripts
from grokdash.written import MISSING, number, size, whole

ENTRY = "site-list.js"
_FACETS = {"operation": "all operations", "p": "all p", "outcome": "all outcomes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page of the site; ``address`` is that from the first page."""

    address: str
    title: str
    about: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRun:
    """A run of the store, and what the site has of it.

    Without an address there is no page, and ``why`` says so.
    """

    row: RunRow
    address: str = ""
    size_bytes: int = 0
    epochs: int = 0
    weights: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Cell:
    """What a cell shows and what it is sorted by; None goes last."""

    shown: Any
    value: str | float | None


def list_page(
    title: str,
    runs: Sequence[ListedRun],
    compared: Sequence[Listed],
    sweeps: Sequence[Listed],
) -> bytes:
    """Write the first page."""
    page = [
        alone_bar("", keys=False),
        html.Main(
            html.Div(
                [
                    html.H1(title),
                    *_runs(runs),
                    *_others("Comparisons", compared),
                    *_others("Sweeps", sweeps),
                ],
                className="site-list",
            ),
            id="page",
            tabIndex=-1,
        ),
    ]
    parts = scripts(ENTRY, plotly=False)
    paint = first_paint(assets_folder())
    return write_document(title, page, parts, paint, boot()).encode()


def _runs(runs: Sequence[ListedRun]) -> Iterator[Any]:
    rows = [(one, _cells(one)) for one in runs]
    if not rows:
        return
    names = list(rows[0][1])
    yield html.Div(
        [
            dcc.Input(id="site-search", type="search", placeholder="Filter runs"),
            *(_facet(name, first, runs) for name, first in _FACETS.items()),
            html.Span(id="site-count", className="quiet", role="status"),
        ],
        className="site-filters",
        role="search",
    )
    head = html.Tr([_head(name) for name in names])
    yield html.Div(
        html.Table(
            [html.Thead(head), html.Tbody([_row(one, cells) for one, cells in rows])],
            id="site-runs",
            className="sweep-table site-table",
        ),
        className="sweep-scroll",
        role="region",
        tabIndex=0,
        **{"aria-label": "Runs"},  # pyright: ignore[reportArgumentType]
    )


def _head(name: str) -> html.Th:
    title = name if name == "p" else name.capitalize()
    button = html.Button(title, type="button", className="site-sort")
    column: dict[str, Any] = {"data-column": name}
    return html.Th(button, scope="col", **column)


def _facet(name: str, first: str, runs: Sequence[ListedRun]) -> html.Select:
    found = {_facet_of(one.row, name): _facet_words(one.row, name) for one in runs}
    options = [html.Option(first, value="")]
    options += [html.Option(found[key], value=key) for key in sorted(found, key=_order)]
    about: dict[str, Any] = {"data-facet": name, "aria-label": name}
    return html.Select(options, className="field", **about)


def _order(key: str) -> tuple[int, str]:
    return (int(key), "") if key.isdecimal() else (0, key)


def _facet_of(row: RunRow, name: str) -> str:
    value = row[name]
    return "" if value is None else str(value)


def _facet_words(row: RunRow, name: str) -> str:
    if name == "operation":
        return _operation(row)
    if name == "outcome":
        return OUTCOMES[row["outcome"]]
    return f"p = {row['p']}" if row["p"] else "no p"


def _operation(row: RunRow) -> str:
    known = OPERATIONS.get(row["operation"])
    return known.title if known else row["operation"] or MISSING


def _row(one: ListedRun, cells: Mapping[str, _Cell]) -> html.Tr:
    row = one.row
    words = [row["id"], row["title"], *row["tags"], row["notes"], _operation(row)]
    words += [str(row["p"] or ""), OUTCOMES[row["outcome"]], STATES[row["state"]]]
    words += [_plain(cell.shown) for cell in cells.values()]
    data: dict[str, Any] = {"data-text": " ".join(words).lower()}
    data |= {f"data-{name}": _facet_of(row, name) for name in _FACETS}
    return html.Tr([_cell(name, cell) for name, cell in cells.items()], **data)


def _plain(shown: Any) -> str:
    return shown if isinstance(shown, str) else ""


def _cell(name: str, cell: _Cell) -> html.Td:
    data: dict[str, Any] = {"data-label": name}
    if cell.value is not None:
        data["data-value"] = cell.value
    return html.Td(cell.shown, **data)


def _cells(one: ListedRun) -> dict[str, _Cell]:
    row = one.row
    grok = html.Span(row["grok_text"] or MISSING, title=row["grok_hint"])
    return {
        "run": _Cell(_name(one), row["title"].lower()),
        "operation": _Cell(_operation(row), row["operation"]),
        "p": _Cell(_number(row["p"]), row["p"]),
        "weight decay": _Cell(_number(row["weight_decay"]), row["weight_decay"]),
        "seed": _Cell(_number(row["seed"]), row["seed"]),
        "grok epoch": _Cell(grok, row["grok_end"]),
        "test loss": _Cell(_number(row["test_loss"]), row["test_loss"]),
        "outcome": _Cell(OUTCOMES[row["outcome"]], row["outcome"]),
        "state": _Cell(STATES[row["state"]], row["state"]),
        "in this site": _Cell(_what(one), one.size_bytes or None),
    }


def _number(value: float | None) -> str:
    return MISSING if value is None else number(value)


def _name(one: ListedRun) -> list[Any]:
    row = one.row
    name = row["title"]
    named = dcc.Link(name, href=one.address) if one.address else html.Span(name)
    told: list[Any] = [named]
    if row["title"] != row["id"]:
        told.append(html.Div(row["id"], className="quiet site-id"))
    if row["tags"]:
        told.append(html.Div(", ".join(row["tags"]), className="quiet"))
    if row["notes"]:
        told.append(html.Div(row["notes"], className="site-notes"))
    return told


def _what(one: ListedRun) -> Any:
    if not one.address:
        return html.Span(f"no page: {one.why}", className="quiet")
    told = f"{size(one.size_bytes)}, {whole(one.epochs)} checkpoints"
    return f"{told}, {whole(one.weights)} with weights" if one.weights else told


def _others(heading: str, pages: Sequence[Listed]) -> Iterator[Any]:
    if not pages:
        return
    yield html.H2(heading, className="sweeps-heading")
    yield html.Ul(
        [
            html.Li(
                [
                    dcc.Link(one.title, href=one.address),
                    html.Div(f"{one.about} {size(one.size_bytes)}.", className="quiet"),
                ]
            )
            for one in pages
        ],
        className="site-pages",
    )
