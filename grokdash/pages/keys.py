"""The list of shortcuts, for the dialog of the frame and for the guide."""

from dash import html

from grokdash.contract.words import KEYS


def keys_table() -> html.Table:
    """Lay out the list of shortcuts."""
    return html.Table(
        html.Tbody(
            [html.Tr([html.Th(html.Kbd(key)), html.Td(what)]) for key, what, _ in KEYS]
        ),
        className="keys",
    )
