"""The routes of a sweep: its pictures as figures, the numbers behind them as files.

The query holds the choice, as the address of the sweep's page does.
"""

import numpy as np
from flask import Blueprint, Response, request

from grokdash.app.answers import (
    answer_errors,
    asked_theme,
    send_figure,
    send_numbers,
)
from grokdash.app.few import Few, downloads
from grokdash.contract.sweep import SweepFigureHead
from grokdash.errors import NotStoredError
from grokdash.figures.theme import THEMES
from grokdash.saving.number_formats import CSV, Numbers, number_format
from grokdash.saving.origins import sweep_origin, sweep_stem
from grokdash.saving.sweep_figures import sweep_numbers, sweep_words
from grokdash.views.sweep import get_picture
from grokdash.views.sweep.choice import parse_choice
from grokdash.views.sweep.chosen import NO_RUN, Chosen
from grokdash.views.sweep.data import SweepReader
from grokdash.views.sweep.picture import render
from grokdash.views.sweep.table import records


def make_sweep_routes(reader: SweepReader, saved: Few | None = None) -> Blueprint:
    """Make the blueprint that serves everything under /api/sweep."""
    routes = Blueprint("sweep-api", __name__, url_prefix="/api/sweep/<sweep_id>")
    api = _Api(reader, saved or downloads())
    for rule, function in (
        ("/runs.csv", api.runs),
        ("/figure/<name>", api.figure),
        ("/data/<name>.<kind>", api.data),
    ):
        routes.add_url_rule(rule, view_func=function, methods=["GET"])
    answer_errors(routes, reader.store)
    return routes


class _Api:
    """One method per route."""

    def __init__(self, reader: SweepReader, saved: Few) -> None:
        self._reader = reader
        self._saved = saved

    def runs(self, sweep_id: str) -> Response:
        chosen = self._chosen(sweep_id)
        rows = list(records(chosen))
        titles = dict.fromkeys(title for row in rows for title in row)
        table = {
            title: np.fromiter((row.get(title) for row in rows), object)
            for title in titles
        }
        numbers = Numbers(arrays=table, origin=dict(sweep_origin(chosen)))
        with self._saved:
            body = CSV.of_table(numbers)
        return send_numbers(CSV, body, sweep_id)

    def figure(self, sweep_id: str, name: str) -> Response:
        chosen, picture = self._drawable(sweep_id), get_picture(name)
        head = SweepFigureHead(
            title=picture.title,
            sentence=picture.words(chosen),
            height=picture.height_of(chosen),
            about=sweep_words(chosen),
            file=sweep_stem(sweep_id, picture.name),
            origin=sweep_origin(chosen, picture.name),
        )
        return send_figure(head, render(picture, chosen, THEMES[asked_theme()]))

    def data(self, sweep_id: str, name: str, kind: str) -> Response:
        chosen, picture = self._drawable(sweep_id), get_picture(name)
        written_as = number_format(kind)
        stem = sweep_stem(sweep_id, picture.name)
        with self._saved:
            body = written_as.of_table(sweep_numbers(picture, chosen))
        return send_numbers(written_as, body, stem)

    def _chosen(self, sweep_id: str) -> Chosen:
        data = self._reader.get(sweep_id)
        return Chosen(data, parse_choice(data, request.args))

    def _drawable(self, sweep_id: str) -> Chosen:
        chosen = self._chosen(sweep_id)
        if not chosen.runs:
            raise NotStoredError(NO_RUN)
        return chosen
