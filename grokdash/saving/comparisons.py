"""Pictures made of several runs, and the numbers behind them.

A comparison is a value: runs, an epoch of each, what is picked. What is made of it, all
runs overlaid or one minus another, says itself what it shows and where it comes from;
the routes of the Compare page and the command line give it on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import numpy as np
import plotly.graph_objects as go

from grokdash.contract.codes import CompareMode
from grokdash.contract.compare import ComparedRun, CompareOrigin, MixedHead
from grokdash.errors import NotStoredError
from grokdash.saving.number_formats import Along, Numbers
from grokdash.saving.numbers import view_numbers
from grokdash.saving.origins import VERSION, mixed_stem
from grokdash.views.compare.alignment import (
    AXES,
    Align,
    Column,
    Timeline,
    letter_of,
    make_timeline,
)
from grokdash.views.compare.difference import (
    Side,
    describe_difference,
    differences,
    draw_difference,
    largest,
    locked_bound,
    no_difference,
)
from grokdash.views.compare.frames import refuse_unlike_axes, unlike
from grokdash.views.compare.naming import column_names
from grokdash.views.compare.overlay import Layer, make_layers, overlaid
from grokdash.views.compare.runs import address_of
from grokdash.views.core.render import make_drawing, read_fields
from grokdash.views.core.selection import parse_selection
from grokdash.views.core.view import Drawing, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Runs beside each other, each at one epoch.

    Parameters
    ----------
    columns, line
        The runs, and which checkpoints belong to one place.
    steps
        The epoch of each.
    asked
        What is picked, as an address says it; a run takes of it what it has.
    theme
        Light or dark.
    """

    columns: tuple[Column, ...]
    line: Timeline
    steps: tuple[int, ...]
    asked: Mapping[str, str]
    theme: str

    def side(self, place: int, view: View) -> Side:
        """Give one run as a view sees it.

        Raises
        ------
        NotStoredError
            If the view cannot show it.
        """
        run = self.columns[place].run
        why = view.missing(run)
        if why is not None:
            raise NotStoredError(f"{letter_of(place)}: {why}")
        selection, _notices = parse_selection(self.asked, run)
        snapshot = run.at(self.steps[place])
        return Side(letter=letter_of(place), snapshot=snapshot, selection=selection)

    def drawing(self, side: Side, view: View) -> Drawing:
        """Collect what a picture of one run is made from, in the colours of all."""
        keys = frozenset(k for one in self.columns for k in one.run.keys)
        own = make_drawing(side.snapshot, view, side.selection, self.theme)
        return replace(own, beside=keys)


