"""How long a request waits for a disk or an object store before it is told so.

A call to a file system that has gone away returns when it likes, so nobody can end it:
one can only stop waiting for it. What reads says here what it reads and when it got on;
who serves a request looks at that and leaves the thread behind when it does not get on.
Without a :class:`Patience`, as in a script, one waits for as long as it takes.
"""

import contextlib
import threading
import time
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass

from grokdash.errors import NoAnswerError
from grokdash.written import duration

STALL_S = 10.0
"""Without a single block, file or name read for so long, nobody waits any longer."""
READING_S = 60.0
"""Nor for more than this in all, however much comes."""


@dataclass(slots=True)
class Patience:
    """What one request reads at present, and since when it has not got on.

    Attributes
    ----------
    reading
        Name of the run or file that is being read; empty while nothing is.
    moved
        When the reading last got on, by ``time.monotonic``.
    began
        When this reading began.
    """

    stall_s: float = STALL_S
    reading_s: float = READING_S
    reading: str = ""
    moved: float = 0.0
    began: float = 0.0

    def left(self) -> float:
        """Give the seconds until nobody waits any longer; infinite if nothing reads."""
        if not self.reading:
            return float("inf")
        until = min(self.moved + self.stall_s, self.began + self.reading_s)
        return until - time.monotonic()

    def stuck_for(self) -> float:
        """Give the seconds since the reading got on; 0 if nothing is read."""
        return time.monotonic() - self.moved if self.reading else 0.0


_mine: ContextVar[Patience | None] = ContextVar("patience", default=None)


@contextlib.contextmanager
def patient(patience: Patience) -> Iterator[None]:
    """Let what is read in this context be seen by who waits for it."""
    token = _mine.set(patience)
    try:
        yield
    finally:
        _mine.reset(token)


@contextlib.contextmanager
def waiting_for(place: str) -> Iterator[None]:
    """Say that what follows reads, and may wait for ever."""
    mine = _mine.get()
    if mine is None or mine.reading:
        yield
        return
    mine.began = mine.moved = time.monotonic()
    mine.reading = place
    try:
        yield
    finally:
        mine.reading = ""


def got_on() -> None:
    """Say that the reading got on.

    Raises
    ------
    NoAnswerError
        If it has taken too long all the same, so that a thread that was left behind
        ends here.
    """
    mine = _mine.get()
    if mine is None or not mine.reading:
        return
    mine.moved = time.monotonic()
    if mine.moved > mine.began + mine.reading_s:
        raise NoAnswerError(
            f"{mine.reading}: was not read within {duration(mine.reading_s)}: what is "
            "asked for is too much, or the disk or the network too slow"
        )


def take_lock(lock: threading.RLock, place: str) -> None:
    """Take the lock of what others may be reading, for as long as one is patient.

    Raises
    ------
    NoAnswerError
        If they have not done by then.
    """
    mine = _mine.get()
    limit = -1.0 if mine is None else max(0.0, min(mine.stall_s, mine.left()))
    if not lock.acquire(timeout=limit):
        raise NoAnswerError(no_answer(place))


def no_answer(place: str) -> str:
    """Say of a run or file that it cannot be waited for."""
    return (
        f"{place}: the disk or the object store that it lies on does not answer; "
        "it is tried again as soon as it does"
    )
