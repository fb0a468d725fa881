"""Answering with one picture and what is said of it."""

from collections.abc import Callable

import plotly.graph_objects as go
from flask import Response, request

from grokdash.app.answers import send, send_figure
from grokdash.contract.pictures import FigureHead, RangeChoice
from grokdash.contract.words import RANGE_BUTTON, RANGE_HINTS
from grokdash.views import Drawing, View
from grokdash.views.core.ranges import hides, of_epoch
from grokdash.views.core.render import render, sentence


def send_drawing(
    drawing: Drawing,
    view: View,
    finish: Callable[[go.Figure], go.Figure] = lambda fig: fig,
) -> Response:
    """Answer with a picture, or with its words alone where they are asked for.

    Parameters
    ----------
    finish
        What else is done to the picture.
    """
    head = FigureHead(
        step=drawing.step,
        sentence=sentence(drawing, view),
        limits=dict(drawing.limits),
        range=_range_choice(drawing, view),
        pending=drawing.pending,
    )
    if "words" in request.args:
        return send(head)
    return send_figure(head, finish(render(drawing, view)))


def _range_choice(drawing: Drawing, view: View) -> RangeChoice | None:
    pressed = of_epoch(drawing, view)
    if not pressed and not hides(drawing, view):
        return None
    return RangeChoice(pressed=pressed, text=RANGE_BUTTON, hint=RANGE_HINTS[pressed])
