"""Buttons of pages: each does what its code says, wherever it stands."""

from typing import Any

from dash import html

from grokdash.contract.codes import Action
from grokdash.contract.words import MENU


def action_button(
    action: Action,
    label: str,
    *,
    text: str = "",
    pressed: bool = False,
    popup: bool = False,
    running: str = "",
    **attributes: Any,
) -> html.Button:
    """Make a button that does what its code says."""
    attributes["data-act"] = action
    if running:
        attributes |= {"data-label": label, "data-label-running": running}
    if not text:
        attributes |= {"data-icon": action, "aria-label": label}
    if pressed:
        attributes["aria-pressed"] = "false"
    if popup:
        attributes["aria-haspopup"] = "menu"
    return html.Button(
        text or None,
        type="button",
        title=label,
        className="tool" if text else "tool tool-icon",
        **attributes,
    )


def copy_link() -> html.Button:
    """Make the button that copies a link to what is shown."""
    words = "Copy a link to this picture (L)"
    return action_button("copy-link", words, text=MENU["copy-link"])


def record() -> html.Button:
    """Make the button that records what is played."""
    words = "Record what is played as a film (V)"
    return action_button("record", words, text="Record", pressed=True)
