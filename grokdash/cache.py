"""Keep derived arrays between sessions, in a folder that may vanish at any moment.

diskcache unpickles what it finds by default (CVE-2025-69872); the ``Disk`` here stores
and returns raw bytes only, and every value carries a header with dtypes, shapes and a
checksum. Whatever goes wrong with the cache, the answer is to compute again.

The folder bears the sign of a cache (https://bford.info/cachedir/). One with other
things in it and no sign of ours is not used, and only files of ours are ever deleted.
"""

import contextlib
import hashlib
import json
import logging
import math
import os
import re
import sqlite3
import struct
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import diskcache
import numpy as np

from grokdash.patience import AtWork

Arrays = Mapping[str, np.ndarray]
Key = tuple[str | int | float | None, ...]

_MAGIC = b"GKD1"
_HEAD = struct.Struct("<4sIII")  # magic, crc32 of the rest, meta length, reserved
_DTYPES = {"<f2", "<f4", "<f8", "<i4", "<i8", "|u1", "|b1"}
_VALUE_FILE = re.compile(r"[0-9a-f]{2}[/\\][0-9a-f]{2}[/\\][0-9a-f]{28}\.val")
_DATABASE_FILE = re.compile(r"cache\.db(-wal|-shm|-journal)?")
_VALUE_FOLDER = re.compile(r"[0-9a-f]{2}")
_SIGN_FILE = "CACHEDIR.TAG"
_SIGN = (
    b"Signature: 8a477f597d28d172789f06886806bc55\n"
    b"# This folder is a cache of grokdash; it may be deleted at any time.\n"
)
_FAILURES = (OSError, sqlite3.Error, diskcache.Timeout, ValueError, EOFError, KeyError)

_log = logging.getLogger(__name__)


class _BytesDisk(diskcache.Disk):
    """A Disk that holds bytes under text keys and refuses everything else."""

    def put(self, key: Any) -> Any:
        if not isinstance(key, str):
            raise TypeError(f"cache keys are text; got {type(key).__name__}")
        return super().put(key)

    def get(self, key: Any, raw: bool) -> Any:  # noqa: FBT001 - diskcache's signature
        if not raw:
            raise ValueError("a pickled cache key is not read")
        return super().get(key, raw)

    def store(self, value: Any, read: bool, key: Any = diskcache.UNKNOWN) -> Any:  # noqa: FBT001 - diskcache's signature
        if not isinstance(value, bytes):
            raise TypeError(f"cache values are bytes; got {type(value).__name__}")
        return super().store(value, read, key=key)

    def fetch(self, mode: int, filename: Any, value: Any, read: bool) -> Any:  # noqa: FBT001 - diskcache's signature
        if mode not in (diskcache.core.MODE_RAW, diskcache.core.MODE_BINARY):
            raise ValueError("a pickled cache value is not read")
        if mode == diskcache.core.MODE_BINARY and not _is_ours(filename):
            raise ValueError("a cache value elsewhere is not read")
        return super().fetch(mode, filename, value, read)

    def remove(self, file_path: Any) -> None:
        if _is_ours(file_path):
            super().remove(file_path)


def _is_ours(file_path: Any) -> bool:
    return isinstance(file_path, str) and _VALUE_FILE.fullmatch(file_path) is not None


