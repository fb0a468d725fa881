"""What a writer refuses before anything is stored: wrong names, shapes and types."""

from collections.abc import Iterable, Mapping

import numpy as np

from grokdash.config import RunConfig
from grokdash.errors import StoreError
from grokdash.store.schema import TABLE, grid_shapes, is_name, param_shapes
from grokdash.store.values import CheckpointData


def check_grids(grids: Mapping[str, np.ndarray], config: RunConfig) -> None:
    """Refuse grids of an unknown name or a wrong shape."""
    shapes = grid_shapes(config)
    for name, values in grids.items():
        _check_shape(f"grid {name}", np.shape(values), shapes.get(name), shapes)


def check_checkpoint(data: CheckpointData, config: RunConfig) -> None:
    """Refuse a checkpoint that does not fit the configuration or the format."""
    if not 0 <= data.step < 10**8:
        raise StoreError(f"step: expected 0 … 99999999; got {data.step}")
    shapes = param_shapes(config)
    missing = shapes.keys() - data.params.keys()
    if missing:
        raise StoreError(f"params: {', '.join(sorted(missing))} are missing")
    for name, values in data.params.items():
        _check_shape(f"param {name}", np.shape(values), shapes.get(name), shapes)
    for group in ("optimizer", "rng", "measures", "scalars"):
        _check_numbers(group, getattr(data, group))
    lengths = {np.shape(values) for values in data.scalars.values()}
    if len(lengths) > 1 or any(len(shape) != 1 for shape in lengths):
        raise StoreError(f"scalars: expected one length; got shapes {lengths}")


def _check_numbers(group: str, arrays: Mapping[str, np.ndarray]) -> None:
    for name, values in arrays.items():
        if not is_name(name) or name == TABLE:
            raise StoreError(f"{group}: {name!r} is not a plain name")
        dtype = np.asarray(values).dtype
        if dtype.kind not in "fiub":
            raise StoreError(f"{group}: {name}: expected numbers, got {dtype}")


def _check_shape(
    what: str,
    got: tuple[int, ...],
    wanted: tuple[int, ...] | None,
    known: Iterable[str],
) -> None:
    if wanted is None:
        raise StoreError(f"{what}: unknown name; the names are {', '.join(known)}")
    if got != wanted:
        raise StoreError(f"{what}: expected shape {wanted}; got {got}")
