"""Pictures over all of training: lines, rows of lines, one line per frequency.

All have the epoch on the x axis, linear or logarithmic as the reader likes, a line that
marks where one is, and the phases of training behind the lines.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.bundles import add_bundle
from grokdash.figures.curves import Curve, curves
from grokdash.figures.stacks import Row, stack
from grokdash.figures.theme import Axis
from grokdash.views.core.selection import chosen_keys
from grokdash.views.core.view import Drawing, Traits
from grokdash.views.pictures.lines import Level, Line
from grokdash.views.pictures.told import AnAxis, Finish, axis_of, unfinished
from grokdash.views.reading.epochs import add_phases, epoch_axis, on_axis, spread
from grokdash.views.reading.frequencies import key_colours

Lines = tuple[Line, ...] | Callable[[Drawing], Sequence[Line]]
ALogAxis = str | AnAxis
"""A title alone leaves it to the reader whether the y axis is logarithmic."""

_MOST_QUIET_POINTS = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochCurves:
    """Lines over epochs.

    Parameters
    ----------
    lines
        What is drawn.
    y
        The y axis; a title alone if the reader chooses between logarithmic and linear.
    level
        A level to compare with.
    most_names
        Above this many lines there is no legend.
    finish
        What else belongs into the figure.
    """

    lines: Lines
    y: ALogAxis
    level: Callable[[Drawing], Level | None] | None = None
    most_names: int = 99
    finish: Finish = unfinished

    @property
    def traits(self) -> Traits:
        """Only the scales of the axes can be chosen."""
        return Traits(kind="curves", styles=("x", *_y_style(self.y)))

    def draw(self, drawing: Drawing) -> go.Figure:
        """Draw the lines, then the level, then the phases."""
        lines = _curves(self.lines, drawing)
        x, y = epoch_axis(drawing), _y_axis(self.y, drawing)
        named = len(lines) <= self.most_names
        fig = curves(lines, drawing.theme, x, y, legend=named)
        if self.level and (level := self.level(drawing)):
            level.add_to(fig, drawing)
        return add_phases(self.finish(fig, drawing), drawing)


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochRows:
    """Several rows of lines over epochs, each with its unit.

    Parameters
    ----------
    rows
        The lines and the y axis of every row, from the top.
    legend
        Whether lines are named; one without a name is in no legend.
    finish
        What else belongs into the figure.
    """

    rows: Callable[[Drawing], Sequence[tuple[Sequence[Line], Axis]]]
    legend: bool = True
    finish: Finish = unfinished

    @property
    def traits(self) -> Traits:
        """Only the scale of the x axis can be chosen."""
        return Traits(kind="curves", styles=("x",))

    def draw(self, drawing: Drawing) -> go.Figure:
        """Draw the rows, then the phases behind all of them."""
        rows = [
            Row(lines=_curves(lines, drawing), y=y) for lines, y in self.rows(drawing)
        ]
        fig = stack(rows, drawing.theme, epoch_axis(drawing), legend=self.legend)
        return add_phases(self.finish(fig, drawing), drawing)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrequencyCurves:
    """One line per frequency: keys in their colours, the chosen one dotted, rest grey.

    Parameters
    ----------
    array
        Values over checkpoints and frequencies, ``[C, nf]``.
    y
        The y axis; a title alone if the reader chooses between logarithmic and linear.
    own
        Whether these are frequencies of the run's frame, in which its keys are.
    level
        A level to compare with.
    """

    array: str
    y: ALogAxis
    own: Callable[[Drawing], bool] = lambda _drawing: True
    level: Callable[[Drawing], Level | None] | None = None

    @property
    def traits(self) -> Traits:
        """The scales can be chosen, and which frequencies stand out."""
        return Traits(kind="curves", styles=("x", *_y_style(self.y), "k", "keys"))

    def draw(self, drawing: Drawing) -> go.Figure:
        """Draw the lines that matter over the bundle of the others."""
        n = drawing.arrays[self.array].shape[1]
        keys = self._keys(drawing, n)
        x, y = epoch_axis(drawing), _y_axis(self.y, drawing)
        lines = _curves(self._lines(drawing, keys, n), drawing)
        fig = curves(lines, drawing.theme, x, y)
        self._add_others(fig, drawing, keys, (x, y))
        add_phases(fig, drawing)
        level = self.level(drawing) if self.level else None
        return level.add_to(fig, drawing) if level else fig

    def _keys(self, drawing: Drawing, n: int) -> list[int]:
        keys = chosen_keys(drawing.selection, drawing.run)
        return sorted(k for k in keys if k <= n) if self.own(drawing) else []

    def _lines(self, drawing: Drawing, keys: list[int], n: int) -> list[Line]:
        values, chosen = drawing.arrays[self.array], drawing.selection.k
        of_keys = key_colours(drawing)
        lines = [Line(f"k = {k}", values[:, k - 1], of_keys[k]) for k in keys]
        if chosen not in keys and chosen <= n:
            name, column = f"k = {chosen} (chosen)", values[:, chosen - 1]
            lines.append(Line(name, column, "text", dash="dot", width=1.2))
        return lines

    def _add_others(
        self, fig: go.Figure, drawing: Drawing, keys: list[int], axes: tuple[Axis, Axis]
    ) -> None:
        values = drawing.arrays[self.array]
        others = [k for k in range(1, values.shape[1] + 1) if k not in keys]
        rows = spread(len(values), _MOST_QUIET_POINTS)
        quiet = values[np.ix_(rows, np.array(others, dtype=int) - 1)]
        at = on_axis(drawing.arrays["epochs"][rows], drawing)
        names = [f"k = {k}" for k in others]
        name = "others" if keys else "all frequencies"
        add_bundle(fig, (at, quiet), names, drawing.theme, axes, name=name)


def _curves(lines: Lines | Sequence[Line], drawing: Drawing) -> list[Curve]:
    known = lines(drawing) if callable(lines) else lines
    at = {one.epochs: on_axis(drawing.arrays[one.epochs], drawing) for one in known}
    return [line.curve(drawing, at[line.epochs]) for line in known]


def _y_style(y: ALogAxis) -> tuple[str, ...]:
    return ("y",) if isinstance(y, str) else ()


def _y_axis(y: ALogAxis, drawing: Drawing) -> Axis:
    if isinstance(y, str):
        return Axis(y, kind="linear" if drawing.selection.y == "linear" else "log")
    return axis_of(y, drawing)
