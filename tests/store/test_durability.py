"""A kill, a power cut and a full disk lose nothing that was committed."""

import errno
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer
from types import SimpleNamespace

import h5py
import numpy as np
import pytest

from grokdash.errors import DiskFullError, StoreError
from grokdash.store import RunWriter, files, open_store, pack_run
from grokdash.store import pack as pack_module
from grokdash.store import writer as writer_module
from grokdash.store.lock import RunLock

WRITER = """
import sys
from grokdash.store import CheckpointData, RunWriter
from grokdash.config import validate_config
from grokdash.store.schema import param_shapes, grid_shapes
import json, numpy as np

def data(config, step):
    rng = np.random.default_rng(step)
    params = {n: rng.standard_normal(s).astype("f4")
              for n, s in param_shapes(config).items()}
    return CheckpointData(step, params, {n: 2 * v for n, v in params.items()})

store, config, limit = sys.argv[1:]
config = validate_config(json.loads(config))
if limit != "0":
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
try:
    writer = RunWriter.resume(store, config.run_id())
except LookupError:
    writer = RunWriter.create(store, config)
with writer:
    latest = writer.latest()
    first = 0 if latest is None else latest.step + 1
    for step in range(first, first + 1000):
        writer.commit(data(config, step))
        writer.flush()
        sys.stdout.write(f"{step}\\n")
        sys.stdout.flush()
        if step % 3 == 0:
            writer.commit_grids(
                step, {n: np.ones(s) for n, s in grid_shapes(config).items()}
            )
"""


def start_writer(store, config, limit=0):
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, store, config.canonical_json(), str(limit)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(files.__file__).parents[2])},
    )


def expected_params(config, step):
    from grokdash.store.schema import param_shapes

    rng = np.random.default_rng(step)
    return {
        name: rng.standard_normal(shape).astype("f4")
        for name, shape in param_shapes(config).items()
    }


def check_committed(store, config, acknowledged):
    run = open_store(store).run(config.run_id())
    assert set(run.steps.tolist()) >= set(acknowledged)
    for step in acknowledged:
        for name, values in expected_params(config, step).items():
            np.testing.assert_array_equal(run.param(name, step), values)
    assert run.steps.tolist() == list(range(len(run.steps)))
    return run


def kill_trial(store, config, delay):
    """Run a real writer, kill it after its first commit plus a delay."""
    process = start_writer(store, config)
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    rest, errors = process.communicate(timeout=30)
    assert first, errors
    return [int(line) for line in (first + rest).splitlines(keepends=False) if line]


def test_killed_writers_lose_nothing_and_resume(tmp_path, config):
    delays = random.Random(1)
    acknowledged = []
    for _ in range(4):
        acknowledged += kill_trial(tmp_path, config, delays.uniform(0, 0.05))

        run = check_committed(tmp_path, config, acknowledged)
        assert run.status.state == "interrupted"
        assert "ended without finishing" in run.status.message

    assert acknowledged == sorted(set(acknowledged))


@pytest.mark.slow
@pytest.mark.skipif(
    sys.platform != "linux" or not shutil.which("cc"),
    reason="kills.py starts its processes with a shim that is compiled",
)
def test_killed_trainers_sweeps_and_packing_lose_nothing():
    """Ten kills of the commands themselves; benchmarks/kills.py has the others."""
    kills = dict.fromkeys(("single", "batches", "workers", "batched", "drivers"), 0)
    kills |= {"single": 8, "drivers": 1, "pack": 1}
    done = subprocess.run(
        [
            sys.executable,
            Path(files.__file__).parents[2] / "benchmarks" / "kills.py",
            *(f"--{name}={count}" for name, count in kills.items()),
        ],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(Path(files.__file__).parents[2])},
    )

    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split() for line in done.stdout.splitlines()[1:7]]
    assert {name: int(count) for name, count, *_ in rows} == kills


