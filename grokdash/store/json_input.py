"""The one door through which JSON of a store comes in; what is in it is input.

A store may have been copied from anywhere. A file is read only if it is a regular one
of bounded size, and taken only if it is UTF-8, not deep, names nothing twice, has no
number that Python, SQLite or a browser could not hold, and fits the model of its kind.
Whatever is wrong is said with file, field, what was expected and what came.
"""

import errno
import json
import os
import re
import stat
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from grokdash.errors import DamagedFileError, NotPermittedError, StoreError
from grokdash.mistakes import told

MAX_JSON = 2**20
"""Bytes of a file, unless its kind says otherwise."""
_DEEPEST = 24
_MOST_CONTAINERS = 1_000_000
"""Lists and objects of one file: each takes many times its two bytes in memory."""
_MOST_WRONG = 5
"""Mistakes of one file that are told."""
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
)
_SURROGATE = re.compile(r"\\u[dD][89abAB]")


class FileModel(BaseModel):
    """What a kind of file holds; fields that a newer grokdash adds are left out.

    ``remedy`` says what a user does about a file that is wrong.
    """

    model_config = ConfigDict(
        strict=True, frozen=True, extra="ignore", allow_inf_nan=False
    )


Model = TypeVar("Model", bound=FileModel)


def read_file(
    path: Path, kind: type[Model], most: int = MAX_JSON, *, remedy: str
) -> Model:
    """Read a JSON file of a kind.

    Parameters
    ----------
    path
        The file.
    kind
        What it must hold.
    most
        Largest size in bytes.
    remedy
        What a user does about a file that is wrong; ends the message.

    Raises
    ------
    FileNotFoundError
        If there is none.
    DamagedFileError
        If it is not what it must be.
    StoreError
        If it cannot be read.
    """
    return check(path, read_object(path, most), kind, remedy=remedy)


def check(path: Path, values: Any, kind: type[Model], *, remedy: str) -> Model:
    """Hold what :func:`read_object` gave against the model of its kind."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise DamagedFileError(f"{path}: {wrong(error)}; {remedy}") from None


def wrong(error: ValidationError) -> str:
    """Say what is wrong with the values of a file, the first few of it."""
    found = [told(one) for one in error.errors(include_url=False)]
    more = len(found) - _MOST_WRONG
    return "; ".join(found[:_MOST_WRONG]) + (f"; and {more} more" if more > 0 else "")


def read_object(path: Path, most: int = MAX_JSON) -> dict[str, Any]:
    """Read a JSON object of at most so many bytes.

    Raises
    ------
    FileNotFoundError
        If there is none.
    DamagedFileError
        If it is no regular file, too large or no JSON object.
    StoreError
        If it cannot be read.
    """
    return parse_object(path, read_bytes(path, most))


def read_bytes(path: Path, most: int = MAX_JSON) -> bytes:
    """Read a regular file of at most so many bytes; nothing else is even opened long.

    Raises
    ------
    FileNotFoundError, DamagedFileError, StoreError
        As :func:`read_object` does.
    """
    try:
        with os.fdopen(os.open(path, _FLAGS), "rb") as file:
            info = os.fstat(file.fileno())
            if not stat.S_ISREG(info.st_mode):
                raise DamagedFileError(f"{path}: expected a regular file")
            data = file.read(most + 1) if info.st_size <= most else None
    except (FileNotFoundError, StoreError):
        raise
    except PermissionError as error:
        raise NotPermittedError.of(path) from error
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
            raise DamagedFileError(f"{path}: expected a regular file") from None
        raise StoreError(f"{path}: cannot be read: {error.strerror}") from error
    if data is None or len(data) > most:
        raise DamagedFileError(f"{path}: is larger than {most:,} bytes")
    return data


def parse_object(where: Path | str, data: bytes) -> dict[str, Any]:
    """Read the JSON object that bytes hold; ``where`` names them in messages.

    Raises
    ------
    DamagedFileError
        If they hold none, or one that nobody needs and that could do harm.
    """
    if data.count(b"[") + data.count(b"{") > _MOST_CONTAINERS:
        raise DamagedFileError(
            f"{where}: has more than {_MOST_CONTAINERS:,} lists and objects"
        )
    try:
        text = data.decode("utf-8")
        values = _DECODER.decode(text)
        if _SURROGATE.search(text):
            json.dumps(values, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise DamagedFileError(f"{where}: holds half a character (\\ud800)") from None
    except UnicodeDecodeError as error:
        raise DamagedFileError(f"{where}: is not UTF-8: {error.reason}") from None
    except (ValueError, RecursionError) as error:
        raise DamagedFileError(f"{where}: is not valid JSON: {error}") from None
    if _depth(values) > _DEEPEST:
        raise DamagedFileError(f"{where}: is nested more than {_DEEPEST} deep")
    if not isinstance(values, dict):
        raise DamagedFileError(f"{where}: expected a JSON object")
    return values


def _depth(values: Any) -> int:
    """Say how deep lists and objects are nested, up to one more than is allowed."""
    depth, level = 0, [values]
    while level and depth <= _DEEPEST:
        inside = [one for one in level if isinstance(one, dict | list)]
        depth += bool(inside)
        level = [
            each
            for one in inside
            for each in (one.values() if isinstance(one, dict) else one)
        ]
    return depth


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice[:40]!r} is named twice")
    return found


def _whole(digits: str) -> int:
    if len(digits) > 20 or not -(2**63) <= (number := int(digits)) < 2**63:
        raise ValueError(f"{digits[:20]}… is too large a number")
    return number


def _real(digits: str) -> float:
    number = float(digits)
    if abs(number) > _LARGEST:
        raise ValueError(f"{digits[:20]} is too large a number")
    return number


def _constant(name: str) -> None:
    """Read NaN and Infinity as no number: earlier trainers wrote them."""


_LARGEST = 1e300
"""Far beyond every loss; what is larger becomes infinite when it is rounded."""
_DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_float=_real,
    parse_int=_whole,
    parse_constant=_constant,
)
