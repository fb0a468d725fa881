"""The process that opens a file first: whatever the file does to HDF5, it does here.

Started by :mod:`~grokdash.store.examiner`; reads one JSON request a line and answers
one. It may take so much processor time for a request and so much memory, can write
nothing, and has neither the environment nor the credentials of the server. The bytes of
a remote file it asks its parent for.
"""

import contextlib
import io
import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grokdash.errors import GrokdashError
from grokdash.store.expected import Expected
from grokdash.store.safety import SafeFile, Verdict
from grokdash.store.walk import Read, walk

MEMORY = 400 * 2**20
"""Bytes that a request may take."""
OPEN_FILES = 16


def limit() -> None:
    """Take from this process what no examination needs (not on Windows)."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        import resource  # noqa: PLC0415 - not there on Windows
    except ImportError:
        return
    used = re.search(r"VmSize:\s*(\d+) kB", _status())
    limits = {
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: OPEN_FILES,
    }
    if used is not None:
        limits[resource.RLIMIT_AS] = int(used[1]) * 1024 + MEMORY
    for which, most in limits.items():
        resource.setrlimit(which, (most, most))


def _status() -> str:
    with contextlib.suppress(OSError):
        return Path("/proc/self/status").read_text()
    return ""


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """End this process if it computes for longer: in C code only a signal can."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


class _FromParent(io.RawIOBase):
    """A remote file: its bytes come from the parent, range by range."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}
        self._place = start[whence] + offset
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: Any) -> int:
        size = max(0, min(len(buffer), self._size - self._place))
        _answer({"read": [self._place, size]})
        data = sys.stdin.buffer.read(size)
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)


def examine(request: dict[str, Any]) -> Verdict:
    """Open the file of a request and walk over all of it."""
    path, remote = Path(request["path"]), request["remote"]
    expected = Expected.read(request["expected"])
    with contextlib.ExitStack() as stack:
        opener = (lambda place: _FromParent(place.stat().st_size)) if remote else None
        file = SafeFile(
            path, Path(request["folder"]), request["kind"], expected, opener=opener
        )
        stack.callback(file.close)
        return walk(file, None if remote else stack.enter_context(_reading(path)))


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[Read]:
    with path.open("rb", buffering=0) as file:

        def read(offset: int, size: int) -> bytes:
            file.seek(offset)
            return file.read(size)

        yield read


def _answer(answer: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.flush()


def _reply(request: dict[str, Any]) -> dict[str, Any]:
    try:
        with within(request["seconds"]):
            return {"verdict": examine(request)}
    except (GrokdashError, OSError) as error:
        return {"error": type(error).__name__, "message": str(error)}


def main() -> int:
    """Answer requests until there are no more."""
    limit()
    _answer({"ready": os.getpid()})
    for line in sys.stdin.buffer:
        _answer(_reply(json.loads(line)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