class Disk:
    """Record what the writer asks of the disk; say what a power cut may leave.

    Bytes survive if their file was synced after they were written; a name survives if
    its folder was synced after it was made, and may survive before that.
    """

    def __init__(self, monkeypatch, root):
        self.root = root
        self.before = {
            path: path.read_bytes() for path in root.rglob("*") if path.is_file()
        }
        self.log = []
        self.names = {}
        self.paths = {}
        self.broken = None
        self.real = {
            name: getattr(os, name)
            for name in (
                "open",
                "write",
                "fsync",
                "link",
                "unlink",
                "replace",
                "rename",
            )
        }
        for name in self.real:
            monkeypatch.setattr(os, name, getattr(self, name))

    def open(self, path, *args, **kwargs):
        descriptor = self.real["open"](path, *args, **kwargs)
        self.paths[descriptor] = Path(os.fsdecode(path))
        return descriptor

    def write(self, descriptor, data):
        n = self.real["write"](descriptor, data)
        if descriptor in self.paths:
            self.log.append(("write", self.paths[descriptor], bytes(data)[:n]))
        return n

    def fsync(self, descriptor):
        path = self.paths.get(descriptor)
        kind = "sync-folder" if path is not None and path.is_dir() else "sync-file"
        if kind == "sync-file" and (path, "write") not in self._calls():
            # What the packing process has written does not pass through here.
            self.log.append(("write", path, path.read_bytes()))
        if self.broken != kind:
            self.real["fsync"](descriptor)
            self.log.append((kind, path, None))

    def _calls(self):
        return {(path, kind) for kind, path, _ in self.log}

    def link(self, source, target, **kwargs):
        self.real["link"](source, target, **kwargs)
        self.log.append(("link", Path(source), Path(target)))

    def unlink(self, path, **kwargs):
        self.real["unlink"](path, **kwargs)
        self.log.append(("unlink", Path(path), None))

    def replace(self, source, target, **kwargs):
        self.real["replace"](source, target, **kwargs)
        self.log.append(("replace", Path(source), Path(target)))

    rename = replace

    def after_power_cut(self, n, *, lucky_names):
        """Replay the first n calls; give the surviving files."""
        names = {path: f"inode of {path}" for path in self.before}
        durable = dict(names)
        content = {names[path]: data for path, data in self.before.items()}
        synced = dict(content)
        for kind, path, other in self.log[:n]:
            if kind == "write":
                inode = names.setdefault(path, f"inode of {path}")
                content[inode] = content.get(inode, b"") + other
            elif kind == "sync-file":
                synced[names.get(path)] = content.get(names.get(path), b"")
            elif kind == "sync-folder":
                durable = {p: i for p, i in durable.items() if p.parent != path}
                durable |= {p: i for p, i in names.items() if p.parent == path}
            else:
                _rename(kind, names, path, other)
        survivors = {**durable, **(names if lucky_names else {})}
        return {path: synced.get(inode, b"") for path, inode in survivors.items()}


def power_cuts_that_lose_packed(run_folder, monkeypatch, broken=None):
    """Count power cuts during packing after which a checkpoint has no whole copy."""
    pieces = {
        path: path.read_bytes() for path in (run_folder / "checkpoints").iterdir()
    }
    with monkeypatch.context() as patch:
        disk = Disk(patch, run_folder)
        disk.broken = broken
        packed = pack_run(run_folder)
    whole = packed.read_bytes()
    losses = 0
    for n in range(len(disk.log) + 1):
        safe = disk.after_power_cut(n, lucky_names=False)
        seen = disk.after_power_cut(n, lucky_names=True)
        deleted = {path for kind, path, _ in disk.log[:n] if kind == "unlink"}
        first = {path: data for path, data in safe.items() if path not in deleted}
        all_done = {path: data for path, data in seen.items() if path not in deleted}
        for left in (safe, seen, first, all_done):
            kept = all(left.get(path) == data for path, data in pieces.items())
            losses += not (kept or left.get(packed) == whole)
            losses += packed in left and left[packed] != whole
    return losses


@pytest.mark.parametrize("broken", [None, "sync-file", "sync-folder"])
def test_power_cut_at_any_call_of_packing_loses_nothing(
    run_folder, monkeypatch, broken
):
    """And without one of its fsyncs this is noticed."""
    losses = power_cuts_that_lose_packed(run_folder, monkeypatch, broken)

    assert bool(losses) == bool(broken)


