"""The list of shortcuts, for the dialog of the frame and for the guide."""

from collections.abc import Collection

from dash import html

from grokdash.contract.codes import KeyAction
from grokdash.contract.words import KEYS


def keys_table(without: Collection[KeyAction] = ()) -> html.Table:
    """Lay out the list of shortcuts, less those that do nothing but these."""
    rows = [
        html.Tr([html.Th(html.Kbd(key)), html.Td(what)])
        for key, what, actions in KEYS
        if not actions or set(actions.values()) - set(without)
    ]
    return html.Table(html.Tbody(rows), className="keys")
