"""Who may write a folder that several computers share: a numbered, renewed lease.

::

    lease-00000007          held, and by whom; its time is the last sign of life
    lease-00000007.free     given back

A lease is taken by creating the next number, which succeeds for one process only on
every file system. Clocks decide when a silent holder may be replaced, never who is
right: the highest number is, and a holder that finds a higher one than its own stops
writing.
"""

import contextlib
import os
import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from grokdash.errors import RunLockedError, StoreError
from grokdash.store import files, json_input, machine
from grokdash.store.file_models import HolderFile
from grokdash.store.schema import LOCK_FILE
from grokdash.written import duration

LEASE_S = 60.0
"""Seconds of silence, by the file server's clock, after which a lease is free."""
BEAT_S = 5.0
GONE_S = 30.0
"""Seconds that a checkpoint waits for a folder that is out of reach."""
_LOOK_S = 0.25
LEASE_FILE = re.compile(r"lease-(\d{8})(\.free)?")
_LAST = 10**8 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The process that holds a lease, and for how many seconds it has been silent."""

    pid: int
    host: str
    mark: str
    silent_s: float

    def __str__(self) -> str:
        """Name it as a message does."""
        return f"process {self.pid} on {self.host}" if self.pid else "another process"


class Lease:
    """The lease of a folder, renewed by a thread until closed.

    Parameters
    ----------
    folder
        What is to be written; its lock file is there already.
    locked
        Whether this process holds the folder's lock, which another process of this
        computer then cannot.

    Raises
    ------
    RunLockedError
        If another process holds it.
    """

    def __init__(self, folder: Path, *, locked: bool) -> None:
        self._folder = folder
        before = holder(folder, locked=locked)
        if before is not None:
            raise RunLockedError(refusal(folder, before))
        number = max(_numbers(folder), default=0) + 1
        if number > _LAST:
            raise StoreError(
                f"{folder}: there is no number left after lease-{_LAST}: delete the "
                "files lease-* while nothing writes here"
            )
        self._path = folder / f"lease-{number:08d}"
        self._create()
        self._number = number
        self._ended = threading.Event()
        try:
            self.check()
        except RunLockedError:
            self._path.unlink(missing_ok=True)
            raise
        for old, path in _numbers(folder).items():
            if old < number:
                files.discard(path)  # one that stays does no harm
        threading.Thread(target=self._renew, name="grokdash-lease", daemon=True).start()

    def _create(self) -> None:
        about = {"host": machine.HOST, "mark": machine.MARK, "pid": os.getpid()}
        try:
            # Whole from its first moment: an unsigned one would hold for a minute.
            files.write_json(self._path, about | {"since": time.time()}, exclusive=True)
        except FileExistsError:
            raise RunLockedError(
                f"{self._folder.name}: another process took it at this moment"
            ) from None

    def _renew(self) -> None:
        while not self._ended.wait(BEAT_S):
            try:
                os.utime(self._path)
            except OSError:
                continue  # taken over, which the next check says, or out of reach

    def check(self, wait_s: float = 0.0) -> None:
        """Refuse to go on writing after somebody else took over.

        Parameters
        ----------
        wait_s
            Seconds to wait for a folder that is out of reach: those of other computers
            go away and come back.

        Raises
        ------
        RunLockedError
            If the lease is no longer ours.
        StoreError
            If the folder is gone.
        """
        newest = self._newest(time.monotonic() + wait_s)
        if newest == self._number or self._ended.is_set():
            return
        by = _read(self._folder / f"lease-{newest:08d}", 0.0)
        raise RunLockedError(
            f"{self._folder.name}: was taken over by {by} after this process had been "
            f"silent for more than {duration(LEASE_S)}; it writes nothing more, and "
            "everything committed is intact"
        )

    def _newest(self, until: float) -> int:
        """Give the highest number there is, once the folder is in reach."""
        while True:
            try:
                found = _numbers(self._folder)
            except StoreError:
                if time.monotonic() > until:
                    raise
                found = {}
            if found or self._ended.is_set():
                return max(found, default=0)
            if time.monotonic() > until:
                raise StoreError(f"{self._folder}: {files.GONE}")
            time.sleep(_LOOK_S)

    def close(self) -> None:
        """Give the lease back."""
        self._ended.set()
        with contextlib.suppress(OSError):
            self._path.rename(self._path.with_suffix(".free"))


def holder(folder: Path, *, locked: bool = False) -> Holder | None:
    """Give who holds the lease of a folder now; None if it is free.

    Parameters
    ----------
    folder
        What is written.
    locked
        Whether the caller holds the folder's lock: a holder on this computer is then
        dead.
    """
    found = _numbers(folder)
    path = found[max(found)] if found else None
    if path is None or path.suffix:
        return None
    try:
        # Opening asks a file server anew; a pipe must not be waited for.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        try:
            stamped = os.fstat(descriptor).st_mtime
        finally:
            os.close(descriptor)
    except OSError:
        return None if not path.exists() else _read(path, 0.0)
    found_holder = _read(path, max(0.0, _now(folder) - stamped))
    here = machine.is_here(found_holder.host, found_holder.mark)
    dead = here and (locked or not machine.alive(found_holder.pid))
    return None if dead or found_holder.silent_s > LEASE_S else found_holder


def refusal(folder: Path, other: Holder) -> str:
    """Say that a folder is written by another process, and what to do."""
    silent = ""
    if other.silent_s > 3 * BEAT_S:
        free = LEASE_S - other.silent_s
        silent = (
            f"; it has been silent for {duration(other.silent_s)}: if it is dead, this "
            f"is free in {duration(free)}"
        )
    return (
        f"{folder.name}: is being written by {other}; wait for it, or stop it, before "
        f"writing this run{silent}"
    )


def _now(folder: Path) -> float:
    path = folder / LOCK_FILE
    try:
        return machine.file_time(folder) if path.is_symlink() else machine.touch(path)
    except OSError:
        return machine.file_time(folder)


def _numbers(folder: Path) -> dict[int, Path]:
    try:
        names = [path.name for path in folder.iterdir()]
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise StoreError(f"{folder}: cannot be listed: {error.strerror}") from error
    found = [(LEASE_FILE.fullmatch(name), folder / name) for name in names]
    return {int(match[1]): path for match, path in found if match}


def _read(path: Path, silent_s: float) -> Holder:
    try:
        values = json_input.read_file(path, HolderFile, remedy="delete it")
    except OSError:  # of nobody known; it is free after as long a silence
        return Holder(pid=0, host="", mark="", silent_s=silent_s)
    return Holder(**values.model_dump(), silent_s=silent_s)
