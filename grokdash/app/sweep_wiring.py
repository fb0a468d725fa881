"""The callbacks of a sweep's page: one per picture, computed on the server."""

import csv
import io
from collections.abc import Mapping
from functools import partial
from typing import Any

import dash
from dash import ALL, ClientsideFunction, Input, Output, State, no_update
from flask import Response, request

from grokdash.errors import GrokdashError
from grokdash.figures.theme import THEMES
from grokdash.pages.sweeps.controls import THRESHOLDS, parse_choice
from grokdash.pages.sweeps.page import sweep_status
from grokdash.pages.sweeps.panels import (
    NOTHING,
    PANELS,
    SweepPanel,
    caption_id,
    graph_id,
    graph_style,
)
from grokdash.pages.sweeps.tables import comparison_table, records, run_table
from grokdash.store import Store
from grokdash.views.sweep.choice import Chosen
from grokdash.views.sweep.data import SweepReader


def wire_sweeps(app: dash.Dash, store: Store) -> None:
    """Connect the controls of a sweep's page to its pictures and tables."""
    reader = SweepReader(store)
    for panel in PANELS:
        app.callback(
            Output(graph_id(panel.name), "figure"),
            Output(caption_id(panel.name), "children"),
            Output(graph_id(panel.name), "style"),
            inputs=_inputs(judged=panel.judged),
            prevent_initial_call=True,
        )(partial(_draw, reader, panel))
    app.callback(
        Output("sweep-comparisons", "children"),
        Output("sweep-runs", "children"),
        inputs=_inputs(judged=True),
        prevent_initial_call=True,
    )(partial(_tables, reader))
    app.callback(
        Output("sweep-version", "data"),
        Output("sweep-status", "children"),
        Input("sweep-tick", "n_intervals"),
        State("sweep-config", "data"),
        State("sweep-version", "data"),
        prevent_initial_call=True,
    )(partial(_look_again, reader))
    _wire_browser(app)
    app.server.add_url_rule(
        "/api/sweep/<sweep_id>/runs.csv",
        "sweep-csv",
        partial(_csv, reader),
        methods=["GET"],
    )


def _wire_browser(app: dash.Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("grokdash", "sweepTheme"),
        Output("sweep-theme", "data"),
        Input("sweep-config", "data"),
    )
    app.clientside_callback(
        ClientsideFunction("grokdash", "sweepRemember"),
        Output({"type": "sweep-held-box", "axis": ALL}, "hidden"),
        Output("sweep-csv", "href"),
        Input("sweep-x", "value"),
        Input("sweep-y", "value"),
        Input("sweep-event", "value"),
        Input("sweep-colour", "value"),
        Input({"type": "sweep-held", "axis": ALL}, "value"),
        *(Input(f"sweep-{name}", "value") for name in THRESHOLDS),
        State({"type": "sweep-held", "axis": ALL}, "id"),
        State("sweep-config", "data"),
    )
    app.clientside_callback(
        ClientsideFunction("grokdash", "sweepOpen"),
        Output("sweep-sink", "data"),
        *(Input(graph_id(panel.name), "clickData") for panel in PANELS),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("grokdash", "sweepScrub"),
        Output("sweep-sink", "data", allow_duplicate=True),
        Input("sweep-playhead", "value"),
        prevent_initial_call=True,
    )


def _inputs(*, judged: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "config": State("sweep-config", "data"),
        "theme": Input("sweep-theme", "data"),
        "version": Input("sweep-version", "data"),
        "held": Input({"type": "sweep-held", "axis": ALL}, "value"),
        "held_ids": State({"type": "sweep-held", "axis": ALL}, "id"),
    }
    inputs = {"x": Input("sweep-x", "value"), "y": Input("sweep-y", "value")}
    if judged:
        inputs |= {name: Input(f"sweep-{name}", "value") for name in THRESHOLDS}
        inputs["event"] = Input("sweep-event", "value")
        inputs["colour"] = Input("sweep-colour", "value")
    return found | inputs


def _chosen(reader: SweepReader, values: Mapping[str, Any]) -> Chosen:
    data = reader.get(str(values["config"]["id"]))
    asked = {
        f"h.{one['axis']}": place
        for one, place in zip(values["held_ids"], values["held"], strict=True)
    }
    return Chosen(data, parse_choice(data, {**values, **asked}))


def _draw(
    reader: SweepReader, panel: SweepPanel, **values: Any
) -> tuple[Any, Any, Any]:
    if values["theme"] not in THEMES:
        return no_update, no_update, no_update
    try:
        chosen = _chosen(reader, values)
    except GrokdashError as error:
        return no_update, str(error), no_update
    if not chosen.runs:
        return NOTHING, "No run of this choice is stored yet.", no_update
    drawn = panel.draw(chosen, THEMES[values["theme"]])
    return drawn.figure, drawn.sentence, graph_style(drawn.height or panel.height)


def _tables(reader: SweepReader, **values: Any) -> tuple[Any, Any]:
    try:
        chosen = _chosen(reader, values)
    except GrokdashError as error:
        return str(error), no_update
    return comparison_table(chosen), run_table(chosen)


def _look_again(
    reader: SweepReader, _ticks: int, config: Mapping[str, Any], version: str
) -> tuple[Any, Any]:
    try:
        data = reader.get(str(config["id"]))
    except GrokdashError as error:
        return no_update, str(error)
    if data.version == version:
        return no_update, no_update
    return data.version, sweep_status(data)


def _csv(reader: SweepReader, sweep_id: str) -> Response:
    try:
        data = reader.get(sweep_id)
    except GrokdashError as error:
        return Response(str(error), 404, mimetype="text/plain")
    chosen = Chosen(data, parse_choice(data, request.args))
    rows = list(records(chosen))
    text = io.StringIO()
    text.write(f"# sweep {data.record.id}, grokdash, epochs of evaluated checkpoints\n")
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    name = f"{data.record.id}.csv"
    return Response(
        text.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
