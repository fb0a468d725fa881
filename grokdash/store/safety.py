"""The only way to open an HDF5 file: nothing outside the schema is followed or read.

A file may come from someone else, so before any value is read: the path is a regular
file below the store, the format is known, and each object on the way to a dataset is a
plain hard link to a group or to a chunked numeric dataset with allowed filters, a
checksum, and a size its shape explains. Never swmr (one bad byte would freeze the
process), never a walk over the file (links may form a cycle).
"""

import contextlib
import io
import json
import stat
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import RLock
from typing import Any

import h5py
import numpy as np

from grokdash.errors import DamagedFileError, FormatVersionError, StoreError
from grokdash.store.schema import FORMAT_VERSION, MAX_CHUNK, MAX_META, is_name

HDF5_VERSION: str = h5py.version.hdf5_version
MAX_FILE = 2**40
MAX_LINKS = 64
MAX_ROW = 2**31
MAX_RATIO = 1100
"""Deflate cannot shrink anything more than 1032 times."""
MAX_ITEMSIZE = 8
_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_OPENED_OTHERWISE = "file locking flag values don't match"
_DEFLATE, _SHUFFLE, _FLETCHER32 = 1, 2, 3

Opener = Callable[[Path], io.RawIOBase]
"""Gives the bytes of a file that is not where its path says."""
Identity = tuple[int, int, int, int]
Shape = tuple[int | None, ...]


def identity(path: Path) -> Identity:
    """Tell a file from any other that may take its name."""
    info = path.stat(follow_symlinks=False)
    return info.st_dev, info.st_ino, info.st_size, info.st_mtime_ns


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn whatever HDF5 says about bad bytes into one error that names the file."""
    try:
        yield
    except (StoreError, FileNotFoundError):
        raise
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
    run : str
        The fingerprint its meta attribute must carry.
    opener : callable, optional
        Where its bytes come from, if not from the path.
    """

    def __init__(
        self,
        path: Path,
        folder: Path,
        kind: str,
        run: str,
        opener: Opener | None = None,
    ) -> None:
        self.path = path
        _check_path(path, folder)
        self.identity = identity(path)
        self._bytes = None if opener is None else opener(path)
        _check_signature(path, self._bytes)
        with reading(path):
            try:
                self._file = h5py.File(
                    self._bytes or path,
                    "r",
                    locking=False,
                    rdcc_nbytes=16 * 2**20,
                    rdcc_nslots=8191,
                )
            except OSError as error:
                if _OPENED_OTHERWISE not in str(error):
                    raise
                raise StoreError(
                    f"{path}: this program has it open with file locking already; "
                    "close it there, or open it with h5py.File(path, locking=False)"
                ) from error
        try:
            with reading(path):
                self._root = self._file["/"]
                self.meta = _read_meta(path, self._root)
            check_format(path, self.meta.get("format"))
            _check_origin(path, self.meta, kind, run)
        except BaseException:
            self._file.close()
            raise
        self._datasets: dict[str, h5py.Dataset] = {}

    def names(self, key: str) -> list[str]:
        """Read a list of names from the meta data."""
        names = self.meta.get(key, [])
        if not isinstance(names, list) or not all(
            isinstance(name, str) and is_name(name) for name in names
        ):
            raise DamagedFileError(f"{self.path}: {key}: expected a list of names")
        return names

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
            with reading(self.path):
                found = self._find(name)
                _check_dataset(self.path, name, found)
            self._datasets[name] = found
        if shape is not None and not _fits(found.shape, shape):
            raise DamagedFileError(
                f"{self.path}: {name}: expected shape {shape}, got {found.shape}"
            )
        return found

    def read(self, name: str, rows: Any = (), shape: Shape | None = None) -> np.ndarray:
        """Read (part of) a dataset; its checksum is verified on the way."""
        dataset = self.dataset(name, shape)
        with reading(self.path):
            return np.asarray(dataset[rows])

    def _find(self, name: str) -> h5py.Dataset:
        if not is_name(name):
            raise DamagedFileError(f"{self.path}: {name[:80]!r} is no name")
        found: Any = self._root
        for part in name.split("/"):
            if not isinstance(found, h5py.Group) or len(found) > MAX_LINKS:
                raise DamagedFileError(f"{self.path}: {name}: not a small group")
            if not isinstance(found.get(part, getlink=True), h5py.HardLink):
                raise DamagedFileError(f"{self.path}: {name}: not a plain link")
            found = found[part]
        if not isinstance(found, h5py.Dataset):
            raise DamagedFileError(f"{self.path}: {name}: not a dataset")
        return found

    def close(self) -> None:
        """Close the file; datasets handed out become unusable."""
        self._datasets.clear()
        self._file.close()
        if self._bytes is not None:
            self._bytes.close()


