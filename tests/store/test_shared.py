"""A store on a folder that computers share: one writer, honest states, live readers.

The second computer is a process with another host name, in a UTS namespace where the
system allows one, whose locks do not reach this one (as on a network file system
mounted with local locks).
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from grokdash.errors import RunLockedError
from grokdash.store import RunWriter, lease, machine, open_store, record
from grokdash.store.lock import RunLock

pytestmark = pytest.mark.slow

ELSEWHERE = """
import fcntl, os, socket, sys, time
from pathlib import Path
try:
    socket.sethostname("node-b")
except OSError:
    pass
from grokdash.store import machine
machine.HOST, machine.MARK = "node-b", "elsewhere"
fcntl.flock = lambda *_: None
sys.path.insert(0, os.environ["TESTS"])
from conftest import make_checkpoint, tiny
from grokdash.store import RunWriter, machine
from grokdash.errors import RunLockedError
store, config = Path(sys.argv[1]), tiny()

def say(text):
    print(text, flush=True)

def wait():
    return sys.stdin.readline()

"""


def namespaces():
    """Give the words that put a process into a namespace of host names, if any."""
    unshare = shutil.which("unshare")
    for words in ([unshare, "--uts"], [unshare, "--uts", "--user", "--map-root-user"]):
        if not unshare:
            continue
        done = subprocess.run([*words, "true"], check=False, capture_output=True)
        if done.returncode == 0:
            return words
    return []


@pytest.fixture(scope="session")
def in_namespace():
    return namespaces()


@pytest.fixture
def elsewhere(tmp_path, in_namespace):
    """Run code as a process of another computer; talk to it line by line."""
    started = []

    def start(code):
        process = subprocess.Popen(
            [*in_namespace, sys.executable, "-c", ELSEWHERE + code, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"TESTS": str(Path(__file__).parent)},
        )
        started.append(process)
        assert process.stdin
        assert process.stdout
        stdin, stdout = process.stdin, process.stdout

        def tell():
            stdin.write("\n")
            stdin.flush()

        return SimpleNamespace(process=process, hear=stdout.readline, tell=tell)

    yield start
    for process in started:
        process.kill()
        process.communicate()


WRITING = """
with RunWriter.create(store, config) as writer:
    writer.commit(make_checkpoint(config, 0))
    writer.flush()
    say(os.getpid())
    wait()
    try:
        writer.commit(make_checkpoint(config, 10))
        writer.flush()
        say("committed")
    except RunLockedError as error:
        say(error)
    wait()
"""


def age(path, seconds):
    """Make a file's last change look older, as the file server sees it."""
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))


def held_lease(folder):
    (path,) = [p for p in folder.glob("lease-*") if not p.suffix]
    return path


def test_writer_on_another_computer_keeps_this_one_out(tmp_path, config, elsewhere):
    other = elsewhere(WRITING)
    pid = int(other.hear())

    with pytest.raises(RunLockedError, match=f"process {pid} on node-b"):
        RunWriter.resume(tmp_path, config.run_id())

    other.tell()
    assert other.hear() == "committed\n"


def test_writer_here_keeps_another_computer_out(tmp_path, config, elsewhere):
    with RunWriter.create(tmp_path, config):
        other = elsewhere(
            "try:\n    RunWriter.resume(store, config.run_id())\n"
            "except RunLockedError as error:\n    say(error)"
        )
        assert f"process {os.getpid()} on {machine.HOST}" in other.hear()

    # Given back, it is free for others at once.
    after = elsewhere(
        "with RunWriter.resume(store, config.run_id()) as w:\n    say(w.id)"
    )
    assert after.hear() == f"{config.run_id()}\n"


def test_silent_writer_is_replaced_and_writes_nothing_when_it_wakes(
    tmp_path, config, elsewhere, checkpoint
):
    other = elsewhere(WRITING)
    pid = int(other.hear())
    os.kill(pid, signal.SIGSTOP)
    folder = tmp_path / config.run_id()
    with pytest.raises(RunLockedError):
        RunLock(folder)
    age(held_lease(folder), 45)
    with pytest.raises(RunLockedError, match=r"silent for 4.* free in 1"):
        RunLock(folder)
    age(held_lease(folder), 30)

    with RunWriter.resume(tmp_path, config.run_id()) as writer:
        writer.commit(checkpoint(10))
        writer.flush()
        before = (folder / "checkpoints" / "step-00000010.h5").stat().st_ino
        os.kill(pid, signal.SIGCONT)
        other.tell()
        told = other.hear()
        other.tell()
        other.process.wait(timeout=60)
        status = record.read_status(folder)
        writer.commit(checkpoint(20))
        writer.finish()

    assert f"taken over by process {os.getpid()} on {machine.HOST}" in told
    assert (status.state, status.pid) == ("running", os.getpid())
    assert (folder / "checkpoints" / "step-00000010.h5").stat().st_ino == before
    assert open_store(tmp_path).run(config.run_id()).steps.tolist() == [0, 10, 20]


