"""One request in a thread of its own, whose answer another thread passes on.

The thread may be left behind, by who waits for the answer, and then ends by itself as
soon as what it reads comes back.
"""

import threading
from collections.abc import Callable, Iterable
from contextvars import Context
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from typing import Any

from grokdash.patience import Patience, patient

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]

_KEPT = 8
"""Idle threads that are kept for the next requests."""
_AHEAD = 4
"""Pieces of an answer made before the first is taken."""
_NEXT_LOOK_S = 1.0
_FIRST_LOOK_S = 0.05
"""When who waits looks first whether the thread computes or waits for a disk."""


class ExpiredError(Exception):
    """Nobody waits for this answer any longer; never seen by a user."""


class Threads:
    """Threads that do one thing after the other; there are as many as are needed."""

    def __init__(self) -> None:
        self._todo: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._lock = threading.Lock()
        self._idle = 0

    def do(self, what: Callable[[], None]) -> None:
        """Have something done, at once, by a thread that is idle or a new one."""
        with self._lock:
            new = self._idle == 0
            if not new:
                self._idle -= 1
        self._todo.put(what)
        if new:
            threading.Thread(target=self._go, name="request", daemon=True).start()

    def _go(self) -> None:
        while True:
            Context().run(self._todo.get())
            with self._lock:
                if self._idle >= _KEPT:
                    return
                self._idle += 1


@dataclass(frozen=True, slots=True)
class Head:
    """How an answer begins; ``whole`` is its body if that is there at once."""

    status: str
    headers: list[tuple[str, str]]
    whole: list[bytes] | None = None


class Job:
    """A request that is being answered.

    Parameters
    ----------
    app, environ
        What answers, and the request as WSGI has it.
    patience
        What the thread that answers says of its reading.
    on_end
        Called in that thread when it is over, with this.
    """

    def __init__(
        self,
        app: Wsgi,
        environ: dict[str, Any],
        patience: Patience,
        on_end: Callable[["Job"], None],
    ) -> None:
        self.patience = patience
        self.left_at = ""
        """What it was reading when it was left behind; empty if it was not."""
        self._app, self._environ, self._on_end = app, environ, on_end
        self._said: SimpleQueue[Head | bytes | BaseException | None] = SimpleQueue()
        self._room = threading.Semaphore(_AHEAD)
        self._lock = threading.Lock()
        self._over = False

    def go(self) -> None:
        """Answer; called by the thread that may be left behind."""
        try:
            with patient(self.patience):
                self._answer()
            self._said.put(None)
        except BaseException as error:  # noqa: BLE001 - raised again by who waits
            self._said.put(error)
        finally:
            with self._lock:
                self._over = True
            self._on_end(self)

    def head(self) -> Head:
        """Give how the answer begins.

        Raises
        ------
        ExpiredError
            If what the thread reads does not come in time.
        """
        found = self._next()
        if not isinstance(found, Head):
            raise TypeError("the answer has no head")
        return found

    def piece(self) -> bytes | None:
        """Give the next piece of an answer that is not whole; None after the last.

        Raises
        ------
        ExpiredError
            If what the thread reads does not come in time.
        """
        found = self._next()
        self._room.release()
        return found if isinstance(found, bytes) else None

    def drop(self) -> None:
        """Say that nobody wants the rest."""
        self.patience.given_up = True
        self._room.release()

    def leave(self, begin: Callable[[str], None]) -> bool:
        """Leave the thread behind, unless it is over or reads on.

        Parameters
        ----------
        begin
            Told, before the thread can end, what it reads.
        """
        with self._lock:
            if self._over or self.patience.left() > 0:
                return False
            self.left_at = self.patience.reading
            self.patience.given_up = True
            begin(self.left_at)
        return True

    def _next(self) -> Head | bytes | None:
        """Wait for what is said next; what the thread raised is raised here."""
        mine, look = self.patience, _FIRST_LOOK_S
        while True:
            try:
                found = self._said.get(timeout=max(0.0, min(look, mine.left())))
            except Empty:
                if mine.left() <= 0:
                    raise ExpiredError from None
                if mine.stuck_for() >= _FIRST_LOOK_S:
                    mine.on_wait()
                look = min(_NEXT_LOOK_S, mine.stall_s)
                continue
            if isinstance(found, BaseException):
                raise found
            return found

    def _answer(self) -> None:
        said: list[Head] = []

        def start(
            status: str, headers: list[tuple[str, str]], _error: Any = None
        ) -> Any:
            said[:] = [Head(status, headers)]

        body = self._app(self._environ, start)
        try:
            head = said[0]
            if any(name.lower() == "content-length" for name, _ in head.headers):
                self._said.put(replace(head, whole=[b"".join(body)]))
            else:
                self._said.put(head)
                self._pass_on(body)
        finally:
            close = getattr(body, "close", None)
            if close is not None:
                close()

    def _pass_on(self, body: Iterable[bytes]) -> None:
        """Say one piece after the other, not faster than they are taken."""
        for piece in body:
            if not self._room.acquire(blocking=False):
                self.patience.on_wait()
                self._room.acquire()
            if self.patience.given_up:
                return
            self._said.put(piece)
