"""A silent disk delays who asks for it, up to a deadline, and nobody else.

No test here measures a time: what must not wait is done while the other still does.
"""

import contextlib
import json
import os
import shutil
import socket
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from waitress.channel import ClientDisconnected
from werkzeug.test import EnvironBuilder

from grokdash import patience
from grokdash.app import create_app
from grokdash.app.deadlines import Deadlines, Limits
from grokdash.app.server import make_server
from grokdash.errors import NoAnswerError
from grokdash.patience import waiting_for
from grokdash.store import open_store
from grokdash.store.listing import Silences

LONG = 60.0
SICK = ("GET", "/api/run/a/manifest")
_CALLS = ("stat", "lstat", "open", "scandir", "listdir", "readlink")


class Disk:
    """Lets every call of the system about one folder wait until it is released."""

    def __init__(self, folder, monkeypatch):
        self.folder, self.frozen = str(folder), False
        self.entered, self.release = threading.Event(), threading.Event()
        for name in _CALLS:
            monkeypatch.setattr(os, name, self._hanging(getattr(os, name)))

    def _hanging(self, call):
        def wait(path, *arguments, **more):
            inside = (
                f"{os.fspath(path)}/" if isinstance(path, str | os.PathLike) else ""
            )
            if self.frozen and inside.startswith(f"{self.folder}/"):
                self.entered.set()
                assert self.release.wait(LONG)
            return call(path, *arguments, **more)

        return wait

    def freeze(self):
        self.entered.clear()
        self.release.clear()
        self.frozen = True

    def thaw(self):
        self.frozen = False
        self.release.set()


@pytest.fixture
def store(run_view, tmp_path):
    for name in ("a", "b"):
        shutil.copytree(run_view.stored.path, tmp_path / "store" / name)
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture
def disk(store, monkeypatch):
    made = Disk(store.path / "a", monkeypatch)
    yield made
    made.thaw()


@pytest.fixture
def serve(store):
    """Give ``serve(limits)``, which gives ``ask(method, path)`` for status and text."""
    servers = []

    def start(limits):
        listener = socket.create_server(("127.0.0.1", 0))
        server = make_server(create_app(store, limits=limits), listener)
        servers.append(server)
        threading.Thread(target=run, args=(server,), daemon=True).start()

        def ask(method, path, body=None):
            asked = urllib.request.Request(
                f"http://127.0.0.1:{server.effective_port}{path}",
                method=method,
                data=None if body is None else json.dumps(body).encode(),
                headers={"X-Grokdash": "1", "Content-Type": "application/json"},
            )
            try:
                with urllib.request.urlopen(asked, timeout=LONG) as answer:
                    return answer.status, answer.read().decode()
            except urllib.error.HTTPError as error:
                return error.code, error.read().decode()

        return ask

    yield start
    for server in servers:
        server.close()
        server.task_dispatcher.shutdown(timeout=0)


def run(server):
    with contextlib.suppress(OSError):  # closed under its loop
        server.run()


def test_sixty_questions_to_a_silent_disk_keep_nobody_else_waiting(
    serve, disk, monkeypatch
):
    monkeypatch.setattr(patience, "CROWDED_S", 0.1)
    ask = serve(Limits(stall_s=LONG))
    assert ask("GET", "/api/run/a/manifest")[0] == 200
    disk.freeze()

    with ThreadPoolExecutor(60) as threads:
        waiting = [threads.submit(ask, *SICK) for _ in range(60)]
        assert disk.entered.wait(LONG)

        beside = [ask("GET", f"/api/run/b/{what}") for what in ("manifest", "live")]
        assert [status for status, _ in beside] == [200, 200]
        while sum(one.done() for one in waiting) < 60 - 1 - patience.MOST_QUEUED:
            pass
        early = [one.result() for one in waiting if one.done()]
        assert len(early) < 60

        disk.thaw()
        statuses = [one.result(LONG)[0] for one in waiting]

    assert {status for status, _ in early} == {503}
    assert statuses.count(200) == 60 - len(early)


def test_a_silent_run_is_said_to_be_until_its_disk_is_back(serve, disk, store):
    ask = serve(Limits(stall_s=1.5))
    ask(*SICK)
    disk.freeze()

    first = ask(*SICK)
    at_once = ask(*SICK)
    note = ask("POST", "/api/run/a/notes", {"title": "mine"})
    page = ask("GET", "/run/a")
    laid_out = ask("POST", "/_dash-update-component", layout("/run/a"))
    listed = json.loads(ask("GET", "/api/runs")[1])

    for status, text in (first, at_once, note):
        assert (status, json.loads(text)) == (
            503,
            {"error": str(patience.no_answer("a"))},
        )
    assert page[0] == 200
    assert "does not answer" in laid_out[1]
    assert {row["id"]: row["state"] for row in listed}["a"] == "broken"
    assert ask("GET", "/api/run/b/manifest")[0] == 200

    disk.thaw()
    while store.silences.names():
        pass
    assert ask(*SICK)[0] == 200
    assert store.read_notes("a").title != "mine"


