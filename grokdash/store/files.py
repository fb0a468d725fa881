"""Durable files: publish once, replace whole, never overwrite what is immutable.

A name appears only when its bytes are on the disk: write an exclusive temporary file,
fsync it, link it to its final name (which fails if the name exists), unlink the
temporary one, fsync the folder. A failed fsync is a failed commit and is not retried.
"""

import contextlib
import errno
import itertools
import json
import os
import shutil
from pathlib import Path
from typing import Any

from grokdash.errors import (
    DiskFullError,
    StoreError,
    UnusableFolderError,
)
from grokdash.store.schema import STEP_FILE, TEMPORARY
from grokdash.written import size

_LEAST_FREE = 2**20
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NOT_PERMITTED = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}
_GONE = {errno.ENOENT, errno.ESTALE, errno.ENODEV, errno.ENOTCONN}
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
GONE = (
    "was moved or deleted while it was written, so nothing more is; put it back, and "
    "the same command goes on from the newest checkpoint"
)
_BINARY = getattr(os, "O_BINARY", 0)
_counter = itertools.count()


def publish(path: Path, data: bytes) -> None:
    """Write an immutable file; return only when a power cut cannot lose it.

    Parameters
    ----------
    path : Path
        The final name, in an existing folder.
    data : bytes
        All of the file.

    Raises
    ------
    FileExistsError
        If the name is taken; what is there stays as it is.
    DiskFullError
        If there is no room; nothing is left behind.
    StoreError
        If the file system refuses for another reason.
    """
    check_room(path.parent, len(data))
    temporary = write_temporary(path, data)
    publish_temporary(temporary, path)


def check_room(folder: Path, n_bytes: int) -> None:
    """Refuse to start writing when less than three times the size is free."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise failed_write(folder, error) from error
    if free < 3 * n_bytes:
        raise DiskFullError(
            f"{folder}: {size(free)} free, {size(3 * n_bytes)} "
            "wanted before writing the next file; everything committed is intact: "
            "free some space and resume the run"
        )


def is_full(folder: Path) -> bool:
    """Say whether nothing more can be written beside a folder's files."""
    try:
        return shutil.disk_usage(folder).free < _LEAST_FREE
    except OSError:
        return False


def temporary_name(path: Path) -> Path:
    """Give a name beside ``path`` that no other writer uses."""
    return path.with_name(f"{TEMPORARY}{os.getpid()}-{next(_counter)}-{path.name}")


def write_temporary(path: Path, data: bytes) -> Path:
    """Write and fsync the bytes under a temporary name beside ``path``."""
    temporary = temporary_name(path)
    try:
        descriptor = os.open(
            temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY, 0o644
        )
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        discard(temporary)
        raise failed_write(path, error) from error
    return temporary


def publish_temporary(temporary: Path, path: Path) -> None:
    """Give a written and synced temporary file its final name, exclusively."""
    try:
        _link_exclusively(temporary, path)
    except FileExistsError:
        raise
    except OSError as error:
        raise failed_write(path, error) from error
    finally:
        discard(temporary)
    sync_folder(path.parent)


def _link_exclusively(temporary: Path, path: Path) -> None:
    try:
        path.hardlink_to(temporary)
    except OSError as error:
        if error.errno not in _NO_LINKS and os.name != "nt":
            raise
        if isinstance(error, FileExistsError):
            raise
        # FAT and some network shares have no links. The exclusive marker still keeps
        # a second writer out; a power cut between the two lines can leave it empty,
        # which a reader reports as damaged.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
        temporary.replace(path)


def replace(path: Path, data: bytes) -> None:
    """Put a whole new version of a small file in place of the old one."""
    rename_temporary(write_temporary(path, data), path)


def rename_temporary(temporary: Path, path: Path) -> None:
    """Put a written and synced temporary file in the place of another."""
    try:
        temporary.replace(path)
    except OSError as error:
        discard(temporary)
        raise failed_write(path, error) from error
    sync_folder(path.parent)


def discard(temporary: Path) -> None:
    """Delete a temporary file, or leave it to who holds the folder's lock next."""
    with contextlib.suppress(OSError):
        temporary.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut (Windows needs no such call)."""
    if os.name == "nt":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise failed_write(folder, error) from error


def failed_write(path: Path, error: OSError) -> StoreError:
    """Turn an error of the file system into one with advice."""
    if error.errno in _NO_ROOM:
        return DiskFullError(
            f"{path}: the disk is full ({error.strerror}); everything committed is "
            "intact: free some space and resume the run"
        )
    if error.errno in _GONE:
        return StoreError(f"{path}: {GONE}")
    message = f"{path}: cannot be written: {error.strerror or error}"
    if error.errno in _NOT_PERMITTED:
        return UnusableFolderError(
            f"{message}; choose another folder with --store, or make this one writable"
        )
    return StoreError(message)


def remove(path: Path) -> None:
    """Delete a file, which may be gone already.

    Raises
    ------
    StoreError
        If the file system refuses.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise failed_write(path, error) from error


def remove_temporaries(folder: Path) -> None:
    """Delete what a killed writer left half written; only its lock's holder may.

    Raises
    ------
    StoreError
        If the file system refuses.
    """
    for path in temporaries(folder):
        remove(path)


def temporaries(folder: Path) -> list[Path]:
    """List what is half written in a run's folder, or was left so.

    Raises
    ------
    StoreError
        If the folder cannot be read.
    """
    try:
        folders = [folder, *(path for path in folder.iterdir() if path.is_dir())]
        return [path for one in folders for path in one.glob(f"{TEMPORARY}*")]
    except OSError as error:
        raise failed_write(folder, error) from error


def touch(path: Path) -> None:
    """Make an empty file; one that is there, or a link in its place, stays."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))


def write_json(path: Path, values: dict[str, Any], *, exclusive: bool = False) -> None:
    """Write a JSON object, once (``exclusive``) or in place of the one there."""
    text = json.dumps(values, indent=1, sort_keys=True, allow_nan=False)
    data = f"{text}\n".encode()
    if exclusive:
        publish(path, data)
    else:
        replace(path, data)


def list_steps(folder: Path) -> frozenset[int]:
    """List the steps whose files a folder holds; a missing folder holds none."""
    try:
        found = [STEP_FILE.fullmatch(entry.name) for entry in folder.iterdir()]
    except FileNotFoundError:
        return frozenset()
    except OSError as error:
        raise StoreError(f"{folder}: cannot be listed: {error.strerror}") from error
    return frozenset(int(match[1]) for match in found if match)


def folder_bytes(folder: Path) -> int:
    """Add up the sizes of the files of a run, without following links."""
    total = 0
    pending = [folder]
    while pending:
        try:
            entries = list(pending.pop().iterdir())
        except OSError:
            continue
        for entry in entries:
            try:
                info = entry.lstat()
            except OSError:
                continue
            total += info.st_size
            if entry.is_dir() and not entry.is_symlink():
                pending.append(entry)
    return total
