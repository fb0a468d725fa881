"""The two callbacks of the app; both run in the browser, none on the server."""

import dash
from dash import ClientsideFunction, Input, Output


def wire(app: dash.Dash) -> None:
    """Connect the page's configuration and the slider to the player in ``assets``."""
    app.clientside_callback(
        ClientsideFunction("grokdash", "open"),
        Output("player-sink", "data"),
        Input("page-config", "data"),
    )
    app.clientside_callback(
        ClientsideFunction("grokdash", "scrub"),
        Output("player-sink", "data", allow_duplicate=True),
        Input("scrubber", "value"),
        prevent_initial_call=True,
    )
