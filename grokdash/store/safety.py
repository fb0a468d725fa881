"""The only way to open an HDF5 file: nothing outside the schema is followed or read.

A file may come from someone else, so before any value is read: the path is a regular
file below the store, the format is known, each object on the way to a dataset is a
plain hard link to a group or to a dataset, and that is laid out as ours are
(:mod:`~grokdash.store.structure`). Never swmr (one bad byte would freeze the process),
never a walk over the file (links may form a cycle).
"""

import contextlib
import io
import itertools
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from grokdash.errors import (
    DamagedFileError,
    FormatVersionError,
    NotPermittedError,
    StoreError,
)
from grokdash.store.expected import Expected, Shape
from grokdash.store.hashes import Hashes
from grokdash.store.schema import FORMAT_VERSION, is_name
from grokdash.store.structure import (
    SUPERBLOCK_BYTES,
    check_chunk,
    check_dataset,
    check_links,
    check_meta,
    check_superblock,
    fits,
    read_meta,
)

HDF5_VERSION: str = h5py.version.hdf5_version
MAX_FILE = 2**40
CHUNK_CACHE = 4 * 2**20
"""Bytes of decoded chunks that HDF5 keeps of each array: those of a few checkpoints,
for views that read the same one. Four times as many took 90 MB and no less time."""
_OPENED_OTHERWISE = "file locking flag values don't match"

Opener = Callable[[Path], io.RawIOBase]
"""Gives the bytes of a file that is not where its path says."""
Identity = tuple[int, int, int, int, int]


def identity(path: Path) -> Identity:
    """Tell a file from any other that may take its name."""
    info = path.stat(follow_symlinks=False)
    return (
        *(info.st_dev, info.st_ino, info.st_size),
        *(info.st_mtime_ns, info.st_ctime_ns),
    )


class Verdict(NamedTuple):
    """What is known of a file before it is opened here.

    Attributes
    ----------
    whole : bool
        Whether every chunk is known to decode to its size; else each is decoded once
        more when it is first read.
    refused : dict
        Datasets that are not to be touched, and why.
    """

    whole: bool = True
    refused: dict[str, str] = {}  # noqa: RUF012 - never changed


