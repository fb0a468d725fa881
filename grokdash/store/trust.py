"""Which files this process wrote itself, and so opens without having them examined."""

import contextlib
from pathlib import Path

Stamp = tuple[int, int, int, int, int]
_written: set[Stamp] = set()


def stamp(path: Path) -> Stamp:
    """Tell what a file holds now from what it held before it was written anew."""
    info = path.stat(follow_symlinks=False)
    times = info.st_mtime_ns, info.st_ctime_ns
    return info.st_dev, info.st_ino, info.st_size, *times


def trust(path: Path) -> None:
    """Remember that this process wrote what a file holds now."""
    with contextlib.suppress(OSError):
        _written.add(stamp(path))


def is_written(now: Stamp) -> bool:
    """Say whether this process wrote what has this stamp."""
    return now in _written


def is_trusted(path: Path) -> bool:
    """Say whether this process wrote what a file holds now."""
    return is_written(stamp(path))


def forget() -> None:
    """Have every file examined, as another process would."""
    _written.clear()
