"""The child process of ``pack_run``: merge all of a run into one scratch file.

It is a process of its own because HDF5 writes this file itself and dies of a
segmentation fault when the disk is full. Every row is decoded, so a damaged piece is
named, and its compressed chunks are copied as they are, then read again and compared.

Each piece is opened twice: to learn what all of them hold, and to be copied. So few are
open at a time, and closing one, for which HDF5 looks through all, stays quick.

The order of the bytes is made for reading over a network: first one block of all that
HDF5 needs to find things, then everything small, then one checkpoint after the other,
so a picture is one range and the head of the file (``meta["head"]`` bytes) another.
"""

import ctypes
import itertools
import json
import math
import os
import signal
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from grokdash.errors import DamagedFileError, GrokdashError
from grokdash.store.hashes import Ledger, sides
from grokdash.store.pool import FilePool
from grokdash.store.reader import Run
from grokdash.store.safety import CAREFUL, TRUSTED, SafeFile
from grokdash.store.scales import add_scales
from grokdash.store.schema import (
    FORMAT_VERSION,
    HASHES,
    PACKED,
    RAW,
    SMALL,
    TRAIN_MASK,
    block_chunks,
    encode_meta,
    grid_shapes,
    param_shapes,
    picture_chunks,
    row_chunks,
)

Source = tuple[SafeFile, int]
FindSource = Callable[[int], Source]
Layouts = dict[str, tuple[tuple[int, ...], np.dtype]]
"""The shape and type of arrays by name."""

_DIE_WITH_PARENT = 1
"""``PR_SET_PDEATHSIG`` of prctl(2)."""
_MOST_OPEN = 4
"""Files that are open at a time."""
_PER_CHUNK, _PER_DATASET, _PER_FILE = 16, 640, 20480
"""Bytes of HDF5's own for a chunk, a dataset with its links, and the meta data."""


class Storage(NamedTuple):
    """What two arrays must share for chunks of one to be copied into the other."""

    dtype: np.dtype
    chunks: tuple[int, ...]
    compression: str | None
    level: Any
    shuffle: bool


