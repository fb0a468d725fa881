"""The pages of sweeps: the list, and one sweep with everything it found."""

from dataclasses import asdict
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, get_relative_path, html

from grokdash.contract.addresses import as_part, sweep_path
from grokdash.contract.pages import PlainPage, SweepConfig
from grokdash.pages.page import Page, PageContext, opened
from grokdash.pages.sweeps.controls import controls
from grokdash.pages.sweeps.panels import sweep_panel, waiting
from grokdash.store import RunSummary, Store
from grokdash.store.sweeps import (
    SweepProgress,
    SweepRecord,
    progress,
    sweep_records,
)
from grokdash.views.reading.fields import field_title
from grokdash.views.sweep import PICTURES
from grokdash.views.sweep.choice import parse_choice
from grokdash.views.sweep.data import NOT_STARTED, SweepData, SweepReader

_POLL_MS = 4000


def _list_layout(context: PageContext, **_query: Any) -> html.Div:
    trains = not context.why_no_training()
    new: dict[str, Any] = {"data-new-sweep": "yes", "aria-haspopup": "dialog"}
    button = html.Button("New sweep", type="button", className="tool primary", **new)
    return html.Div(
        [
            opened(PlainPage(kind="sweeps")),
            dcc.Interval(id="sweeps-tick", interval=_POLL_MS),
            html.Div(
                [
                    html.H1("Sweeps"),
                    html.Span(className="spacer"),
                    *([button] if trains else []),
                ],
                className="runs-head",
            ),
            html.Div(stored_sweeps(context.store), id="sweeps-stored"),
            html.H2("Sweeps that come with grokdash", className="sweeps-heading"),
            html.Div(waiting(), id="sweeps-shipped"),
        ],
        className="sweeps-page",
        **{"data-training": "yes" if trains else "no"},  # pyright: ignore[reportArgumentType]
    )


def stored_sweeps(store: Store) -> Any:
    """Lay out the sweeps of a store as a table, or say that there is none."""
    records, problems = sweep_records(store.path)
    if not records and not problems:
        return html.Div(
            [
                html.P(
                    "No sweep is stored yet. A sweep trains many runs that differ in a "
                    "setting, to see how grokking depends on it: start one of those "
                    "below, or by a command:"
                ),
                html.Pre("grokdash sweep run weight-decay-small"),
            ],
            className="sweep-note",
        )
    summaries = store.summaries()
    head = ("Sweep", "Varies", "Runs", "How far", "Grokked")
    return html.Table(
        [
            html.Thead(html.Tr([html.Th(name, scope="col") for name in head])),
            html.Tbody(
                [
                    *(_list_row(record, summaries) for record in records),
                    *(
                        _problem_row(one, store.inside(problems[one]))
                        for one in problems
                    ),
                ]
            ),
        ],
        className="sweep-table sweep-list",
    )


def _list_row(record: SweepRecord, summaries: list[RunSummary]) -> html.Tr:
    mine = set(record.runs)
    grokked = sum(
        one.grok_end is not None and not one.problem
        for one in summaries
        if one.id in mine
    )
    counts = progress(record, summaries)
    href = get_relative_path(sweep_path(record.id))
    return html.Tr(
        [
            html.Td(
                [
                    dcc.Link(record.title, href=href, className="sweep-link"),
                    html.Div(record.question, className="quiet"),
                ]
            ),
            _cell("Varies", ", ".join(map(field_title, record.axes))),
            _cell("Runs", str(len(record.runs))),
            _cell(
                "How far",
                [_bar(counts), html.Span(counted(counts), className="quiet")],
            ),
            _cell("Grokked", f"{grokked}"),
        ]
    )


def _problem_row(sweep_id: str, problem: str) -> html.Tr:
    """Lay out a sweep whose files cannot be used, with the reason."""
    return html.Tr(
        html.Td(
            [html.Span(sweep_id), html.Div(problem, className="trouble-reason")],
            colSpan=5,
        )
    )


def _cell(label: str, content: Any) -> html.Td:
    """Lay out a cell that has its heading beside it where the table is narrow."""
    attributes: dict[str, Any] = {"data-label": label}
    return html.Td(content, **attributes)


