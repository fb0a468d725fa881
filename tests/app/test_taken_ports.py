"""A port that is taken is named, by every command that serves, and goes round."""

import contextlib
import re
import socket
import types
import urllib.request

import pytest
from typer.testing import CliRunner

from grokdash.app import notebook
from grokdash.app import server as serving
from grokdash.cli import app
from grokdash.cli import serve as commands
from grokdash.errors import ConfigError

DEFAULT = 8050


@contextlib.contextmanager
def taken(*ports):
    """Hold ports of this computer, listening, as another server would."""
    with contextlib.ExitStack() as stack:
        for port in ports:
            with contextlib.suppress(OSError):  # someone else holds it: as well
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
        yield


@pytest.fixture
def free():
    """Give a port with free ones behind it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return min(probe.getsockname()[1], 65000)


@pytest.fixture
def printed(monkeypatch):
    """Run a command up to where it would serve for ever; give what it printed."""

    def make_ended(_app, listener):
        return types.SimpleNamespace(run=lambda: None, close=listener.close)

    child = types.SimpleNamespace(
        poll=lambda: 0, wait=lambda: 0, returncode=0, send_signal=lambda _: None
    )
    monkeypatch.setattr(serving, "make_server", make_ended)
    monkeypatch.setattr(serving, "trim_for_ever", lambda: None)
    monkeypatch.setattr(serving.webbrowser, "open", lambda _: True)
    monkeypatch.setattr(commands.subprocess, "Popen", lambda *_, **__: child)
    monkeypatch.setattr(commands, "_wait_for_run", lambda *_: True)
    monkeypatch.setattr(commands.signal, "signal", lambda *_: None)

    def run(*arguments):
        done = CliRunner().invoke(app, [str(one) for one in arguments])
        return done.exception if done.exit_code else done.output

    return run


def test_serve_names_a_taken_port_and_takes_the_next(printed, tmp_path, free):
    with taken(free):
        text = printed("serve", tmp_path, "--port", free)

    assert f"port {free} is taken on 127.0.0.1: this is the next free one" in text
    found = re.search(r"serving http://127\.0\.0\.1:(\d+)/", text)
    assert found
    assert free < int(found[1]) <= free + 20
    assert "is taken" not in printed("serve", tmp_path, "--port", 0)


@pytest.mark.parametrize("arguments", [["demo"], ["train", "--p", "7", "--serve"]])
def test_what_trains_and_serves_names_a_taken_port(printed, tmp_path, arguments):
    with taken(DEFAULT):
        text = printed(*arguments, "--store", tmp_path)

    assert f"port {DEFAULT} is taken on 127.0.0.1" in text
    assert f"127.0.0.1:{DEFAULT}/" not in text


def test_no_free_port_near_by_says_which_were_tried(printed, tmp_path, free):
    with taken(*range(free, free + 20)):
        error = printed("serve", tmp_path, "--port", free)
    with taken(65535):
        last = printed("serve", tmp_path, "--port", 65535)

    assert isinstance(error, ConfigError)
    assert f"port: {free} to {free + 19} are taken on 127.0.0.1; choose" in str(error)
    assert isinstance(last, ConfigError)
    assert str(last).startswith("port: 65535 is taken on 127.0.0.1; choose another")


def test_two_that_start_at_once_do_not_get_the_same_port(free):
    one, other = (serving._listen("127.0.0.1", free) for _ in range(2))

    with one, other:
        assert one.getsockname()[1] != other.getsockname()[1]


def test_show_takes_a_free_port_whatever_is_taken(monkeypatch, tmp_path):
    shown = []
    python = types.SimpleNamespace(
        get_ipython=lambda: types.SimpleNamespace(kernel=True),
        display=types.SimpleNamespace(display=shown.append, HTML=str),
    )
    monkeypatch.setitem(notebook.sys.modules, "IPython", python)

    with taken(DEFAULT):
        notebook.show(tmp_path, height=300)

    (address,) = re.findall(r'"(http://127[^"]+)"', shown[0])
    assert f":{DEFAULT}/" not in address
    with urllib.request.urlopen(address, timeout=20) as answer:
        assert answer.status == 200
