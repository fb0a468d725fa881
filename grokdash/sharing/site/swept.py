"""The page of a sweep: every picture for every choice, and the tables behind them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from dash import html

from grokdash.app.first_frame import as_html
from grokdash.app.scripts import first_paint
from grokdash.bundle import assets_folder
from grokdash.contract.site import SitePicture, SiteSweep
from grokdash.contract.sweep import SweepFigureHead
from grokdash.errors import NotStoredError
from grokdash.figures.theme import THEMES
from grokdash.pages.run.alone import alone_bar
from grokdash.pages.sweeps.page import sweep_status
from grokdash.pages.sweeps.panels import sweep_panel
from grokdash.pages.sweeps.tables import comparison_table, run_table
from grokdash.saving.origins import sweep_origin, sweep_stem
from grokdash.saving.sweep_figures import sweep_words
from grokdash.sharing.file import Tell
from grokdash.sharing.markup import LIVE, write_document
from grokdash.sharing.packing import boot, packed_json, scripts
from grokdash.sharing.pictures import Pool, key_of
from grokdash.views.sweep import PICTURES, SweepPicture
from grokdash.views.sweep.choice import (
    COLOURS,
    EVENTS,
    NONE,
    choice_query,
    parse_choice,
)
from grokdash.views.sweep.chosen import NO_RUN, Chosen
from grokdash.views.sweep.data import SweepData
from grokdash.views.sweep.picture import render

ENTRY = "site-sweep.js"
_TITLES = {
    "x": "swept value",
    "y": "second value",
    "event": "grok epoch: test accuracy",
    "colour": "colour of the phase diagram",
}
_WIDTH = "width"
_WIDTHS = ("wide", "narrow")


def sweep_page(
    data: SweepData, addresses: Mapping[str, str], home: str, tell: Tell
) -> bytes:
    """Write the page of a sweep.

    Parameters
    ----------
    addresses
        Of the pages of its runs that there are, by id, as links from this page.
    home
        Address of the list.

    Raises
    ------
    NotStoredError
        If no run of it can be shown.
    """
    if not data.runs:
        raise NotStoredError(f"{data.record.id}: {NO_RUN}")
    values = _values(data)
    pool = Pool()
    pictures = {}
    for i, picture in enumerate(PICTURES):
        tell(i, len(PICTURES))
        pictures[picture.name] = _Drawer(data, picture, values, pool).drawn()
    choice = parse_choice(data, {})
    usual = {"x": choice.x, "y": choice.y or NONE}
    usual |= {"event": choice.event, "colour": choice.colour}
    message = SiteSweep(
        id=data.record.id,
        choice=usual,
        pictures=pictures,
        pool=pool.arrays,
        addresses=dict(addresses),
        comparisons=_comparisons(data, values),
    )
    parts = {**scripts(ENTRY), "head": packed_json(message)}
    layout = _layout(data, values, usual, addresses, home)
    paint = first_paint(assets_folder())
    title = data.record.title or data.record.id
    return write_document(title, layout, parts, paint, boot()).encode()


def _values(data: SweepData) -> dict[str, tuple[str, ...]]:
    return {
        "x": tuple(data.axes),
        "y": (NONE, *data.axes),
        "event": tuple(EVENTS),
        "colour": tuple(COLOURS),
    }


def _choices(values: Mapping[str, Sequence[str]]) -> Iterator[dict[str, str]]:
    """Give every choice of these values; one axis is not drawn against itself."""
    for picked in product(*values.values()):
        choice = dict(zip(values, picked, strict=True))
        if choice.get("x") != choice.get("y"):
            yield choice


def _chosen(data: SweepData, asked: Mapping[str, str]) -> Chosen:
    narrow = asked.get(_WIDTH) == "narrow"
    return Chosen(data, parse_choice(data, asked), narrow=narrow)


class _Drawer:
    """Draws one picture for every choice by which it differs."""

    def __init__(
        self,
        data: SweepData,
        picture: SweepPicture,
        values: Mapping[str, Sequence[str]],
        pool: Pool,
    ) -> None:
        self._data, self._picture, self._pool = data, picture, pool
        self._values = {**values, _WIDTH: _WIDTHS}
        if not picture.judged:
            del self._values["event"], self._values["colour"]
        self._drawn: dict[tuple[str, ...], dict[str, Any]] = {}

    def drawn(self) -> SitePicture:
        """Draw all that differ."""
        fields = ["x", *(name for name in self._values if self._differs_by(name))]
        fields = list(dict.fromkeys(fields))
        figures, heads, tables = {}, {}, {}
        for asked in _choices({name: self._values[name] for name in fields}):
            chosen, key = _chosen(self._data, asked), key_of(asked)
            for theme in THEMES:
                figure = self._figure(chosen, theme)
                figures[f"{theme}|{key}"] = self._pool.without(figure)
            heads[key] = self._head(chosen)
            tables[key] = self._pool.without(_plain(self._picture.numbers(chosen)))
        return SitePicture(fields=fields, figures=figures, heads=heads, tables=tables)

    def _differs_by(self, name: str) -> bool:
        """Say whether a part of the choice changes figure, words or numbers."""
        bases = ({}, {"y": NONE}, *({"x": one} for one in self._values["x"]))
        return any(
            len({self._told({**base, name: value}) for value in self._values[name]}) > 1
            for base in bases
        )

    def _told(self, asked: Mapping[str, str]) -> str:
        chosen = _chosen(self._data, asked)
        figure = self._figure(chosen, "light")
        layout = {**figure["layout"], "meta": None}
        numbers = _plain(self._picture.numbers(chosen))
        words = self._picture.words(chosen)
        return json.dumps([figure["data"], layout, words, numbers])

    def _figure(self, chosen: Chosen, theme: str) -> dict[str, Any]:
        query = choice_query(self._data, chosen.choice)
        name = (theme, str(chosen.narrow), *query.values())
        if name not in self._drawn:
            figure = render(self._picture, chosen, THEMES[theme])
            text: str = figure.to_json()  # pyright: ignore[reportAssignmentType]
            self._drawn[name] = json.loads(text)
        return self._drawn[name]

    def _head(self, chosen: Chosen) -> SweepFigureHead:
        picture = self._picture
        return SweepFigureHead(
            title=picture.title,
            sentence=picture.words(chosen),
            height=picture.height_of(chosen),
            about=sweep_words(chosen),
            file=sweep_stem(self._data.record.id, picture.name),
            origin=sweep_origin(chosen, picture.name),
        )


def _plain(table: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Give columns as JSON has them: None is not known."""
    return {
        name: [None if one != one else one for one in column.tolist()]  # noqa: PLR0124
        for name, column in table.items()
    }


