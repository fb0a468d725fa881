"""Connections that say nothing, or slowly, keep nobody out."""

import contextlib
import socket
import threading
import urllib.request
from types import SimpleNamespace

import pytest

from grokdash.app import connections, create_app
from grokdash.app.connections import connections_allowed, make_room
from grokdash.app.server import make_server
from grokdash.store import open_store

MOST = 40


@pytest.fixture
def served(tmp_path, monkeypatch):
    monkeypatch.setattr("grokdash.app.server.connections_allowed", lambda: MOST)
    listener = socket.create_server(("127.0.0.1", 0))
    server = make_server(create_app(open_store(tmp_path)), listener)
    thread = threading.Thread(target=run, args=(server,), daemon=True)
    thread.start()
    yield server
    server.close()
    server.task_dispatcher.shutdown(timeout=0)


def run(server):
    with contextlib.suppress(OSError):  # closed under its loop
        server.run()


def ask(server):
    address = f"http://127.0.0.1:{server.effective_port}/api/runs"
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.read()


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET /api/runs HTTP/1.1\r\nHost: loc",
        b"POST /api/run/x/notes HTTP/1.1\r\nContent-Length: 99\r\n\r\n{",
        b"GET /api/runs HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
    ids=["idle", "half a head", "half a body", "nothing read"],
)
def test_others_are_served_beside_more_connections_than_there_may_be(served, said):
    place = ("127.0.0.1", int(served.effective_port))
    with contextlib.ExitStack() as opened:
        for _ in range(3 * MOST):
            one = opened.enter_context(socket.create_connection(place, timeout=10))
            with contextlib.suppress(ConnectionError):
                one.sendall(said)

        assert ask(served) == b"[]"
        assert len(served.active_channels) <= MOST + 1


def test_a_request_that_comes_too_slowly_is_given_up(served, monkeypatch):
    monkeypatch.setattr(connections, "REQUEST_S", 0.0)
    place = ("127.0.0.1", int(served.effective_port))

    with socket.create_connection(place, timeout=10) as slow:
        slow.sendall(b"GET /api/runs HTTP/1.1\r\n")

        assert slow.recv(1) == b""


def test_the_one_closed_has_asked_for_nothing_for_longest_and_is_not_at_work():
    closed = []

    def channel(name, asked_at, *requests):
        return SimpleNamespace(
            asked_at=asked_at,
            requests=list(requests),
            handle_close=lambda: closed.append(name),
        )

    busy, old = channel("busy", 1, "request"), channel("old", 2)
    young, new = channel("young", 3), channel("new", 4)
    found = dict(enumerate((busy, old, young, new)))

    make_room(found, 4, new)
    assert closed == []
    make_room(found, 3, new)
    assert closed == ["old"]
    make_room({0: busy, 1: new}, 1, new)
    assert closed == ["old"]


def test_there_are_file_numbers_for_runs_beside_those_of_connections():
    resource = pytest.importorskip("resource")

    most = connections_allowed()

    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert 16 <= most <= connections.MOST_CONNECTIONS
    assert soft == resource.RLIM_INFINITY or soft >= most + 100


def test_a_slow_reader_keeps_no_thread(served):
    """The answer waits on disk, not in a thread that others need."""
    assert served.adj.outbuf_high_watermark >= 1 << 30
    assert served.adj.outbuf_overflow <= 1 << 20
