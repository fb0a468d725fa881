"""Answering with one picture and what is said of it."""

from collections.abc import Callable
from dataclasses import astuple

import numpy as np
import plotly.graph_objects as go
from flask import Response, request

from grokdash.app.answers import send, send_written, with_figure
from grokdash.cache import Arrays
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
    if "words" in request.args:
        return send(head_of(drawing, view))
    return send_written(_written(drawing, view, finish))


def send_own_drawing(drawing: Drawing, view: View) -> Response:
    """Answer with a picture of one run, which is drawn and written once for all."""
    if "words" in request.args or drawing.pending:
        return send_drawing(drawing, view)
    run = drawing.run
    arguments = (
        view.version,
        drawing.step,
        len(run.steps),
        run.stored.status.state,
        run.title,
        drawing.theme.name,
        *astuple(drawing.selection),
    )

    def write() -> Arrays:
        text = answer_of(drawing, view)
        return {"text": np.frombuffer(text.encode(), np.uint8)}

    found = run.remember(f"answer:{view.id}", arguments, write, disk=False)
    return send_written(found["text"].tobytes().decode())


def answer_of(drawing: Drawing, view: View) -> str:
    """Write a picture with what is said of it, as the server answers it."""
    return _written(drawing, view, lambda fig: fig)


def head_of(drawing: Drawing, view: View) -> FigureHead:
    """Say what is said of a picture, without drawing it."""
    return FigureHead(
        step=drawing.step,
        sentence=sentence(drawing, view),
        limits=dict(drawing.limits),
        range=_range_choice(drawing, view),
        pending=drawing.pending,
    )


def _written(
    drawing: Drawing, view: View, finish: Callable[[go.Figure], go.Figure]
) -> str:
    return with_figure(head_of(drawing, view), finish(render(drawing, view)))


def _range_choice(drawing: Drawing, view: View) -> RangeChoice | None:
    pressed = of_epoch(drawing, view)
    if not pressed and not hides(drawing, view):
        return None
    return RangeChoice(pressed=pressed, text=RANGE_BUTTON, hint=RANGE_HINTS[pressed])
