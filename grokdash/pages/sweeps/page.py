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
from grokdash.store import RunSummary
from grokdash.store.sweeps import (
    SweepProgress,
    SweepRecord,
    progress,
    read_sweep_record,
    sweep_ids,
)
from grokdash.views.sweep import PICTURES
from grokdash.views.sweep.choice import parse_choice
from grokdash.views.sweep.data import SweepData, SweepReader

_POLL_MS = 4000


def _list_layout(context: PageContext, **_query: Any) -> html.Div:
    store = context.store
    records = [read_sweep_record(store.path, one) for one in sweep_ids(store.path)]
    summaries = store.summaries() if records else []
    rows = [_list_row(record, summaries) for record in records]
    head = ("Sweep", "Varies", "Runs", "How far", "Grokked")
    table = html.Table(
        [
            html.Thead(html.Tr([html.Th(name, scope="col") for name in head])),
            html.Tbody(rows),
        ],
        className="sweep-table sweep-list",
    )
    return html.Div(
        [
            opened(PlainPage(kind="sweeps")),
            html.Div(
                [html.H1("Sweeps"), html.Span(f"{len(rows)} stored", className="quiet")]
                if rows
                else html.H1("Sweeps"),
                className="runs-head",
            ),
            table if rows else _empty(),
        ],
        className="sweeps-page",
    )


def _empty() -> html.Div:
    return html.Div(
        [
            html.P(
                "No sweep yet. A sweep trains many runs from one file; this one asks "
                "how weight decay sets the grok epoch:"
            ),
            html.Pre("grokdash sweep run weight-decay-small"),
            html.P("These are the sweeps that can be run by name:", className="quiet"),
            html.Pre("grokdash sweep list"),
        ],
        className="runs-empty",
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
            html.Td(", ".join(name.replace("_", " ") for name in record.axes)),
            html.Td(str(len(record.runs))),
            html.Td([_bar(counts), html.Span(counted(counts), className="quiet")]),
            html.Td(f"{grokked}"),
        ]
    )


def _bar(counts: SweepProgress) -> dbc.Progress:
    parts = [
        dbc.Progress(
            value=n,
            max=counts.total,
            label=f"{n} {name}",
            hide_label=True,
            bar=True,
            className=f"part-{name}",
        )
        for name, n in asdict(counts).items()
        if n
    ]
    return dbc.Progress(parts, className="sweep-bar")


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
            controls(data, choice),
            html.Div([sweep_panel(one) for one in PICTURES], className="sweep-panels"),
            html.Details(
                [
                    html.Summary("Which values differ: tests"),
                    html.Div(waiting(), id="sweep-comparisons"),
                ],
                open=True,
                className="sweep-section",
            ),
            html.Details(
                [
                    html.Summary("All runs as a table"),
                    html.P(html.A("Save as CSV", id="sweep-csv", href=_csv(record))),
                    html.Div(waiting(), id="sweep-runs", className="sweep-scroll"),
                ],
                className="sweep-section",
            ),
        ],
        id="sweep-page",
        className="sweep-page",
    )


def _csv(record: SweepRecord) -> str:
    return get_relative_path(f"/api/sweep/{as_part(record.id)}/runs.csv")


def sweep_status(data: SweepData) -> list[Any]:
    """Say how far a sweep is; name the runs that are not there and why."""
    counts = data.progress
    line = html.P(
        [
            _bar(counts),
            html.Span(f"{counts.total} runs: {counted(counts)}"),
            html.Span(f" · {data.record.id}", className="quiet"),
        ],
        className="sweep-line",
    )
    if not data.absent:
        return [line]
    names = html.Ul(
        [
            html.Li([html.Code(run_id), f" {reason}"])
            for run_id, reason in data.absent.items()
        ]
    )
    count = len(data.absent)
    told = f"{count} run{'s' if count > 1 else ''} not complete"
    again = html.P(
        ["Go on with them: ", html.Code(f"grokdash sweep resume {data.record.id}")]
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
        pictures=True,
    ),
    Page(
        path_template="/sweeps",
        name="sweeps",
        title="Sweeps · grokdash",
        order=34,
        layout=_list_layout,
    ),
)
