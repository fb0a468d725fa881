"""Lines and levels as values, before it is known where they are drawn."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.curves import Curve, add_level
from grokdash.figures.marks import DASHES, Dash
from grokdash.views.core.view import Drawing


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a picture.

    Parameters
    ----------
    name
        What the legend calls it.
    y
        The array it shows, by its name or itself.
    colour
        A name of the table such as ``"train"``, or a colour.
    epochs
        The array of its epochs, in pictures over epochs.
    """

    name: str
    y: str | np.ndarray
    colour: str
    dash: Dash = "solid"
    width: float = 1.6
    epochs: str = "epochs"

    def curve(self, drawing: Drawing, x: np.ndarray) -> Curve:
        """Give the line at its places along the x axis."""
        return Curve(
            name=self.name,
            x=x,
            y=drawing.arrays[self.y] if isinstance(self.y, str) else self.y,
            colour=drawing.theme.colour(self.colour),
            dash=self.dash,
            width=self.width,
        )


@dataclass(frozen=True, slots=True)
class Level:
    """A thin horizontal line at y with a few words at its right end."""

    y: float
    text: str
    below: bool = False

    def add_to(self, fig: go.Figure, drawing: Drawing) -> go.Figure:
        """Draw it."""
        return add_level(fig, self.y, self.text, drawing.theme, below=self.below)


def matrix_line(
    matrix: str, drawing: Drawing, values: np.ndarray, epochs: str = "epochs"
) -> Line:
    """Give the line of one matrix: colour by its kind, dash by its block."""
    *block, kind = matrix.split("/")
    layer = int(block[1]) if block else 0
    several = drawing.run.config.n_layers > 1 and bool(block)
    return Line(
        f"{kind} {layer}" if several else kind,
        values,
        kind,
        dash=DASHES[layer % 3],
        width=1.3,
        epochs=epochs,
    )
