"""The arrays of a run as pandas and xarray have them: with names on every axis.

Both libraries are optional, and imported when they are asked for.
"""

import importlib
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, NamedTuple, Protocol

import numpy as np

from grokdash.config import RunConfig
from grokdash.errors import ConfigError, NotStoredError
from grokdash.store.axes import axes, meaning
from grokdash.store.checkpoint import suggestion
from grokdash.store.schema import param_shapes


class Rows(NamedTuple):
    """An array of every checkpoint: its shape and type at one, and what reads some."""

    shape: tuple[int, ...]
    dtype: np.dtype
    read: Callable[[list[int]], np.ndarray]


EPOCH, UPDATE = "epoch", "update"
SPLITS = ("train", "test", "all")
POSITIONS = ("a", "b", "=")


class Stored(Protocol):
    """What this needs of a run."""

    steps: np.ndarray

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def config(self) -> RunConfig: ...  # noqa: D102
    @property
    def measure_names(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def scalar_names(self) -> tuple[str, ...]: ...  # noqa: D102
    def param(self, name: str, step: int) -> np.ndarray: ...  # noqa: D102
    def measure(self, name: str, step: int) -> np.ndarray: ...  # noqa: D102
    def series(self, name: str, steps: Any = None) -> np.ndarray: ...  # noqa: D102
    def scalars(self, name: str) -> tuple[np.ndarray, np.ndarray]: ...  # noqa: D102


def to_pandas(run: Stored, names: Sequence[str]) -> Any:
    """Make a table of measures; see :meth:`~grokdash.store.reader.Run.to_pandas`."""
    pandas = _optional("pandas")
    if names and set(names) <= set(run.scalar_names):
        updates = {name: run.scalars(name) for name in names}
        columns = {n: pandas.Series(values, at) for n, (at, values) in updates.items()}
        return pandas.DataFrame(columns).rename_axis(UPDATE)
    _check_known(names, (*run.measure_names, *run.scalar_names))
    if mixed := set(names) & set(run.scalar_names):
        raise ConfigError(
            f"{', '.join(sorted(mixed))}: has a value at every update, the others at "
            "every checkpoint; ask for them in two tables"
        )
    steps = run.steps
    found: dict[str, np.ndarray] = {}
    for name in names or run.measure_names:
        if not names and _shape(run, name) != ():
            continue
        found |= _columns(name, run.series(name, steps))
    return pandas.DataFrame(found, index=pandas.Index(steps, name=EPOCH))


def _columns(name: str, values: np.ndarray) -> dict[str, np.ndarray]:
    """Give one column for each number of a measure at a checkpoint."""
    if values.ndim == 1:
        return {name: values}
    if values.ndim > 2:
        raise ConfigError(
            f"{name}: has {values.ndim - 1} axes, and a column holds one number per "
            "checkpoint; take run.to_xarray or run.series for it"
        )
    (axis,) = axes(f"measures/{name}", values.shape[1:])
    places = labels(axis, values.shape[1], ())
    return {f"{name}[{label}]": values[:, i] for i, label in enumerate(places)}


def to_xarray(run: Stored, names: Sequence[str]) -> Any:
    """Make a data set; see :meth:`~grokdash.store.reader.Run.to_xarray`."""
    xarray = _optional("xarray")
    shapes = param_shapes(run.config)
    _check_known(names, (*shapes, *run.measure_names))
    steps = run.steps
    found: dict[str, Any] = {}
    coordinates: dict[str, Any] = {EPOCH: steps}
    for name in names or (*shapes, *run.measure_names):
        shape = shapes[name] if name in shapes else _shape(run, name)
        stored = f"params/{name}" if name in shapes else f"measures/{name}"
        dims = axes(stored, shape)
        known = meaning(stored)
        rows = _parameter(run, name) if name in shapes else _measure(run, name, shape)
        values = _lazy(xarray, steps, rows)
        attributes = {"units": known.unit} if known and known.unit else {}
        found[name] = xarray.Variable((EPOCH, *dims), values, attributes)
        for axis, size in zip(dims, shape, strict=True):
            coordinates[axis] = labels(axis, size, tuple(shapes))
    config = run.config.model_dump()
    return xarray.Dataset(found, coordinates, {"run": run.id, **_plain(config)})


def _plain(config: Mapping[str, Any]) -> dict[str, Any]:
    """Give the settings in types that a netCDF file can hold."""
    return {
        name: int(value) if isinstance(value, bool) else value
        for name, value in config.items()
        if isinstance(value, str | int | float)
    }


def _parameter(run: Stored, name: str) -> Rows:
    shape = param_shapes(run.config)[name]

    def read(steps: list[int]) -> np.ndarray:
        rows = [run.param(name, step) for step in steps]
        return np.stack(rows) if rows else np.empty((0, *shape), np.float32)

    return Rows(shape, np.dtype(np.float32), read)


def _measure(run: Stored, name: str, shape: tuple[int, ...]) -> Rows:
    dtype = run.measure(name, int(run.steps[-1])).dtype

    def read(steps: list[int]) -> np.ndarray:
        found = run.series(name, steps)
        # Where none of these has it, the store does not know its shape.
        lacking = found.shape[1:] != shape
        return np.full((len(steps), *shape), np.nan) if lacking else found

    return Rows(shape, dtype, read)


def _lazy(xarray: ModuleType, steps: np.ndarray, rows: Rows) -> Any:
    """Give an array ``[C, …]`` of which xarray reads what is used."""
    indexing = importlib.import_module("xarray.core.indexing")

    class Lazy(xarray.backends.BackendArray):
        """One array of the run; the first index picks checkpoints."""

        shape = (len(steps), *rows.shape)
        dtype = rows.dtype

        def __getitem__(self, key: Any) -> Any:
            basic = indexing.IndexingSupport.BASIC
            return indexing.explicit_indexing_adapter(key, self.shape, basic, _picked)

    def _picked(key: tuple[Any, ...]) -> np.ndarray:
        first, rest = key[0], key[1:]
        if isinstance(first, slice):
            return rows.read(steps[first].tolist())[:, *rest]
        return np.asarray(rows.read([int(steps[first])])[0][rest])

    return indexing.LazilyIndexedArray(Lazy())


def _shape(run: Stored, name: str) -> tuple[int, ...]:
    """Give the shape of a measure at one checkpoint, as the newest has it."""
    if not len(run.steps):
        raise NotStoredError(f"{run.id}: has no checkpoint yet")
    return run.measure(name, int(run.steps[-1])).shape


def labels(axis: str, size: int, parameters: tuple[str, ...]) -> Any:
    """Give what the places along an axis are called."""
    named: dict[str, tuple[str, ...]] = {
        "split": SPLITS,
        "position": POSITIONS,
        "parameter": parameters,
    }
    if len(named.get(axis, ())) == size:
        return list(named[axis])
    first = 1 if axis == "frequency" else 0
    return np.arange(first, first + size)


def _check_known(names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            raise NotStoredError(
                f"no array {name!r}{suggestion(name, known)}; there are "
                f"{', '.join(known)}"
            )


def _optional(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ConfigError(f"this needs {name}: pip install {name}") from error
