"""How long a request waits for a disk or an object store before it is told so.

A call to a file system that has gone away returns when it likes, so nobody can end it:
one can only stop waiting for it. What reads says here what it reads and when it got on;
who serves a request looks at that and leaves the thread behind when it does not get on.
Who queues for what another thread reads waits for as long as that one gets on. Without
a :class:`Patience`, as in a script, one waits for as long as it takes.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field

from grokdash.errors import NoAnswerError
from grokdash.written import duration

STALL_S = 10.0
"""Without a single block, file or name read for so long, nobody waits any longer."""
READING_S = 60.0
"""Nor for more than this in all, however much comes."""
CROWDED_S = 1.0
"""After so long without getting on, only a few go on queueing for the same."""
MOST_QUEUED = 8
"""How many that are; a browser asks six questions at a time."""
LOOK_S = 0.1
"""How often who queues looks whether it is worth it."""
SHORT_S = 0.02
"""What is over so soon is not worth calling a wait."""
FOR_EVER = float("inf")


def _nothing() -> None:
    """Do nothing."""


@dataclass(slots=True, eq=False)
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
    queued
        Whether another thread reads and this one waits for it, which it ends itself.
    given_up
        Whether nobody waits for this thread any longer.
    known
        What has answered before; what is read to its end is added.
    only_known
        Whether nothing else may be read.
    on_wait
        Called when a wait for another thread begins.
    allowed
        Until when a step may take that something else watches.
    """

    stall_s: float = STALL_S
    reading_s: float = READING_S
    reading: str = ""
    moved: float = 0.0
    began: float = 0.0
    queued: bool = False
    given_up: bool = False
    known: set[str] | None = None
    only_known: bool = False
    on_wait: Callable[[], None] = _nothing
    allowed: float = 0.0

    def left(self) -> float:
        """Give the seconds until nobody waits any longer; infinite if nothing reads."""
        if not self.reading or self.queued:
            return FOR_EVER
        return max(self.moved + self.stall_s, self.allowed) - time.monotonic()

    def stuck_for(self) -> float:
        """Give the seconds since the reading got on; 0 if nothing is read."""
        return time.monotonic() - self.moved if self.reading else 0.0

    def check(self, place: str) -> None:
        """Refuse to begin to read what nobody would wait for.

        Raises
        ------
        NoAnswerError
            If nobody waits for this thread, or for what has never answered.
        """
        strange = self.only_known and place not in (self.known or ())
        if self.given_up or strange:
            raise NoAnswerError(no_answer(place))

    def check_total(self) -> None:
        """Refuse to go on with a reading that takes too long in all.

        Raises
        ------
        NoAnswerError
            If it does.
        """
        if self.reading and time.monotonic() > self.began + self.reading_s:
            raise NoAnswerError(
                f"{self.reading}: was not read within {duration(self.reading_s)}: what "
                "is asked for is too much, or the disk or the network too slow"
            )


_mine: ContextVar[Patience | None] = ContextVar("patience", default=None)


def current() -> Patience | None:
    """Give the patience of this context, if it has any."""
    return _mine.get()


@contextlib.contextmanager
def patient(patience: Patience) -> Iterator[None]:
    """Let what is read in this context be seen by who waits for it."""
    token = _mine.set(patience)
    try:
        yield
    finally:
        _mine.reset(token)


@contextlib.contextmanager
def seen() -> Iterator[Patience]:
    """Let what is read be seen, by a patience without an end if there is none."""
    mine = _mine.get()
    if mine is not None:
        yield mine
        return
    mine = Patience(FOR_EVER, FOR_EVER)
    with patient(mine):
        yield mine


@contextlib.contextmanager
def waiting_for(place: str) -> Iterator[None]:
    """Say that what follows reads, and may wait for ever.

    Raises
    ------
    NoAnswerError
        If nobody would wait for it.
    """
    mine = _mine.get()
    if mine is None or mine.reading:
        yield
        return
    mine.check(place)
    mine.began = mine.moved = time.monotonic()
    mine.reading = place
    try:
        yield
    finally:
        mine.reading = ""
    if mine.known is not None:
        mine.known.add(place)


