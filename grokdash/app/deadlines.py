"""No request waits for ever for a disk, and none holds up the others.

What may read a run is answered in a thread of its own (:mod:`~grokdash.app.jobs`). When
what that reads does not come, the thread is left behind, the run is silent for
everybody until it comes back, and the request is answered by saying so. Only a few
requests compute at a time; one that waits for a disk is none of them.
"""

import io
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, Response, request
from waitress.channel import ClientDisconnected
from werkzeug.wsgi import get_content_length

from grokdash.app.jobs import ExpiredError, Job, Threads, Wsgi
from grokdash.app.posture import MOST_BYTES
from grokdash.errors import NoAnswerError
from grokdash.patience import READING_S, STALL_S, Patience, no_answer
from grokdash.store import Store
from grokdash.store.listing import Silences
from grokdash.threads import Once

T = TypeVar("T")

MOST_COMPUTING = 8
MOST_LEFT = 32
"""Threads left behind; while there are so many, only what has answered is read."""
_AGAIN_S = 2.0
"""How long the page that says what does not answer may take."""
_DASH_ASKS = "/_dash-update-component"
_REFUSAL = "grokdash.refusal"
_STATIC = (
    "/assets/",
    "/kept/",
    "/_dash-component-suites/",
    "/_dash-layout",
    "/_dash-dependencies",
    "/_favicon.ico",
)
"""What reads no run begins with one of these."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long one waits for a disk, and how many threads may."""

    stall_s: float = STALL_S
    reading_s: float = READING_S
    computing: int = MOST_COMPUTING
    left: int = MOST_LEFT


class Deadlines:
    """Answer every request of a server of one store in time.

    Parameters
    ----------
    app
        The WSGI application below.
    silences
        Where it is noted which runs do not answer.
    limits
        How long is waited, and how many may.
    """

    def __init__(self, app: Wsgi, silences: Silences, limits: Limits) -> None:
        self._app = app
        self._silences = silences
        self._limits = limits
        self._threads = Threads()
        self._computing = threading.Semaphore(limits.computing)
        self._known: set[str] = set()
        self._lock = threading.Lock()
        self._left = 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        path = environ.get("PATH_INFO", "")
        if path.startswith(_STATIC):
            return self._app(environ, start_response)
        asked = _Asked(environ)
        try:
            job = self._begin(asked.environ(), self._limits.stall_s)
            return self._pass_on(job, start_response)
        except ExpiredError as error:
            place = str(error)
        if asked.repeatable:
            try:
                job = self._begin(asked.environ(), min(_AGAIN_S, self._limits.stall_s))
                return self._pass_on(job, start_response)
            except ExpiredError:
                pass
        refusal = {_REFUSAL: NoAnswerError(no_answer(place))}
        return self._app(asked.environ() | refusal, start_response)

    def _begin(self, environ: dict[str, Any], stall_s: float) -> Job:
        self._computing.acquire()
        let_go = Once(self._computing.release)
        patience = Patience(
            stall_s,
            self._limits.reading_s,
            known=self._known,
            only_known=self._left >= self._limits.left,
            on_wait=let_go,
        )

        def end(job: Job) -> None:
            let_go()
            if job.left_at:
                with self._lock:
                    self._left -= 1
                self._silences.end(job.left_at)

        job = Job(self._app, environ, patience, end)
        self._threads.do(job.go)
        return job

    def _pass_on(self, job: Job, start_response: Any) -> Iterable[bytes]:
        head = self._in_time(job, job.head)
        start_response(head.status, head.headers)
        if head.whole is not None:
            return head.whole
        return _Pieces(lambda: self._in_time(job, job.piece), job.drop)

    def _in_time(self, job: Job, wait: Callable[[], T]) -> T:
        """Wait for what comes next of an answer.

        Raises
        ------
        ExpiredError
            If it does not come in time, with what is being read.
        """
        while True:
            try:
                return wait()
            except ExpiredError:
                if job.leave(self._note):
                    raise ExpiredError(job.left_at) from None

    def _note(self, place: str) -> None:
        with self._lock:
            self._left += 1
        self._silences.begin(place)


class _Pieces:
    """The body of an answer, piece by piece as it is made."""

    def __init__(
        self, piece: Callable[[], bytes | None], drop: Callable[[], None]
    ) -> None:
        self._piece = piece
        self._over = False
        self.close = drop

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self._over:
            raise StopIteration
        try:
            found = self._piece()
        except ExpiredError:
            # The head has been sent: all that can be said is that this is not the end.
            raise ClientDisconnected from None
        if found is None:
            self._over = True
            raise StopIteration
        return found


class _Asked:
    """A request as it came; whatever answers it writes into what it is given."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self._kept = dict(environ)
        dash_asks = environ.get("PATH_INFO", "") == _DASH_ASKS
        self.repeatable = dash_asks or (
            environ["REQUEST_METHOD"] in ("GET", "HEAD")
            and not environ.get("PATH_INFO", "").startswith("/api/")
        )
        """Whether asking again tells a page what is wrong, and changes nothing."""
        self._body: bytes | None = None
        if dash_asks:
            length = get_content_length(environ) or 0
            self._body = environ["wsgi.input"].read(min(length, MOST_BYTES))

    def environ(self) -> dict[str, Any]:
        """Give it as it came."""
        found = dict(self._kept)
        if self._body is not None:
            found["wsgi.input"] = io.BytesIO(self._body)
        return found


def keep_deadlines(server: Flask, store: Store, limits: Limits | None = None) -> None:
    """Answer what a server is asked in time."""
    below = server.wsgi_app
    server.wsgi_app = Deadlines(below, store.silences, limits or Limits())

    @server.before_request
    def refuse() -> None:
        refusal = request.environ.get(_REFUSAL)
        if refusal is not None:
            raise refusal

    @server.errorhandler(NoAnswerError)
    def say(error: NoAnswerError) -> Response:
        response = Response(str(error), 503, mimetype="text/plain")
        response.headers["Cache-Control"] = "no-store"
        return response
