"""The page of a file to share, written as HTML."""

import html
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dash import dcc

from grokdash.app.first_frame import Live, as_html
from grokdash.contract.codes import KeyAction, MenuItem
from grokdash.contract.pages import KeysConfig
from grokdash.contract.words import KEYS, MENU
from grokdash.pages.keys import keys_table
from grokdash.pages.run.alone import alone_page
from grokdash.sharing.seven_bits import as_text
from grokdash.snapshot import RunView
from grokdash.views import View

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'unsafe-inline' blob:",
        "style-src 'unsafe-inline'",
        "img-src data: blob:",
        "media-src blob:",
        "font-src data:",
        "connect-src 'none'",
        "form-action 'none'",
        "base-uri 'none'",
    )
)
"""The page reaches nothing outside of it, whatever is in it."""
_ABSENT: frozenset[MenuItem] = frozenset({"pdf", "npy", "stored", "report"})
"""What a file cannot do: their parts would be a megabyte, or are on a server."""
_ELSEWHERE: frozenset[KeyAction] = frozenset(
    {"search", "previous-run", "next-run", "previous-step", "next-step", "arrange"}
)
"""What keys do on pages that are not in the file."""
_SLIDER = (
    '<div id="scrubber" class="scrubber"><div class="dash-slider-root">'
    '<div class="dash-slider-track"></div><span class="dash-slider-holder">'
    '<span class="dash-slider-thumb" role="slider" tabindex="0" aria-label="Epoch" '
    'aria-valuemin="0" aria-valuemax="100" aria-valuenow="0"></span></span></div></div>'
)
_NOTICES = 8
_FIRST = ("styles", "app", "plotly", "head")
"""The parts that are needed first, in the order in which they are needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """What :func:`~grokdash.pages.run.alone.alone_page` lays out."""

    run: RunView
    views: tuple[View, ...]
    length: int
    about: tuple[str, ...]
    home: str = ""


def write_page(laid: Laid, parts: Mapping[str, bytes], paint: str, boot: str) -> str:
    """Write the whole file.

    Parameters
    ----------
    laid
        What stands on the page.
    parts
        Packed bytes by name: ``styles``, ``app``, ``plotly``, ``head`` and others.
    paint, boot
        The scripts that choose the theme, and that read the parts.
    """
    page = alone_page(laid.run, laid.views, laid.length, laid.about, laid.home)
    return write_document(laid.run.title, page, parts, paint, boot)


def write_document(
    title: str,
    page: Any,
    parts: Mapping[str, bytes],
    paint: str,
    boot: str,
) -> str:
    """Write a page that stands alone, with what a player needs around it.

    Parameters
    ----------
    title
        In the tab.
    page
        Its layout.
    parts, paint, boot
        As :func:`write_page` takes them; a page without figures needs no ``plotly``.
    """
    layout = as_html(page, LIVE)
    keys = html.escape(json.dumps(KeysConfig(actions=_actions())))
    order = [name for name in _FIRST if name in parts]
    order += [name for name in parts if name not in _FIRST]
    written = {name: _part(name, parts[name]) for name in order}
    return "".join(
        (
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            '<meta name="plotly" content="">',
            f"<title>{html.escape(title)} · grokdash</title>",
            f"<script>{paint}</script></head><body hidden>",
            f'<div id="app" class="alone" data-keys="{keys}">{layout}{_frame()}</div>',
            "<noscript>This page is played by scripts: allow them.</noscript>",
            written["styles"],
            written["app"],
            f"<script>{boot}</script>",
            *(one for name, one in written.items() if name not in ("styles", "app")),
            "</body></html>\n",
        )
    )


def _part(name: str, packed: bytes) -> str:
    return f'<script type="text/plain" id="part-{name}">{as_text(packed)}</script>\n'


def _slider(component: Any) -> str:
    if component.id == "scrubber":
        return _SLIDER
    return (
        f'<input type="range" id="{component.id}" class="form-range" '
        f'min="{component.min}" max="{component.max}" value="{component.value}" '
        'aria-label="Epoch up to which curves are drawn">'
    )


def _graph(component: Any) -> str:
    height = component.style["height"]
    return (
        f'<div id="{component.id}" class="sweep-graph" style="height:{height}">'
        '<div class="plot"></div></div>'
    )


def _input(component: Any) -> str:
    return (
        f'<input type="{component.type}" id="{component.id}" class="field search" '
        f'placeholder="{html.escape(component.placeholder)}" '
        f'aria-label="{html.escape(component.placeholder)}">'
    )


def _link(component: Any) -> str:
    href, text = html.escape(component.href), as_html(component.children, {})
    return f'<a href="{href}">{text}</a>'


LIVE: Live = {
    dcc.Slider: _slider,
    dcc.Graph: _graph,
    dcc.Input: _input,
    dcc.Link: _link,
}
"""How components that Dash draws are written."""


def _actions() -> dict[str, KeyAction]:
    found: dict[str, KeyAction] = {}
    for _, _, keys in KEYS:
        found |= {key: one for key, one in keys.items() if one not in _ELSEWHERE}
    return found


def _frame() -> str:
    """Write what stands around the page: notices, the menu, the list of keys."""
    items = "".join(
        f'<button type="button" class="dropdown-item"><span data-act="{code}">'
        f"{html.escape(words)}</span></button>"
        for code, words in MENU.items()
        if code not in _ABSENT
    )
    return "".join(
        (
            f'<div id="toasts" class="toasts" role="status" data-places="{_NOTICES}">',
            '</div><div id="live-region" class="visually-hidden" aria-live="polite">',
            '</div><div id="panel-menu" class="dropdown"><button type="button" ',
            'class="dropdown-toggle btn" aria-haspopup="menu" aria-expanded="false">',
            '<span class="visually-hidden">Save or copy</span></button>',
            f'<div class="dropdown-menu dropdown-menu-end">{items}</div></div>',
            '<template id="keys-dialog-content">',
            as_html(keys_table(_ELSEWHERE), {}),
            '<div class="form-check form-switch"><input type="checkbox" id="letters" ',
            'class="form-check-input"><label class="form-check-label" for="letters">',
            "Single-character keys</label></div></template>",
        )
    )
