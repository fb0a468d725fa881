"""Asking a remote store in threads that can be left behind."""

import contextvars
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from grokdash.errors import NoAnswerError
from grokdash.patience import allow, no_answer

T = TypeVar("T")

MOST_LEFT = 16
"""Threads left behind; while there are so many, nothing more is asked."""
_GRACE_S = 1.0
"""So that who watches the whole request does not come before this."""


class Askers:
    """Bounds how many questions are left without an answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left = 0

    def within(self, seconds: float, ask: Callable[[], T], place: str) -> T:
        """Give the answer to a question, or its error, if it comes in time.

        Raises
        ------
        NoAnswerError
            If it does not, or if too many did not before.
        """
        if self._left >= MOST_LEFT:
            raise NoAnswerError(no_answer(place))
        found: list[T] = []
        failed: list[Exception] = []
        done, lock, left = threading.Event(), threading.Lock(), []

        def go() -> None:
            try:
                found.append(ask())
            except Exception as error:  # noqa: BLE001 - raised again by who waits
                failed.append(error)
            with lock:
                done.set()
            if left:
                with self._lock:
                    self._left -= 1

        allow(seconds + _GRACE_S)
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(go,), daemon=True).start()
        if not done.wait(seconds):
            with lock:
                if not done.is_set():
                    left.append(True)
                    with self._lock:
                        self._left += 1
                    raise NoAnswerError(no_answer(place))
        if failed:
            raise failed[0]
        return found[0]


@dataclass(slots=True)
class Looking:
    """One look at a remote store that is going on."""

    patience_s: float
    since: float = field(default_factory=time.monotonic)
    over: threading.Event = field(default_factory=threading.Event)
    failure: Exception | None = None

    def until(self) -> float:
        """Give the seconds for which it is worth waiting for."""
        return max(0.0, self.since + self.patience_s - time.monotonic())
