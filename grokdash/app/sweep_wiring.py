"""The callbacks of a sweep's page: one per picture, computed on the server."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import dash
from dash import ALL, ClientsideFunction, Input, Output, State, no_update

from grokdash.errors import GrokdashError
from grokdash.figures.theme import THEMES, nothing
from grokdash.pages.sweeps.page import stored_sweeps, sweep_status
from grokdash.pages.sweeps.panels import caption_id, graph_id, graph_style
from grokdash.pages.sweeps.tables import comparison_table, run_table
from grokdash.views.sweep import PICTURES, SweepPicture
from grokdash.views.sweep.choice import THRESHOLDS, parse_choice
from grokdash.views.sweep.chosen import NO_RUN, Chosen
from grokdash.views.sweep.data import SweepReader


def wire_sweeps(app: dash.Dash, reader: SweepReader) -> None:
    """Connect the controls of a sweep's page to its pictures and tables."""
    for picture in PICTURES:
        app.callback(
            Output(graph_id(picture.name), "figure"),
            Output(caption_id(picture.name), "children"),
            Output(graph_id(picture.name), "style"),
            inputs=_inputs(judged=picture.judged),
            prevent_initial_call=True,
        )(partial(_draw, reader, picture))
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
    app.callback(
        Output("sweeps-stored", "children"),
        Input("sweeps-tick", "n_intervals"),
        prevent_initial_call=True,
    )(partial(_list_again, reader))
    _wire_browser(app)


def _wire_browser(app: dash.Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("grokdash", "sweepTheme"),
        Output("sweep-theme", "data"),
        Output("sweep-narrow", "data"),
        Input("sweep-config", "data"),
    )
    app.clientside_callback(
        ClientsideFunction("grokdash", "sweepRemember"),
        Output({"type": "sweep-held-box", "axis": ALL}, "hidden"),
        Output("sweep-csv", "href"),
        Output("sweep-y", "options"),
        Output("sweep-kept", "max"),
        *(Output(f"sweep-{name}-value", "children") for name in THRESHOLDS),
        Input("sweep-x", "value"),
        Input("sweep-y", "value"),
        Input("sweep-event", "value"),
        Input("sweep-colour", "value"),
        Input({"type": "sweep-held", "axis": ALL}, "value"),
        *(Input(f"sweep-{name}", "value") for name in THRESHOLDS),
        State({"type": "sweep-held", "axis": ALL}, "id"),
        State("sweep-x", "options"),
        State("sweep-config", "data"),
    )
    app.clientside_callback(
        ClientsideFunction("grokdash", "sweepOpen"),
        Output("sweep-sink", "data"),
        *(Input(graph_id(one.name), "clickData") for one in PICTURES),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("grokdash", "scrub"),
        Output("sweep-sink", "data", allow_duplicate=True),
        Input("sweep-playhead", "value"),
        prevent_initial_call=True,
    )


def _inputs(*, judged: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "config": State("sweep-config", "data"),
        "theme": Input("sweep-theme", "data"),
        "narrow": Input("sweep-narrow", "data"),
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
    choice = parse_choice(data, {**values, **asked})
    return Chosen(data, choice, narrow=bool(values.get("narrow")))


def _draw(
    reader: SweepReader, picture: SweepPicture, **values: Any
) -> tuple[Any, Any, Any]:
    theme = THEMES.get(values["theme"])
    if theme is None:
        return no_update, no_update, no_update
    try:
        chosen = _chosen(reader, values)
    except GrokdashError as error:
        return no_update, str(error), no_update
    if not chosen.runs:
        return nothing(), NO_RUN, no_update
    style = graph_style(picture.height_of(chosen))
    return picture.draw(chosen, theme), picture.words(chosen), style


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


def _list_again(reader: SweepReader, _ticks: int) -> Any:
    try:
        return stored_sweeps(reader.store)
    except GrokdashError as error:
        return str(error)
