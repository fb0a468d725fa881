"""What an address asks of several runs: which of them, at which epochs, how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from grokdash.errors import ConfigError
from grokdash.saving.comparisons import Comparison, Mixed, difference, overlay
from grokdash.views.compare.alignment import Column
from grokdash.views.compare.sharing import share_axes, with_shared_limits
from grokdash.views.core.view import Drawing, View

Query = Mapping[str, str]


def read_epochs(query: Query, columns: Sequence[Column]) -> list[int | None]:
    """Read ``e``, one epoch per column; what is missing is the column's newest."""
    parts = query.get("e", "").split(",")
    told = [*parts, *[""] * len(columns)][: len(columns)]
    return [int(text) if text.isdecimal() else None for text in told]


def read_places(query: Query, name: str, count: int, limit: int) -> list[int]:
    """Read places of columns; the first of them where none is said.

    Raises
    ------
    ConfigError
        If they are no such places.
    """
    text = query.get(name, ",".join(map(str, range(count))))
    parts = text.split(",")
    if len(parts) == count and all(one.isdecimal() for one in parts):
        found = [int(one) for one in parts]
        if max(found) < limit:
            return found
    raise ConfigError(
        f"{name}: expected {count} places below {limit}, joined by a comma, "
        f"got {text[:40]!r}"
    )


def read_mixed(compared: Comparison, view: View, query: Query, mode: str) -> Mixed:
    """Make the picture of several runs that is asked for.

    Raises
    ------
    ConfigError
        If there is no such mode, or ``pair`` names no two columns.
    NotStoredError
        If there is no such picture of these runs.
    """
    if mode == "overlay":
        return overlay(compared, view)
    if mode != "difference":
        raise ConfigError(f"expected overlay or difference, got {mode[:20]!r}")
    first, second = read_places(query, "pair", 2, len(compared.columns))
    return difference(compared, view, first, second)


@dataclass(frozen=True, slots=True)
class Beside:
    """One run among others, and those whose range it has."""

    own: Drawing
    others: tuple[Drawing, ...]
    view: View

    def finish(self, figure: go.Figure) -> go.Figure:
        """Give a figure of the run the axes of all."""
        return share_axes(figure, self.view, list(self.others))


def read_column(compared: Comparison, view: View, query: Query) -> Beside:
    """Draw the column that ``place`` names, in the ranges of all if wished.

    Raises
    ------
    ConfigError
        If there is no such column.
    NotStoredError
        If the view cannot show it.
    """
    columns = compared.columns
    (place,) = read_places(query, "place", 1, len(columns))
    shared = query.get("ranges") == "shared"

    def draw(index: int) -> Drawing:
        return compared.drawing(compared.side(index, view), view)

    others = [
        draw(index)
        for index, column in enumerate(columns if shared else ())
        if index != place and view.missing(column.run) is None
    ]
    own = with_shared_limits(draw(place), others)
    beside = tuple(with_shared_limits(one, [own]) for one in others)
    return Beside(own, beside, view)
