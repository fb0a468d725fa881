"""The Compare page: two to six runs, or epochs of one, on one scrub bar.

Python lays out what does not move: the choice of runs, the table of settings, the frame
of the loss chart and the scrub bar. ``assets/js/compare`` fills the rows of panels.
"""

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from grokdash.contract.codes import Action, CompareMode, CompareRanges
from grokdash.contract.pages import (
    CompareColumn,
    CompareConfig,
    ComparePicker,
    CompareView,
    StoredRun,
)
from grokdash.contract.rows import called
from grokdash.contract.words import PANEL_ACTIONS
from grokdash.figures.theme import DARK, LIGHT
from grokdash.pages.page import Page, PageContext, opened
from grokdash.pages.run.buttons import copy_link, record
from grokdash.pages.run.panels import (
    SUBJECTS,
    panel,
    scrub_bar,
)
from grokdash.pages.run.rail import about_file
from grokdash.store import Store
from grokdash.views import BY_PAGE, View, get_view
from grokdash.views.compare.alignment import ALIGNMENTS, Column, letter_of
from grokdash.views.compare.difference import no_difference
from grokdash.views.compare.naming import column_names, common_name
from grokdash.views.compare.overlay import no_overlay
from grokdash.views.compare.runs import (
    CHOOSE,
    MOST_RUNS,
    Compared,
    config_rows,
    outcome_rows,
    read_runs,
)
from grokdash.views.reading.fields import field_title

DEFAULT_VIEWS = (
    "embedding-spectrum",
    "embedding-circle",
    "neuron-grid",
    "correct-logit",
)
"""What the page shows until views are chosen."""

CHART = "loss-curves"

_SHORT = 3
"""A longer table of settings is folded, so that it does not push the panels down."""

_FEW = 2
"""Beside more columns their names say what differs, and panels want the room."""

_NAMED = 6

_MODES: dict[CompareMode, str] = {
    "side": "side by side",
    "overlay": "overlaid",
    "difference": "difference",
}

_TOOLS: tuple[tuple[Action, str], ...] = (("grok", "Go to where a run groks (G)"),)

_FOLLOW: tuple[Action, str] = ("follow", "Follow the runs that are training")

_RANGES: dict[CompareRanges, str] = {"own": "of each run", "shared": "of all runs"}


def _layout(context: PageContext, **query: Any) -> html.Div:
    asked = {name: str(value) for name, value in query.items()}
    compared = read_runs(asked.get("runs", ""), context.run_view)
    if not compared.columns:
        return _nothing(context, compared)
    config = compare_config(compared.columns)
    config["runs"], config["most"] = _stored(context), MOST_RUNS
    return html.Div(
        [
            opened(config),
            *compared_parts(
                compared.columns, _problems(compared, context.store), (*_TOOLS, _FOLLOW)
            ),
        ],
        id="compare-page",
        className="run-page compare-page",
    )


def compared_parts(
    columns: Sequence[Column],
    problems: Any = None,
    tools: Sequence[tuple[Action, str]] = _TOOLS,
    about: Sequence[str] = (),
) -> list[Any]:
    """Lay out what stands on the page of some runs.

    Parameters
    ----------
    columns
        The runs.
    problems
        What is to be said above them.
    tools
        At the end of the scrub bar.
    about
        What a page that stands alone says of itself, in sentences.
    """
    return [
        html.Aside(
            [
                html.H1("Compare"),
                html.P(common_name(columns), className="compare-common"),
                html.Div(
                    [html.Div(id="compare-names"), copy_link(), record()],
                    id="compare-runs",
                    className="compare-runs",
                ),
                html.Div(id="compare-choices", className="selection"),
                html.Div(id="compare-selection", className="selection"),
                html.Details(
                    [
                        html.Summary("Views"),
                        html.Div(id="compare-views", className="compare-views"),
                    ],
                    className="looks",
                    open=False,
                ),
                about_file(about) if about else None,
            ],
            className="rail",
            **{"aria-label": "What is compared"},  # pyright: ignore[reportArgumentType]
        ),
        html.Div(
            [
                problems,
                html.Div(
                    [panel(get_view(CHART), strip=True), scrub_bar(2, tools)],
                    className="scrub-head",
                ),
                _table(columns),
                html.Div(id="compare-rows", className="compare-rows"),
            ],
            className="stage",
        ),
    ]


def compare_config(
    columns: Sequence[Column], ids: Sequence[str] | None = None
) -> CompareConfig:
    """Give the player what it cannot ask a single run for.

    ``ids`` are the views that can be chosen, all if not given; no other runs can be.
    """
    offered = {
        view.id: SUBJECTS[page]
        for page, views in BY_PAGE.items()
        for view in views
        if ids is None or view.id in ids
    }
    return CompareConfig(
        kind="compare",
        columns=[
            _column(place, column, name)
            for place, (column, name) in enumerate(
                zip(columns, column_names(columns), strict=True)
            )
        ],
        runs=[],
        most=len(columns),
        hint=CHOOSE,
        chart=CHART,
        views=[_offered(get_view(name), offered[name]) for name in offered],
        defaults=[name for name in DEFAULT_VIEWS if name in offered]
        or list(offered)[:1],
        aligns=ALIGNMENTS,
        modes=_MODES,
        ranges=_RANGES,
        actions=PANEL_ACTIONS,
    )


