"""What run.json implies for the HDF5 files of its run: shapes, types, sizes."""

import json
import math
from dataclasses import dataclass, field
from typing import NamedTuple

from grokdash.config import RunConfig
from grokdash.store.schema import SMALL, TABLE, TRAIN_MASK, grid_shapes, param_shapes

MAX_ROW = 2**31
"""Most bytes along all axes of a dataset but the first."""

Shape = tuple[int | None, ...]


class Wanted(NamedTuple):
    """What a dataset must be: its shape (None leaves an axis free) and its types."""

    shape: Shape | None = None
    types: tuple[str, ...] = ()
    row: int = MAX_ROW // 8
    """Most numbers along all axes but the first."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What run.json says of every HDF5 file of its run.

    Attributes
    ----------
    run : str
        The fingerprint of run.json.
    params, grids : dict
        The shape of each at one checkpoint.
    measure : int
        Most numbers in one measure of one checkpoint.
    """

    run: str
    params: dict[str, tuple[int, ...]] = field(default_factory=dict)
    grids: dict[str, tuple[int, ...]] = field(default_factory=dict)
    measure: int = 2 * SMALL

    @classmethod
    def of(cls, run: str, config: RunConfig) -> "Expected":
        """Work out what a configuration implies."""
        layers = config.n_layers * max(config.d_mlp, config.n_heads * config.p)
        return cls(
            run,
            param_shapes(config),
            grid_shapes(config),
            max(2 * SMALL, config.p**2, 4 * layers),
        )

    def text(self) -> str:
        """Write it down for another process."""
        return json.dumps([self.run, self.params, self.grids, self.measure])

    @classmethod
    def read(cls, text: str) -> "Expected":
        """Read what :meth:`text` wrote."""
        run, params, grids, measure = json.loads(text)
        return cls(run, _shapes(params), _shapes(grids), measure)

    def wanted(self, kind: str, name: str) -> Wanted:
        """Say what a dataset of a kind of file must be."""
        group, _, rest = name.partition("/")
        rows = None if kind in ("run", "extra") else 1
        if name in ("step", "grids/step", "steps/step"):
            return Wanted((None,), ("<i8",))
        if name == TRAIN_MASK:
            return Wanted(self.grids["loss"], ("|u1",))
        if group == "params" and rest in self.params:
            return Wanted((rows, *self.params[rest]), ("<f4",))
        if group == "grids" and rest in self.grids:
            return Wanted((rows, *self.grids[rest]), ("<f2", "<f4"))
        return self._others(group, rest)

    def _others(self, group: str, rest: str) -> Wanted:
        if group == "steps":
            return Wanted((None, None) if rest == TABLE else (None,), ("<f8",))
        if group == "measures" and rest == TABLE:
            return Wanted((1, None), ("<f8",), 64 * self.measure)
        if group == "measures":
            return Wanted(row=self.measure)
        weights = sum(math.prod(shape) for shape in self.params.values())
        return Wanted(row=16 * weights + 2**20)


def _shapes(lists: dict[str, list[int]]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(shape) for name, shape in lists.items()}
