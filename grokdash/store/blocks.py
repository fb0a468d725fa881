"""The bytes of an HDF5 file, so that the library never waits for a disk or a network.

HDF5 has one lock for the whole process. Whoever waited for a byte inside it would hold
up the reading of every other file. So HDF5 is given only what is in memory: what is not
is noted and refused, fetched once HDF5 has let go of its lock, and asked for again.
"""

import io
import os
import stat
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from grokdash.errors import DamagedFileError, NotPermittedError, StoreError
from grokdash.patience import got_on

T = TypeVar("T")

LOCAL_BLOCK = 2**18
MOST_LOCAL = 16
MOST_ROUNDS = 2000
_AT_HAND = getattr(os, "RWF_NOWAIT", 0)
"""Asks Linux for what it has in memory, and for nothing that it would wait for."""
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
)
"""Not waiting: the opening of a pipe nobody writes into would never return."""


class NotInMemoryError(StoreError):
    """HDF5 asked for bytes that have to be fetched first; never seen by a caller."""


class Blocks(io.RawIOBase):
    """A file by blocks, the newest used of which are kept.

    Parameters
    ----------
    path : Path
        What errors call it.
    size : int
        Bytes of all of it.
    block : int
        Bytes of a block.
    most : int
        Blocks kept; while one thing is read, all that it needs are.
    """

    def __init__(self, path: Path, size: int, block: int, most: int) -> None:
        super().__init__()
        self.path = path
        self.size = size
        self._block = block
        self._most = most
        self._position = 0
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self._missing: set[int] = set()
        self._ahead = 1

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Choose the place that is read next."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}
        self._position = start[whence] + offset
        return self._position

    def tell(self) -> int:
        """Give the place that is read next."""
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Copy what is in memory; note and refuse what is not.

        Raises
        ------
        NotInMemoryError
            If some of it has to be fetched first.
        """
        view = memoryview(buffer).cast("B")
        view = view[: max(0, min(len(view), self.size - self._position))]
        if len(view) and not self._at_hand(view, self._position):
            self._from_blocks(view, self._position)
        self._position += len(view)
        return len(view)

    def patiently(self, read: Callable[[], T]) -> T:
        """Do what reads this file, again after each time that bytes had to be fetched.

        An answer that was made while bytes were missing does not count either: the
        library takes some errors for a no.
        """
        self._trim()
        self._ahead = 1
        for _ in range(MOST_ROUNDS):
            self._missing.clear()
            try:
                found = read()
            # The library may say it in its own words.
            except Exception:
                if not self._missing:
                    raise
            else:
                if not self._missing:
                    return found
            self.fetch(self._missing)
        raise DamagedFileError(f"{self.path}: is read without an end")

    def fetch(self, numbers: set[int]) -> None:
        """Fetch blocks and, the more were wanted in turn, some that follow."""
        last = (self.size - 1) // self._block
        wanted = sorted(numbers)
        wanted += range(wanted[-1] + 1, min(wanted[-1] + self._ahead, last + 1))
        self._ahead = min(2 * self._ahead, max(1, self._most // 2))
        for first, count in _stretches([n for n in wanted if n not in self._kept]):
            start = first * self._block
            end = min(start + count * self._block, self.size)
            data = self._fetch(start, end)
            got_on()
            if len(data) != end - start:
                raise DamagedFileError(
                    f"{self.path}: has {start + len(data)} bytes where {self.size} "
                    "were announced"
                )
            for number in range(first, first + count):
                at = (number - first) * self._block
                self._kept[number] = data[at : at + self._block]

    def _at_hand(self, view: memoryview, position: int) -> bool:
        """Fill from memory without waiting, if there is a way to ask for that."""
        del view, position
        return False

    def _fetch(self, start: int, end: int) -> bytes:
        raise NotImplementedError

    def _from_blocks(self, view: memoryview, position: int) -> None:
        first, last = position // self._block, (position + len(view) - 1) // self._block
        missing = {n for n in range(first, last + 1) if n not in self._kept}
        if missing:
            self._missing |= missing
            raise NotInMemoryError(f"{self.path}: bytes at {position} to be fetched")
        filled = 0
        while filled < len(view):
            number, skipped = divmod(position + filled, self._block)
            part = self._kept[number][skipped : skipped + len(view) - filled]
            view[filled : filled + len(part)] = part
            filled += len(part)
            self._kept.move_to_end(number)

    def _trim(self) -> None:
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


class LocalBlocks(Blocks):
    """A file of a folder; what the system has in memory is copied from there."""

    def __init__(self, path: Path) -> None:
        self._descriptor = open_regular(path)
        size = os.fstat(self._descriptor).st_size
        super().__init__(path, size, LOCAL_BLOCK, MOST_LOCAL)
        self._asks = bool(_AT_HAND)
        if not self._asks or not self._can_ask():
            self.fetch({0})

    def close(self) -> None:
        """Close the file."""
        if not self.closed:
            os.close(self._descriptor)
        super().close()

    def _can_ask(self) -> bool:
        """Look whether this file system says what it has in memory."""
        self._at_hand(memoryview(bytearray(1)), 0)
        return self._asks

    def _at_hand(self, view: memoryview, position: int) -> bool:
        if not self._asks:
            return False
        try:
            done = os.preadv(self._descriptor, [view], position, _AT_HAND)
        except BlockingIOError:
            return False
        except OSError:
            self._asks = False
            return False
        return done == len(view)

    def _fetch(self, start: int, end: int) -> bytes:
        parts = []
        while start < end:
            part = read_at(self._descriptor, end - start, start)
            if not part:
                break
            parts.append(part)
            start += len(part)
        return b"".join(parts)


def open_regular(path: Path) -> int:
    """Open a file for reading without waiting, and give its descriptor.

    Raises
    ------
    FileNotFoundError
        If it is not there.
    DamagedFileError
        If what was opened is no regular file.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except FileNotFoundError:
        raise
    except PermissionError as error:
        raise NotPermittedError.of(path) from error
    except OSError as error:
        raise DamagedFileError(f"{path}: cannot be opened: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise DamagedFileError(f"{path}: expected a regular file")
    return descriptor


def read_at(descriptor: int, size: int, start: int) -> bytes:
    """Read so many bytes from there; where threads share no file, by moving in it."""
    if hasattr(os, "pread"):
        return os.pread(descriptor, size, start)
    os.lseek(descriptor, start, os.SEEK_SET)  # pragma: no cover - Windows
    return os.read(descriptor, size)  # pragma: no cover


def _stretches(numbers: list[int]) -> list[tuple[int, int]]:
    """Join ascending numbers that follow each other: first of each, and how many."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and sum(found[-1]) == number:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((number, 1))
    return found


def read_padded(file: Any, offset: int, size: int) -> bytes:
    """Read so many bytes at a place, and zeros beyond the end."""

    def read() -> bytes:
        file.seek(offset)
        data = bytearray()
        while len(data) < size:
            more = file.read(size - len(data))
            if not more:
                break
            data += more
        return bytes(data).ljust(size, b"\0")

    return file.patiently(read) if isinstance(file, Blocks) else read()
