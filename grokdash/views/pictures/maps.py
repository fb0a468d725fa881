"""Heat maps: a number for every pair, several such maps, any matrix."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import plotly.graph_objects as go

from grokdash.figures.grids import Scale, heat_map, heat_maps
from grokdash.figures.highlights import mark_cells
from grokdash.figures.theme import Axis, symmetric
from grokdash.views.core.ranges import one_sided, sides
from grokdash.views.core.view import Drawing, Kind, Traits
from grokdash.views.pictures.told import (
    AnAxis,
    Finish,
    Words,
    axis_of,
    unfinished,
    words_of,
)

_A, _B = Axis("a"), Axis("b")


@dataclass(frozen=True, slots=True)
class PairMap:
    """One number for every pair of operands.

    Parameters
    ----------
    array
        The numbers, ``[p, p]``.
    unit
        What they are.
    signed
        Whether zero is their middle.
    from_zero
        Whether zero is their end.
    log10
        Whether they are decimal logarithms of what the unit says.
    training
        Whether dots mark the training pairs.
    """

    array: str
    unit: Words
    signed: bool = field(default=False, kw_only=True)
    from_zero: bool = field(default=False, kw_only=True)
    log10: bool = field(default=False, kw_only=True)
    training: bool = field(default=False, kw_only=True)

    @property
    def traits(self) -> Traits:
        """Colours change while scrubbing; a click selects a pair."""
        return _over_pairs("0.z", self.array)

    def draw(self, drawing: Drawing) -> go.Figure:
        """Draw the map, b to the right and a upwards."""
        low, high = drawing.limits[self.array]
        whole = drawing.selection.norm == "run"
        limits = (min(low, 0.0) if self.from_zero and whole else low, high)
        scale = _scale(drawing, limits, self.unit, signed=self.signed)
        scale = replace(scale, log10=self.log10)
        theme = drawing.theme
        fig = heat_map(drawing.arrays[self.array], scale, theme, _B, _A, square=True)
        _tell_sides(fig, drawing, signed=self.signed)
        if not self.training:
            return fig
        dots = theme.colour("training pairs")
        return mark_cells(fig, drawing.run.train_mask, "training pairs", dots)


@dataclass(frozen=True, slots=True)
class PairMaps:
    """Several maps over pairs on one scale.

    Parameters
    ----------
    array
        The numbers, ``[maps, p, p]``.
    unit
        What they are.
    titles
        What stands over each map.
    signed
        Whether zero is their middle.
    """

    array: str
    unit: Words
    titles: Sequence[str] | Callable[[Drawing], Sequence[str]]
    signed: bool = field(default=False, kw_only=True)

    @property
    def traits(self) -> Traits:
        """Colours change while scrubbing; a click selects a pair."""
        return _over_pairs("*.z", self.array)

    def draw(self, drawing: Drawing) -> go.Figure:
        """Draw the maps side by side."""
        titles = self.titles(drawing) if callable(self.titles) else self.titles
        limits = drawing.limits[self.array]
        scale = _scale(drawing, limits, self.unit, signed=self.signed)
        maps = drawing.arrays[self.array]
        fig = heat_maps(maps, scale, drawing.theme, _B, _A, titles)
        return _tell_sides(fig, drawing, signed=self.signed)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Any matrix, rows upwards; one with as many rows as columns is square.

    Parameters
    ----------
    array
        The numbers, ``[rows, columns]``.
    unit
        What they are.
    x, y
        The axes along columns and rows.
    signed
        Whether zero is their middle.
    log10
        Whether they are decimal logarithms of what the unit says.
    picks
        What a click on a cell selects.
    styles
        Empty if the range of the numbers is known beforehand.
    kind
        ``"table"`` for a few cells that hold their numbers.
    texts
        Whether the names of rows say something of the epoch.
    finish
        What else belongs into the figure: marks, names of rows.
    """

    array: str
    unit: Words
    x: AnAxis
    y: AnAxis
    signed: bool = field(default=False, kw_only=True)
    log10: bool = field(default=False, kw_only=True)
    picks: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    styles: tuple[str, ...] = field(default=("norm",), kw_only=True)
    kind: Kind = field(default="grid", kw_only=True)
    texts: bool = field(default=False, kw_only=True)
    finish: Finish = field(default=unfinished, kw_only=True)

    @property
    def traits(self) -> Traits:
        """Colours change while scrubbing."""
        return Traits(
            kind=self.kind,
            scrub={"0.z": self.array},
            picks=self.picks,
            styles=self.styles,
            texts=self.texts,
        )

    def draw(self, drawing: Drawing) -> go.Figure:
        """Draw the map, then what else belongs to it."""
        limits = drawing.limits[self.array]
        scale = _scale(drawing, limits, self.unit, signed=self.signed)
        scale = replace(scale, log10=self.log10)
        x, y = axis_of(self.x, drawing), axis_of(self.y, drawing)
        z = drawing.arrays[self.array]
        square = self.kind == "grid" and len(set(z.shape)) == 1
        fig = heat_map(z, scale, drawing.theme, x, y, square=square)
        _tell_sides(fig, drawing, signed=self.signed)
        return self.finish(fig, drawing)


def _over_pairs(target: str, array: str) -> Traits:
    picks = {"x": "b", "y": "a"}
    return Traits(kind="grid", scrub={target: array}, picks=picks, styles=("norm",))


def _scale(
    drawing: Drawing, limits: tuple[float, float], unit: Words, *, signed: bool
) -> Scale:
    theme, title = drawing.theme, words_of(unit, drawing)
    signed = signed and not one_sided(drawing, limits)
    low, high = symmetric(*limits) if signed else limits
    colours = theme.diverging if signed else theme.sequential
    high = high if high > low else low + 1.0
    return Scale(colours=colours, low=low, high=high, title=title)


def _tell_sides(fig: go.Figure, drawing: Drawing, *, signed: bool) -> go.Figure:
    """Hand both scales over where the one depends on the epoch."""
    if not signed or drawing.selection.norm != "epoch":
        return fig
    return fig.update_traces(meta=sides(drawing.theme), selector={"type": "heatmap"})
