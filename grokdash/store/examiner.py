"""Have a file opened by a child process before this one does, and remember that.

HDF5 has open bugs that no check in front of it can exclude, and a server that dies of
one file takes every run with it. So whatever this process did not write is opened first
in :mod:`~grokdash.store.examine`. A file that is a crash, an endless loop or a bomb
there is a damaged file here. What passes is remembered by the identity of the file and
by its content, in the cache folder if there is one, so it costs once.
"""

import atexit
import contextlib
import hashlib
import json
import logging
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from grokdash.errors import (
    DamagedFileError,
    FormatVersionError,
    GrokdashError,
    StoreError,
)
from grokdash.patience import busy_for, got_on
from grokdash.store.blocks import read_padded
from grokdash.store.examined import damaged, ending, named, verdict
from grokdash.store.expected import Expected
from grokdash.store.passes import Passes
from grokdash.store.safety import (
    CAREFUL,
    TRUSTED,
    Opener,
    Verdict,
    check_path,
    reading,
)
from grokdash.store.trust import is_written, stamp
from grokdash.threads import Once
from grokdash.written import duration

logger = logging.getLogger(__name__)

COMPUTING_S = 1.5
"""Processor time that a file may take, and one second more for every 200 MB."""
BYTES_PER_S = 200 * 10**6
SILENT_S = 30.0
"""Time after which a disk, or the child, counts as not answering."""
MOST_CHILDREN = 3
"""So that one slow file does not keep others waiting."""
BUSY_S = 3.0
"""A child that has said nothing for so long waits for a disk: it is none of them."""
WORTH_IT = 8
"""Files that are examined at once: starting more children takes as long as a few."""
AGAIN_S = 60.0
"""Where no child could be started, files are read the careful way for so long."""
HASHED = 32 * 2**20
"""A file of at most so many bytes is known again by its content."""
MOST_FETCHED = 256 * 2**20

COMMAND = (sys.executable, "-P", "-m", "grokdash.store.examine")
_DYING_S = 1.0
_KEPT = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LD_LIBRARY_PATH")
_ALL_WELL = [True, {}]
_LASTING = (DamagedFileError.__name__, FormatVersionError.__name__)
"""What is worth remembering of a file as it is."""


class Examiner:
    """Examine the files of one store.

    Parameters
    ----------
    cache : Path, optional
        Folder in which to remember what passed; else it is known to this object alone.
    opener : callable, optional
        Where the bytes come from, if not from the path.
    """

    def __init__(self, cache: Path | None = None, opener: Opener | None = None) -> None:
        self._passes = Passes(cache)
        self._opener = opener

    def __call__(
        self, path: Path, folder: Path, kind: str, expected: Expected
    ) -> Verdict:
        """Give the verdict on a file; only the first time it takes a child.

        Raises
        ------
        DamagedFileError
            If it is damaged, or HDF5 crashed, computed for too long or ran out of
            memory over it; the message says which.
        FileNotFoundError
            If it is not there.
        StoreError
            If its bytes did not come in time; asking again may help.
        """
        check_path(path, folder)
        now = stamp(path)
        if is_written(now):
            return TRUSTED
        about = f"{kind} {expected.run} "
        keys = [about + " ".join(map(str, now))]
        found = self._passes.get(keys[0])
        if found is None and self._opener is None and now[2] <= HASHED:
            keys.append(about + _digest(path))
            found = self._passes.get(keys[1])
        if found is None:
            found = self._examine(path, folder, kind, expected)
            if stamp(path) != now:
                raise StoreError(f"{path}: changed while it was looked at; try again")
            if found.get("error") not in (None, *_LASTING):
                return verdict(found)
        # A reason names the file, so it is not for another of the same content.
        self._passes.add(keys if found.get("verdict") == _ALL_WELL else keys[:1], found)
        return verdict(found)

    def ahead(
        self, paths: Sequence[Path], folder: Path, kind: str, expected: Expected
    ) -> None:
        """Examine what will be opened next, some files at once; few are not worth it.

        What is wrong with one is told by who opens it.
        """
        about = f"{kind} {expected.run} "
        left = deque(path for path in paths if not self._is_known(about, path))
        if len(left) < WORTH_IT:
            return
        done: queue.SimpleQueue[None] = queue.SimpleQueue()

        def go() -> None:
            while left:
                with contextlib.suppress(GrokdashError, OSError, IndexError):
                    self(left.popleft(), folder, kind, expected)
                done.put(None)

        count = len(left)
        for _ in range(MOST_CHILDREN):
            threading.Thread(target=go, daemon=True).start()
        try:
            for _ in range(count):
                done.get()
                got_on()
        finally:
            left.clear()

    def _is_known(self, about: str, path: Path) -> bool:
        try:
            now = stamp(path)
        except OSError:
            return True
        key = about + " ".join(map(str, now))
        return is_written(now) or self._passes.get(key) is not None

    def _examine(
        self, path: Path, folder: Path, kind: str, expected: Expected
    ) -> dict[str, Any]:
        size = path.stat().st_size
        request = {
            "path": str(path.absolute()),
            "folder": str(folder.absolute()),
            "kind": kind,
            "expected": expected.text(),
            "remote": self._opener is not None,
            "seconds": COMPUTING_S + size / BYTES_PER_S,
        }
        with contextlib.ExitStack() as stack:
            child = stack.enter_context(_children.one())
            if child is None:
                return {"verdict": list(CAREFUL)}
            busy_for(2 * request["seconds"])
            remote = self._opener and stack.enter_context(self._opener(path))
            return named(child.ask(request, remote), path)

    def close(self) -> None:
        """Close the memory of what passed; children serve other stores."""
        self._passes.close()


