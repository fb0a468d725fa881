"""The tables of a sweep's page: every run, and values compared pairwise."""

from collections.abc import Callable
from itertools import islice
from math import isfinite
from typing import Any

from dash import dcc, get_relative_path, html

from grokdash.contract.addresses import run_path
from grokdash.figures.swept import label
from grokdash.views.sweep.chosen import Chosen
from grokdash.views.sweep.comparisons import Comparison, comparisons, together
from grokdash.views.sweep.table import COLUMNS, records
from grokdash.written import MISSING, number, percent, whole

MOST_ROWS = 1000


def run_table(
    chosen: Chosen, address: Callable[[str], str] | None = None
) -> html.Table:
    """Lay out the runs as a table with links.

    Parameters
    ----------
    address
        Gives the address of the page of a run, nothing if it has none; else that of the
        app.
    """
    link = address or (lambda run: get_relative_path(run_path(run)))
    names = [*chosen.data.axes.values(), *COLUMNS]
    rows = [
        html.Tr([_cell(name, record, link) for name in names])
        for record in islice(records(chosen), MOST_ROWS)
    ]
    head = html.Tr([html.Th(name, scope="col") for name in names])
    return html.Table([html.Thead(head), html.Tbody(rows)], className="sweep-table")


def comparison_table(chosen: Chosen) -> list[Any]:
    """Lay out the comparison of values, and say by which test."""
    found = comparisons(chosen)
    title = chosen.x.title
    if not found:
        return [html.P("There is one value only: nothing to compare.")]
    head = [title, "and", "grok", "median", "p", "p, Holm", "smallest possible p"]
    return [
        html.P(together(chosen), className="sweep-note"),
        html.Table(
            [
                html.Thead(html.Tr([html.Th(name, scope="col") for name in head])),
                html.Tbody([_comparison_row(one) for one in found]),
            ],
            className="sweep-table",
        ),
        html.P(_how(found), className="quiet sweep-note"),
    ]


def _comparison_row(one: Comparison) -> html.Tr:
    cells = [
        label(one.first),
        label(one.second),
        " and ".join(
            f"{n} of {total}" for n, total in zip(one.grokked, one.runs, strict=True)
        ),
        " and ".join(whole(m) if isfinite(m) else "not reached" for m in one.medians),
    ]
    if one.test is None:
        cells += ["not comparable", "", ""]
    else:
        cells += [number(p) for p in (one.test.p_value, one.corrected)]
        cells.append(number(one.test.smallest))
    return html.Tr([html.Td(cell) for cell in cells])


def _how(found: list[Comparison]) -> str:
    tests = [one.test for one in found if one.test is not None]
    exact = all(test.exact for test in tests)
    how = "all assignments of runs to values" if exact else "20,000 random assignments"
    return (
        f"Two-sided log-rank test by permutation ({how}); runs that do not grok count "
        "as later than their last epoch. Labels are exchanged only among runs that "
        "agree in every other setting. With few seeds even the clearest difference "
        "cannot give a p value below the last column. The test of all values at once "
        "permutes the same scores 20,000 times."
    )


def _cell(name: str, record: dict[str, Any], link: Callable[[str], str]) -> html.Td:
    """Lay out a cell, with what it is sorted by where a page can."""
    value = record.get(name)
    if value is None:
        return html.Td(MISSING)
    data: dict[str, Any] = {"data-value": value}
    if name == "run":
        href = link(value)
        return html.Td(dcc.Link(value, href=href) if href else value, **data)
    shown = percent(value) if name.endswith("accuracy") else label(value)
    return html.Td(shown, **data)
