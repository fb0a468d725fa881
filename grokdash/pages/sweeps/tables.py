"""The tables of a sweep's page: every run, and values compared pairwise."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import numpy as np
from dash import dcc, html

from grokdash.figures.swept import label
from grokdash.views.sweep.choice import Chosen
from grokdash.views.sweep.grokking import Comparison, all_values, comparisons

MOST_ROWS = 1000

COLUMNS = (
    "run",
    "state",
    "outcome",
    "grok after",
    "grok until",
    "train accuracy",
    "test accuracy",
    "key frequencies",
    "keys",
    "Gini W_L",
    "weight norm",
)
"""Columns of the table of runs behind those of the swept values."""


def records(chosen: Chosen) -> Iterator[dict[str, Any]]:
    """Give every run as plain values; None is what is not known."""
    for run in chosen.runs:
        rise = chosen.rise(run)
        found = {
            chosen.data.axes[name]: value for name, value in run.values.items()
        } | {
            "run": run.id,
            "state": run.state,
            "outcome": chosen.outcomes[run.id].kind,
            "grok after": rise.after if rise.observed else None,
            "grok until": rise.time if rise.observed else None,
        }
        if len(run.steps):
            found |= {
                "train accuracy": _finite(run.last("train_accuracy")),
                "test accuracy": _finite(run.last("test_accuracy")),
                "key frequencies": len(run.keys),
                "keys": " ".join(map(str, run.keys)),
                "Gini W_L": _finite(run.last("gini")),
                "weight norm": _finite(float(np.sqrt(run.last("sumsq")))),
            }
        yield found


def run_table(chosen: Chosen) -> html.Table:
    """Lay out the runs as a table with links."""
    names = [*chosen.data.axes.values(), *COLUMNS]
    rows = [
        html.Tr([html.Td(_cell(name, record)) for name in names])
        for _, record in zip(range(MOST_ROWS), records(chosen), strict=False)
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


def together(chosen: Chosen) -> str:
    """Say what one test of all values at once finds."""
    found = all_values(chosen)
    if found is None:
        return "The runs differ in other settings too: nothing to compare."
    p = f"p = {found.p_value:.2g}" if found.p_value >= 1e-4 else "p < 0.0001"
    if found.kind == "any":
        return f"All values at once, any difference: {p}."
    way = "earlier" if found.statistic > 0 else "later"
    return (
        f"All values at once, trend towards {way} grokking as {chosen.x.title} "
        f"rises: {p}."
    )


def _comparison_row(one: Comparison) -> html.Tr:
    cells = [
        label(one.first),
        label(one.second),
        " and ".join(
            f"{n} of {total}" for n, total in zip(one.grokked, one.runs, strict=True)
        ),
        " and ".join(
            f"{m:,.0f}" if np.isfinite(m) else "not reached" for m in one.medians
        ),
    ]
    if one.test is None:
        cells += ["not comparable", "", ""]
    else:
        cells += [f"{p:.3g}" for p in (one.test.p_value, one.corrected)]
        cells.append(f"{one.test.smallest:.3g}")
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


def _cell(name: str, record: dict[str, Any]) -> Any:
    value = record.get(name)
    if value is None:
        return "–"
    if name == "run":
        return dcc.Link(value, href=f"/run/{quote(value, safe='')}")
    if name.endswith("accuracy"):
        return f"{value:.1%}"
    return label(value)


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