def compare(
    columns: Sequence[Column],
    wanted: Sequence[int | None],
    align: Align,
    asked: Mapping[str, str],
    theme: str,
) -> Comparison:
    """Put runs beside each other.

    Parameters
    ----------
    wanted
        An epoch per column, None for its newest; the nearest checkpoint is taken, and
        a pinned column stays where it is.
    """
    steps = []
    for one, asked_step in zip(columns, wanted, strict=True):
        last = one.run.last
        step = one.pin if one.pin is not None else asked_step
        nearest = one.run.stored.nearest_step(min(last if step is None else step, last))
        steps.append(nearest)
    return Comparison(
        columns=tuple(columns),
        line=make_timeline(columns, align),
        steps=tuple(steps),
        asked=asked,
        theme=theme,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixed:
    """A picture made of several runs: which, of what view, and how.

    ``sides`` and ``drawings`` are the runs that are drawn, ``places`` their columns.
    """

    mode: CompareMode
    comparison: Comparison
    view: View
    places: tuple[int, ...]
    sides: tuple[Side, ...]
    drawings: tuple[Drawing, ...]

    @property
    def title(self) -> str:
        """The letters of the runs and the view."""
        sign = " − " if self.mode == "difference" else ", "
        return f"{sign.join(side.letter for side in self.sides)} · {self.view.title}"

    @property
    def runs(self) -> str:
        """Which run each letter stands for, and which epoch of it is shown."""
        names = column_names(self.comparison.columns)
        told = []
        for place, side in zip(self.places, self.sides, strict=True):
            epoch = f", epoch {side.snapshot.step:,}"
            pinned = self.comparison.columns[place].pin is not None
            told.append(f"{side.letter}: {names[place]}{'' if pinned else epoch}")
        return "; ".join(told)

    @property
    def stem(self) -> str:
        """The name of what is saved of it, without the ending."""
        return mixed_stem(
            [side.snapshot.run.id for side in self.sides],
            self.view.id,
            [side.snapshot.step for side in self.sides],
            "-minus-" if self.mode == "difference" else "-vs-",
        )


def overlay(comparison: Comparison, view: View) -> Mixed:
    """Lay the pictures of all runs on each other.

    Raises
    ------
    NotStoredError
        If the view cannot show one of the runs.
    """
    return _mixed("overlay", comparison, view, range(len(comparison.columns)))


def difference(comparison: Comparison, view: View, first: int, second: int) -> Mixed:
    """Subtract the picture of one column from that of another.

    Raises
    ------
    NotStoredError
        If the view cannot show one of the runs, has no difference, or their axes count
        different things.
    """
    made = _mixed("difference", comparison, view, (first, second))
    if no_difference(view) is None:
        one, other = (
            (side.letter, drawing)
            for side, drawing in zip(made.sides, made.drawings, strict=True)
        )
        refuse_unlike_axes(view, one, other)
    return made


def _mixed(
    mode: CompareMode, comparison: Comparison, view: View, places: Sequence[int]
) -> Mixed:
    sides = tuple(comparison.side(place, view) for place in places)
    drawings = tuple(comparison.drawing(side, view) for side in sides)
    return Mixed(
        mode=mode,
        comparison=comparison,
        view=view,
        places=tuple(places),
        sides=sides,
        drawings=drawings,
    )


def mixed_head(mixed: Mixed) -> MixedHead:
    """Say what there is to say of a picture; it is not drawn for this.

    Raises
    ------
    NotStoredError
        If the shapes of two runs differ that are to be subtracted.
    """
    tell = {"overlay": _overlay_words, "difference": _difference_words}
    sentence, warning = tell[mixed.mode](mixed)
    return MixedHead(
        sentence=sentence,
        warning=warning,
        offsets=[],
        steps=[side.snapshot.step for side in mixed.sides],
        runs=mixed.runs,
        file=mixed.stem,
        origin=mixed_origin(mixed),
    )


def draw_mixed(mixed: Mixed) -> tuple[go.Figure, list[int]]:
    """Draw a picture; trace i of layer l of an overlay is trace ``offsets[l] + i``.

    Raises
    ------
    NotStoredError
        If it cannot be drawn; the message says why.
    """
    if mixed.mode == "overlay":
        return overlaid(mixed.view, layers_of(mixed), mixed.comparison.line.align)
    first, second = mixed.sides
    arrays = differences(mixed.view, first, second)
    if first.selection.norm == "epoch":
        bound = max(largest(array) for array in arrays.values())
    else:
        bound = locked_bound(mixed.view, first, second, _pairs(mixed))
    title = f"{first.letter} − {second.letter}"
    return draw_difference(mixed.view, mixed.drawings[0], arrays, bound, title), []


def mixed_numbers(mixed: Mixed) -> Numbers:
    """Give the numbers behind a picture, by the letters of the runs.

    Of a difference those of both runs, and what is left.

    Raises
    ------
    NotStoredError
        If there is no such picture.
    """
    draw_mixed(mixed)  # refuses what cannot be overlaid or subtracted
    make: Callable[[Mixed], Numbers] = (
        _overlay_numbers if mixed.mode == "overlay" else _difference_numbers
    )
    return make(mixed)


def mixed_origin(mixed: Mixed) -> CompareOrigin:
    """Say where a picture comes from: runs, epochs, what is picked, link."""
    view, comparison = mixed.view, mixed.comparison
    fields = read_fields(view, styles=False)
    return CompareOrigin(
        runs=[
            ComparedRun(
                run=side.snapshot.run.id,
                config=side.snapshot.run.config.hash(),
                epoch=side.snapshot.step,
                selection=side.selection.query(fields),
            )
            for side in mixed.sides
        ],
        view=view.id,
        mode=mixed.mode,
        align=comparison.line.align,
        permalink=_permalink(mixed),
        version=VERSION,
    )


def _permalink(mixed: Mixed) -> str:
    comparison, fields = mixed.comparison, mixed.sides[0].selection.query
    names = [name for name in comparison.asked if name in _picked(mixed)]
    query = {
        "runs": ",".join(map(address_of, comparison.columns)),
        "align": comparison.line.align,
        "mode": mixed.mode,
        "views": mixed.view.id,
    }
    moving = [i for i, one in enumerate(comparison.columns) if one.pin is None]
    if moving:
        place = comparison.steps[moving[0]] * comparison.line.scales[moving[0]]
        query["at"] = str(place).removesuffix(".0")
    query |= {name: fields((name,))[name] for name in names}
    return f"/compare?{urlencode(query, safe=',@')}"


def _picked(mixed: Mixed) -> tuple[str, ...]:
    return read_fields(mixed.view, styles=True)


def layers_of(mixed: Mixed) -> list[Layer]:
    """Give the runs of an overlay as its layers."""
    comparison = mixed.comparison
    return make_layers(mixed.view, comparison.columns, mixed.drawings, comparison.line)


def _overlay_words(mixed: Mixed) -> tuple[str, str]:
    view, layers = mixed.view, layers_of(mixed)
    told = " ".join(f"{one.name}: {view.describe(one.drawing)}" for one in layers)
    runs = [(one.name, one.drawing.run) for one in layers]
    return told, "" if view.cursor else unlike(runs)


def _difference_words(mixed: Mixed) -> tuple[str, str]:
    first, second = mixed.sides
    arrays = differences(mixed.view, first, second)
    told = describe_difference(mixed.view, first, second, arrays)
    return told, unlike([(side.letter, side.snapshot.run) for side in mixed.sides])


def _pairs(mixed: Mixed) -> list[tuple[int, int]]:
    """Give the epochs of the two runs at every place of the timeline."""
    line, columns = mixed.comparison.line, mixed.comparison.columns
    first, second = mixed.places
    return [
        (int(columns[first].run.steps[a]), int(columns[second].run.steps[b]))
        for a, b in zip(line.indices[first], line.indices[second], strict=True)
    ]


def _overlay_numbers(mixed: Mixed) -> Numbers:
    arrays: dict[str, np.ndarray] = {}
    titles: dict[str, str] = {}
    axes: dict[str, Sequence[Along]] = {}
    for layer in layers_of(mixed):
        own = view_numbers(layer.drawing, mixed.view)
        along = own.axes
        if mixed.view.cursor:
            along = _over_epochs(own, AXES[mixed.comparison.line.align], layer.scale)
        for name, array in own.arrays.items():
            full = f"{layer.name} {name}"
            arrays[full] = array
            titles[full] = f"{layer.name} {own.titles.get(name, name)}"
            if name in along:
                axes[full] = along[name]
    origin = dict(mixed_origin(mixed))
    return Numbers(arrays=arrays, origin=origin, titles=titles, axes=axes)


def _over_epochs(own: Numbers, title: str, scale: float) -> dict[str, list[Along]]:
    """Lay what is counted by epochs along the axis that the overlay shows."""
    epochs = np.asarray(own.arrays.get("epochs", ()))
    first = Along(title=title, values=(epochs * scale).tolist())
    return {
        name: [
            first,
            *(Along(title=f"index{i}", values=range(n)) for i, n in enumerate(rest, 1)),
        ]
        for name, array in own.arrays.items()
        if array.ndim and len(array) == len(epochs)
        for rest in [array.shape[1:]]
    }


def _difference_numbers(mixed: Mixed) -> Numbers:
    one, other = (view_numbers(drawing, mixed.view) for drawing in mixed.drawings)
    a, b = (side.letter for side in mixed.sides)
    arrays: dict[str, np.ndarray] = {}
    titles: dict[str, str] = {}
    axes: dict[str, Sequence[Along]] = {}
    for name in dict.fromkeys(mixed.view.scrub.values()):
        values = [np.asarray(own.arrays[name], dtype=float) for own in (one, other)]
        title = one.titles.get(name, name)
        difference = f"{a} − {b}"
        parts = {a: values[0], b: values[1], difference: values[0] - values[1]}
        for letters, array in parts.items():
            key = f"{letters} {name}"
            arrays[key], titles[key] = array, f"{letters} {title}"
            if name in one.axes:
                axes[key] = one.axes[name]
    origin = dict(mixed_origin(mixed))
    return Numbers(arrays=arrays, origin=origin, titles=titles, axes=axes)
