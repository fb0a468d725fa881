"""A walk over all that the schema names in one file, before a value of it is used.

Runs in the process that may die of it (:mod:`~grokdash.store.examine`). What is wrong
with the file is an error; what is wrong with one dataset is noted, and the others stay
usable.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from grokdash.errors import DamagedFileError, StoreError
from grokdash.store.expected import Shape
from grokdash.store.safety import SafeFile, Verdict
from grokdash.store.schema import HASHES, TABLE, is_name
from grokdash.store.structure import (
    CHECKSUM_BYTES,
    MAX_STEP,
    Place,
    check_overlaps,
    chunk_bytes,
    chunk_places,
    inflates_to,
)

DECODED_AT_ONCE = 32 * 2**20
"""Bytes that are decoded during the walk; the chunks of a larger file when read."""
TRIED = 2**16
"""A row of at most so many bytes is read through HDF5 as well."""
MAX_TABLE = 2**24
"""Most numbers in a table of per-update scalars."""

Read = Callable[[int, int], bytes]
"""Gives so many bytes of the file from an offset."""


def walk(file: SafeFile, read: Read | None) -> Verdict:
    """Check every dataset that a reader may ask for.

    Parameters
    ----------
    file : SafeFile
        The file, open.
    read : callable, optional
        Gives its bytes; None if that costs a request each, then no chunk is decoded.

    Raises
    ------
    DamagedFileError
        If the file as a whole cannot be what it says.
    """
    refused: dict[str, str] = {}
    places: list[Place] = []
    budget = DECODED_AT_ONCE
    whole = True
    for name, shape in wanted_datasets(file).items():
        try:
            dataset = file.dataset(name, shape)
            found = chunk_places(file.path, name, dataset, file.size)
            _try(file, name, dataset)
        except StoreError as error:
            refused[name] = str(error)
            continue
        places += found
        n_bytes = chunk_bytes(dataset)
        budget -= sum(n_bytes for place in found if place.deflated)
        whole = whole and budget >= 0 and _decode(read, found, n_bytes)
    check_overlaps(file.path, places)
    return Verdict(whole, refused)


def _try(file: SafeFile, name: str, dataset: Any) -> None:
    """Have HDF5 read one small row; what that says of its data is for the reader."""
    if not dataset.shape[0] or chunk_bytes(dataset) > TRIED:
        return
    if math.prod(dataset.shape[1:]) * dataset.dtype.itemsize <= TRIED:
        try:
            file.read(name, dataset.shape[0] - 1)
        except DamagedFileError:
            return


def _decode(read: Read | None, places: list[Place], n_bytes: int) -> bool:
    """Say whether every compressed chunk decodes to its size.

    One that does not may simply be damaged: then each is decoded when it is read, and
    the good ones stay usable.
    """
    return read is not None and all(
        inflates_to(read(place.offset, place.size - CHECKSUM_BYTES), n_bytes)
        for place in places
        if place.deflated
    )


def wanted_datasets(file: SafeFile) -> dict[str, Shape | None]:
    """List what a reader may ask for, with the shapes that follow from one another."""
    made = {
        "checkpoint": _of_checkpoint,
        "state": _of_state,
        "grids": _of_grids,
        "run": _of_run,
        "extra": lambda file: _named(file, "measures", None),
    }
    found = made[file.kind](file)
    listed = file.hashes.size
    return found | ({HASHES: (listed,)} if listed else {})


def _of_checkpoint(file: SafeFile) -> dict[str, Shape | None]:
    found = _params(file, 1) | _named(file, "measures", 1)
    if file.meta.get("table"):
        found[f"measures/{TABLE}"] = (1, None)
    scalars, n = file.names("scalars"), file.meta.get("n_scalars", 0)
    if scalars and n:
        if n > file.meta["step"] + 1 or n * (1 + len(scalars)) > MAX_TABLE:
            told = f"has {n} updates at epoch {file.meta['step']}"
            raise DamagedFileError(f"{file.path}: {told}")
        found[f"steps/{TABLE}"] = (1 + len(scalars), n)
    return found


def _of_state(file: SafeFile) -> dict[str, Shape | None]:
    found: dict[str, Shape | None] = {}
    for group in ("optimizer", "rng"):
        layout = file.meta.get(group)
        if not isinstance(layout, dict):
            raise DamagedFileError(f"{file.path}: {group}: expected names and shapes")
        for name, shape in layout.items():
            if not is_name(name) or not _is_shape(shape):
                raise DamagedFileError(f"{file.path}: {group}: {name[:80]!r}: no shape")
            if math.prod(shape):
                found[f"{group}/{name}"] = (1, *(shape or [1]))
    return found


def _is_shape(shape: Any) -> bool:
    return isinstance(shape, list) and all(
        type(size) is int and 0 <= size < MAX_STEP for size in shape
    )


def _of_grids(file: SafeFile) -> dict[str, Shape | None]:
    return {f"grids/{name}": (1, *_grid(file, name)) for name in file.names("grids")}


def _of_run(file: SafeFile) -> dict[str, Shape | None]:
    """Take the number of checkpoints from the weights, whose bytes must be there."""
    first = next(iter(file.expected.params))
    rows = file.dataset(f"params/{first}").shape[0]
    found = _params(file, rows) | _named(file, "measures", rows)
    found["step"] = (rows,)
    grids = file.names("grids")
    if grids:
        stored = file.dataset("grids/step").shape[0]
        found["grids/step"] = (stored,)
        found |= {f"grids/{name}": (stored, *_grid(file, name)) for name in grids}
    scalars = file.names("scalars")
    if scalars:
        updates = file.dataset("steps/step").shape[0]
        if updates > min(_last_step(file, rows) + 1, MAX_TABLE):
            raise DamagedFileError(f"{file.path}: has {updates} updates")
        found |= {f"steps/{name}": (updates,) for name in ("step", *scalars)}
    return found


def _last_step(file: SafeFile, rows: int) -> int:
    if not rows:
        return -1
    return int(np.clip(file.read("step", rows - 1, (rows,)), -1, MAX_STEP))


def _grid(file: SafeFile, name: str) -> Shape:
    shape = file.expected.grids.get(name)
    if shape is None:
        raise DamagedFileError(f"{file.path}: grids: {name} is none of ours")
    return shape


def _params(file: SafeFile, rows: int) -> dict[str, Shape | None]:
    shapes = file.expected.params
    return {f"params/{name}": (rows, *shape) for name, shape in shapes.items()}


def _named(file: SafeFile, group: str, rows: int | None) -> dict[str, Shape | None]:
    """Name the arrays of a group; of how many numbers each may be is known."""
    found: dict[str, Shape | None] = {}
    for name in file.names(group):
        found[f"{group}/{name}"] = (
            None if rows is None else _like(file, group, name, rows)
        )
    return found


def _like(file: SafeFile, group: str, name: str, rows: int) -> Shape | None:
    try:
        shape = file.dataset(f"{group}/{name}").shape
    except DamagedFileError:
        return None  # found again, and noted, by the walk
    return (rows, *shape[1:])