def layout(path):
    """Give the question by which dash lays a page out."""
    parts = ("pathname", path), ("search", "")
    return {
        "output": ".._pages_content.children..._pages_store.data..",
        "outputs": [
            {"id": "_pages_content", "property": "children"},
            {"id": "_pages_store", "property": "data"},
        ],
        "inputs": [
            {"id": "_pages_location", "property": name, "value": value}
            for name, value in parts
        ],
        "changedPropIds": ["_pages_location.pathname"],
    }


class Below:
    """An application and the deadlines over it, asked without a server."""

    def __init__(self, app, **limits):
        self.silences = Silences()
        self._app = Deadlines(app, self.silences, Limits(**limits))

    def __call__(self, path="/api/x"):
        self.head = None

        def start(status, headers, _error=None):
            self.head = status

        return self._app(EnvironBuilder(path=path).get_environ(), start)


def whole(start, body=b"well"):
    start("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def test_what_reads_no_run_is_answered_where_it_is_asked():
    found = []

    def app(_environ, start):
        found.append(threading.current_thread())
        return whole(start)

    below = Below(app)

    assert b"".join(below("/assets/a.css")) == b"".join(below()) == b"well"
    assert found[0] is threading.current_thread()
    assert found[1] is not found[0]


def test_what_the_application_raises_comes_out():
    def app(_environ, _start):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Below(app)()


def test_an_answer_without_a_body_has_ended_however_often_it_is_asked():
    def app(_environ, start):
        start("304 Not Modified", [])
        return []

    answer = iter(Below(app)())

    assert [next(answer, None) for _ in range(3)] == [None] * 3


def test_a_long_answer_is_made_no_faster_than_it_is_taken():
    made, closed = [], threading.Event()

    def pieces():
        try:
            for number in range(10_000):
                made.append(number)
                yield b"x"
        finally:
            closed.set()

    def app(_environ, start):
        start("200 OK", [])
        return pieces()

    answer = Below(app)()
    taken = [piece for piece, _ in zip(answer, range(3), strict=False)]
    answer.close()

    assert taken == [b"x"] * 3
    assert closed.wait(LONG)
    assert len(made) < 20


def test_an_answer_that_stalls_half_way_ends_without_its_end():
    release = threading.Event()

    def pieces():
        yield b"x"
        with waiting_for("a"):
            release.wait(LONG)

    def app(_environ, start):
        start("200 OK", [])
        return pieces()

    below = Below(app, stall_s=0.05)
    answer = below()

    assert next(answer) == b"x"
    with pytest.raises(ClientDisconnected):
        next(answer)
    assert below.silences.names() == {"a"}
    release.set()
    while below.silences.names():
        pass


def hanging(release):
    """Give an application that reads what its path names; only "b" answers."""

    def app(environ, start):
        if "grokdash.refusal" in environ:
            return whole(start, str(environ["grokdash.refusal"]).encode())
        place = environ["PATH_INFO"].rpartition("/")[2]
        try:
            with waiting_for(place):
                assert place == "b" or release.wait(LONG)
        except NoAnswerError:
            return whole(start, b"refused")
        return whole(start)

    return app


def test_beyond_some_threads_left_behind_only_what_has_answered_is_read():
    release = threading.Event()
    below = Below(hanging(release), stall_s=0.05, left=2)
    answers = [b"".join(below(f"/api/{place}")) for place in ("b", "c", "d", "e", "b")]

    assert [b"does not answer" in one for one in answers[1:3]] == [True, True]
    assert answers[3] == b"refused"
    assert answers[0] == answers[4] == b"well"
    release.set()
    while below.silences.names():
        pass
    assert b"".join(below("/api/e")) == b"well"


def test_who_waits_for_a_disk_is_none_of_those_who_compute():
    release = threading.Event()
    below = Below(hanging(release), stall_s=LONG, computing=1)
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(lambda: b"".join(below("/api/c")))

        assert b"".join(below("/api/b")) == b"well"

        assert not waiting.done()
        release.set()
        assert waiting.result(LONG) == b"well"
