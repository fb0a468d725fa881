"""One bar per frequency, or per whatever else is counted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import plotly.graph_objects as go

from grokdash.figures.bars import bars
from grokdash.figures.theme import Axis
from grokdash.views.core.view import Drawing, Traits
from grokdash.views.pictures.told import Finish, Words, unfinished, words_of
from grokdash.views.reading.frequencies import colours_of, frequency_axis


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars in a row; unless told otherwise one per frequency, keys in their colours.

    Parameters
    ----------
    array
        The heights, ``[n]``.
    y
        What they are.
    x
        The axis with the places of n bars.
    colours
        The colour of each of n bars, or of all.
    signed
        Whether heights may be negative.
    picks
        What a click on a bar selects.
    finish
        What else belongs into the figure.
    """

    array: str
    y: Words
    x: Callable[[Drawing, int], Axis] = field(default=frequency_axis, kw_only=True)
    colours: Callable[[Drawing, int], Sequence[str] | str] = field(
        default=colours_of, kw_only=True
    )
    signed: bool = field(default=False, kw_only=True)
    picks: Mapping[str, str] = field(default_factory=lambda: {"x": "k"}, kw_only=True)
    finish: Finish = field(default=unfinished, kw_only=True)

    @property
    def traits(self) -> Traits:
        """Heights change while scrubbing."""
        return Traits(
            kind="bars", scrub={"0.y": self.array}, picks=self.picks, styles=("norm",)
        )

    def draw(self, drawing: Drawing) -> go.Figure:
        """Draw the bars on the range they have over the run."""
        heights = drawing.arrays[self.array]
        n = len(heights)
        y = Axis(words_of(self.y, drawing), self._range(drawing))
        colours = self.colours(drawing, n)
        fig = bars(heights, drawing.theme, self.x(drawing, n), y, colours)
        return self.finish(fig, drawing)

    def _range(self, drawing: Drawing) -> tuple[float, float]:
        low, high = drawing.limits[self.array]
        if not self.signed:
            return rising(high)
        low, high = min(low, 0.0), max(high, 0.0)
        room = 0.06 * (high - low) or 1.0
        return low - room, high + room


def rising(top: float) -> tuple[float, float]:
    """Give the range of bars that rise from zero to at most ``top``."""
    return 0.0, 1.05 * top if top > 0 else 1.0