class Merge:
    """One output file, its sources, and what must be found in it afterwards."""

    def __init__(self, run: Run, extra: SafeFile | None) -> None:
        self.run = run
        self.steps = run.steps.tolist()
        self.checks: list[tuple[str, tuple[int, ...], int]] = []
        self.float32: set[str] = set()
        self.ledger = Ledger()
        self._out: h5py.File | None = None
        self.extra = _extra_measures(extra, len(self.steps))
        names = sorted({*run.measure_names} - self.extra.keys())
        self._layouts = self._look_through()
        self.large = [name for name in names if self._is_large(name)]
        self.small = [name for name in names if name not in self.large]
        self.grids = sorted(
            {
                name
                for step in run.grid_steps
                for name in run.grid_file(step)[0].names("grids")
            }
        )

    @property
    def out(self) -> h5py.File:
        """The file being written."""
        if self._out is None:
            raise RuntimeError("open the output file first")
        return self._out

    def metadata_bytes(self) -> int:
        """Estimate what HDF5 needs for names, layouts and the places of chunks."""
        config = self.run.config
        pictures = sum(math.prod(grid_shapes(config)[one][:-2]) for one in self.grids)
        params = len(param_shapes(config))
        chunks = len(self.steps) * (params + len(self.large))
        chunks += len(self.run.grid_steps) * pictures
        small = len(self.small) + len(self.extra) + len(self.run.scalar_names) + 4
        datasets = params + len(self.large) + len(self.grids) + small
        needed = chunks * _PER_CHUNK + datasets * _PER_DATASET + _PER_FILE
        return -(-needed // 512) * 512

    def write_all(self, out: h5py.File, keys: list[int] | None) -> None:
        """Write every dataset and the meta data."""
        self._out = out
        run = self.run
        self._create("step", run.steps, PACKED)
        for name in self.small:
            self._create(f"measures/{name}", run.series(name), PACKED)
        for name, values in self.extra.items():
            self._create(f"measures/{name}", values, PACKED)
        scalars = self._scalars()
        if run.imported and run.split_known:
            self._create(TRAIN_MASK, run.train_mask().astype(np.uint8), PACKED)
        if self.grids:
            self._create("grids/step", run.grid_steps, PACKED)
        checkpoints, pictures = self._checkpoint_targets(), self._grid_targets()
        self.ledger.reserve(out)
        add_scales(out, "run", self.ledger.arrays)
        out.flush()
        head = out.id.get_filesize()
        self._rows(checkpoints, self.steps, run.checkpoint_file)
        self._rows(pictures, run.grid_steps.tolist(), run.grid_file)
        meta: dict[str, Any] = {
            "format": list(FORMAT_VERSION),
            "kind": "run",
            "run": run.fingerprint,
            "measures": sorted({*run.measure_names, *self.extra}),
            "grids": self.grids,
            "scalars": scalars,
            "float32": sorted(self.float32),
            "key_frequencies": run.key_frequencies if keys is None else keys,
            "head": head,
            HASHES: self.ledger.write(out),
        }
        out.attrs.create("meta", np.bytes_(encode_meta(meta)))

    def _is_large(self, name: str) -> bool:
        """Say whether a measure is copied row by row, as it is in every checkpoint."""
        steps = reversed(self.steps)
        rows = (self.run.measure(name, step) for step in steps)
        first = next((row for row in rows if row.size), np.zeros(()))
        return first.size > SMALL and f"measures/{name}" in self._layouts

    def _look_through(self) -> Layouts:
        """Open one checkpoint after the other; keep what is small in memory.

        Returns
        -------
        Layouts
            Of the measures that are an array of their own in every checkpoint.
        """

        def source(step: int) -> Source:
            self.run.read_small(step)
            return self.run.checkpoint_file(step)

        def own(file: SafeFile) -> list[str]:
            return [f"measures/{name}" for name in file.names("measures")]

        return _layouts(own, self.steps, source)

    def _checkpoint_targets(self) -> dict[str, h5py.Dataset]:
        rows = len(self.steps)
        found = {
            name: self._target(
                f"params/{name}", (rows, *shape), np.dtype("f4"), RAW, row_chunks
            )
            for name, shape in param_shapes(self.run.config).items()
        }
        targets = {f"params/{name}": target for name, target in found.items()}
        for name in (f"measures/{name}" for name in self.large):
            targets[name] = self._target(name, *self._layouts[name], PACKED, row_chunks)
        return targets

    def _grid_targets(self) -> dict[str, h5py.Dataset]:
        names = [f"grids/{name}" for name in self.grids]
        steps = self.run.grid_steps.tolist()
        found = _layouts(lambda _: names, steps, self.run.grid_file)
        return {
            name: self._target(
                name, shape, dtype, PACKED, lambda shape, _: picture_chunks(shape)
            )
            for name, (shape, dtype) in found.items()
        }

    def _scalars(self) -> list[str]:
        names = sorted(self.run.scalar_names)
        if not names:
            return names
        series = {name: self.run.scalars(name) for name in names}
        labels = np.unique(np.concatenate([steps for steps, _ in series.values()]))
        self._create("steps/step", labels, PACKED)
        for name, (steps, values) in series.items():
            full = np.full(len(labels), np.nan)
            full[np.searchsorted(labels, steps)] = values
            self._create(f"steps/{name}", full, PACKED)
        return names

    def _create(self, name: str, values: np.ndarray, filters: dict[str, Any]) -> None:
        chunks = (
            block_chunks(values.shape, values.dtype.itemsize)
            if np.prod(values.shape[1:]) <= SMALL
            else row_chunks(values.shape, values.dtype.itemsize)
        )
        self.ledger.create(self.out, name, values, chunks, filters)
        self.checks.append((name, (), _crc(values)))

    def _target(
        self,
        name: str,
        shape: tuple[int, ...],
        dtype: np.dtype,
        filters: dict[str, Any],
        chunks: Callable[[tuple[int, ...], int], tuple[int, ...]],
    ) -> h5py.Dataset:
        if dtype == np.float32 and filters is PACKED:
            self.float32.add(name)
        made = self.out.create_dataset(
            name, shape, dtype, chunks=chunks(shape, dtype.itemsize), **filters
        )
        self.ledger.expect(made)
        return made

    def _rows(
        self,
        targets: dict[str, h5py.Dataset],
        steps: list[int],
        source: FindSource,
    ) -> None:
        stored = {name: _storage(target) for name, target in targets.items()}
        for row, step in enumerate(steps):
            found = source(step)
            for name, target in targets.items():
                self._copy_row(name, target, stored[name], row, found)

    def _copy_row(
        self, name: str, target: h5py.Dataset, stored: Storage, row: int, source: Source
    ) -> None:
        file, from_row = source
        origin = file.dataset(name)
        values = file.read(name, from_row)
        if _storage(origin) == stored:
            self.ledger.note(name, stored.chunks, (row,), values)
            for offset in _offsets(origin):
                mask, data = origin.id.read_direct_chunk((from_row, *offset))
                target.id.write_direct_chunk((row, *offset), data, mask)
                self.checks.append((name, (row, *offset), zlib.crc32(data)))
        else:
            converted = values.astype(target.dtype)
            target[row] = converted
            self.ledger.note(name, stored.chunks, (row,), converted)
            self.checks.append((name, (row,), _crc(converted)))


def _layouts(
    names: Callable[[SafeFile], list[str]], steps: list[int], source: FindSource
) -> Layouts:
    """Give the shape over all steps of each array that every step has, and a type."""
    tails: dict[str, tuple[int, ...]] = {}
    types: dict[str, list[np.dtype]] = {}
    for step in steps:
        file = source(step)[0]
        for name in names(file):
            dataset = file.dataset(name)
            tails.setdefault(name, dataset.shape[1:])
            types.setdefault(name, []).append(dataset.dtype)
    return {
        name: ((len(steps), *tails[name]), np.result_type(*{*found}))
        for name, found in types.items()
        if len(found) == len(steps)
    }


def _extra_measures(file: SafeFile | None, rows: int) -> dict[str, np.ndarray]:
    if file is None:
        return {}
    found = {}
    for name in file.names("measures"):
        found[name] = file.read(f"measures/{name}")
        if found[name].shape[:1] != (rows,):
            raise DamagedFileError(
                f"measures/{name}: expected {rows} rows, one per checkpoint; got "
                f"shape {found[name].shape}"
            )
    return found


def _crc(values: np.ndarray) -> int:
    return zlib.crc32(np.ascontiguousarray(values).tobytes())


def _storage(dataset: h5py.Dataset) -> Storage:
    return Storage(
        dataset.dtype,
        sides(dataset),
        dataset.compression,
        dataset.compression_opts,
        dataset.shuffle,
    )


def _offsets(dataset: h5py.Dataset) -> Iterator[tuple[int, ...]]:
    """Give the offset of every chunk within one row."""
    chunks = sides(dataset)
    return itertools.product(
        *(
            range(0, size, step)
            for size, step in zip(dataset.shape[1:], chunks[1:], strict=True)
        )
    )


def verify(file: SafeFile, checks: list[tuple[str, tuple[int, ...], int]]) -> None:
    """Read everything back: chunks as they were copied, new values decoded.

    Raises
    ------
    DamagedFileError
        Naming the first dataset that is not what was written.
    """
    for name, place, expected in checks:
        dataset = file.dataset(name)
        if len(place) == len(dataset.shape) and len(place) > 1:
            got = zlib.crc32(dataset.id.read_direct_chunk(place)[1])
        else:
            got = _crc(file.read(name, place))
        if got != expected:
            raise DamagedFileError(f"{file.path}: {name}: does not read back")
    for name in dict.fromkeys(name for name, _, _ in checks):
        for row in {0, file.dataset(name).shape[0] - 1}:
            file.read(name, row)


def build(job: dict[str, Any]) -> None:
    """Build the scratch file and read it back."""
    folder, scratch = Path(job["folder"]), Path(job["scratch"])
    # If HDF5 dies of a piece here, it is this process alone.
    verdict = TRUSTED if job["trusted"] else CAREFUL
    pool = FilePool(folder.parent, _MOST_OPEN, examine=lambda *_: verdict)
    with Run(folder, pool) as run:
        added = None
        if job["extra"]:
            added = SafeFile(Path(job["extra"]), pool.root, "extra", run.expected)
        with pool.reading(folder):
            merge = Merge(run, added)
            with h5py.File(
                scratch,
                "x",
                libver=("v110", "v110"),
                locking=False,
                meta_block_size=merge.metadata_bytes(),
            ) as out:
                merge.write_all(out, job["keys"])
        if added is not None:
            added.close()
        packed = SafeFile(scratch, pool.root, "run", run.expected)
        verify(packed, merge.checks)
        packed.close()


def _end_with(parent: int) -> None:
    """Die with the process that wants the file: nobody else would remove it.

    Linux sees to it; elsewhere this is only looked at before anything is written.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    if os.name == "posix" and os.getppid() != parent:
        sys.exit(1)


def main(arguments: list[str]) -> int:
    """Pack as the JSON argument says; tell the parent about an error as JSON."""
    job = json.loads(arguments[0])
    _end_with(job["parent"])
    try:
        build(job)
    except (GrokdashError, OSError) as error:
        text = json.dumps({"kind": type(error).__name__, "message": str(error)})
        sys.stdout.write(text)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
