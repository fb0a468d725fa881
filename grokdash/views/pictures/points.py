"""One point per token in a plane."""

from dataclasses import dataclass

import plotly.graph_objects as go

from grokdash.figures.points import Points, square
from grokdash.figures.theme import Axis
from grokdash.views.core.view import Drawing, Traits
from grokdash.views.pictures.told import Words, words_of
from grokdash.views.reading.tokens import (
    square_bound,
    token_colours,
    token_names,
    token_scale,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPoints:
    """The tokens as points ``x, y [q]`` on equal axes, coloured by k·a or by token.

    Parameters
    ----------
    x, y
        What the two directions are.
    styles
        With ``"k"`` if the arrays do not depend on it but the colours do.
    """

    x: Words
    y: Words
    styles: tuple[str, ...] = ("norm", "colour")

    @property
    def traits(self) -> Traits:
        """Places change while scrubbing; a click selects a token."""
        return Traits(
            kind="points",
            scrub={"0.x": "x", "0.y": "y"},
            picks={"customdata": "a"},
            styles=self.styles,
        )

    def draw(self, drawing: Drawing) -> go.Figure:
        """Draw the points on the range they have over the run."""
        x, y = drawing.arrays["x"], drawing.arrays["y"]
        k = drawing.selection.k
        points = Points(
            x=x,
            y=y,
            labels=token_names(drawing.run),
            ids=drawing.run.order,
            colours=token_colours(drawing, k),
            scale=token_scale(drawing, k),
        )
        along_x = Axis(words_of(self.x, drawing))
        along_y = Axis(words_of(self.y, drawing))
        return square(points, drawing.theme, along_x, along_y, square_bound(drawing))
