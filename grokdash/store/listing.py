"""Looking at all runs of a store, when the disk of any of them may not answer.

A store may hold links to folders on other disks. Each run is looked at by a thread that
is left behind when it does not get on: that run is silent from then on, until the
thread comes back, and the others are looked at by another thread.
"""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from grokdash.errors import NoAnswerError
from grokdash.patience import (
    FOR_EVER,
    Patience,
    current,
    no_answer,
    queue_for,
    seen,
    still_there,
    waiting_for,
)
from grokdash.store.summaries import Looked, Summaries, entries, look

STALL_S = 2.0
"""One look at one run takes a millisecond; after so long it is silent."""
NEXT_STALL_S = 0.25
"""The same while other runs are silent already: they may be on the same disk."""
OLD_S = 0.5
"""While the look does not get on for so long, what was seen before has to do."""
LARGE = 500
"""Entries of a store from which on one look serves who asks a moment later too."""
GOOD_FOR_S = 1e-4
"""That moment, for each entry: about twice what looking at it takes."""
MOST_LEFT = 32
"""Threads left behind; while there are so many, runs not seen yet are not looked at."""

WHOLE = "the store"
"""Stands for all of it among the silent runs, none of which has a blank in its name."""


class Silences:
    """Which runs do not answer, and how many threads still wait for each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, int] = {}

    def begin(self, name: str) -> None:
        """Note that one more thread was left behind."""
        with self._lock:
            self._waiting[name] = self._waiting.get(name, 0) + 1

    def end(self, name: str) -> None:
        """Note that one of them came back; with the last of them the run answers."""
        with self._lock:
            left = self._waiting.get(name, 0) - 1
            if left > 0:
                self._waiting[name] = left
            else:
                self._waiting.pop(name, None)

    def check(self, name: str) -> None:
        """Refuse to wait for what others wait for already.

        Raises
        ------
        NoAnswerError
            If it is silent.
        """
        if name in self._waiting:
            raise NoAnswerError(no_answer(name))

    def names(self) -> frozenset[str]:
        """Give the silent ones."""
        with self._lock:
            return frozenset(self._waiting)


@dataclass(slots=True)
class _Asked:
    """One who wants to know what the entries look like."""

    wanted: int
    """Number of the first look that begins no earlier than the question."""
    mine: bool = False
    """Whether it makes the look itself."""
    failure: Exception | None = None
    """What the look raised that it began."""


@dataclass(slots=True)
class _Round:
    """One thread's walk over the entries; what it found so far."""

    name: str = ""
    since: float = 0.0
    found: dict[str, Looked] = field(default_factory=dict)
    entries: list[os.DirEntry[str]] | None = None
    failure: Exception | None = None
    left: bool = False
    done: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Listing:
    """What the entries of one store look like; one looks, the others wait for it.

    Parameters
    ----------
    store : Path
        The folder.
    summaries : Summaries
        The rows known, by whose signatures unchanged runs are recognised.
    silences : Silences
        Shared with those who read the runs.
    """

    def __init__(self, store: Path, summaries: Summaries, silences: Silences) -> None:
        self._store = store
        self._summaries = summaries
        self._silences = silences
        self._changed = threading.Condition()
        self._begun = self._done = 0
        self._busy = False
        self._looker: Patience | None = None
        self._good_until = 0.0
        self._outdated = 0
        self._round: _Round | None = None

    def forget(self) -> None:
        """Look again whoever asks next: this process has just changed a run."""
        with self._changed:
            self._good_until = 0.0
            self._outdated += 1

    def look_by(self, look: Callable[[], None]) -> None:
        """Have a look made that begins no earlier than now, or wait for such a one.

        Of a large store, one that was over a moment ago will do. For a request it is
        made in a thread of its own, and not waited for while it does not get on, if
        there has been one before.

        Raises
        ------
        NoAnswerError
            If there has been none, and it does not get on.
        Exception
            What the look raised.
        """
        with self._changed:
            fresh = time.monotonic() < self._good_until
            asked = _Asked(self._done if fresh else self._begun + 1)
        queue_for(partial(self._seen, asked, look), lambda: self._looker, WHOLE)
        if asked.mine:
            self._make(asked, look, self._begun)
            if asked.failure is not None:
                raise asked.failure

    def _seen(self, asked: "_Asked", look: Callable[[], None], seconds: float) -> bool:
        """Wait for so long; say whether there is an answer."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._done >= asked.wanted or not self._busy, seconds
            )
            if self._done >= asked.wanted:
                return True
            if asked.failure is not None:
                raise asked.failure
            if self._busy:
                return self._old_will_do()
            self._busy = True
            self._begun += 1
            if _waits_for_ever():
                asked.mine = True
                return True
            thread = threading.Thread(
                target=self._make, args=(asked, look, self._begun), daemon=True
            )
        thread.start()
        return self._seen(asked, look, seconds)

    def _old_will_do(self) -> bool:
        """Say whether a request need not wait for what does not get on just now."""
        one = self._round
        if _waits_for_ever() or not self._done or one is None:
            return False
        return time.monotonic() > one.since + OLD_S

    def _make(self, asked: "_Asked", look: Callable[[], None], number: int) -> None:
        try:
            with seen() as self._looker, waiting_for(WHOLE):
                look()
            self._done = max(self._done, number)
        except Exception as error:  # noqa: BLE001 - raised again by who asked
            asked.failure = error
        finally:
            with self._changed:
                self._busy, self._looker = False, None
                self._changed.notify_all()

    def look(self) -> dict[str, Looked]:
        """Look at every entry that answers, by name.

        Raises
        ------
        UnusableFolderError
            If the folder is no store.
        NoAnswerError
            If the folder itself does not answer.
        """
        self._silences.check(WHOLE)
        outdated = self._outdated
        found: dict[str, Looked] = {}
        todo = None
        while todo is None or todo:
            one = self._walk(todo)
            found |= one.found
            if one.failure is not None:
                raise one.failure
            if one.entries is None:
                raise NoAnswerError(no_answer(WHOLE))
            silent = self._silences.names()
            todo = [
                entry
                for entry in one.entries
                if entry.name not in found and entry.name not in silent
            ]
            if len(silent) >= MOST_LEFT:
                break
        with self._changed:
            if len(found) >= LARGE and outdated == self._outdated:
                self._good_until = time.monotonic() + GOOD_FOR_S * len(found)
        return found

    def _walk(self, todo: list[os.DirEntry[str]] | None) -> _Round:
        """Look at entries until all are done or one does not answer."""
        one = self._round = _Round(name=WHOLE, since=time.monotonic(), entries=todo)
        threading.Thread(target=self._go, args=(one,), daemon=True).start()
        while not one.done.wait(self._left(one)):
            still_there()
            with one.lock:
                if self._left(one) > 0 or one.done.is_set():
                    continue
                one.left = True
                self._silences.begin(one.name)
                return one
        return one

    def _left(self, one: _Round) -> float:
        limit = NEXT_STALL_S if self._silences.names() else STALL_S
        return max(0.0, one.since + limit - time.monotonic())

    def _go(self, one: _Round) -> None:
        try:
            if one.entries is None:
                found = entries(self._store)
                with one.lock:
                    one.entries = None if one.left else found
            silent = self._silences.names()
            for entry in one.entries or ():
                if one.left:
                    break
                if entry.name not in silent:
                    self._look_at(one, entry)
        except Exception as error:  # noqa: BLE001 - raised again by who waits
            one.failure = error
        finally:
            with one.lock:
                one.done.set()
                if one.left:
                    self._silences.end(one.name)

    def _look_at(self, one: _Round, entry: os.DirEntry[str]) -> None:
        with one.lock:
            if one.left:
                return
            one.name, one.since = entry.name, time.monotonic()
        seen = look(entry, self._summaries.known(entry.name))
        if not one.left:
            one.found[entry.name] = seen


def _waits_for_ever() -> bool:
    """Say whether this is no request, but a script or a trainer."""
    mine = current()
    return mine is None or mine.stall_s == FOR_EVER
