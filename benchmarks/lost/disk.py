"""What a disk may hold after a power cut, by the calls that were made until then.

Bytes are safe once their file was synced, and a name, or its absence, once its folder
was. All else may have reached the disk or not, page by page and name by name: file
systems promise no more.
"""

import random
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from lost.log import Entry

PAGE = 4096
FOLDER = -1
RANDOM = ("names and some pages", "some of all")
VARIANTS = ("nothing unsynced", "names alone", *RANDOM)


@dataclass
class File:
    """A file: its bytes as programs see them, and as they surely are on the disk."""

    seen: bytearray = field(default_factory=bytearray)
    safe: bytes = b""

    def write(self, offset: int, data: bytes) -> None:
        end = offset + len(data)
        if len(self.seen) < end:
            self.seen.extend(bytes(end - len(self.seen)))
        self.seen[offset:end] = data

    def cut(self, size: int) -> None:
        del self.seen[size:]
        self.seen.extend(bytes(size - len(self.seen)))

    def some(self, dice: random.Random) -> bytes:
        """Give what is left if each unsynced page is kept or not."""
        size = len(dice.choice((self.seen, self.safe)))
        found = bytearray(self.safe[:size].ljust(size, b"\0"))
        for start in range(0, size, PAGE):
            page = self.seen[start : min(start + PAGE, size)]
            if dice.random() < 0.5:
                found[start : start + len(page)] = page
        return bytes(found)


class Disk:
    """One store, changed call by call.

    Parameters
    ----------
    root
        The store, which is there from the start.
    ignored
        Parts of paths whose syncs are left out, to see that this is noticed.
    """

    def __init__(self, root: str, ignored: str = "") -> None:
        self._root, self._ignored = root, ignored
        self._files: list[File] = []
        self._by_inode: dict[int, int] = {}
        self._seen: dict[str, int] = {}
        self._safe: dict[str, int] = {}

    def apply(self, entry: Entry) -> None:
        """Make a call."""
        act = getattr(self, f"_{entry.call}", None)
        if act is not None and (entry.path != self._root or entry.call == "sync"):
            act(entry)

    def after_power_cut(self, variant: str, dice: random.Random) -> dict[str, bytes]:
        """Give the files that are left, by path; folders end in a slash."""
        names = self._names(variant, dice)
        left: dict[str, bytes] = {}
        for path, number in names.items():
            if not self._reachable(path, names):
                continue
            if number == FOLDER:
                left[path + "/"] = b""
            elif variant in ("nothing unsynced", "names alone"):
                left[path] = self._files[number].safe
            else:
                left[path] = self._files[number].some(dice)
        return left

    def _names(self, variant: str, dice: random.Random) -> dict[str, int]:
        if variant == "nothing unsynced":
            return self._safe
        if variant != "some of all":
            return self._seen
        found: dict[str, int] = {}
        for path in sorted(self._seen.keys() | self._safe.keys()):
            where = self._seen if dice.random() < 0.5 else self._safe
            if path in where:
                found[path] = where[path]
        return found

    def _reachable(self, path: str, names: dict[str, int]) -> bool:
        parents = [str(one) for one in PurePosixPath(path).parents]
        above = parents[: parents.index(self._root)]
        return all(names.get(one) == FOLDER for one in above)

    def _create(self, entry: Entry) -> None:
        self._files.append(File())
        self._by_inode[entry.inode] = self._seen[entry.path] = len(self._files) - 1

    def _empty(self, entry: Entry) -> None:
        self._files[self._by_inode[entry.inode]].cut(0)

    def _write(self, entry: Entry) -> None:
        self._files[self._by_inode[entry.inode]].write(entry.offset, entry.data)

    def _cut(self, entry: Entry) -> None:
        self._files[self._by_inode[entry.inode]].cut(entry.offset)

    def _sync(self, entry: Entry) -> None:
        if self._ignored and fits(entry.path, self._ignored):
            return
        if entry.path == self._root or self._seen.get(entry.path) == FOLDER:
            inside = {k: v for k, v in self._seen.items() if _parent(k) == entry.path}
            kept = {k: v for k, v in self._safe.items() if _parent(k) != entry.path}
            self._safe = kept | inside
        else:
            file = self._files[self._by_inode[entry.inode]]
            file.safe = bytes(file.seen)

    def _link(self, entry: Entry) -> None:
        self._seen[entry.other] = self._seen[entry.path]

    def _rename(self, entry: Entry) -> None:
        self._seen[entry.other] = self._seen.pop(entry.path)

    def _unlink(self, entry: Entry) -> None:
        self._seen.pop(entry.path)

    def _mkdir(self, entry: Entry) -> None:
        self._seen[entry.path] = FOLDER


def fits(path: str, pattern: str) -> bool:
    """Say whether a path fits a pattern such as ``*/checkpoints/.tmp-*``."""
    return PurePosixPath(path).match(pattern)


def lay_out(left: dict[str, bytes], root: str, place: Path) -> None:
    """Write what a power cut has left under another root."""
    place.mkdir(parents=True)
    for path, data in sorted(left.items()):
        target = place / path.removeprefix(root).strip("/")
        if path.endswith("/"):
            target.mkdir(exist_ok=True)
        else:
            target.write_bytes(data)


def fingerprint(left: dict[str, bytes]) -> int:
    """Tell states apart by what is read of them: of temporary files the names."""
    parts = {path: b"" if "/.tmp-" in path else data for path, data in left.items()}
    return hash(tuple(sorted(parts.items())))


def _parent(path: str) -> str:
    return path.rpartition("/")[0]