def _comparisons(
    data: SweepData, values: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    fields = {name: values[name] for name in ("x", "event")}
    return {
        key_of(asked): as_html(comparison_table(_chosen(data, asked)), LIVE)
        for asked in _choices(fields)
    }


def _layout(
    data: SweepData,
    values: Mapping[str, Sequence[str]],
    usual: Mapping[str, str],
    addresses: Mapping[str, str],
    home: str,
) -> list[Any]:
    record = data.record
    chosen = _chosen(data, {})
    controls = [_select(data, name, values[name], usual[name]) for name in values]
    return [
        alone_bar(home, keys=False),
        html.Main(
            html.Div(
                [
                    html.Div(
                        [
                            html.H1(record.title),
                            html.Span(record.question, className="quiet"),
                        ],
                        className="runs-head",
                    ),
                    html.Div(sweep_status(data), id="sweep-status"),
                    html.Details(
                        [
                            html.Summary("What is shown"),
                            html.Div(controls, className="sweep-row"),
                        ],
                        id="sweep-shown",
                        open=True,
                        className="sweep-controls",
                    ),
                    html.Div(
                        [sweep_panel(one) for one in PICTURES], className="sweep-panels"
                    ),
                    _section("Which values differ: tests", "sweep-comparisons", None),
                    _section(
                        "All runs as a table",
                        "sweep-runs",
                        run_table(chosen, lambda run: addresses.get(run, "")),
                    ),
                    html.P(
                        "What counts as grokked is as in the app before it is changed.",
                        className="quiet sweep-note",
                    ),
                ],
                id="sweep-page",
                className="sweep-page",
            ),
            id="page",
            tabIndex=-1,
        ),
    ]


def _select(data: SweepData, name: str, values: Sequence[str], usual: str) -> html.Div:
    words = {NONE: "none", **data.axes, **EVENTS, **COLOURS}
    options = [
        html.Option(words[one], value=one, selected=one == usual) for one in values
    ]
    about: dict[str, Any] = {"data-choice": name}
    return html.Div(
        [
            html.Label(_TITLES[name], htmlFor=f"sweep-{name}"),
            html.Select(options, id=f"sweep-{name}", className="form-select", **about),
        ],
        className="sweep-control",
    )


def _section(title: str, element_id: str, content: Any) -> html.Details:
    named: dict[str, Any] = {"aria-label": title, "tabIndex": 0}
    return html.Details(
        [
            html.Summary(title),
            html.Div(
                content, id=element_id, className="sweep-scroll", role="region", **named
            ),
        ],
        open=True,
        className="sweep-section",
    )
