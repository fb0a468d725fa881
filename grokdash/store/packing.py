"""The child process of ``pack_run``: merge all of a run into one scratch file.

It is a process of its own because HDF5 writes this file to the disk itself and dies of
a segmentation fault when that is full. Every row is decoded, so a damaged piece is
named, and its compressed chunks are copied as they are; then the file is opened again
and every chunk is compared with what was copied.
"""

import itertools
import json
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from grokdash.errors import DamagedFileError, GrokdashError
from grokdash.store.reader import Run
from grokdash.store.safety import FilePool, SafeFile
from grokdash.store.schema import (
    FORMAT_VERSION,
    PACKED,
    RAW,
    SMALL,
    block_chunks,
    encode_meta,
    param_shapes,
    picture_chunks,
    row_chunks,
)

Source = tuple[SafeFile, int]


class Merge:
    """One output file, its sources, and what must be found in it afterwards."""

    def __init__(self, run: Run, out: h5py.File, extra: SafeFile | None) -> None:
        self.run = run
        self.out = out
        self.extra = extra
        self.checks: list[tuple[str, tuple[int, ...], int]] = []
        self.float32: set[str] = set()

    def write_all(self, keys: list[int] | None) -> None:
        """Write every dataset and the meta data."""
        run = self.run
        steps = run.steps.tolist()
        self._create("step", run.steps, PACKED)
        for name in param_shapes(run.config):
            self._rows(f"params/{name}", steps, run.checkpoint_file, RAW, row_chunks)
        extra = self._extra(len(steps))
        for name in sorted({*run.measure_names} - extra.keys()):
            self._measure(name, steps)
        for name, values in extra.items():
            self._create(f"measures/{name}", values, PACKED)
        grids = self._grids()
        scalars = self._scalars()
        meta: dict[str, Any] = {
            "format": list(FORMAT_VERSION),
            "kind": "run",
            "run": run.fingerprint,
            "measures": sorted({*run.measure_names, *extra}),
            "grids": grids,
            "scalars": scalars,
            "float32": sorted(self.float32),
            "key_frequencies": run.key_frequencies if keys is None else keys,
        }
        self.out.attrs.create("meta", np.bytes_(encode_meta(meta)))

    def _extra(self, rows: int) -> dict[str, np.ndarray]:
        if self.extra is None:
            return {}
        found = {}
        for name in self.extra.names("measures"):
            found[name] = self.extra.read(f"measures/{name}")
            if found[name].shape[:1] != (rows,):
                raise DamagedFileError(
                    f"measures/{name}: expected {rows} rows, one per checkpoint; got "
                    f"shape {found[name].shape}"
                )
        return found

    def _measure(self, name: str, steps: list[int]) -> None:
        path = f"measures/{name}"
        first = next(
            (v for v in (self.run.measure(name, s) for s in reversed(steps)) if v.size),
            np.zeros(()),
        )
        if first.size > SMALL and self._everywhere(path, steps):
            self._rows(path, steps, self.run.checkpoint_file, PACKED, row_chunks)
        else:
            self._create(path, self.run.series(name), PACKED)

    def _everywhere(self, path: str, steps: list[int]) -> bool:
        name = path.removeprefix("measures/")
        return all(
            name in self.run.checkpoint_file(step)[0].names("measures")
            for step in steps
        )

    def _grids(self) -> list[str]:
        steps = self.run.grid_steps.tolist()
        names = sorted(
            {n for s in steps for n in self.run.grid_file(s)[0].names("grids")}
        )
        if names:
            self._create("grids/step", self.run.grid_steps, PACKED)
        for name in names:
            self._rows(
                f"grids/{name}",
                steps,
                self.run.grid_file,
                PACKED,
                lambda shape, _: picture_chunks(shape),
            )
        return names

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
        self.out.create_dataset(name, data=values, chunks=chunks, **filters)
        self.checks.append((name, (), _crc(values)))

    def _rows(
        self,
        name: str,
        steps: list[int],
        source: Callable[[int], Source],
        filters: dict[str, Any],
        chunks: Callable[[tuple[int, ...], int], tuple[int, ...]],
    ) -> None:
        datasets = [source(step)[0].dataset(name) for step in steps[:1]]
        tail = datasets[0].shape[1:]
        dtype = np.result_type(*{source(step)[0].dataset(name).dtype for step in steps})
        if dtype == np.float32 and filters is PACKED:
            self.float32.add(name)
        shape = (len(steps), *tail)
        target = self.out.create_dataset(
            name, shape, dtype, chunks=chunks(shape, dtype.itemsize), **filters
        )
        for row, step in enumerate(steps):
            file, from_row = source(step)
            self._copy_row(name, target, row, (file, from_row))

    def _copy_row(
        self, name: str, target: h5py.Dataset, row: int, source: Source
    ) -> None:
        file, from_row = source
        origin = file.dataset(name)
        values = file.read(name, from_row)
        if _same_storage(origin, target):
            for offset in _offsets(origin):
                mask, data = origin.id.read_direct_chunk((from_row, *offset))
                target.id.write_direct_chunk((row, *offset), data, mask)
                self.checks.append((name, (row, *offset), zlib.crc32(data)))
        else:
            converted = values.astype(target.dtype)
            target[row] = converted
            self.checks.append((name, (row,), _crc(converted)))


def _crc(values: np.ndarray) -> int:
    return zlib.crc32(np.ascontiguousarray(values).tobytes())


def _same_storage(origin: h5py.Dataset, target: h5py.Dataset) -> bool:
    return (
        origin.dtype == target.dtype
        and origin.chunks == target.chunks
        and origin.compression == target.compression
        and origin.compression_opts == target.compression_opts
        and origin.shuffle == target.shuffle
    )


def _offsets(dataset: h5py.Dataset) -> Iterator[tuple[int, ...]]:
    """Give the offset of every chunk within one row."""
    chunks = dataset.chunks or dataset.shape
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


def pack(folder: Path, scratch: Path, extra: Path | None, keys: Any) -> None:
    """Build the scratch file and read it back."""
    pool = FilePool(folder.parent)
    with Run(folder, pool) as run:
        added = None
        if extra is not None:
            added = SafeFile(extra, pool.root, "extra", run.fingerprint)
        with (
            pool.lock,
            h5py.File(scratch, "x", libver=("v110", "v110"), locking=False) as out,
        ):
            merge = Merge(run, out, added)
            merge.write_all(keys)
        if added is not None:
            added.close()
        packed = SafeFile(scratch, pool.root, "run", run.fingerprint)
        verify(packed, merge.checks)
        packed.close()


def main(arguments: list[str]) -> int:
    """Pack as the JSON argument says; tell the parent about an error as JSON."""
    job = json.loads(arguments[0])
    try:
        pack(
            Path(job["folder"]),
            Path(job["scratch"]),
            Path(job["extra"]) if job["extra"] else None,
            job["keys"],
        )
    except (GrokdashError, OSError) as error:
        text = json.dumps({"kind": type(error).__name__, "message": str(error)})
        sys.stdout.write(text)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
