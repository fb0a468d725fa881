"""Folders in which runs are made before anybody may see them.

Their names begin with a dot, so no reader looks at them, and whoever makes one holds
its lock; one whose maker died is deleted by the next who makes one.
"""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from grokdash.errors import StoreError, UnusableFolderError
from grokdash.store import files
from grokdash.store.lock import RunLock

_YOUNG_S = 60.0
"""A folder so young may belong to somebody who has not locked it yet."""


@contextlib.contextmanager
def hidden_folder(store: Path, prefix: str) -> Iterator[Path]:
    """Make a folder in a store that is gone in the end, whatever happens.

    Parameters
    ----------
    store
        The store, which is made if there is none.
    prefix
        How names of such folders begin: with a dot.

    Raises
    ------
    StoreError
        If the store cannot be written.
    """
    try:
        store.mkdir(parents=True, exist_ok=True)
        _clear(store, prefix)
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=store))
    except FileNotFoundError as error:
        raise UnusableFolderError(
            f"{store}: cannot be made: {error.strerror}; choose another folder with "
            "--store"
        ) from error
    except OSError as error:
        raise files.failed_write(store, error) from error
    try:
        with RunLock(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _clear(store: Path, prefix: str) -> None:
    """Delete what those left behind who were killed."""
    for folder in store.glob(f"{prefix}*"):
        if time.time() - folder.stat().st_mtime < _YOUNG_S:
            continue
        with contextlib.suppress(StoreError), RunLock(folder):
            shutil.rmtree(folder, ignore_errors=True)


def put_in_place(folder: Path, target: Path) -> None:
    """Give a run that was made in a hidden folder its place, whole or not at all.

    Raises
    ------
    StoreError
        If something is there, or the store cannot be written.
    """
    try:
        folder.rename(target)
    except OSError as error:
        if target.exists():
            raise StoreError(f"{target}: came to be there meanwhile") from error
        raise files.failed_write(target, error) from error
    files.sync_folder(target.parent)