def _offered(view: View, subject: str) -> CompareView:
    return CompareView(
        id=view.id,
        title=view.title,
        subject=subject,
        kind=view.kind,
        overlay=no_overlay(view),
        difference=no_difference(view),
    )


def _column(place: int, column: Column, name: str) -> CompareColumn:
    run = column.run
    return CompareColumn(
        run=run.id,
        pin=column.pin,
        letter=letter_of(place),
        title=name,
        about=run.title,
        colours={theme.name: theme.run(place) for theme in (LIGHT, DARK)},
    )


def _stored(context: PageContext) -> list[StoredRun]:
    return [
        StoredRun(id=one.id, title=called(one))
        for one in context.store.summaries()
        if not one.problem
    ]


def _problems(compared: Compared, store: Store) -> dbc.Alert:
    texts = [store.inside(text) for text in compared.problems]
    if len(compared.columns) == 1 and compared.columns[0].pin is None:
        texts.append(
            "One run is shown. Add another on the left, or pin epochs of this one to "
            "compare them: ?runs=A@1000,A@4000."
        )
    return dbc.Alert(
        [*[html.P(text) for text in texts], *_details(compared, store)],
        id="compare-problems",
        color="warning",
        is_open=bool(texts),
        fade=False,
    )


def _details(compared: Compared, store: Store) -> list[html.Details]:
    """Say behind "More" what exactly is damaged."""
    if not compared.damaged:
        return []
    told = [html.Div(store.inside(str(error))) for error in compared.damaged]
    return [html.Details([html.Summary("More"), *told], className="problem-details")]


def _nothing(context: PageContext, compared: Compared) -> html.Div:
    """Ask for runs, and say what was wrong with those asked for."""
    stored = _stored(context)
    return html.Div(
        [
            opened(
                ComparePicker(
                    kind="compare-empty", runs=stored, most=MOST_RUNS, hint=CHOOSE
                )
            ),
            html.H1("Compare runs"),
            *[
                dbc.Alert(context.store.inside(text), color="danger", fade=False)
                for text in compared.problems
            ],
            *_details(compared, context.store),
            html.P(
                f"{CHOOSE}, then compare them."
                if stored
                else "No runs are stored yet: train two with grokdash train."
            ),
            html.Div(id="compare-picker", className="compare-picker"),
        ],
        id="compare-empty",
        className="text-page",
    )


def _table(columns: Sequence[Column]) -> html.Details:
    """Show the settings that differ and what came of each run."""
    rows, same = config_rows(columns)
    names = column_names(columns)
    alone = len({one.run.id for one in columns}) == 1
    words = (
        "One configuration: only the epochs differ."
        if alone
        else f"{len(rows)} setting{'s' * (len(rows) != 1)} ({_names(rows)}); "
        f"{same} are the same."
    )
    if not rows and not alone:
        words = f"All {same} settings are the same."
    if not rows and not alone:
        rows = [("run", [one.run.id for one in columns])]
    body = [_row(field_title(name), values, "differs") for name, values in rows]
    body += [_row(name, values, "") for name, values in outcome_rows(columns)]
    return html.Details(
        [
            html.Summary(["What differs ", html.Span(words, className="quiet")]),
            html.Div(
                html.Table(
                    [
                        html.Thead(
                            html.Tr(
                                [html.Td("")]
                                + [
                                    html.Th(
                                        [
                                            html.Span(
                                                letter_of(i),
                                                className=f"letter letter-{i}",
                                            ),
                                            names[i],
                                        ],
                                        scope="col",
                                        title=one.run.id,
                                    )
                                    for i, one in enumerate(columns)
                                ]
                            )
                        ),
                        html.Tbody(body),
                    ],
                    className="differences",
                ),
                className="differences-frame",
            ),
        ],
        id="compare-table",
        className="compare-table",
        open=len(rows) <= _SHORT and len(columns) <= _FEW,
    )


def _names(rows: Sequence[tuple[str, list[str]]]) -> str:
    names = [field_title(name) for name, _values in rows]
    shown = ", ".join(names[:_NAMED])
    return f"{shown}, …" if len(names) > _NAMED else shown


def _row(name: str, values: Sequence[str], look: str) -> html.Tr:
    return html.Tr(
        [
            html.Th(name, scope="row"),
            *[html.Td(value, title=value) for value in values],
        ],
        className=look,
    )


PAGE = Page(
    path_template="/compare",
    name="compare",
    title="Compare · grokdash",
    order=35,
    layout=_layout,
    loads=("plotly",),
)
