"""Which computer this is, and what time it is on the one that holds the files.

Times of different computers are never compared: how long a process on another one has
been silent is told by the file server's clock alone, which stamps every write.
"""

import hashlib
import os
import socket
import time
from pathlib import Path
from threading import Lock


def _mark() -> str:
    """Tell apart computers of one name, boots of one computer, and containers."""
    parts = [socket.gethostname()]
    try:
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    except OSError:
        pass  # not Linux: the name has to do
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:12]


HOST = socket.gethostname()
MARK = _mark()
"""Processes that agree in it can see each other's process ids."""

_CLOCK_KEPT_S = 300.0
_offsets: dict[Path, tuple[float, float]] = {}
_lock = Lock()
if hasattr(os, "register_at_fork"):
    # A process that is forked while another thread holds it would wait for ever.
    os.register_at_fork(
        before=_lock.acquire,
        after_in_parent=_lock.release,
        after_in_child=_lock.release,
    )


def is_here(host: str, mark: str) -> bool:
    """Say whether a process that signed so ran here, where its pid can be asked for."""
    return host == HOST and mark in ("", MARK)


def alive(pid: int) -> bool:
    """Say whether a process of this computer lives; when in doubt, it does."""
    if not 0 < pid < 2**31:
        return False
    if os.name == "nt":  # pragma: no cover - os.kill would end it; trust the heartbeat
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def touch(path: Path) -> float:
    """Stamp a file or folder with the file server's time, and give that time."""
    os.utime(path)
    # Opening a file makes a network file system ask for fresh attributes; a pipe that
    # lies there instead must not be waited for.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        return os.fstat(descriptor).st_mtime
    finally:
        os.close(descriptor)


def file_time(folder: Path) -> float:
    """Give the file server's time, or ours where the folder is read-only."""
    with _lock:
        measured, offset = _offsets.get(folder, (-_CLOCK_KEPT_S, 0.0))
        due = time.monotonic() - measured > _CLOCK_KEPT_S
        if due:  # by this caller; a disk that does not answer holds up nobody else
            _offsets[folder] = time.monotonic(), offset
    if due:
        try:
            offset = touch(folder) - time.monotonic()
        except OSError:
            offset = time.time() - time.monotonic()
        _offsets[folder] = time.monotonic(), offset
    return time.monotonic() + offset
