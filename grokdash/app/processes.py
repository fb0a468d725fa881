"""Processes of this very program that pages start and watch.

Each is in a session of its own, so that it outlives the server, and prints into the log
of a folder. It is never signalled: a process number may belong to someone else by now.
"""

import contextlib
import shlex
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grokdash.errors import StoreError
from grokdash.store.log import open_log
from grokdash.training.launch import environment


@dataclass(slots=True)
class Process:
    """A started process; ``code`` once it ended."""

    popen: subprocess.Popen[bytes]
    code: int | None = None
    watcher: threading.Thread | None = None

    def let_end(self, seconds: float) -> None:
        """Wait for a process that has said its last word to be gone."""
        if self.watcher is not None:
            self.watcher.join(seconds)


def start_apart(
    command: Sequence[str],
    folder: Path,
    told: Sequence[str],
    ended: Callable[[Process, int], None],
) -> Process:
    """Start a command; what it prints goes into the log of the folder.

    Parameters
    ----------
    command, folder
        What to start, and the folder of the log, which is made if there is none.
    told
        The command as the log tells it.
    ended
        Called in another thread when it ended, with its exit code.

    Raises
    ------
    StoreError
        If the log cannot be written, or no process started.
    """
    with open_log(folder) as log:
        when = time.strftime("%Y-%m-%d %H:%M:%S")
        log.write(f"{when} {shlex.join(told)}\n".encode())
        log.flush()
        try:
            popen = subprocess.Popen(  # noqa: S603 - this very program
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment(),
                start_new_session=True,
            )
        except OSError as error:
            raise StoreError(f"no process could be started: {error}") from error
    process = Process(popen)

    def watch() -> None:
        code = popen.wait()
        with contextlib.suppress(StoreError), open_log(folder) as log:
            log.write(f"the process ended with exit code {code}\n".encode())
        ended(process, code)

    process.watcher = threading.Thread(target=watch, name="watcher", daemon=True)
    process.watcher.start()
    return process


def last_word(log: str) -> str:
    """Give the last line of a log in which this program says what went wrong."""
    lines = [line for line in log.splitlines() if line.startswith("grokdash:")]
    return lines[-1].removeprefix("grokdash: ") if lines else ""
