"""Start processes of grokdash on a disk that does as it is told.

Loading torch takes longer than the runs that are trained here, so one process loads it
and then forks for every command, which is otherwise what ``python -m grokdash`` runs: a
process of its own, with its own threads, locks and children. The disk is ``shim.c``.
"""

import contextlib
import ctypes
import errno
import json
import mmap
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
NOTHING, FAIL, SHORT_WRITE, KILL, DELAY = range(5)
NOT, EFFECTS, CALLS, NOTES = range(4)
FOREVER = 2**62
_CONTROL = "GROKDASH_LOST_CONTROL"
_SUBREAPER = 36


class Control(ctypes.Structure):
    """What the shim reads and writes: ``struct control`` of shim.c."""

    _fields_ = (
        ("counter", ctypes.c_int64),
        ("first", ctypes.c_int64),
        ("end", ctypes.c_int64),
        ("action", ctypes.c_int64),
        ("value", ctypes.c_int64),
        ("hits", ctypes.c_int64),
        ("clock_ns", ctypes.c_int64),
        ("recording", ctypes.c_int64),
        ("root", ctypes.c_char * 1024),
        ("log", ctypes.c_char * 1024),
        ("hit", ctypes.c_char * 1024),
    )


@dataclass
class Process:
    """One command that was started; ``said`` is all that it printed."""

    pid: int
    output: Path
    disk: Control
    code: int | None = None

    @property
    def said(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")

    def wait(self, seconds: float = 60.0) -> int:
        """Wait for the end and give the exit status, negative for a signal."""
        if self.code is None:
            descriptor = os.pidfd_open(self.pid)
            try:
                if not select.select([descriptor], [], [], seconds)[0]:
                    raise TimeoutError(f"process {self.pid} goes on: {self.said}")
            finally:
                os.close(descriptor)
            _, status = os.waitpid(self.pid, 0)
            self.code = os.waitstatus_to_exitcode(status)
        return self.code

    def kill(self, number: int = signal.SIGKILL) -> None:
        if self.code is None:
            os.kill(self.pid, number)

    def children(self) -> list[int]:
        try:
            path = Path(f"/proc/{self.pid}/task/{self.pid}/children")
            return [int(word) for word in path.read_text().split()]
        except OSError:
            return []

    def wait_for_call(self, n: int) -> bool:
        """Wait until it has made so many calls to the disk; False if it ended."""
        while self.disk.counter < n:
            if self.ended():
                return False
            time.sleep(0.0001)
        return True

    def ended(self) -> bool:
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code is not None


class Nursery:
    """Forks commands that have torch loaded; a context manager."""

    def __init__(self) -> None:
        if sys.platform != "linux" or not shutil.which("cc"):
            raise SystemExit("needs Linux and a C compiler (cc) for the shim")
        self.folder = Path(tempfile.mkdtemp(prefix="grokdash-lost-"))
        self._made = 0
        shim = self.folder / "shim.so"
        source = Path(__file__).with_name("shim.c")
        subprocess.run(
            ["cc", "-O1", "-Wall", "-shared", "-fPIC", "-o", shim, source, "-ldl"],
            check=True,
        )
        # What a forked process leaves behind is ours to reap.
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
        one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self.env = (
            os.environ
            | one_thread
            | {
                "PYTHONPATH": str(ROOT),
                "OMP_WAIT_POLICY": "passive",
                "LD_PRELOAD": str(shim),
            }
        )
        self._server = subprocess.Popen(
            [sys.executable, __file__, shim],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=self.env,
        )

    def start(
        self,
        arguments: Sequence[str],
        root: Path,
        *,
        fresh: bool = False,
        clock_s: float = 0.0,
        recording: int = NOT,
        fault: tuple[int, int, int, int] = (0, 0, NOTHING, 0),
    ) -> Process:
        """Start ``grokdash ARGUMENTS`` on the disk under ``root``.

        Parameters
        ----------
        arguments, root
            The command, and the folder whose calls are counted.
        fresh
            Start a new interpreter instead of a fork.
        clock_s
            How wrong its clock is, in seconds.
        recording
            What is written to the file ``disk.log``.
        fault
            First call that something happens to, end of those calls, what, and with
            which errno or delay in microseconds.
        """
        self._made += 1
        stem = self.folder / f"process-{self._made}"
        control, output = stem.with_suffix(".control"), stem.with_suffix(".out")
        control.write_bytes(bytes(ctypes.sizeof(Control)))
        with control.open("r+b") as file:
            disk = Control.from_buffer(mmap.mmap(file.fileno(), 0))
        disk.first, disk.end, disk.action, disk.value = fault
        disk.clock_ns, disk.recording = int(clock_s * 1e9), recording
        disk.root, disk.log = str(root).encode(), str(stem).encode() + b".log"
        output.touch()
        if fresh:
            with output.open("wb") as file:
                made = subprocess.Popen(
                    [sys.executable, "-m", "grokdash", *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=file,
                    env=self.env | {_CONTROL: str(control)},
                    start_new_session=True,
                )
            made.returncode = 0  # it is waited for by Process
            return Process(made.pid, output, disk)
        order = {
            "argv": list(arguments),
            "output": str(output),
            "control": str(control),
        }
        pid = int(self._ask(json.dumps(order)))
        return Process(pid, output, disk)

    def run(self, arguments: Sequence[str], root: Path, **more: Any) -> Process:
        """Start a command and wait for its end."""
        process = self.start(arguments, root, **more)
        process.wait(120)
        return process

    def reap(self) -> None:
        """Wait for what killed processes have left behind: workers that go on."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                if orphans() <= {self._server.pid} | _examining():
                    return
                time.sleep(0.01)

    def _ask(self, order: str) -> bytes:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(order.encode() + b"\n")
        self._server.stdin.flush()
        return self._server.stdout.readline()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server.stdin is not None
        self._server.stdin.close()
        for pid in orphans() - {self._server.pid}:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._server.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def orphans() -> set[int]:
    """Give the processes that are now children of this one."""
    path = Path(f"/proc/self/task/{os.getpid()}/children")
    return {int(word) for word in path.read_text().split()}


def _examining() -> set[int]:
    """Give the processes in which this one has files examined; they stay."""
    from grokdash.store.examiner import _children  # noqa: PLC0415 - after the fork

    return {child._process.pid for child in _children._idle}  # noqa: SLF001


@contextlib.contextmanager
def scratch_folder(prefix: str) -> Iterator[Path]:
    """Give a folder in memory where there is one: no disk is worn out by this."""
    memory = Path("/dev/shm")
    place = str(memory) if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix=prefix, dir=place) as folder:
        yield Path(folder).resolve()


def errno_name(number: int) -> str:
    return errno.errorcode.get(number, str(number))


def _serve(shim: ctypes.CDLL) -> dict[str, Any] | None:
    """Fork a child per line; return what to do in the child, None at the end."""
    for line in sys.stdin.buffer:
        read, write = os.pipe()
        middle = os.fork()
        if middle:
            os.close(write)
            os.waitpid(middle, 0)
            pid = os.read(read, 32)
            os.close(read)
            os.write(1, pid + b"\n")
            continue
        pid = os.fork()
        if pid:
            os.write(write, str(pid).encode())
            os._exit(0)
        os.close(read)
        os.close(write)
        order = json.loads(line)
        _become(order, shim)
        return order
    return None


def _become(order: dict[str, Any], shim: ctypes.CDLL) -> None:
    """Be a process like one that a shell has started."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(order["output"], os.O_WRONLY | os.O_APPEND)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ[_CONTROL] = order["control"]
    shim.lost_attach(order["control"].encode())
    sys.argv = ["grokdash", *order["argv"]]


def _note_commits(shim: ctypes.CDLL) -> None:
    """Have the recording say which checkpoints the writer counts as committed."""
    from grokdash.store import RunWriter  # noqa: PLC0415 - after the shim is loaded

    commit = RunWriter._commit  # noqa: SLF001

    def noted(self: RunWriter, data: Any) -> None:
        commit(self, data)
        shim.lost_note(f"{self.id} {data.step}".encode())

    RunWriter._commit = noted  # noqa: SLF001


def _fork_workers() -> None:
    """Have the workers of a sweep forked as well, without what spawning would close."""
    import multiprocessing  # noqa: PLC0415

    forking = multiprocessing.get_context("fork")
    pipe = forking.Pipe
    ours: list[Any] = []

    def noted(*, duplex: bool = True) -> Any:
        here, there = pipe(duplex)
        ours.append(here)
        return here, there

    def close_in_child() -> None:
        for end in ours:
            end.close()
        for descriptor in Path("/proc/self/fd").iterdir():
            with contextlib.suppress(OSError):
                if descriptor.readlink().name == "lock":
                    os.close(int(descriptor.name))

    forking.Pipe = noted  # type: ignore[method-assign]
    multiprocessing.get_context = lambda _method=None: forking  # type: ignore[assignment]
    os.register_at_fork(after_in_child=close_in_child)


def _main() -> None:
    shim = ctypes.CDLL(sys.argv[1])
    sys.path[0] = str(ROOT)  # not this folder, whose names are none of grokdash's
    import torch.fx.experimental.symbolic_shapes  # noqa: F401, PLC0415 - by autograd

    import grokdash.sweeps.drive  # noqa: PLC0415
    import grokdash.training.train  # noqa: F401, PLC0415
    from grokdash.cli import main  # noqa: PLC0415

    _note_commits(shim)
    if _serve(shim) is not None:
        _fork_workers()
        main()


if __name__ == "__main__":
    _main()
