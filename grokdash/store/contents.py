"""What the HDF5 files of a run contain: a checkpoint, a state, the packed file."""

import contextlib
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from grokdash.errors import DamagedFileError
from grokdash.store.safety import SafeFile
from grokdash.store.schema import SMALL, TABLE, is_name
from grokdash.store.structure import MAX_STEP

_KINDS = "fiu"


class Piece:
    """A checkpoint file, of which the small measures stay in memory once read.

    So a live run's curves cost one small read per new checkpoint, not one per
    checkpoint and view.
    """

    def __init__(self, step: int) -> None:
        self.step = step
        self._small: dict[str, np.ndarray] | None = None
        self._large: list[str] = []
        self._scalars: dict[str, np.ndarray] | None = None

    @property
    def is_opened(self) -> bool:
        """Whether anything of it was read already."""
        return self._small is not None or self._scalars is not None

    def names(self, file: SafeFile) -> list[str]:
        """List the measures of this checkpoint."""
        return [name for name, _, _ in _layout(file)] + file.names("measures")

    def measure(
        self, open_file: Callable[[], SafeFile], name: str
    ) -> np.ndarray | None:
        """Read one measure, or None if this checkpoint lacks it."""
        small = self._small_measures(open_file)
        if name in small:
            return small[name]
        if name in self._large:
            return open_file().read(f"measures/{name}", 0)
        return None

    def keep(self, open_file: Callable[[], SafeFile]) -> None:
        """Read all that is small, so that it need not be opened for that again."""
        self._small_measures(open_file)
        self.scalars(open_file)

    def _small_measures(
        self, open_file: Callable[[], SafeFile]
    ) -> dict[str, np.ndarray]:
        if self._small is None:
            file = open_file()
            self._small = _read_table(file)
            self._large = file.names("measures")
        return self._small

    def scalars(self, open_file: Callable[[], SafeFile]) -> dict[str, np.ndarray]:
        """Read the per-update scalars since the checkpoint before, and their steps."""
        if self._scalars is None:
            file = open_file()
            names = ["step", *file.names("scalars")]
            rows: Any = [[]] * len(names)
            n = file.meta.get("n_scalars")
            if file.meta.get("scalars") and n:
                rows = file.read(f"steps/{TABLE}", (), (len(names), n))
            self._scalars = {
                name: np.asarray(row, dtype=np.float64)
                for name, row in zip(names, rows, strict=True)
            }
        return self._scalars


class Packed:
    """What run.h5 says it holds: which step is in which row, and the names."""

    def __init__(self, file: SafeFile) -> None:
        self.rows = _rows(file, "step")
        self.grids = file.names("grids")
        self.grid_rows = _rows(file, "grids/step") if self.grids else {}
        self.measures = frozenset(file.names("measures"))
        self.scalars = frozenset(file.names("scalars"))
        keys = file.meta.get("key_frequencies")
        self.key_frequencies = (
            tuple(keys)
            if isinstance(keys, list) and all(type(k) is int for k in keys)
            else None
        )

    def measure(
        self, file: SafeFile, name: str, steps: list[int]
    ) -> dict[int, np.ndarray]:
        """Read one measure at those of the steps that are packed."""
        dataset = file.dataset(f"measures/{name}")
        if dataset.shape[:1] != (len(self.rows),):
            raise DamagedFileError(
                f"{file.path}: measures/{name}: expected {len(self.rows)} rows, "
                f"got shape {dataset.shape}"
            )
        wanted = {step: self.rows[step] for step in steps if step in self.rows}
        if len(wanted) == 1 or _is_picture(dataset.shape):
            return {
                step: file.read(f"measures/{name}", row) for step, row in wanted.items()
            }
        values = file.read(f"measures/{name}") if wanted else ()
        return {step: np.asarray(values[row]) for step, row in wanted.items()}


def read_state(file: SafeFile) -> dict[str, dict[str, np.ndarray]]:
    """Read a state file: ``{"optimizer": {…}, "rng": {…}}``."""
    return {group: _read_group(file, group) for group in ("optimizer", "rng")}


def _read_group(file: SafeFile, group: str) -> dict[str, np.ndarray]:
    layout = file.meta.get(group)
    if not isinstance(layout, dict):
        raise DamagedFileError(f"{file.path}: {group}: expected names and shapes")
    found = {}
    for name, shape in layout.items():
        size = _checked_shape(file, shape)
        values = (
            file.read(f"{group}/{name}", 0, (1, *(shape or [1])))
            if size
            else np.empty(0, dtype=np.float32)
        )
        if values.size != size:
            raise DamagedFileError(f"{file.path}: {group}/{name}: has a wrong size")
        found[name] = values.reshape(shape)
    return found


def _rows(file: SafeFile, name: str) -> dict[int, int]:
    steps = file.read(name, (), (None,))
    if (np.diff(steps) <= 0).any() or not ((steps >= 0) & (steps < MAX_STEP)).all():
        raise DamagedFileError(f"{file.path}: {name}: expected ascending steps")
    return {step: row for row, step in enumerate(steps.tolist())}


def _layout(file: SafeFile) -> list[tuple[str, list[int], str]]:
    table = file.meta.get("table", [])
    try:
        found = [(name, shape, dtype) for name, shape, dtype in table]
        good = all(is_name(n) and np.dtype(d).kind in _KINDS for n, _, d in found)
    except (TypeError, ValueError) as error:
        raise DamagedFileError(f"{file.path}: table: {error}") from None
    if not good:
        raise DamagedFileError(f"{file.path}: table: expected names and types")
    return found


def _checked_shape(file: SafeFile, shape: Any) -> int:
    if not isinstance(shape, list) or not all(
        type(size) is int and size >= 0 for size in shape
    ):
        raise DamagedFileError(f"{file.path}: {shape!r} is no shape")
    return math.prod(shape)


def _read_table(file: SafeFile) -> dict[str, np.ndarray]:
    layout = _layout(file)
    if not layout:
        return {}
    sizes = [_checked_shape(file, shape) for _, shape, _ in layout]
    flat = file.read(f"measures/{TABLE}", 0, (1, sum(sizes)))
    ends = np.cumsum(sizes)[:-1]
    return {
        name: part.reshape(shape).astype(dtype)
        for (name, shape, dtype), part in zip(layout, np.split(flat, ends), strict=True)
    }


def _is_picture(shape: tuple[int, ...]) -> bool:
    return math.prod(shape[1:]) > SMALL


@contextlib.contextmanager
def noting(damaged: dict[int, str] | None, step: int) -> Iterator[None]:
    """Keep one damaged piece from hiding the others, unless it is the one asked for."""
    try:
        yield
    except DamagedFileError as error:
        if damaged is None:
            raise
        damaged[step] = str(error)


def stack_rows(rows: list[np.ndarray | None], path: Path, name: str) -> np.ndarray:
    """Stack one measure over checkpoints; NaN rows stand for missing ones."""
    there = [row for row in rows if row is not None]
    if not there:
        return np.full((len(rows),), np.nan)
    shape = there[0].shape
    if any(row.shape != shape for row in there):
        raise DamagedFileError(f"{path}: {name}: its shape changes over the run")
    if len(there) == len(rows):
        return np.stack(there)
    dtype = np.result_type(*there)
    filled = np.full(
        (len(rows), *shape), np.nan, dtype=dtype if dtype.kind == "f" else np.float64
    )
    for i, row in enumerate(rows):
        if row is not None:
            filled[i] = row
    return filled