def _digest(path: Path) -> str:
    with reading(path), path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()[:64]


def _nothing() -> None:
    """Do nothing."""


class _Child:
    """One examining process, and the thread that listens to it."""

    def __init__(self) -> None:
        package = str(Path(__file__).parents[2])
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        # What was freed or never written is no plausible number or pointer there.
        kept |= {"MALLOC_PERTURB_": "165", "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=kept | {"PYTHONPATH": package},
            cwd=tempfile.gettempdir(),
        )
        self._answers: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        threading.Thread(
            target=self._listen, name="grokdash-examiner", daemon=True
        ).start()
        self.usable = True
        self.on_silence: Callable[[], None] = _nothing
        if "ready" not in (self._next() or {}):
            self.end()
            raise ChildProcessError("the examining process does not start")

    def _listen(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - PIPE was asked for
        with contextlib.suppress(ValueError, OSError):
            for line in self._process.stdout:
                self._answers.put(json.loads(line))
        self._answers.put(None)

    def _next(self) -> dict[str, Any] | None:
        busy = min(BUSY_S, SILENT_S)
        for seconds in (busy, SILENT_S - busy):
            with contextlib.suppress(queue.Empty):
                return self._answers.get(timeout=seconds)
            self.on_silence()
        self.end()
        return {"error": "StoreError"}

    def _tell(self, data: bytes) -> None:
        assert self._process.stdin is not None  # noqa: S101 - PIPE was asked for
        with contextlib.suppress(OSError):  # it has died: the listener says so
            self._process.stdin.write(data)
            self._process.stdin.flush()

    def ask(self, request: dict[str, Any], remote: Any) -> dict[str, Any]:
        """Ask for one file and serve its bytes, if it is remote."""
        path = request["path"]
        self._tell(json.dumps(request).encode() + b"\n")
        fetched = 0
        while True:
            answer = self._next()
            if answer is None:
                code = self._process.wait()
                self.end()
                return damaged(path, ending(code, request["seconds"]))
            if "read" in answer:
                offset, size = answer["read"]
                fetched += size
                if fetched > MOST_FETCHED:
                    self.end()
                    return damaged(path, f"its head takes over {MOST_FETCHED} bytes")
                self._tell(read_padded(remote, offset, size))
            else:
                return answer if self.usable else _silent(path)

    def end(self) -> None:
        """End it, whatever it does; waiting for a disk it goes when that is back."""
        self.usable = False
        self._process.kill()
        try:
            self._process.wait(_DYING_S)
        except subprocess.TimeoutExpired:
            threading.Thread(target=self._bury, daemon=True).start()
        else:
            self._bury()

    def _bury(self) -> None:
        """Wait for its end first: the listener holds a lock of the pipe until then."""
        self._process.wait()
        for pipe in self._pipes():
            with contextlib.suppress(OSError):
                pipe.close()

    def _pipes(self) -> list[IO[bytes]]:
        return [one for one in (self._process.stdin, self._process.stdout) if one]

    def let_go(self) -> None:
        """Leave it to the process that this one was forked from."""
        self.usable = False
        with Path(os.devnull).open("r+b", buffering=0) as nothing:
            for pipe in self._pipes():
                if not pipe.closed:
                    os.dup2(nothing.fileno(), pipe.fileno(), inheritable=False)


def _silent(path: str) -> dict[str, Any]:
    waited = duration(SILENT_S)
    return {
        "error": StoreError.__name__,
        "message": f"{path}: could not be read within {waited}: try again",
    }


class _Children:
    """The examining processes of this process: started when needed, some at most."""

    def __init__(self) -> None:
        self._inherited: list[_Child] = []
        self._again = 0.0
        self._begin()

    def _begin(self) -> None:
        self._started: list[_Child] = []
        self._idle: list[_Child] = []
        self._lock = threading.Lock()
        self._free = threading.BoundedSemaphore(MOST_CHILDREN)

    def begin_anew(self) -> None:
        """Start children of its own in a process that was forked.

        Those of its parent have no listener here, answer somebody else, and their pipes
        may be locked by threads that do not exist here: they are kept, so that nothing
        closes them.
        """
        for child in self._started:
            child.let_go()
        self._inherited += self._started
        self._begin()

    @contextlib.contextmanager
    def one(self) -> Iterator[_Child | None]:
        """Lend an idle child, or start one; None where none can be started."""
        self._free.acquire()
        leave = Once(self._free.release)
        try:
            child = self._take()
            if child is None:
                yield None
                return
            child.on_silence = leave
            try:
                yield child
            except BaseException:
                child.end()
                raise
            child.on_silence = _nothing
            if child.usable:
                with self._lock:
                    self._idle.append(child)
        finally:
            leave()

    def _take(self) -> _Child | None:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        if time.monotonic() < self._again:
            return None
        try:
            child = _Child()
        except OSError as error:
            logger.warning("no process to examine files in: %s", error)
            self._again = time.monotonic() + AGAIN_S
            return None
        with self._lock:
            self._started = [one for one in self._started if one.usable] + [child]
        return child

    def close(self) -> None:
        """End them all."""
        with self._lock:
            for child in self._idle:
                child.end()
            self._idle.clear()


Examination = Callable[[Path, Path, str, Expected], Verdict]
_children = _Children()
atexit.register(_children.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_children.begin_anew)
