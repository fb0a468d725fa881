"""Formats of pictures: each is one value, and whatever saves pictures walks the lists.

An import of this module loads neither plotly nor the views, so that the help of the
command line can name the formats: sheets and figures of Plotly are ``Any`` here.
"""

import io
import json
import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from grokdash.saving.browser import Drawer, extra


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """A format of one picture.

    Parameters
    ----------
    ending
        Of a file's name, without the dot.
    drawn
        Whether a browser draws it.
    begin
        Begin to make the file from a sheet and the pixels of the file per pixel of the
        sheet; it is done when the future is.
    finish
        Complete what the browser has drawn of a sheet.
    """

    ending: str
    drawn: bool
    begin: Callable[[Any, float, Drawer | None], "Future[bytes]"]
    finish: Callable[[bytes, Any], bytes] = lambda content, _sheet: content


def _drawn(
    kind: str, finish: Callable[[bytes, Any], bytes] = lambda content, _sheet: content
) -> Still:
    """Make a format of what a browser draws."""

    def begin(sheet: Any, scale: float, drawer: Drawer | None) -> "Future[bytes]":
        if drawer is None:
            raise RuntimeError(f"{kind} is drawn by a browser, and none is open")
        scale = scale if kind == "png" else 1.0
        return drawer.later(sheet.as_figure(), kind, scale)

    return Still(ending=kind, drawn=True, begin=begin, finish=finish)


def _written(ending: str, write: Callable[[Any], bytes]) -> Still:
    """Make a format that needs no browser."""

    def begin(sheet: Any, _scale: float, _drawer: Drawer | None) -> "Future[bytes]":
        done: Future[bytes] = Future()
        done.set_result(write(sheet))
        return done

    return Still(ending=ending, drawn=False, begin=begin)


_HTML = {"displaylogo": False, "showSendToCloud": False}
"""Settings of a page: nothing in it goes to another computer."""


def _html(sheet: Any) -> bytes:
    """Write the figure as a page that needs nothing from elsewhere."""
    figure = sheet.panels[0].figure
    page = figure.to_html(include_plotlyjs=True, full_html=True, config=_HTML)
    told = json.dumps(dict(sheet.origin)).replace("<", "\\u003c")
    head = (
        f'<script type="application/json" id="grokdash-origin">{told}</script></head>'
    )
    return page.replace("</head>", head, 1).encode()


def _with_origin(content: bytes, sheet: Any) -> bytes:
    """Write into a PDF where it comes from."""
    pypdf: Any = extra("pypdf")
    # Chromium numbers its objects from 1, which is told at length.
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(content))
    writer.add_metadata(
        {
            "/Title": sheet.title,
            "/Subject": sheet.told,
            "/Creator": f"grokdash {sheet.origin['version']}",
            "/grokdash": json.dumps(dict(sheet.origin)),
        }
    )
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


STILLS = (
    _drawn("png"),
    _drawn("svg"),
    _drawn("pdf", _with_origin),
    _written("html", _html),
)
"""Every format of one picture."""
