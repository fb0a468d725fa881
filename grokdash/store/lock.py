"""The lock that lets one process write a run; it is free the moment its holder dies."""

import contextlib
import errno
import json
import os
import socket
import time
from pathlib import Path
from types import TracebackType

from grokdash.errors import RunLockedError, StoreError
from grokdash.store.schema import LOCK_FILE

if os.name == "nt":  # pragma: no cover
    import msvcrt
else:
    import fcntl

_BUSY = {errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK}


class RunLock:
    """Hold the lock of a run folder until closed.

    Parameters
    ----------
    folder : Path
        The run's folder.

    Raises
    ------
    RunLockedError
        If another process holds it; the message says which.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / LOCK_FILE
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise StoreError(f"{path}: cannot be opened: {error.strerror}") from error
        try:
            self._take()
        except OSError as error:
            os.close(self._descriptor)
            if error.errno in _BUSY:
                raise RunLockedError(
                    f"{folder.name}: is being written by {_holder(path)}; wait for "
                    "it, or stop it, before writing this run"
                ) from None
            raise StoreError(
                f"{path}: this file system has no locks ({error.strerror}); "
                "write runs to a local disk"
            ) from error
        # The signature only helps the message; a full disk must not stop a resume.
        with contextlib.suppress(OSError):
            self._sign()

    def _take(self) -> None:
        if os.name == "nt":  # pragma: no cover
            # Far behind the text, which must stay readable to other processes.
            os.lseek(self._descriptor, 2**20, os.SEEK_SET)
            msvcrt.locking(self._descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _sign(self) -> None:
        owner = {"host": socket.gethostname(), "pid": os.getpid(), "since": time.time()}
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, json.dumps(owner).encode())

    def close(self) -> None:
        """Let go of the lock; the file stays."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> "RunLock":  # noqa: PYI034 - beartype rejects Self here
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _holder(path: Path) -> str:
    try:
        owner = json.loads(path.read_text())
        return f"process {int(owner['pid'])} on {str(owner['host'])[:80]}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
