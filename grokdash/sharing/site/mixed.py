"""Pictures made of several runs, as the page of a comparison has them.

What changes by epoch the page takes from the runs themselves; here is how it is drawn.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from grokdash.contract.codes import CompareMode
from grokdash.contract.site import SiteMixed
from grokdash.errors import NotStoredError
from grokdash.figures.theme import THEMES
from grokdash.saving.comparisons import (
    Mixed,
    compare,
    difference,
    draw_mixed,
    layers_of,
    mixed_head,
    overlay,
)
from grokdash.sharing.collected import Offered
from grokdash.sharing.pictures import Pool, key_of
from grokdash.views import View
from grokdash.views.compare.alignment import ALIGNMENTS, Align, Column
from grokdash.views.compare.difference import no_difference
from grokdash.views.compare.overlay import laid_over, layer_figures, no_overlay

if TYPE_CHECKING:
    from grokdash.contract.compare import MixedHead

_LOOKS = ("norm", "x", "y", "colour")
_OWN = ""
"""Every run shows what it picks itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One column of a comparison, and what there is of it."""

    column: Column
    offered: Offered


def mixed_pictures(
    sides: Sequence[Side], views: Sequence[View], pool: Pool, tell: Callable[[], None]
) -> dict[str, SiteMixed]:
    """Draw every picture that is made of several of the columns, by its name."""
    found = {}
    for view in views:
        for mode, places in _asked(view, len(sides)):
            name = "|".join((mode, view.id, ",".join(map(str, places))))
            found[name] = _Drawer(sides, view, mode, places, pool).drawn()
            tell()
    return found


def count(views: Sequence[View], columns: int) -> int:
    """Count the pictures that :func:`mixed_pictures` draws."""
    return sum(1 for view in views for _ in _asked(view, columns))


def _asked(view: View, columns: int) -> Iterator[tuple[CompareMode, tuple[int, ...]]]:
    if columns > 1 and (no_overlay(view) is None):
        yield "overlay", tuple(range(columns))
    if no_difference(view) is None:
        for other in range(1, columns):
            yield "difference", (0, other)


class _Drawer:
    """Draws one picture for every theme, alignment and choice."""

    def __init__(
        self,
        sides: Sequence[Side],
        view: View,
        mode: CompareMode,
        places: tuple[int, ...],
        pool: Pool,
    ) -> None:
        self._sides, self._view, self._mode = sides, view, mode
        self._places, self._pool = places, pool
        self._columns = tuple(side.column for side in sides)
        self._steps = [side.offered.steps[-1] for side in sides]
        self._offsets: list[int] = []
        self._layers: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self._head: MixedHead | None = None

    def drawn(self) -> SiteMixed:
        """Draw all there are, or say why there are none."""
        values = self._values()
        pictures, missing = {}, ""
        aligns: Sequence[Align] = tuple(ALIGNMENTS) if self._view.cursor else ("epoch",)
        try:
            for theme, align in product(THEMES, aligns):
                for picked in product(*values.values()):
                    asked = dict(zip(values, picked, strict=True))
                    parts = (theme, align if self._view.cursor else "", key_of(asked))
                    name = "|".join(part for part in parts if part)
                    pictures[name] = self._one(theme, align, asked)
        except NotStoredError as error:
            pictures, missing = {}, str(error)
        return SiteMixed(
            missing=missing,
            aligned=self._view.cursor,
            fields=list(values),
            pictures=pictures,
            offsets=self._offsets,
            head=self._head,
        )

    def _values(self) -> dict[str, tuple[str, ...]]:
        """Give what all runs can share of what the view shows, and that they do not."""
        found: dict[str, tuple[str, ...]] = {}
        for name in dict.fromkeys((*self._view.reads, *self._view.styles)):
            if name == "step":
                continue
            every = [side.offered.values[name] for side in self._sides]
            shared = [str(one) for one in every[0] if all(one in own for own in every)]
            if name in _LOOKS:
                found[name] = tuple(shared)
            elif any(len(own) > 1 for own in every):
                found[name] = (_OWN, *shared)
        return found

    def _one(self, theme: str, align: Align, asked: Mapping[str, str]) -> Any:
        made = self._made(theme, align, asked)
        figure, self._offsets = self._figure(made, (theme, key_of(asked)))
        self._head = self._head or mixed_head(made)
        text: str = figure.to_json()
        written = json.loads(text)
        if self._view.per_step:
            for trace in written["data"]:
                if "z" in trace:
                    trace["z"] = None
        return self._pool.without(written)

    def _figure(self, made: Mixed, name: tuple[str, str]) -> tuple[Any, list[int]]:
        """Draw it; layers that differ by alignment alone are drawn once."""
        if made.mode != "overlay":
            return draw_mixed(made)
        view, layers = self._view, layers_of(made)
        if name not in self._layers:
            self._layers[name] = layer_figures(view, layers)
        return laid_over(view, layers, self._layers[name], made.comparison.line.align)

    def _made(self, theme: str, align: Align, asked: Mapping[str, str]) -> Mixed:
        told = {name: value for name, value in asked.items() if value != _OWN}
        comparison = compare(self._columns, self._steps, align, told, theme)
        if self._mode == "overlay":
            return overlay(comparison, self._view)
        return difference(comparison, self._view, *self._places)
