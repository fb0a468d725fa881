"""The frame of a page comes with the first answer, so that nobody looks at white.

Dash lays a page out once its scripts have run and have asked twice. Until then the
same layout is shown as plain HTML, which lies over what Dash makes and is taken away by
``assets/js/player/early.js``; of a run, what the scripts must know comes with it.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc
from dash.development.base_component import Component

from grokdash.pages import PAGES, Page

_VOID = {"br", "hr", "img", "input"}
_DRAWN_AS: dict[type, tuple[str, str | None]] = {
    dcc.Link: ("a", None),
    dcc.Slider: ("div", None),
    dbc.Alert: ("div", "alert alert-danger"),
    dbc.Nav: ("div", "nav flex-column"),
    dbc.NavLink: ("a", "nav-link"),
}
"""Tag and class of what is no element of HTML but is drawn as one."""
_NAMES = {"className": "class", "tabIndex": "tabindex", "htmlFor": "for"}
_WORDLESS = {"children", "n_clicks", "disable_n_clicks"}
_DROPPED = {"id", "role", "tabIndex", *_WORDLESS}
"""Of the frame, which is for the eye alone, and what HTML has no word for."""


Live = Mapping[type, Callable[[Any], str]]
"""How components that are no HTML are drawn, by their type."""


def page_of(path: str) -> tuple[Page, dict[str, str]] | None:
    """Find the page of a path of the app, and what the path says to it."""
    for page in sorted(PAGES, key=lambda one: one.order):
        pattern = re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", page.path_template)
        if found := re.fullmatch(pattern, path.rstrip("/") or "/"):
            return page, found.groupdict()
    return None


def first_frame(bar: Component, lay_out: Callable[[], Any] | None) -> str:
    """Write the frame of a page.

    Parameters
    ----------
    bar
        What stands above every page.
    lay_out
        Gives the layout of the page; None where that takes too long to do twice.
    """
    page = lay_out() if lay_out else None
    config = next((dict(one) for one in _configs(page)), {})
    text = json.dumps(config if config.get("kind") == "run" else None)
    return (
        '<div id="first-frame" aria-hidden="true" inert>'
        f"{as_html(bar)}<main>{as_html(page)}</main></div>"
        '<script type="application/json" id="first-page">'
        f"{text.replace('<', chr(92) + 'u003c')}</script>"
    )


def _configs(node: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(node, Component):
        for one in [node, *node._traverse()]:  # noqa: SLF001 - Dash's own walk
            if isinstance(one, dcc.Store) and one.id == "page-config":  # pyright: ignore[reportAttributeAccessIssue]
                yield one.data  # pyright: ignore[reportAttributeAccessIssue]


def as_html(node: Any, live: Live | None = None) -> str:
    """Write elements of a layout as HTML; what only scripts can draw is left empty.

    Parameters
    ----------
    node
        A layout or a part of it.
    live
        How components that are no HTML are drawn, where the page is to be used as it
        is written; without it, it is a frame for the eye alone.
    """
    if node is None or getattr(node, "is_open", None) is False:
        return ""
    if isinstance(node, list | tuple):
        return "".join(as_html(one, live) for one in node)
    if not isinstance(node, Component):
        return escape(str(node))
    if live is not None and type(node) in live:
        return live[type(node)](node)
    return _element(node, live)


def _element(node: Component, live: Live | None) -> str:
    values = node.to_plotly_json()
    props = values["props"]
    if type(node) in _DRAWN_AS:
        tag, look = _DRAWN_AS[type(node)]
        props = {"className": look} | props
    elif values["namespace"] == "dash_html_components":
        tag = values["type"].lower()
    else:
        return ""
    start = f"<{tag}{''.join(_attributes(props, live=live is not None))}>"
    if tag in _VOID:
        return start
    return f"{start}{as_html(props.get('children'), live)}</{tag}>"


def _attributes(props: Mapping[str, Any], *, live: bool) -> Iterator[str]:
    dropped = _WORDLESS if live else _DROPPED
    for name, value in sorted(props.items()) if live else props.items():
        if name in dropped or value is None or value is False:
            continue
        if name == "style":
            text = ";".join(f"{_dashed(key)}:{one}" for key, one in value.items())
            yield f' style="{escape(text)}"'
        elif value is True:
            yield f" {name}"
        elif isinstance(value, str | int | float) and (live or _is_attribute(name)):
            yield f' {_NAMES.get(name, name)}="{escape(str(value))}"'


def _is_attribute(name: str) -> bool:
    known = {"className", "href", "title", "type", "placeholder", "value"}
    return name in known or name.startswith(("data-", "aria-"))


def _dashed(name: str) -> str:
    return re.sub(r"([A-Z])", lambda found: f"-{found[1].lower()}", name)
