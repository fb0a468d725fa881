"""What a trainer prints, kept in a text file of its run; a reader sees its end."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from grokdash.errors import StoreError
from grokdash.store import files
from grokdash.store.schema import LOG_FILE

MOST_KEPT = 2**20
"""Bytes after which the next start begins the file anew."""
MOST_SHOWN = 2**15

_BINARY = getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_AT_ONCE = getattr(os, "O_NONBLOCK", 0)


def open_log(folder: Path) -> BinaryIO:
    """Open the log of a run to add to it; the folder is made if there is none.

    Raises
    ------
    StoreError
        If it cannot be written or is no regular file.
    """
    path = folder / LOG_FILE
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | _BINARY | _NO_LINK | _AT_ONCE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = os.fdopen(os.open(path, flags, 0o644), "ab")
    except OSError as error:
        raise files.failed_write(path, error) from error
    info = os.fstat(file.fileno())
    if not stat.S_ISREG(info.st_mode):
        file.close()
        raise StoreError(f"{path}: expected a regular file; move it away")
    if info.st_size > MOST_KEPT:
        file.truncate(0)
    return file


def read_log(folder: Path) -> str:
    """Give the last lines of a run's log; empty if there is none to read."""
    try:
        descriptor = os.open(
            folder / LOG_FILE, os.O_RDONLY | _BINARY | _NO_LINK | _AT_ONCE
        )
    except OSError:
        return ""
    with os.fdopen(descriptor, "rb") as file:
        info = os.fstat(file.fileno())
        if not stat.S_ISREG(info.st_mode):
            return ""
        file.seek(max(0, info.st_size - MOST_SHOWN))
        text = file.read(MOST_SHOWN).decode("utf-8", "replace")
    return text if info.st_size <= MOST_SHOWN else "…" + text.partition("\n")[2]