def _rename(kind, names, path, other):
    inode = names[path] if kind == "link" else names.pop(path, None)
    if other is not None:
        names[other] = inode


def power_cuts_that_lose(tmp_path, config, checkpoint, monkeypatch, broken=None):
    """Count power cuts after which a committed checkpoint is missing or torn."""
    disk = Disk(monkeypatch, tmp_path)
    disk.broken = broken
    committed = []
    with RunWriter.create(tmp_path, config) as writer:
        for step in (0, 10, 20, 30):
            writer.commit(checkpoint(step))
            writer.flush()
            name = f"step-{step:08d}.h5"
            paths = [writer.path / folder / name for folder in ("state", "checkpoints")]
            whole = {path: path.read_bytes() for path in paths}
            committed.append((len(disk.log), whole))
        end = len(disk.log)
    losses = 0
    for n in range(end + 1):
        for lucky in (False, True):
            left = disk.after_power_cut(n, lucky_names=lucky)
            done = [whole for at, whole in committed if at <= n]
            for files_there in done[-1:]:
                losses += any(left.get(p) != data for p, data in files_there.items())
            for files_there in done:
                losses += any(
                    left.get(p) != data
                    for p, data in files_there.items()
                    if p.parent.name == "checkpoints"
                )
            losses += any(
                not data
                for path, data in left.items()
                if path.suffix == ".h5" and not path.name.startswith(".tmp-")
            )
    return losses


def commit_two(store, config, checkpoint, between):
    """Commit a checkpoint, let something happen, commit another."""
    with RunWriter.create(store, config) as writer:
        writer.commit(checkpoint(0))
        writer.flush()
        between()
        writer.commit(checkpoint(10))
        writer.flush()


def test_power_cut_at_any_call_loses_nothing(tmp_path, config, checkpoint, monkeypatch):
    assert power_cuts_that_lose(tmp_path, config, checkpoint, monkeypatch) == 0


@pytest.mark.parametrize("broken", ["sync-file", "sync-folder"])
def test_power_cut_simulation_notices_a_missing_fsync(
    tmp_path, config, checkpoint, monkeypatch, broken
):
    assert power_cuts_that_lose(tmp_path, config, checkpoint, monkeypatch, broken) > 0


def test_failing_fsync_is_not_a_commit(tmp_path, config, checkpoint, monkeypatch):
    def fail(descriptor):
        raise OSError(errno.EIO, "Input/output error")

    def between():
        monkeypatch.setattr(os, "fsync", fail)

    with pytest.raises(StoreError, match="Input/output error"):
        commit_two(tmp_path, config, checkpoint, between)

    monkeypatch.undo()
    assert open_store(tmp_path).run(config.run_id()).steps.tolist() == [0]


@pytest.mark.parametrize("room", [0, 100, 5000])
def test_full_disk_stops_with_a_message_and_loses_nothing(
    tmp_path, config, checkpoint, monkeypatch, same, room
):
    real = os.write
    left = room

    def write(descriptor, data):
        nonlocal left
        if left <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        n = real(descriptor, bytes(data)[:left])
        left -= n
        return n

    def between():
        monkeypatch.setattr(os, "write", write)

    with pytest.raises(DiskFullError, match="everything committed is intact"):
        commit_two(tmp_path, config, checkpoint, between)

    assert not list(tmp_path.rglob(".tmp-*"))
    monkeypatch.undo()
    with RunWriter.resume(tmp_path, config.run_id()) as writer:
        latest = writer.latest()
        assert latest is not None
        assert latest.step == 0
        writer.commit(checkpoint(10))
        writer.finish()
    same(open_store(tmp_path).run(config.run_id()), (0, 10))


def test_little_free_space_stops_before_writing(
    tmp_path, config, checkpoint, monkeypatch
):
    usage = files.shutil.disk_usage(tmp_path)

    def between():
        monkeypatch.setattr(
            files.shutil, "disk_usage", lambda _: usage._replace(free=1000)
        )

    with pytest.raises(DiskFullError, match="wanted before writing"):
        commit_two(tmp_path, config, checkpoint, between)

    monkeypatch.undo()
    assert open_store(tmp_path).run(config.run_id()).steps.tolist() == [0]