def _check_path(path: Path, folder: Path) -> None:
    info = path.lstat()
    if not stat.S_ISREG(info.st_mode):
        raise DamagedFileError(f"{path}: expected a regular file")
    if not path.resolve().is_relative_to(folder.resolve()):
        raise DamagedFileError(f"{path}: lies outside the run {folder}")
    if not len(_SIGNATURE) < info.st_size <= MAX_FILE:
        raise DamagedFileError(f"{path}: has {info.st_size} bytes")


def _check_signature(path: Path, remote: io.RawIOBase | None) -> None:
    with reading(path), contextlib.ExitStack() as stack:
        file = remote or stack.enter_context(path.open("rb"))
        if file.read(len(_SIGNATURE)) != _SIGNATURE:
            raise DamagedFileError(f"{path}: is not an HDF5 file")


def _read_meta(path: Path, root: Any) -> dict[str, Any]:
    if len(root) > MAX_LINKS:
        raise DamagedFileError(f"{path}: more than {MAX_LINKS} names at the top")
    attribute = h5py.h5a.open(root.id, b"meta")
    kind = attribute.get_type()
    if (
        not isinstance(kind, h5py.h5t.TypeStringID)
        or kind.is_variable_str()
        or kind.get_size() > MAX_META
        or attribute.shape != ()
    ):
        raise DamagedFileError(f"{path}: meta: expected one short fixed-length string")
    value = np.zeros((), dtype=f"S{kind.get_size()}")
    attribute.read(value)
    meta = json.loads(bytes(value[()]))
    if not isinstance(meta, dict):
        raise DamagedFileError(f"{path}: meta: expected a JSON object")
    return meta


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


def _fits(shape: tuple[int, ...], wanted: Shape) -> bool:
    return len(shape) == len(wanted) and all(
        want is None or size == want for size, want in zip(shape, wanted, strict=True)
    )


def _check_dataset(path: Path, name: str, dataset: h5py.Dataset) -> None:
    kind = dataset.id.get_type()
    if kind.get_class() not in (h5py.h5t.INTEGER, h5py.h5t.FLOAT) or (
        kind.get_size() > MAX_ITEMSIZE
    ):
        raise DamagedFileError(f"{path}: {name}: expected plain numbers")
    settings = dataset.id.get_create_plist()
    if settings.get_layout() != h5py.h5d.CHUNKED or settings.get_external_count() != 0:
        raise DamagedFileError(f"{path}: {name}: its data must be chunks of this file")
    filters = [settings.get_filter(i)[0] for i in range(settings.get_nfilters())]
    if not set(filters) <= {_DEFLATE, _SHUFFLE, _FLETCHER32} or (
        filters[-1:] != [_FLETCHER32]
    ):
        raise DamagedFileError(f"{path}: {name}: filters {filters} are not allowed")
    itemsize = kind.get_size()
    n_bytes = _product(dataset.shape) * itemsize
    stored = dataset.id.get_storage_size()
    if (
        _product(settings.get_chunk()) * itemsize > MAX_CHUNK
        or _product(dataset.shape[1:]) * itemsize > MAX_ROW
        or n_bytes > MAX_RATIO * stored + 2**20
    ):
        raise DamagedFileError(
            f"{path}: {name}: shape {dataset.shape} in chunks {settings.get_chunk()} "
            f"does not fit {stored} stored bytes"
        )


def _product(shape: tuple[int, ...]) -> int:
    total = 1
    for size in shape:
        total *= size
    return total


class FilePool:
    """Keep the newest used files of one store open; hold ``lock`` while reading.

    HDF5 has one lock for the whole process anyway, so one lock here costs nothing and
    keeps a file from being closed under a reader.
    """

    def __init__(
        self, root: Path, limit: int = 64, opener: Opener | None = None
    ) -> None:
        self._path = root
        self.root = root.resolve()
        self.lock = RLock()
        self._opener = opener
        self._limit = limit
        self._files: OrderedDict[Path, SafeFile] = OrderedDict()

    def open(self, path: Path, kind: str, run: str) -> SafeFile:
        """Give the open file, opening or reopening it when it changed."""
        found = self._files.get(path)
        if found is not None:
            if found.identity == identity(path):
                self._files.move_to_end(path)
                return found
            self._files.pop(path).close()
        folder = self._path / path.relative_to(self._path).parts[0]
        found = SafeFile(path, folder, kind, run, self._opener)
        self._files[path] = found
        while len(self._files) > self._limit:
            self._files.popitem(last=False)[1].close()
        return found

    def close(self, folder: Path | None = None) -> None:
        """Close all files, or those below a folder."""
        with self.lock:
            for path in list(self._files):
                if folder is None or path.is_relative_to(folder):
                    self._files.pop(path).close()


def is_run_folder(path: Path) -> bool:
    """Say whether a direct child of the store is a folder, or a link to one."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except (OSError, ValueError):
        return False
