"""Delete a run, or what was left of one half written: files that the store makes."""

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

from grokdash.errors import StoreError
from grokdash.store import files
from grokdash.store.lease import LEASE_FILE
from grokdash.store.lock import RunLock
from grokdash.store.schema import (
    CHECKPOINTS,
    EXTENSIONS_FILE,
    GRIDS,
    LOCK_FILE,
    LOG_FILE,
    NOTES_FILE,
    PACKED_FILE,
    RUN_FILE,
    STATE,
    STATUS_FILE,
    STEP_FILE,
    STOP_FILE,
    TEMPORARY,
)

_FOLDERS = (CHECKPOINTS, STATE, GRIDS)
_FILES = frozenset(
    {
        *(RUN_FILE, EXTENSIONS_FILE, STATUS_FILE, NOTES_FILE, PACKED_FILE),
        *(LOCK_FILE, STOP_FILE, LOG_FILE),
    }
)
_DAMAGED = re.compile(r"(.+)\.damaged")
_MOST_NAMED = 5


def tidy(folder: Path) -> None:
    """Delete what a disk that refused to has left half written, unless it is in use.

    Nothing is said where that fails: such files harm nobody.
    """
    with contextlib.suppress(StoreError):
        if files.temporaries(folder):
            with RunLock(folder):
                files.remove_temporaries(folder)


def delete_files(folder: Path) -> str:
    """Delete what the store made of a run, run.json first, then the empty folders.

    Returns
    -------
    str
        Which files are left that the store did not make, and that the folder is kept
        for them; empty if nothing is left.

    Raises
    ------
    StoreError
        If the file system refuses.
    """
    try:
        # Out of the list at once, even if deleting stops half-way.
        (folder / RUN_FILE).unlink(missing_ok=True)
        for path in list(_made(folder)):
            path.unlink(missing_ok=True)
        for name in _FOLDERS:
            _remove_empty(folder / name)
        _remove_empty(folder)
        left = sorted(_left(folder)) if folder.exists() else []
    except OSError as error:
        raise StoreError(f"{folder}: cannot be deleted: {error.strerror}") from error
    if not left:
        return ""
    more = "" if len(left) <= _MOST_NAMED else f" and {len(left) - _MOST_NAMED} more"
    names = ", ".join(left[:_MOST_NAMED]) + more
    return (
        f"{folder}: the run is deleted, but its folder is kept for what is not of "
        f"the store in it: {names}; move that away or delete it by hand"
    )


def _left(folder: Path) -> Iterator[str]:
    """Name what is in the folder of a run, and in those that the store makes in it."""
    for path in folder.iterdir():
        if path.name in _FOLDERS and path.is_dir() and not path.is_symlink():
            yield from (f"{path.name}/{one.name}" for one in path.iterdir())
        else:
            yield path.name


def _made(folder: Path) -> Iterator[Path]:
    """Give the files of a run that bear a name of the store; links count as files."""
    for path in folder.iterdir():
        if path.name in _FOLDERS and path.is_dir() and not path.is_symlink():
            yield from filter(_is_step, path.iterdir())
        elif _is_of_run(path):
            yield path


def _is_of_run(path: Path) -> bool:
    name = path.name
    if path.is_symlink() and name in _FOLDERS:
        return True
    known = _plain(name) in _FILES or LEASE_FILE.fullmatch(name)
    return bool(known or name.startswith(TEMPORARY)) and _is_file(path)


def _is_step(path: Path) -> bool:
    known = STEP_FILE.fullmatch(_plain(path.name)) or path.name.startswith(TEMPORARY)
    return bool(known) and _is_file(path)


def _plain(name: str) -> str:
    """Give the name without what marks a file that was set aside as damaged."""
    set_aside = _DAMAGED.fullmatch(name)
    return set_aside[1] if set_aside else name


def _is_file(path: Path) -> bool:
    return path.is_symlink() or not path.is_dir()


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()