def test_real_limit_on_file_size_is_an_error_and_no_crash(tmp_path, config):
    process = start_writer(tmp_path, config, limit=2048)
    out, errors = process.communicate(timeout=60)

    assert process.returncode == 1, errors
    assert "DiskFullError" in errors
    assert out == ""
    assert open_store(tmp_path).run(config.run_id()).steps.tolist() == []


def test_full_disk_while_packing_loses_nothing(run_folder, same, monkeypatch):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(DiskFullError, match="every checkpoint is intact"):
            pack_run(run_folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert not list(run_folder.glob(".tmp-*"))
    same(open_store(run_folder.parent).run(run_folder.name))
    pack_run(run_folder)
    same(open_store(run_folder.parent).run(run_folder.name))


@pytest.mark.parametrize("stage", ["_build", "_publish", "_remove_pieces"])
def test_crash_before_any_stage_of_packing_loses_nothing(
    run_folder, same, monkeypatch, stage
):
    def crash(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(pack_module, stage, crash)
    with pytest.raises(KeyboardInterrupt):
        pack_run(run_folder, key_frequencies=(1, 2))

    same(open_store(run_folder.parent).run(run_folder.name))
    monkeypatch.undo()
    packed = pack_run(run_folder, key_frequencies=(1, 2))
    run = open_store(run_folder.parent).run(run_folder.name)
    same(run)
    assert run.key_frequencies == (1, 2)
    left = sorted(path.name for path in run_folder.rglob("*.h5"))
    assert left == ["run.h5", "step-00000040.h5"]  # the state to extend it from
    assert packed.is_file()
    assert not list(run_folder.glob(".tmp-*"))


def test_crash_between_deleting_pieces_loses_nothing(run_folder, same, monkeypatch):
    real, count = Path.unlink, 0

    def unlink(path, *args, **kwargs):
        nonlocal count
        if path.parent.name == "checkpoints":
            count += 1
            if count == 3:
                raise KeyboardInterrupt
        real(path, *args, **kwargs)

    monkeypatch.setattr(Path, "unlink", unlink)
    with pytest.raises(KeyboardInterrupt):
        pack_run(run_folder)

    same(open_store(run_folder.parent).run(run_folder.name))


def test_damaged_piece_stops_packing_and_keeps_all_files(run_folder):
    path = run_folder / "checkpoints" / "step-00000020.h5"
    with h5py.File(path, "r", locking=False) as file:
        chunk = file["params/blocks/0/W_in"].id.get_chunk_info(0)
    data = bytearray(path.read_bytes())
    data[chunk.byte_offset + chunk.size // 2] ^= 1
    path.write_bytes(data)
    before = sorted(run_folder.rglob("*.h5"))

    with pytest.raises(StoreError, match=r"step-00000020\.h5"):
        pack_run(run_folder)

    assert sorted(run_folder.rglob("*.h5")) == before


def test_status_file_survives_a_full_disk(tmp_path, config, monkeypatch):
    with RunWriter.create(tmp_path, config) as writer:
        before = json.loads((writer.path / "status.json").read_text())

        def full(*args):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "write", full)
        writer.set_status(step=5)
        assert json.loads((writer.path / "status.json").read_text()) == before
        monkeypatch.undo()


FAILING = ("open", "write", "fsync", "link", "unlink", "replace", "rename", "mkdir")


class FailingDisk:
    """Fail the n-th call that changes files, and with ``lasting`` all that follow."""

    def __init__(self, monkeypatch, number, n, *, lasting=False):
        self.left, self.number, self.lasting = n, number, lasting
        for name in FAILING:
            monkeypatch.setattr(os, name, self._failing(getattr(os, name)))

    def _failing(self, real):
        def call(path, *args, **kwargs):
            # Memory images of HDF5 and folders that are read are no such calls.
            reads = real.__name__ == "open" and not (args and args[0] & os.O_CREAT)
            if not reads:
                self.left -= 1
                if self.left == 0 or (self.lasting and self.left < 0):
                    raise OSError(self.number, os.strerror(self.number))
            return real(path, *args, **kwargs)

        return call


def write_until_it_fails(store, config, checkpoint):
    """Give the steps that were committed, and what then went wrong."""
    committed = []
    try:
        with RunWriter.create(store, config) as writer:
            for step in (0, 10):
                writer.commit(checkpoint(step))
                writer.flush()
                committed.append(step)
            writer.finish()
    except Exception as error:  # noqa: BLE001 - which it is, is what is tested
        return committed, error
    return committed, None


def test_every_failing_call_is_an_error_with_advice_and_loses_nothing(
    tmp_path, config, checkpoint, same
):
    """Each call from the first file to the last fails, once or from there on."""
    n, failures = 0, 0
    while True:
        n += 1
        number = (errno.ENOSPC, errno.EIO, errno.EROFS)[n % 3]
        store = tmp_path / str(n)
        with pytest.MonkeyPatch.context() as patch:
            disk = FailingDisk(patch, number, n, lasting=n % 2 == 0)
            committed, error = write_until_it_fails(store, config, checkpoint)
        if disk.left > 0:
            break
        failures += error is not None
        assert error is None or isinstance(error, StoreError), (n, error)
        if committed:
            run = open_store(store).run(config.run_id())
            assert run.steps.tolist()[: len(committed)] == committed
        if n % 7 == 0:
            resume_and_compare(store, config, checkpoint, same)
    assert n > 50
    assert failures > n // 2


def resume_and_compare(store, config, checkpoint, same):
    """Go on with a run on a good disk: nothing in its folder is in the way."""
    begun = (store / config.run_id() / "run.json").exists()
    make = RunWriter.resume if begun else RunWriter.create
    with make(store, config.run_id() if begun else config) as writer:
        latest = writer.latest()
        for step in (0, 10):
            if latest is None or latest.step < step:
                writer.commit(checkpoint(step))
        writer.finish()
    same(open_store(store).run(config.run_id()), (0, 10))
    assert not list(store.rglob(".tmp-*"))


def test_lease_that_could_not_be_signed_holds_nothing(tmp_path, monkeypatch):
    """A full disk or a kill between its name and its text once blocked a minute."""
    (tmp_path / "lock").touch()
    real = os.write

    def full(descriptor, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(DiskFullError):
        RunLock(tmp_path)
    monkeypatch.setattr(os, "write", real)

    assert not list(tmp_path.glob("*lease*"))
    RunLock(tmp_path).close()


def test_piece_that_cannot_be_deleted_is_an_error_and_packing_goes_on_later(
    run_folder, same, monkeypatch
):
    real = Path.unlink

    def unlink(path, **kwargs):
        if path.parent.name == "checkpoints":
            raise OSError(errno.EROFS, "Read-only file system")
        real(path, **kwargs)

    monkeypatch.setattr(Path, "unlink", unlink)
    with pytest.raises(StoreError, match="cannot be written: Read-only file system"):
        pack_run(run_folder)

    same(open_store(run_folder.parent).run(run_folder.name))
    monkeypatch.undo()
    pack_run(run_folder)
    same(open_store(run_folder.parent).run(run_folder.name))
    assert not list((run_folder / "checkpoints").iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells its children")
def test_packing_process_dies_with_the_one_that_wants_its_file(run_folder):
    """Else it goes on writing what nobody will remove."""
    packing = subprocess.Popen(
        [sys.executable, "-m", "grokdash", "pack", str(run_folder)],
        env=os.environ | {"PYTHONPATH": str(Path(files.__file__).parents[2])},
    )
    children = Path(f"/proc/{packing.pid}/task/{packing.pid}/children")
    while not (found := children.read_text().split()):
        assert packing.poll() is None
        time.sleep(0.001)
    packing.kill()
    packing.wait()

    end = time.monotonic() + 20
    while time.monotonic() < end and alive(int(found[0])):
        time.sleep(0.01)

    assert not alive(int(found[0]))
    pack_run(run_folder)
    assert not list(run_folder.glob(".tmp-*"))


def alive(pid):
    """Say whether a process runs; one that only waits to be noticed does not."""
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        )
    except OSError:
        return False


def test_folder_that_goes_away_for_a_moment_costs_nothing(
    tmp_path, config, checkpoint, same
):
    """As a shared folder does; the checkpoint that is due waits for it."""
    with RunWriter.create(tmp_path / "store", config) as writer:
        writer.commit(checkpoint(0))
        writer.flush()
        (tmp_path / "store").rename(tmp_path / "away")
        writer.commit(checkpoint(10))
        time.sleep(0.3)
        assert writer.committed == 0
        (tmp_path / "away").rename(tmp_path / "store")
        writer.finish()

    same(open_store(tmp_path / "store").run(config.run_id()), (0, 10))


def test_folder_that_goes_away_in_the_middle_of_a_commit_costs_nothing(
    tmp_path, config, checkpoint, same, monkeypatch
):
    real = os.link

    def link(source, target, **kwargs):
        if "step-00000010" in str(target):
            monkeypatch.setattr(os, "link", real)
            (tmp_path / "store").rename(tmp_path / "away")
            Timer(0.3, lambda: (tmp_path / "away").rename(tmp_path / "store")).start()
        real(source, target, **kwargs)

    monkeypatch.setattr(os, "link", link)
    with RunWriter.create(tmp_path / "store", config) as writer:
        for step in (0, 10):
            writer.commit(checkpoint(step))
        writer.finish()

    same(open_store(tmp_path / "store").run(config.run_id()), (0, 10))


def test_folder_that_stays_away_ends_with_a_message_and_loses_nothing(
    tmp_path, config, checkpoint, same, monkeypatch
):
    monkeypatch.setattr(writer_module, "GONE_S", 0.1)

    def between():
        (tmp_path / "store").rename(tmp_path / "away")

    with pytest.raises(StoreError, match="was moved or deleted while"):
        commit_two(tmp_path / "store", config, checkpoint, between)

    assert not (tmp_path / "store").exists()
    same(open_store(tmp_path / "away").run(config.run_id()), (0,))


def test_heart_beats_on_when_the_clock_is_set_back(tmp_path, config, monkeypatch):
    """Also where the last beat then lies in the future."""
    true_time = time.time
    monkeypatch.setattr(writer_module, "HEARTBEAT_S", 0.05)
    with RunWriter.create(tmp_path, config) as writer:
        monkeypatch.setattr(time, "time", lambda: true_time() - 3600)
        end = time.monotonic() + 20
        status = writer.path / "status.json"
        while json.loads(status.read_text())["heartbeat"] > true_time() - 1800:
            assert time.monotonic() < end
            time.sleep(0.02)
            assert open_store(tmp_path).summaries()[0].state == "running"


@pytest.mark.parametrize(
    ("code", "free", "kind", "reason"),
    [
        (-11, 2**40, StoreError, r"crashed in the packing process \(SIGSEGV\)"),
        (-9, 2**40, StoreError, r"killed \(SIGKILL\), by somebody or .* memory"),
        (-11, 0, DiskFullError, r"the disk is full \(no room is left\)"),
    ],
)
def test_packing_process_that_dies_without_a_word_is_no_full_disk_unless_it_is_full(
    run_folder, monkeypatch, code, free, kind, reason
):
    def dies(*args, **kwargs):
        monkeypatch.setattr(
            shutil, "disk_usage", lambda _path: SimpleNamespace(free=free)
        )
        return subprocess.CompletedProcess(args, code, stdout="", stderr="")

    monkeypatch.setattr(subprocess, "run", dies)
    with pytest.raises(StoreError, match=reason) as caught:
        pack_run(run_folder)

    assert type(caught.value) is kind


def test_packing_process_that_dies_tells_the_reason_of_the_disk(
    run_folder, same, monkeypatch
):
    """HDF5 dies of any failing write; only a full disk is said to be full."""

    def dies(*args, **kwargs):
        said = (
            "(file write failed: errno = 30, error message = 'Read-only file system')"
        )
        return subprocess.CompletedProcess(args, -11, stdout="", stderr=said)

    monkeypatch.setattr(subprocess, "run", dies)
    with pytest.raises(StoreError, match="intact: Read-only file system") as caught:
        pack_run(run_folder)

    assert not isinstance(caught.value, DiskFullError)
    same(open_store(run_folder.parent).run(run_folder.name))