TRUSTED = Verdict()
"""Of a file that this process wrote itself."""
CAREFUL = Verdict(whole=False)
"""Of a file that was not examined: each chunk is decoded before HDF5 does."""


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn whatever HDF5 says about bad bytes into one error that names the file."""
    try:
        yield
    except (StoreError, FileNotFoundError):
        raise
    except PermissionError as error:
        raise NotPermittedError.of(path) from error
    except (
        OSError,
        RuntimeError,
        ValueError,
        TypeError,
        LookupError,
        MemoryError,
        AttributeError,
        OverflowError,
    ) as error:
        reason = str(error).splitlines()[0][:300] if str(error) else repr(error)[:300]
        raise DamagedFileError(f"{path}: is damaged: {reason}") from error


class SafeFile:
    """One open file; give datasets by name, each checked before it is handed out.

    Parameters
    ----------
    path : Path
        The file.
    folder : Path
        The folder it must lie in, whatever links there are on the way to either.
    kind : str
        What its meta attribute must call it.
    expected : Expected
        The run it must belong to, and what that implies.
    opener : callable, optional
        Where its bytes come from, if not from the path.
    verdict : Verdict, optional
        What an examination said.
    """

    def __init__(
        self,
        path: Path,
        folder: Path,
        kind: str,
        expected: Expected,
        *,
        opener: Opener | None = None,
        verdict: Verdict = TRUSTED,
    ) -> None:
        self.path = path
        self.kind = kind
        self.expected = expected
        self.verdict = verdict
        check_path(path, folder)
        self.identity = identity(path)
        self._bytes: Any = None if opener is None else opener(path)
        _check_head(path, self._bytes, self.size)
        with reading(path):
            try:
                self._file = _hdf5(self._bytes or path)
            except OSError as error:
                if _OPENED_OTHERWISE not in str(error):
                    raise
                # HDF5 wants one kind of locks from all who open a file in a process.
                self._bytes = path.open("rb")
                self._file = _hdf5(self._bytes)
        try:
            with reading(path):
                self._root = self._file["/"]
                self.meta = read_meta(path, self._root)
            check_format(path, self.meta.get("format"))
            _check_origin(path, self.meta, kind, expected.run)
            check_meta(path, self.meta, self.size)
        except BaseException:
            self._file.close()
            raise
        self._datasets: dict[str, h5py.Dataset] = {}
        self._groups: dict[str, Any] = {"": self._root}
        self._decoded: set[tuple[str, tuple[int, ...]]] = set()
        self.hashes = Hashes(path, self.meta, self.dataset, self.take)

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.identity[2]

    def names(self, key: str) -> list[str]:
        """Give a list of names from the meta data."""
        return self.meta.get(key, [])

    def dataset(self, name: str, shape: Shape | None = None) -> h5py.Dataset:
        """Find a dataset and check it once.

        Parameters
        ----------
        name : str
            Its path in the file.
        shape : tuple, optional
            What its shape must be; None leaves an axis free.

        Raises
        ------
        DamagedFileError
            If it is not there or not what the schema allows.
        """
        found = self._datasets.get(name)
        if found is None:
            if name in self.verdict.refused:
                raise DamagedFileError(self.verdict.refused[name])
            wanted = self.expected.wanted(self.kind, name)
            with reading(self.path):
                found = self._find(name)
                check_dataset(self.path, name, found, wanted)
            self._datasets[name] = found
        if shape is not None and not fits(found.shape, shape):
            raise DamagedFileError(
                f"{self.path}: {name}: expected shape {shape}, got {found.shape}"
            )
        return found

    def read(self, name: str, rows: Any = (), shape: Shape | None = None) -> np.ndarray:
        """Read (part of) a dataset; checksum and hash are verified on the way."""
        self.dataset(name, shape)
        with reading(self.path):
            return self.hashes.read(name, rows)

    def take(self, dataset: h5py.Dataset, rows: Any) -> np.ndarray:
        """Read from a dataset that was checked; where files are shared, in pieces."""
        with reading(self.path):
            self.decode(dataset, rows)
            return np.asarray(dataset[rows])

    def decode(self, dataset: h5py.Dataset, rows: Any) -> None:
        """Refuse chunks that HDF5 would fill up with other bytes of this process."""
        if self.verdict.whole:
            return
        name = str(dataset.name)
        for place in _touched(dataset, rows):
            if (name, place) not in self._decoded:
                mask, data = dataset.id.read_direct_chunk(place)
                check_chunk(self.path, name, dataset, data, mask)
                self._decoded.add((name, place))

    def _find(self, name: str) -> h5py.Dataset:
        if not is_name(name):
            raise DamagedFileError(f"{self.path}: {name[:80]!r} is no name")
        parent, _, last = name.rpartition("/")
        found = _linked(self.path, name, self._group(parent, name), last)
        if not isinstance(found, h5py.Dataset):
            raise DamagedFileError(f"{self.path}: {name}: not a dataset")
        return found

    def _group(self, parent: str, name: str) -> Any:
        """Find the group that should hold a dataset, and check it once."""
        found = self._groups.get(parent)
        if found is None:
            above, _, last = parent.rpartition("/")
            found = _linked(self.path, name, self._group(above, name), last)
            if not isinstance(found, h5py.Group):
                raise DamagedFileError(f"{self.path}: {name}: not in a group")
            check_links(self.path, f"/{parent}", found)
            self._groups[parent] = found
        return found

    def close(self) -> None:
        """Close the file; datasets handed out become unusable."""
        self._datasets.clear()
        self._groups.clear()
        self._file.close()
        if self._bytes is not None:
            self._bytes.close()


def _hdf5(source: Any) -> h5py.File:
    return h5py.File(
        source, "r", locking=False, rdcc_nbytes=CHUNK_CACHE, rdcc_nslots=8191
    )


def check_path(path: Path, folder: Path) -> None:
    """Refuse what is no regular file below its folder."""
    info = path.lstat()
    if not stat.S_ISREG(info.st_mode):
        raise DamagedFileError(f"{path}: expected a regular file")
    if not path.resolve().is_relative_to(folder.resolve()):
        raise DamagedFileError(f"{path}: lies outside the run {folder}")
    if info.st_size > MAX_FILE:
        raise DamagedFileError(f"{path}: has {info.st_size} bytes")


def _check_head(path: Path, remote: io.RawIOBase | None, size: int) -> None:
    with reading(path), contextlib.ExitStack() as stack:
        file = remote or stack.enter_context(path.open("rb"))
        check_superblock(path, file.read(SUPERBLOCK_BYTES), size)


def _check_origin(path: Path, meta: dict[str, Any], kind: str, run: str) -> None:
    if meta.get("kind") != kind or meta.get("run") != run:
        raise DamagedFileError(
            f"{path}: does not belong here: expected a {kind} of run {run}, got a "
            f"{str(meta.get('kind'))[:40]} of run {str(meta.get('run'))[:40]}; it is a "
            "file of another run, or run.json was changed since: put back the run.json "
            "that it was written with"
        )


def check_format(path: Path, version: Any) -> str:
    """Refuse a format that this version cannot know, or that is none.

    Returns
    -------
    str
        The version if it is a newer minor one, of which something may go unread; else
        nothing.

    Raises
    ------
    FormatVersionError
        If the major version is newer; the message names both.
    DamagedFileError
        If there is no version.
    """
    if not (
        isinstance(version, list)
        and len(version) == 2
        and all(type(number) is int and 0 <= number < 1000 for number in version)
    ):
        raise DamagedFileError(f"{path}: has no format version")
    if version[0] > FORMAT_VERSION[0]:
        raise FormatVersionError(
            f"{path}: written in format {version[0]}.{version[1]}; this grokdash reads "
            f"up to {FORMAT_VERSION[0]}.x: update grokdash to open it"
        )
    newer = tuple(version) > FORMAT_VERSION
    return f"{version[0]}.{version[1]}" if newer else ""


def _linked(path: Path, name: str, group: h5py.Group, last: str) -> Any:
    if not isinstance(group.get(last, getlink=True), h5py.HardLink):
        raise DamagedFileError(f"{path}: {name}: not a plain link")
    return group[last]


def _touched(dataset: h5py.Dataset, rows: Any) -> Iterator[tuple[int, ...]]:
    """Give the place of every chunk that a selection of leading indices reads."""
    picked = rows if isinstance(rows, tuple) else (rows,)
    chunks: Any = dataset.chunks
    ranges: list[Iterable[int]] = []
    for axis, (size, chunk) in enumerate(zip(dataset.shape, chunks, strict=True)):
        if axis >= len(picked):
            ranges.append(range(0, size, chunk))
        elif isinstance(picked[axis], slice):
            start, stop, _ = picked[axis].indices(size)
            ranges.append(range(start // chunk * chunk, stop, chunk))
        else:
            ranges.append((int(picked[axis]) % size // chunk * chunk,))
    return itertools.product(*ranges)


def is_run_folder(path: Path) -> bool:
    """Say whether a direct child of the store is a folder, or a link to one.

    Raises
    ------
    NotPermittedError
        If that may not be known.
    """
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except PermissionError as error:
        raise NotPermittedError.of(path) from error
    except (OSError, ValueError):
        return False
