"""The open files of a store: opened once, closed when others are used more.

There is one lock for each run, so that a run whose disk does not answer holds up nobody
who reads another. Files of a server are given to HDF5 through
:mod:`~grokdash.store.blocks`, which never lets it wait inside its own lock; a script,
which has nobody else to hold up, lets it read by itself.
"""

import contextlib
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import h5py
import numpy as np

from grokdash.patience import Turn, got_on
from grokdash.store.blocks import Blocks
from grokdash.store.examiner import Examination, Examiner
from grokdash.store.expected import Expected, Shape
from grokdash.store.safety import SafeFile, Verdict, identity, reading

PIECE = 8 * 2**20
"""Decoded bytes that are read at once, before others get their turn."""
_TURN_S = 1e-4

Box = tuple[slice, ...]
Source = Callable[[Path], Blocks]
"""Gives the bytes of a file of the pool."""


class PooledFile(SafeFile):
    """An open file whose bytes come in blocks, and large arrays in pieces."""

    def __init__(
        self,
        path: Path,
        folder: Path,
        kind: str,
        expected: Expected,
        blocks: Blocks,
        *,
        verdict: Verdict,
    ) -> None:
        self._blocks = blocks
        super().__init__(
            path, folder, kind, expected, opener=lambda _path: blocks, verdict=verdict
        )

    def dataset(self, name: str, shape: Shape | None = None) -> h5py.Dataset:
        """Find a dataset and check it once."""
        find = super().dataset
        return self._blocks.patiently(lambda: find(name, shape))

    def take(self, dataset: h5py.Dataset, rows: Any) -> np.ndarray:
        """Read from a dataset, letting others read between its pieces."""
        read = super().take
        box = _box(dataset.shape, rows)
        sizes = [part.stop - part.start for part in box]
        if math.prod(sizes) * dataset.dtype.itemsize <= PIECE:
            return self._blocks.patiently(lambda: read(dataset, rows))
        return self._in_pieces(dataset, rows, box)

    def _in_pieces(self, dataset: h5py.Dataset, rows: Any, box: Box) -> np.ndarray:
        shape = tuple(part.stop - part.start for part in box)
        found = np.empty(shape, dtype=dataset.dtype)
        for part in _pieces(shape, dataset.chunks or shape, found.itemsize):
            place = tuple(
                slice(whole.start + one.start, whole.start + one.stop)
                for whole, one in zip(box, part, strict=True)
            )
            self._blocks.patiently(partial(self._piece, dataset, found, place, part))
            got_on()
            time.sleep(_TURN_S)  # or this thread might take HDF5's lock again at once
        picked = rows if isinstance(rows, tuple) else (rows,)
        return found[tuple(slice(None) if isinstance(i, slice) else 0 for i in picked)]

    def _piece(
        self, dataset: h5py.Dataset, found: np.ndarray, place: Box, part: Box
    ) -> None:
        with reading(self.path):
            self.decode(dataset, place)
            dataset.read_direct(found, place, part)


