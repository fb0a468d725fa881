"""The calls that shim.c has written down, in their order."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """One call, or a ``note`` of the process that made them.

    ``inode`` tells files of one name apart; ``offset`` is where ``data`` was written,
    or the new length of a file that was cut.
    """

    call: str
    path: str
    other: str
    inode: int
    offset: int
    data: bytes


def read_log(path: Path) -> list[Entry]:
    """Read what was recorded."""
    text, place = path.read_bytes(), 0
    found: list[Entry] = []
    while place < len(text):
        end = text.index(b"\n", place)
        call, name, other, inode, offset, size = text[place:end].decode().split("\t")
        place = end + 1 + int(size)
        data = text[end + 1 : place]
        place += 1
        found.append(Entry(call, name, other, int(inode), int(offset), data))
    return found
