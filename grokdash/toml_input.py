"""TOML files that a user has written: read with a limit, told what is wrong in them."""

import tomllib
from pathlib import Path
from typing import Any

from grokdash.errors import ConfigError

_MOST_TEXT = 2**20


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file of RunConfig fields, and ``preset`` if it names one.

    Raises
    ------
    ConfigError
        If the file cannot be read or is not TOML.
    """
    return parse_toml(path, read_text(path))


def read_text(path: Path) -> str:
    """Read a text that a user has written, of at most a megabyte.

    Raises
    ------
    ConfigError
        If it cannot be read, is larger, or no text.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_TEXT + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > _MOST_TEXT:
        raise ConfigError(f"{path}: is larger than {_MOST_TEXT:,} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not a TOML file: {error}") from error


def parse_toml(path: Path, text: str) -> dict[str, Any]:
    """Read the TOML that a file holds.

    Raises
    ------
    ConfigError
        If it is none, or nested beyond all need.
    """
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # of numbers with too many digits too
        raise ConfigError(f"{path}: not a TOML file: {error}") from error