class Cache:
    """Arrays by key: a bounded memory in this process, and one on disk behind it.

    Parameters
    ----------
    folder
        Private folder on a local disk; made with mode 0700. ``None`` keeps everything
        in memory, and so does a folder that cannot be used or that holds other things.
    memory_bytes, disk_bytes
        Upper bounds of the two.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        memory_bytes: int = 112 << 20,
        disk_bytes: int = 1 << 30,
    ) -> None:
        self._folder = folder
        self._disk_bytes = disk_bytes
        self._memory_bytes = memory_bytes
        self._memory: OrderedDict[str, tuple[int, dict[str, np.ndarray]]]
        self._memory = OrderedDict()
        self._used = 0
        self._lock = threading.Lock()
        self._pending: dict[str, AtWork] = {}
        self._disk = self._open()

    def remember(
        self, key: Key, compute: Callable[[], Arrays], *, disk: bool = True
    ) -> dict[str, np.ndarray]:
        """Give the arrays of ``key``, computing them at most once at a time.

        Parameters
        ----------
        key
            Everything the result depends on, a version of the function included.
        compute
            Makes the arrays; its errors are raised to the caller and not kept.
        disk
            Whether the result is worth keeping on disk.

        Raises
        ------
        NoAnswerError
            If another thread computes it and waits for a disk that does not answer.
        """
        name = hashlib.sha256(repr(key).encode()).hexdigest()
        while True:
            with self._lock:
                found = self._memory.get(name)
                if found is not None:
                    self._memory.move_to_end(name)
                    return found[1]
                waiting = self._pending.get(name)
                if waiting is None:
                    self._pending[name] = AtWork()
                    break
            waiting.wait("the run")
        try:
            arrays = self._read(name) if disk else None
            if arrays is None:
                arrays = {k: _frozen(v) for k, v in compute().items()}
                if disk:
                    self._write(name, arrays)
            self._keep(name, arrays)
            return arrays
        finally:
            with self._lock:
                self._pending.pop(name).over.set()

    def clear(self) -> None:
        """Forget everything, in memory and on disk."""
        with self._lock:
            self._memory.clear()
            self._used = 0
        self._guard(diskcache.Cache.clear)

    def close(self) -> None:
        """Close the database; the object stays usable as a memory cache."""
        disk, self._disk = self._disk, None
        if disk is not None:
            disk.close()

    def _keep(self, name: str, arrays: dict[str, np.ndarray]) -> None:
        size = sum(array.nbytes for array in arrays.values())
        if size > self._memory_bytes // 4:
            return
        with self._lock:
            self._memory[name] = (size, arrays)
            self._used += size
            while self._used > self._memory_bytes:
                self._used -= self._memory.popitem(last=False)[1][0]

    def _open(self) -> diskcache.Cache | None:
        if self._folder is None:
            return None
        for _attempt in range(2):
            try:
                _claim(self._folder)
                return diskcache.Cache(
                    str(self._folder),
                    disk=_BytesDisk,
                    size_limit=self._disk_bytes,
                    eviction_policy="least-recently-used",
                )
            except _ForeignFolderError as error:
                _log.warning("%s; working without a cache on disk", error)
                return None
            except (sqlite3.DatabaseError, ValueError, EOFError):
                _remove_ours(self._folder)
            except (OSError, diskcache.Timeout):
                break
        _log.warning("cache folder %s cannot be used; working without", self._folder)
        return None

    def _read(self, name: str) -> dict[str, np.ndarray] | None:
        value = self._guard(lambda disk: disk.get(name))
        if value is None:
            return None
        try:
            return decode(value)
        except ValueError:
            self._guard(lambda disk: disk.delete(name))
            return None

    def _write(self, name: str, arrays: dict[str, np.ndarray]) -> None:
        value = encode(arrays)
        self._guard(lambda disk: disk.set(name, value))

    def _guard(self, call: Callable[[diskcache.Cache], Any]) -> Any:
        """Run a call on the database; on any failure start afresh and give None."""
        disk = self._disk
        if disk is None:  # never "if not disk": an empty database is falsy
            return None
        try:
            return call(disk)
        except _FAILURES as error:
            _log.warning("cache dropped: %s", error)
            self._start_afresh(disk)
            return None

    def _start_afresh(self, broken: diskcache.Cache) -> None:
        with self._lock:
            if self._disk is not broken:  # another thread was faster
                return
            self._disk = None
        _close_quietly(broken)
        if self._folder is not None:
            _remove_ours(self._folder)
        self._disk = self._open()


class _ForeignFolderError(Exception):
    """The folder holds what is not of a cache of ours."""


def _claim(folder: Path) -> None:
    """Make the folder, or see that it is ours to write in, and put the sign on it."""
    try:
        folder.mkdir(mode=0o700, parents=True)
        folder.chmod(0o700)
    except FileExistsError:
        if not folder.is_dir():
            raise
        if _is_marked(folder):
            return
        _check_nothing_else(folder)
    temporary = folder / f"{_SIGN_FILE}.{os.getpid()}"
    temporary.write_bytes(_SIGN)
    temporary.replace(folder / _SIGN_FILE)


def _is_marked(folder: Path) -> bool:
    try:
        with (folder / _SIGN_FILE).open("rb") as file:
            return file.read(len(_SIGN)) == _SIGN
    except FileNotFoundError:
        return False


def _check_nothing_else(folder: Path) -> None:
    """Take a folder without a sign: an empty one, or a cache of an earlier version.

    Raises
    ------
    _ForeignFolderError
        If anything is in it that an earlier version did not make.
    """
    names = {path.name for path in folder.iterdir()}
    begun = {name for name in names if name.startswith(f"{_SIGN_FILE}.")}
    ours = {name for name in names if _DATABASE_FILE.fullmatch(name)}
    if "cache.db" in ours:
        ours |= {name for name in names if _VALUE_FOLDER.fullmatch(name)}
    other = min(names - begun - ours, default=None)
    if other is not None:
        raise _ForeignFolderError(
            f"cache folder {folder} holds {other!r}, which is not of a cache: name an "
            "empty folder with --cache, or one that does not exist yet"
        )


def _remove_ours(folder: Path) -> None:
    """Delete the database and the values, and the folders that this leaves empty."""
    for path in _listed(folder):
        if _DATABASE_FILE.fullmatch(path.name):
            _unlink_quietly(path)
        elif _VALUE_FOLDER.fullmatch(path.name) and not path.is_symlink():
            _remove_values(folder, path)


def _remove_values(folder: Path, outer: Path) -> None:
    for inner in _listed(outer):
        if inner.is_symlink():
            continue
        for value in _listed(inner):
            if _is_ours(str(value.relative_to(folder))):
                _unlink_quietly(value)
        with contextlib.suppress(OSError):
            inner.rmdir()
    with contextlib.suppress(OSError):
        outer.rmdir()


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _unlink_quietly(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


def _close_quietly(disk: diskcache.Cache) -> None:
    try:
        disk.close()
    except _FAILURES as error:
        _log.debug("closing a broken cache: %s", error)


def _frozen(array: np.ndarray) -> np.ndarray:
    array = np.asarray(array, order="C")  # ascontiguousarray would add an axis to ()
    array.setflags(write=False)
    return array


def encode(arrays: Arrays) -> bytes:
    """Write arrays as one checksummed block of bytes.

    Raises
    ------
    ValueError
        If a dtype is none of the plain numeric ones.
    """
    meta, parts = [], []
    for name, array in arrays.items():
        if array.dtype.str not in _DTYPES:
            raise ValueError(f"{name}: dtype {array.dtype} is not cached")
        meta.append([name, array.dtype.str, list(array.shape)])
        parts.append(array.tobytes())
    text = json.dumps(meta).encode()
    body = text + b"".join(parts)
    return _HEAD.pack(_MAGIC, zlib.crc32(body), len(text), 0) + body


def decode(value: Any) -> dict[str, np.ndarray]:
    """Read what :func:`encode` wrote.

    Raises
    ------
    ValueError
        If a byte is missing or changed.
    """
    if not isinstance(value, bytes) or len(value) < _HEAD.size:
        raise ValueError("not a cache block")
    magic, crc, length, _ = _HEAD.unpack_from(value)
    body = value[_HEAD.size :]
    if magic != _MAGIC or zlib.crc32(body) != crc:
        raise ValueError("cache block damaged")
    try:
        return _unpack(json.loads(body[:length]), body, length)
    except (TypeError, OverflowError, RecursionError) as error:
        raise ValueError(f"cache block of another kind: {error}") from error


def _unpack(meta: Any, body: bytes, offset: int) -> dict[str, np.ndarray]:
    arrays = {}
    for name, dtype, shape in meta:
        if dtype not in _DTYPES or min(shape, default=0) < 0:
            raise ValueError(f"no array of ours: {dtype!r} {shape!r}")
        count = math.prod(shape)
        array = np.frombuffer(body, np.dtype(dtype), count, offset)
        arrays[name] = array.reshape(shape)
        offset += array.nbytes
    if offset != len(body):
        raise ValueError("cache block of another length")
    return arrays
