"""A hash of every chunk of every array, beside HDF5's own checksums.

Fletcher32 of zeros is zero, so a part of a file that was never copied, or that a file
system gave back as zeros, passes HDF5's checksum. The hash here is a CRC-32 that begins
with the name, type and shape of what it covers, so it notices; it is checked for all
that is read, by the one function that reads.

The hashes of a file are one dataset, ``hashes``: uint32 [N], the chunks of every array
in row-major order, the arrays in order of their names. ``meta["hashes"]`` has how many
belong to each name, and the SHA-256 of the list itself.
"""

import hashlib
import itertools
import math
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from grokdash.errors import DamagedFileError
from grokdash.store.schema import FIRST_WITH_HASHES, HASHES, RAW, block_chunks

Region = tuple[slice, ...]


def hash_chunk(name: str, values: np.ndarray) -> int:
    """Hash the decoded values of one chunk, with its name, type and shape."""
    head = f"{name} {values.dtype.str} {list(values.shape)}"
    data: Any = np.ascontiguousarray(values)  # a buffer, which NumPy does not declare
    return zlib.crc32(data, zlib.crc32(head.encode()))


def sides(dataset: h5py.Dataset) -> tuple[int, ...]:
    """Give the sides of a chunk; every array of ours is made of chunks."""
    return dataset.id.get_create_plist().get_chunk()