def still_there() -> None:
    """Say that the reading got on."""
    mine = _mine.get()
    if mine is not None:
        mine.moved = time.monotonic()


def allow(seconds: float) -> None:
    """Say that the next step may take so long, because something else watches it."""
    mine = _mine.get()
    if mine is not None:
        mine.allowed = time.monotonic() + seconds


def busy_for(seconds: float) -> None:
    """Say that for so long something is computed, and nothing is waited for."""
    mine = _mine.get()
    if mine is not None:
        mine.moved = time.monotonic() + seconds


def got_on() -> None:
    """Say that the reading got on.

    Raises
    ------
    NoAnswerError
        If it has taken too long all the same, or nobody waits for it any longer, so
        that a thread that was left behind ends here.
    """
    mine = _mine.get()
    if mine is None or not mine.reading:
        return
    mine.moved = time.monotonic()
    mine.check(mine.reading)
    mine.check_total()


def queue_for(
    take: Callable[[float], object],
    holder: Callable[[], Patience | None],
    place: str,
    *,
    crowded: bool = False,
) -> None:
    """Wait for what another thread reads or makes, for as long as that gets on.

    Parameters
    ----------
    take
        Waits for it for some seconds; says whether it is there.
    holder
        Gives the patience of the other thread.
    place
        What it is.
    crowded
        Whether many wait for it already.

    Raises
    ------
    NoAnswerError
        If the other one does not get on, or nobody waits for this thread any longer.
    """
    mine = _mine.get()
    if take(SHORT_S):
        return
    if mine is None:
        while not take(LOOK_S):
            pass
        return
    limit = mine.stall_s
    if crowded and limit < FOR_EVER:
        limit = min(CROWDED_S, limit)
    mine.queued = True
    try:
        mine.on_wait()
        while not take(min(LOOK_S, limit)):
            other = holder()
            stuck = other.stuck_for() if other else 0.0
            if mine.given_up or stuck > limit:
                raise NoAnswerError(no_answer((other and other.reading) or place))
            mine.check_total()
            mine.moved = time.monotonic() - stuck
    finally:
        mine.moved, mine.queued = time.monotonic(), False


@dataclass(frozen=True, slots=True)
class AtWork:
    """A thread that makes what others want too, and its patience."""

    by: Patience | None = field(default_factory=current)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def left_behind(self) -> bool:
        """Whether nobody waits for it any longer."""
        return self.by is not None and self.by.given_up

    def wait(self, place: str) -> None:
        """Wait until it is over, for as long as it gets on.

        Raises
        ------
        NoAnswerError
            If it does not.
        """
        queue_for(self.over.wait, lambda: self.by, place)


class Turn:
    """The lock of what one thread reads at a time."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._counting = threading.Lock()
        self._queued = 0
        self._holder: Patience | None = None

    @contextlib.contextmanager
    def taken(self, place: str) -> Iterator[None]:
        """Read it, which nobody else does meanwhile.

        Raises
        ------
        NoAnswerError
            If who does has not got on for longer than one may wait.
        """
        with seen() as mine, waiting_for(place):
            if not self._lock.acquire(blocking=False):
                self._queue(place)
            before, self._holder = self._holder, mine
            try:
                yield
            finally:
                self._holder = before
                self._lock.release()

    @contextlib.contextmanager
    def taken_if_free(self) -> Iterator[bool]:
        """Read it if nobody else does just now; says whether."""
        free = self._lock.acquire(blocking=False)
        try:
            yield free
        finally:
            if free:
                self._lock.release()

    def _queue(self, place: str) -> None:
        with self._counting:
            crowded = self._queued >= MOST_QUEUED
            self._queued += 1
        try:
            queue_for(
                lambda seconds: self._lock.acquire(timeout=seconds),
                lambda: self._holder,
                place,
                crowded=crowded,
            )
        finally:
            with self._counting:
                self._queued -= 1


def no_answer(place: str) -> str:
    """Say of a run or file that it cannot be waited for."""
    return (
        f"{place}: the disk or the object store that it lies on does not answer; "
        "it is tried again as soon as it does"
    )
