"""What may be done a few at a time: who comes too late is told so, and waits for none.

A request that waits holds one of the few threads that everybody is served by.
"""

import os
import threading
from types import TracebackType

from grokdash.errors import BusyError

MOST_DOWNLOADS = 3
"""Files of numbers that are made at the same time, each in memory until it is sent."""
MOST_TRAINERS = max(4, 2 * (os.cpu_count() or 1))
"""Trainers that pages of one server have at work."""
MOST_SWEEPS = 4
"""Sweeps that pages of one server have at work."""


class Few:
    """A place for a few at a time, entered with ``with``.

    Parameters
    ----------
    most
        How many.
    words
        Told to who comes when it is full.
    """

    def __init__(self, most: int, words: str) -> None:
        self._words = words
        self._free = threading.BoundedSemaphore(most)

    def __enter__(self) -> None:
        """Take a place.

        Raises
        ------
        BusyError
            If none is free.
        """
        if not self._free.acquire(blocking=False):
            raise BusyError(self._words)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave it to another."""
        self._free.release()


def downloads() -> Few:
    """Make the place in which a server makes files to be saved."""
    return Few(
        MOST_DOWNLOADS,
        f"{MOST_DOWNLOADS} files are being made for others: try again in a few seconds",
    )


def check_few(running: int, most: int, what: str) -> None:
    """Refuse to start one more process than may run.

    Raises
    ------
    BusyError
        If as many run as may.
    """
    if running >= most:
        raise BusyError(
            f"{running} {what} that pages started are at work, and this server lets "
            f"them start no more than {most} at a time: wait for one or stop one; "
            "the command line has no such limit"
        )
