"""Files to be saved: their names say the format."""

import errno
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from grokdash.errors import ConfigError, StoreError, UnusableFolderError
from grokdash.saving.number_formats import NUMBER_FORMATS, NumberFormat
from grokdash.saving.picture_formats import STILLS, Still
from grokdash.store.files import discard, temporary_name

Format = Still | NumberFormat
"""Whatever a name can ask for."""

_Known = TypeVar("_Known", bound=Format)

FORMATS = (*STILLS, *NUMBER_FORMATS)
"""Every format of a view at one epoch."""


def endings(formats: Iterable[Format]) -> list[str]:
    """Give the endings of file names, each once."""
    return list(dict.fromkeys(f".{known.ending}" for known in formats))


def format_of(path: Path, formats: Iterable[_Known]) -> _Known:
    """Choose the format that the name of a file asks for.

    Raises
    ------
    ConfigError
        If it is none of these.
    """
    known = list(formats)
    for one in known:
        if path.suffix.lower() == f".{one.ending}":
            return one
    names = ", ".join(endings(known))
    raise ConfigError(f"{path}: expected a name ending in one of {names}")


def write_file(path: Path, content: bytes) -> None:
    """Write a file, and the folder it is to lie in; all of it or nothing.

    Raises
    ------
    UnusableFolderError
        If nothing can be written there.
    StoreError
        If it cannot be written otherwise.
    """
    temporary = temporary_name(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError as error:
        discard(temporary)
        kind = UnusableFolderError if error.errno in _NO_FOLDER else StoreError
        raise kind(f"{path}: cannot be written: {error.strerror}") from error


_NO_FOLDER = {
    *(errno.EACCES, errno.EPERM, errno.EROFS),
    *(errno.ENOTDIR, errno.ENOENT, errno.EEXIST, errno.EISDIR),
}
"""What is wrong with the place, not with the disk: another one must be named."""


def make_folder(folder: Path) -> None:
    """Make a folder for files, or say why none can be written there.

    Raises
    ------
    UnusableFolderError
        If none can.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnusableFolderError(f"{folder}: {error.strerror}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UnusableFolderError(f"{folder}: nothing can be written here")


def refuse_existing(paths: Iterable[Path], *, force: bool) -> None:
    """Refuse to write over files, unless told to.

    Raises
    ------
    ConfigError
        If there is one.
    """
    there = [] if force else [path for path in paths if path.exists()]
    if there:
        more = f" and {len(there) - 1} more" if len(there) > 1 else ""
        raise ConfigError(
            f"{there[0]}{more}: there already; with --force it is replaced"
        )