class FilePool:
    """Keep the newest used files of one store open.

    Parameters
    ----------
    root : Path
        The store.
    limit : int
        Files kept open; more only while more are being read at the same time.
    source : callable, optional
        Gives the bytes of a file; without one HDF5 reads it by itself.
    examine : callable, optional
        Opens each file first, where it can do no harm.
    """

    def __init__(
        self,
        root: Path,
        limit: int = 64,
        source: Source | None = None,
        examine: Examination | None = None,
    ) -> None:
        self._path = root
        self.root = root.resolve()
        self.name = str(self.root)
        """What a user calls the store: the path, or the address of a remote one."""
        self._source = source
        self._examine = examine or Examiner()
        self._limit = limit
        self._lock = Lock()
        self._runs: dict[str, Turn] = {}
        self._files: OrderedDict[Path, SafeFile] = OrderedDict()

    @contextlib.contextmanager
    def reading(self, folder: Path) -> Iterator[None]:
        """Read files of one run, which nobody else does meanwhile.

        Raises
        ------
        NoAnswerError
            If who does has not got on for longer than one may wait.
        """
        with self._lock:
            turn = self._runs.setdefault(self._run_of(folder), Turn())
        with turn.taken(folder.name):
            yield

    def open(self, path: Path, kind: str, expected: Expected) -> SafeFile:
        """Give an open file of a run that one is reading, or open it anew."""
        with self._lock:
            found = self._files.get(path)
            if found is not None:
                self._files.move_to_end(path)
        if found is not None:
            if found.identity == identity(path):
                return found
            self._let_go(path)
        found = self._opened(path, kind, expected)
        with self._lock:
            self._files[path] = found
            surplus = list(self._files)[: max(0, len(self._files) - self._limit)]
        for other in surplus:
            self._close_unless_read(other)
        got_on()
        return found

    def ahead(self, paths: Sequence[Path], kind: str, expected: Expected) -> None:
        """Have files of a run that one is reading examined, which will be opened."""
        if isinstance(self._examine, Examiner) and paths:
            folder = self._path / self._run_of(paths[0])
            self._examine.ahead(paths, folder, kind, expected)

    def close(self, folder: Path | None = None) -> None:
        """Close all files, or those below a folder."""
        with self._lock:
            below = [p for p in self._files if folder is None or folder in p.parents]
        for path in below:
            with self.reading(self._path / self._run_of(path)):
                self._let_go(path)

    def _opened(self, path: Path, kind: str, expected: Expected) -> SafeFile:
        folder = self._path / self._run_of(path)
        verdict = self._examine(path, folder, kind, expected)
        if self._source is None:
            return SafeFile(path, folder, kind, expected, verdict=verdict)
        blocks = self._source(path)

        def make() -> SafeFile:
            blocks.seek(0)
            return PooledFile(path, folder, kind, expected, blocks, verdict=verdict)

        try:
            return blocks.patiently(make)
        except BaseException:
            blocks.close()
            raise

    def _run_of(self, path: Path) -> str:
        return path.relative_to(self._path).parts[0]

    def _close_unless_read(self, path: Path) -> None:
        """Close a file of another run, if nobody reads that run just now."""
        with self._lock:
            turn = self._runs.setdefault(self._run_of(path), Turn())
        with turn.taken_if_free() as free:
            if free:
                self._let_go(path)

    def _let_go(self, path: Path) -> None:
        with self._lock:
            found = self._files.pop(path, None)
        if found is not None:
            found.close()


def _box(shape: tuple[int, ...], rows: Any) -> Box:
    """Give what a selection of leading indices or slices covers along every axis."""
    picked = rows if isinstance(rows, tuple) else (rows,)
    found = []
    for axis, size in enumerate(shape):
        one = picked[axis] if axis < len(picked) else slice(None)
        if isinstance(one, slice):
            start, stop, _ = one.indices(size)
        else:
            start = int(one) % size
            stop = start + 1
        found.append(slice(start, max(start, stop)))
    return tuple(found)


def _pieces(
    shape: tuple[int, ...], chunks: tuple[int, ...], itemsize: int
) -> Iterator[Box]:
    """Cut an array into pieces of whole chunks, of at most ``PIECE`` bytes if any."""
    length, others = shape[0], shape[1:]
    rest = int(np.prod(others)) * itemsize
    if rest > PIECE and others:
        for start in range(0, length, chunks[0]):
            first = slice(start, min(start + chunks[0], length))
            for part in _pieces(others, chunks[1:], itemsize * chunks[0]):
                yield (first, *part)
        return
    step = max(1, PIECE // max(1, rest) // chunks[0]) * chunks[0]
    for start in range(0, length, step):
        first = slice(start, min(start + step, length))
        yield (first, *(slice(0, size) for size in others))
