"""Lines over an index: tokens, classes, offsets."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.curves import curves
from grokdash.figures.theme import Axis
from grokdash.views.core.view import Drawing, Traits
from grokdash.views.pictures.lines import Line
from grokdash.views.pictures.told import Finish, Words, unfinished, words_of
from grokdash.views.reading.frames import modulus_of, token_title


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A few lines over an index that does not change with the epoch.

    Parameters
    ----------
    lines
        What is drawn, by the names of arrays.
    x
        Gives the axis of the index with the places of the values along it.
    y
        What the values are.
    room
        Free space above and below, in parts of their range.
    picks
        What a click on a place selects.
    finish
        What else belongs into the figure.
    """

    lines: tuple[Line, ...]
    x: Callable[[Drawing], Axis]
    y: Words
    room: float = 0.05
    picks: Mapping[str, str] = field(default_factory=dict)
    finish: Finish = unfinished

    @property
    def traits(self) -> Traits:
        """Heights change while scrubbing."""
        return Traits(
            kind="lines",
            scrub={f"{i}.y": name for i, name in enumerate(self._arrays)},
            picks=self.picks,
            styles=("norm",),
        )

    def draw(self, drawing: Drawing) -> go.Figure:
        """Draw the lines on the range they have over the run."""
        x = self.x(drawing)
        at = np.arange(0) if x.values is None else x.values
        limits = [drawing.limits[name] for name in self._arrays]
        low, high = min(low for low, _ in limits), max(high for _, high in limits)
        room = self.room * (high - low) or 1.0
        y = Axis(words_of(self.y, drawing), (low - room, high + room))
        lines = [line.curve(drawing, at) for line in self.lines]
        return self.finish(curves(lines, drawing.theme, x, y), drawing)

    @property
    def _arrays(self) -> list[str]:
        return [str(line.y) for line in self.lines]


def over_tokens(name: str) -> Callable[[Drawing], Axis]:
    """Make the axis of the tokens or classes in the order of the frame."""

    def axis(drawing: Drawing) -> Axis:
        run, selection = drawing.run, drawing.selection
        q = modulus_of(run, selection)
        title = token_title(run, selection, name)
        return Axis(title, (-1.0, float(q)), values=np.arange(q))

    return axis
