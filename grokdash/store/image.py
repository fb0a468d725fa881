"""HDF5 files built in memory: the library never writes to the store's disk.

On a full disk HDF5 kills its process with a segmentation fault; bytes in memory are
written by :mod:`~grokdash.store.files`, where a full disk is an error like any other.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any

import h5py
import numpy as np

from grokdash.store.axes import STEP
from grokdash.store.hashes import Ledger
from grokdash.store.scales import add_scales
from grokdash.store.schema import (
    FORMAT_VERSION,
    HASHES,
    PACKED,
    PICTURE_PREFIX,
    RAW,
    SMALL,
    TABLE,
    block_chunks,
    encode_meta,
    picture,
    picture_chunks,
    row_chunks,
)
from grokdash.store.values import CheckpointData

_NAMED = ("checkpoint", "grids")
"""Kinds of files whose axes have names; a state is for a resumed training alone, and
would take as long again."""

Into = tuple[h5py.File, Ledger]
"""The file being built, and the hashes of what is in it."""


def checkpoint_image(data: CheckpointData, run: str) -> bytes:
    """Build checkpoints/step-….h5 from a checkpoint."""
    small = {k: v for k, v in data.measures.items() if v.size <= SMALL}
    large = {
        k: picture(k, v) if k.startswith(PICTURE_PREFIX) else v
        for k, v in data.measures.items()
        if v.size > SMALL
    }
    meta: dict[str, Any] = {
        "step": data.step,
        "table": [[k, list(v.shape), v.dtype.str] for k, v in sorted(small.items())],
        "measures": sorted(large),
        "float32": _promoted(large, PICTURE_PREFIX),
        "scalars": sorted(set(data.scalars) - {"step"}),
        "n_scalars": len(scalar_labels(data)),
    }

    def fill(file: h5py.File, ledger: Ledger) -> None:
        for name, values in data.params.items():
            _add((file, ledger), f"params/{name}", values, RAW)
        for name, values in large.items():
            _add((file, ledger), f"measures/{name}", values, PACKED)
        if small:
            flat = [small[name].ravel() for name in sorted(small)]
            table = np.concatenate(flat, dtype=np.float64)
            _add((file, ledger), f"measures/{TABLE}", table, PACKED)
        labels = scalar_labels(data)
        if len(labels):
            rows = [labels, *(data.scalars[name] for name in meta["scalars"])]
            block = np.stack(rows).astype(np.float64)
            chunks = block_chunks(block.shape, block.itemsize)
            ledger.create(file, f"steps/{TABLE}", block, chunks, PACKED)

    return _image("checkpoint", run, meta, fill)


def scalar_labels(data: CheckpointData) -> np.ndarray:
    """Give the step at which each per-update scalar was measured, int64 [n]."""
    if "step" in data.scalars:
        return np.asarray(data.scalars["step"], dtype=np.int64)
    n = max((len(values) for values in data.scalars.values()), default=0)
    return np.arange(data.step - n, data.step, dtype=np.int64)


def state_image(data: CheckpointData, run: str) -> bytes:
    """Build state/step-….h5: what a bit-exact resume needs besides the parameters."""
    meta: dict[str, Any] = {
        "step": data.step,
        "optimizer": {k: list(v.shape) for k, v in data.optimizer.items()},
        "rng": {k: list(v.shape) for k, v in data.rng.items()},
    }

    def fill(file: h5py.File, ledger: Ledger) -> None:
        for group in ("optimizer", "rng"):
            for name, values in getattr(data, group).items():
                if values.size:
                    _add((file, ledger), f"{group}/{name}", np.atleast_1d(values), RAW)

    return _image("state", run, meta, fill)


def grids_image(step: int, grids: Mapping[str, np.ndarray], run: str) -> bytes:
    """Build grids/step-….h5 from activation grids."""
    rounded = {name: picture(name, values) for name, values in grids.items()}
    meta: dict[str, Any] = {
        "step": step,
        "grids": sorted(rounded),
        "float32": _promoted(rounded, ""),
    }

    def fill(file: h5py.File, ledger: Ledger) -> None:
        for name, values in rounded.items():
            _add((file, ledger), f"grids/{name}", values, PACKED, pictures=True)

    return _image("grids", run, meta, fill)


def measures_image(measures: Mapping[str, np.ndarray], run: str) -> bytes:
    """Build a passing file of measures ``[C, …]`` for the packing process."""
    meta: dict[str, Any] = {"measures": sorted(measures)}

    def fill(file: h5py.File, ledger: Ledger) -> None:
        for name, values in measures.items():
            _create((file, ledger), f"measures/{name}", values, PACKED)

    return _image("extra", run, meta, fill)


def _promoted(arrays: Mapping[str, np.ndarray], prefix: str) -> list[str]:
    return sorted(
        name
        for name, values in arrays.items()
        if name.startswith(prefix) and values.dtype == np.float32
    )


def _add(
    into: Into,
    name: str,
    values: np.ndarray,
    filters: dict[str, Any],
    *,
    pictures: bool = False,
) -> None:
    _create(into, name, np.asarray(values)[None], filters, pictures=pictures)


def _create(
    into: Into,
    name: str,
    values: np.ndarray,
    filters: dict[str, Any],
    *,
    pictures: bool = False,
) -> None:
    chunks = (
        picture_chunks(values.shape)
        if pictures
        else row_chunks(values.shape, values.dtype.itemsize)
    )
    file, ledger = into
    ledger.create(file, name, values, chunks, filters)


def _image(
    kind: str, run: str, meta: dict[str, Any], fill: Callable[[h5py.File, Ledger], None]
) -> bytes:
    head = {"format": list(FORMAT_VERSION), "kind": kind, "run": run}
    ledger = Ledger()
    # HDF5 knows open files by name, also those in memory: writers need one each.
    with h5py.File(
        f"image-{threading.get_ident()}",
        "w",
        driver="core",
        backing_store=False,
        block_size=2**20,
        libver=("v110", "v110"),
    ) as file:
        fill(file, ledger)
        if kind in _NAMED:
            step = np.array([meta[STEP]], dtype=np.int64)
            ledger.create(file, STEP, step, step.shape, RAW)
        ledger.reserve(file)
        if kind in _NAMED:
            add_scales(file, kind, ledger.arrays)
        text = encode_meta(head | meta | {HASHES: ledger.write(file)})
        file.attrs.create("meta", np.bytes_(text))
        file.flush()
        return file.id.get_file_image()
