"""The lock that lets one process write a run, on one computer or on many.

Two things make it: a lock of the operating system, free the moment its holder dies, and
a lease (:mod:`~grokdash.store.lease`) for folders that several computers share, where
the first may hold on one of them only or be missing altogether.
"""

import contextlib
import errno
import json
import os
import stat
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from grokdash.errors import RunLockedError, StoreError
from grokdash.store import json_input, machine
from grokdash.store.file_models import HolderFile
from grokdash.store.lease import Lease
from grokdash.store.schema import LOCK_FILE

if os.name == "nt":  # pragma: no cover
    import msvcrt
else:
    import fcntl

_BUSY = {errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK}
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}


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
        self._descriptor = _opened(path)
        try:
            self._lease = Lease(folder, locked=self._take())
        except StoreError:
            os.close(self._descriptor)
            raise
        except OSError as error:
            os.close(self._descriptor)
            if error.errno in _BUSY:
                raise RunLockedError(
                    f"{folder.name}: is being written by {_holder(path)}; wait for "
                    "it, or stop it, before writing this run"
                ) from None
            raise StoreError(
                f"{path}: cannot be locked: {error.strerror or error}"
            ) from error
        # The signature only helps the message; a full disk must not stop a resume.
        with contextlib.suppress(OSError):
            self._sign()

    def _take(self) -> bool:
        """Take the lock; say whether the file system has locks."""
        try:
            if os.name == "nt":  # pragma: no cover
                # Far behind the text, which must stay readable to other processes.
                os.lseek(self._descriptor, 2**20, os.SEEK_SET)
                msvcrt.locking(self._descriptor, msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            return False
        return True

    def check(self, wait_s: float = 0.0) -> None:
        """Refuse to go on after another computer took over.

        Parameters
        ----------
        wait_s
            Seconds to wait for a folder that is out of reach.

        Raises
        ------
        RunLockedError
            If this process was silent for so long that it counts as dead.
        StoreError
            If the folder is not there.
        """
        self._lease.check(wait_s)

    def _sign(self) -> None:
        owner = {"host": machine.HOST, "pid": os.getpid(), "since": time.time()}
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, json.dumps(owner).encode())

    def close(self) -> None:
        """Let go of the lock; its files stay."""
        if self._descriptor >= 0:
            self._lease.close()
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _opened(path: Path) -> int:
    """Open the lock's file, which is written: never what a link in its place names."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(path, flags, 0o644)
    except OSError as error:
        raise StoreError(f"{path}: cannot be opened: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise StoreError(f"{path}: expected a regular file; move it away")
    return descriptor


def _holder(path: Path) -> str:
    try:
        owner = json_input.read_file(path, HolderFile, remedy="delete it")
    except OSError:
        return "another process"
    return f"process {owner.pid} on {owner.host}"
