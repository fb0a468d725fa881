"""What a picture is told: a value, or a function that gives it for one drawing."""

from collections.abc import Callable

import plotly.graph_objects as go

from grokdash.figures.theme import Axis
from grokdash.views.core.view import Drawing

Words = str | Callable[[Drawing], str]
AnAxis = Axis | Callable[[Drawing], Axis]
Finish = Callable[[go.Figure, Drawing], go.Figure]
"""Last strokes on a figure, which the picture does not know of."""


def words_of(told: Words, drawing: Drawing) -> str:
    """Give the words for this drawing."""
    return told if isinstance(told, str) else told(drawing)


def axis_of(told: AnAxis, drawing: Drawing) -> Axis:
    """Give the axis for this drawing."""
    return told if isinstance(told, Axis) else told(drawing)


def unfinished(fig: go.Figure, _drawing: Drawing) -> go.Figure:
    """Leave the figure as it is."""
    return fig