def test_lease_of_a_dead_process_of_this_computer_is_free_at_once(tmp_path):
    code = (
        "import sys, os; from pathlib import Path\n"
        "from grokdash.store.lock import RunLock\n"
        "lock = RunLock(Path(sys.argv[1])); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path], check=False)
    assert held_lease(tmp_path).exists()

    RunLock(tmp_path).close()

    assert [path.name for path in tmp_path.glob("lease-*")] == ["lease-00000002.free"]


def test_lease_alone_keeps_writers_apart_where_there_are_no_locks(
    tmp_path, monkeypatch
):
    def no_locks(*args):
        raise OSError(37, "No locks available")

    monkeypatch.setattr("fcntl.flock", no_locks)
    with RunLock(tmp_path), pytest.raises(RunLockedError, match="is being written"):
        RunLock(tmp_path)

    RunLock(tmp_path).close()


def test_late_challenger_backs_off(tmp_path, monkeypatch):
    """Two find one silent holder; the slower of them comes when the lease is taken."""
    (tmp_path / "lock").touch()
    seen = lease._numbers
    stale = [{}]
    with RunLock(tmp_path):
        monkeypatch.setattr(
            lease, "_numbers", lambda folder: stale.pop() if stale else seen(folder)
        )
        monkeypatch.setattr(lease, "holder", lambda *_, **__: None)
        held_lease(tmp_path).rename(tmp_path / "lease-00000002")

        with pytest.raises(RunLockedError):
            lease.Lease(tmp_path, locked=True)

        assert held_lease(tmp_path).name == "lease-00000002"


@pytest.mark.parametrize("hours", [-2, 2])
def test_run_elsewhere_is_judged_by_the_clock_of_the_files(
    tmp_path, config, elsewhere, monkeypatch, hours
):
    other = elsewhere(WRITING)
    other.hear()
    true_time = time.time
    monkeypatch.setattr(time, "time", lambda: true_time() + 3600 * hours)
    monkeypatch.setattr(machine, "_offsets", {})
    store = open_store(tmp_path)

    assert store.run(config.run_id()).status.state == "running"
    assert store.summaries()[0].state == "running"

    os.kill(other.process.pid, signal.SIGSTOP)
    age(tmp_path / config.run_id() / "status.json", 100)
    run = store.run(config.run_id())
    run.refresh()
    assert run.status.state == "interrupted"
    assert "on node-b for 1 min 4" in run.status.message
    assert store.summaries()[0].state == "interrupted"
    os.kill(other.process.pid, signal.SIGCONT)


def test_pid_of_another_computer_is_not_looked_for_here(tmp_path, config):
    with RunWriter.create(tmp_path, config) as writer:
        status = writer.status
    foreign = record.replace(
        status, state="running", pid=2**22 + 1, mark="other", heartbeat=time.time()
    )

    assert record.observed(foreign, tmp_path).state == "running"
    here = record.replace(foreign, mark=machine.MARK)
    assert record.observed(here, tmp_path).state == "interrupted"


def test_reader_follows_what_another_computer_writes(tmp_path, config, elsewhere, same):
    other = elsewhere(
        """
with RunWriter.create(store, config) as writer:
    for step in (0, 10, 20, 30, 40):
        writer.commit(make_checkpoint(config, step))
        writer.flush()
        say(step)
        wait()
    writer.finish()
    writer.pack()
say("packed")
"""
    )
    run = None
    for step in (0, 10, 20, 30, 40):
        assert int(other.hear()) == step
        run = run or open_store(tmp_path).run(config.run_id())
        run.refresh()
        assert run.steps[-1] == step
        other.tell()
    assert other.hear() == "packed\n"
    assert run is not None
    run.refresh()
    same(run)
    assert run.packed_steps