def chunk_counts(shape: tuple[int, ...], chunks: tuple[int, ...]) -> tuple[int, ...]:
    """Count the chunks along every axis."""
    return tuple(-(-size // side) for size, side in zip(shape, chunks, strict=True))


class Ledger:
    """The hashes of a file that is being written."""

    def __init__(self) -> None:
        self._found: dict[str, np.ndarray] = {}
        self._groups: dict[str, h5py.Group] = {}
        self.arrays: dict[str, h5py.Dataset] = {}
        """The datasets that have hashes."""

    def create(
        self,
        file: h5py.File,
        name: str,
        values: np.ndarray,
        chunks: tuple[int, ...],
        filters: dict[str, Any],
    ) -> None:
        """Make a dataset of these values, and note their hashes."""
        # With its group at hand h5py need not look for one: a third of the time.
        folder, _, last = name.rpartition("/")
        if folder not in self._groups:
            self._groups[folder] = file.require_group(f"/{folder}")
        self.arrays[name] = self._groups[folder].create_dataset(
            last, data=values, chunks=chunks, **filters
        )
        self._found[name] = np.zeros(chunk_counts(values.shape, chunks), dtype="<u4")
        self.note(name, chunks, (), values)

    def expect(self, dataset: h5py.Dataset) -> None:
        """Make room for the hashes of a dataset that is filled row by row."""
        name = str(dataset.name).strip("/")
        counts = chunk_counts(dataset.shape, sides(dataset))
        self._found[name] = np.zeros(counts, dtype="<u4")
        self.arrays[name] = dataset

    def note(
        self,
        name: str,
        chunks: tuple[int, ...],
        rows: tuple[int, ...],
        values: np.ndarray,
    ) -> None:
        """Note the hashes of values written at ``rows``; () for all of the dataset."""
        values = np.asarray(values)
        full = values.reshape((1,) * len(rows) + values.shape)
        if full.shape == chunks:
            self._found[name][(*rows, *(0 for _ in values.shape))] = hash_chunk(
                name, full
            )
            return
        for place, region in _regions(full.shape, chunks):
            here = (*rows, *place[len(rows) :])
            self._found[name][here] = hash_chunk(name, full[region])

    def reserve(self, file: h5py.File) -> None:
        """Take the place of the list in the file; it is filled by ``write``."""
        n = sum(found.size for found in self._found.values())
        if n:
            zeros, chunks = np.zeros(n, "<u4"), block_chunks((n,), 4)
            file.create_dataset(HASHES, data=zeros, chunks=chunks, **RAW)

    def write(self, file: h5py.File) -> dict[str, Any]:
        """Write the list where room was reserved, and give its part of the meta."""
        names = sorted(self._found)
        flat = [self._found[name].ravel() for name in names]
        values = np.concatenate(flat) if flat else np.zeros(0, "<u4")
        if values.size:
            target: Any = file[HASHES]
            target[...] = values
        return {
            "of": {name: self._found[name].size for name in names},
            "sha256": _list_hash(values),
        }


class Hashes:
    """The hashes of an open file, read when the first array is.

    Parameters
    ----------
    path : Path
        The file, for messages.
    meta : dict
        Its meta data.
    find : callable
        Gives a checked dataset by name.
    take : callable
        Reads the rows of a dataset.
    """

    def __init__(
        self,
        path: Path,
        meta: dict[str, Any],
        find: Callable[[str], h5py.Dataset],
        take: Callable[[h5py.Dataset, Any], np.ndarray],
    ) -> None:
        self._path = path
        self._find = find
        self._take = take
        self._meta = meta.get(HASHES)
        self._list: dict[str, np.ndarray] | None = None
        self.there = tuple(meta["format"]) >= FIRST_WITH_HASHES
        """Whether the file was written since files have hashes."""

    @property
    def size(self) -> int:
        """How many hashes the file says that it has."""
        return sum(self._counts().values()) if self.there else 0

    @property
    def names(self) -> list[str]:
        """The arrays that have hashes, sorted."""
        return sorted(self._lists()) if self.there else []

    def read(self, name: str, picks: Any = ()) -> np.ndarray:
        """Read an array at the first few indices, and check every chunk it lies in.

        Raises
        ------
        DamagedFileError
            If a chunk is not what was written, or its hash is missing.
        """
        dataset = self._find(name)
        if not self.there:
            return self._take(dataset, picks)
        picks = picks if isinstance(picks, tuple) else (picks,)
        wanted = [
            range(size)[index]
            for size, index in zip(dataset.shape, picks, strict=False)
        ]
        if len(picks) > len(dataset.shape):
            raise IndexError(f"{name}: {len(picks)} indices of {dataset.shape}")
        chunks = sides(dataset)
        starts = [
            index - index % side for index, side in zip(wanted, chunks, strict=False)
        ]
        region = tuple(
            slice(start, min(start + side, size))
            for start, side, size in zip(starts, chunks, dataset.shape, strict=False)
        )
        values = self._take(dataset, region)
        self._check(name, dataset, starts, values)
        inside = (i - start for i, start in zip(wanted, starts, strict=True))
        picked = np.asarray(values[tuple(inside)])
        return picked.copy() if picked.size < values.size else picked

    def check_block(self, name: str, row: int) -> None:
        """Read and check the chunks of one block of rows, as few at a time as it can.

        A block of many pictures is read one leading index after the other.
        """
        dataset = self._find(name)
        if len(dataset.shape) > 1 and sides(dataset)[:2] == (1, 1):
            for index in range(dataset.shape[1]):
                self.read(name, (row, index))
        else:
            self.read(name, (row,))

    def digest(self, names: list[str], row: int, rows: int) -> bytes | None:
        """Sum up the hashes of one row of these arrays of so many rows.

        It is the same in every file that holds this row, cut into chunks by rows; None
        for a file without hashes.

        Raises
        ------
        DamagedFileError
            If hashes are missing.
        """
        if not self.there:
            return None
        found, lists = hashlib.sha256(), self._lists()
        for name in names:
            one = lists.get(name)
            if one is None or one.size % rows:
                raise DamagedFileError(f"{self._path}: {name}: its hashes are missing")
            found.update(one.reshape(rows, -1)[row].astype("<u4").tobytes())
        return found.digest()

    def _check(
        self, name: str, dataset: h5py.Dataset, starts: list[int], values: np.ndarray
    ) -> None:
        chunks = sides(dataset)
        counts = chunk_counts(dataset.shape, chunks)
        expected = self._lists().get(name)
        if expected is None or expected.size != math.prod(counts):
            raise DamagedFileError(f"{self._path}: {name}: its hashes are missing")
        expected = expected.reshape(counts)
        first = tuple(
            start // side for start, side in zip(starts, chunks, strict=False)
        )
        for place, region in _regions(values.shape, chunks):
            here = tuple(
                number + start
                for number, start in itertools.zip_longest(place, first, fillvalue=0)
            )
            if hash_chunk(name, values[region]) != expected[here]:
                raise DamagedFileError(
                    f"{self._path}: {name}: row {here[0] * chunks[0]}: is not "
                    "what was written: a part of the file is damaged or was never "
                    "copied; copy it anew"
                )

    def _lists(self) -> dict[str, np.ndarray]:
        if self._list is None:
            self._list = self._read_list()
        return self._list

    def _read_list(self) -> dict[str, np.ndarray]:
        counts, told = self._counts(), (self._meta or {}).get("sha256")
        if not sum(counts.values()):
            return {}
        dataset = self._find(HASHES)
        if dataset.shape != (sum(counts.values()),) or dataset.dtype != np.uint32:
            raise DamagedFileError(f"{self._path}: its list of hashes does not fit")
        values = self._take(dataset, ())
        if _list_hash(values) != told:
            raise DamagedFileError(
                f"{self._path}: its list of hashes is damaged or was never copied; "
                "copy the file anew"
            )
        names = sorted(counts)
        ends = np.cumsum([counts[name] for name in names])[:-1]
        return dict(zip(names, np.split(values, ends), strict=True))

    def _counts(self) -> dict[str, int]:
        meta = self._meta if isinstance(self._meta, dict) else {}
        counts = meta.get("of")
        if not isinstance(counts, dict) or not all(
            type(n) is int and 0 <= n < 2**32 for n in counts.values()
        ):
            raise DamagedFileError(f"{self._path}: its hashes are missing")
        return counts


def _regions(
    shape: tuple[int, ...], chunks: tuple[int, ...]
) -> Iterator[tuple[tuple[int, ...], Region]]:
    """Give the place and the slices of every chunk of an array."""
    for place in itertools.product(*map(range, chunk_counts(shape, chunks))):
        yield (
            place,
            tuple(
                slice(i * n, (i + 1) * n) for i, n in zip(place, chunks, strict=True)
            ),
        )


def _list_hash(values: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(values, "<u4").tobytes()).hexdigest()
