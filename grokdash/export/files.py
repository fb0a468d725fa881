"""Files to be saved: their names say the format."""

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from grokdash.errors import ConfigError, StoreError
from grokdash.export.number_formats import NUMBER_FORMATS, NumberFormat
from grokdash.export.picture_formats import FILMS, STILLS, Film, Still

Format = Still | Film | NumberFormat
"""Whatever a name can ask for."""

_Known = TypeVar("_Known", bound=Format)

PICTURE_FORMATS = (*STILLS, *FILMS)
"""Formats of what a view shows."""

FORMATS = (*PICTURE_FORMATS, *NUMBER_FORMATS)
"""Every format of a view; of two with one ending, a name means the picture."""


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
        if path.suffix == f".{one.ending}":
            return one
    names = ", ".join(endings(known))
    raise ConfigError(f"{path}: expected a name ending in one of {names}")


def write_file(path: Path, content: bytes) -> None:
    """Write a file, and the folder it is to lie in.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise StoreError(f"{path}: cannot be written: {error.strerror}") from error