def _bar(counts: SweepProgress) -> html.Div:
    """Draw how many runs are where; a bar of several parts is no one progress."""
    parts = [
        html.Div(
            className=f"progress-bar part-{name}",
            style={"width": f"{100 * n / counts.total}%"},
        )
        for name, n in asdict(counts).items()
        if n
    ]
    about: dict[str, Any] = {"role": "img", "aria-label": counted(counts)}
    return html.Div(parts, className="progress sweep-bar", **about)


def counted(counts: SweepProgress) -> str:
    """Say how many runs of a sweep are where."""
    return ", ".join(f"{n} {name}" for name, n in asdict(counts).items() if n)


def _layout(context: PageContext, **query: Any) -> html.Div:
    data = SweepReader(context.store).plan(str(query.get("sweep_id", "")))
    record = data.record
    choice = parse_choice(data, query)
    config = SweepConfig(kind="sweep", id=record.id)
    return html.Div(
        [
            opened(config),
            dcc.Store(id="sweep-config", data=dict(config)),
            dcc.Store(id="sweep-theme"),
            dcc.Store(id="sweep-narrow"),
            dcc.Store(id="sweep-version", data=data.version),
            dcc.Store(id="sweep-sink"),
            dcc.Interval(
                id="sweep-tick",
                interval=_POLL_MS,
                disabled=data.progress.finished == data.progress.total,
            ),
            html.Div(
                [
                    html.H1(record.title),
                    html.Span(record.question, className="quiet"),
                    html.Span(className="spacer"),
                    dcc.Link("All sweeps", href=get_relative_path("/sweeps")),
                ],
                className="runs-head",
            ),
            html.Div(sweep_status(data), id="sweep-status", role="status"),
            html.Div(id="sweep-driver", className="sweep-driver"),
            controls(data, choice),
            html.Div([sweep_panel(one) for one in PICTURES], className="sweep-panels"),
            html.Details(
                [
                    html.Summary("Which values differ: tests"),
                    _scrolling("sweep-comparisons", "Tests of which values differ"),
                ],
                open=True,
                className="sweep-section",
            ),
            html.Details(
                [
                    html.Summary("All runs as a table"),
                    html.P(html.A("Save as CSV", id="sweep-csv", href=_csv(record))),
                    _scrolling("sweep-runs", "All runs"),
                ],
                className="sweep-section",
            ),
        ],
        id="sweep-page",
        className="sweep-page",
        **{"data-training": "no" if context.why_no_training() else "yes"},  # pyright: ignore[reportArgumentType]
    )


def _scrolling(element_id: str, label: str) -> html.Div:
    """Make room for a table that may be wider than the page; keys scroll it."""
    named: dict[str, Any] = {"aria-label": label, "tabIndex": 0}
    return html.Div(
        waiting(), id=element_id, className="sweep-scroll", role="region", **named
    )


def _csv(record: SweepRecord) -> str:
    return get_relative_path(f"/api/sweep/{as_part(record.id)}/runs.csv")


def sweep_status(data: SweepData) -> list[Any]:
    """Say how far a sweep is; name the runs that stopped before their end and why."""
    counts = data.progress
    line = html.P(
        [
            _bar(counts),
            html.Span(f"{counts.total} runs: {counted(counts)}"),
            html.Span(f" · {data.record.id}", className="quiet"),
        ],
        className="sweep-line",
    )
    stopped = {run: why for run, why in data.absent.items() if why != NOT_STARTED}
    if not stopped:
        return [line]
    names = html.Ul(
        [html.Li([html.Code(run_id), f" {why}"]) for run_id, why in stopped.items()]
    )
    count = len(stopped)
    told = f"{count} run{'s' if count > 1 else ''} stopped before the end"
    again = html.P(
        ["As a command: ", html.Code(f"grokdash sweep resume {data.record.id}")]
    )
    return [
        line,
        dbc.Alert(
            html.Details([html.Summary(told), names, again], open=count <= 6),
            color="warning",
            fade=False,
        ),
    ]


PAGES = (
    Page(
        path_template="/sweeps/<sweep_id>",
        name="sweep",
        title="Sweep · grokdash",
        order=32,
        layout=_layout,
        loads=("plotly",),
    ),
    Page(
        path_template="/sweeps",
        name="sweeps",
        title="Sweeps · grokdash",
        order=34,
        layout=_list_layout,
    ),
)
