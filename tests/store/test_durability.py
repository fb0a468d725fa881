"""A kill, a power cut and a full disk lose nothing that was committed."""

import errno
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from grokdash.errors import DiskFullError, StoreError
from grokdash.store import RunWriter, files, open_store, pack_run
from grokdash.store import pack as pack_module

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
def test_twenty_five_kills_lose_nothing(tmp_path, config):
    delays = random.Random(2)
    acknowledged = []
    for _ in range(25):
        acknowledged += kill_trial(tmp_path, config, delays.uniform(0, 0.1))
        check_committed(tmp_path, config, acknowledged[-5:])
    check_committed(tmp_path, config, acknowledged)


class Disk:
    """Record what the writer asks of the disk; say what a power cut may leave.

    Bytes survive if their file was synced after they were written; a name survives if
    its folder was synced after it was made, and may survive before that.
    """

    def __init__(self, monkeypatch, root):
        self.root = root
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
        if self.broken != kind:
            self.real["fsync"](descriptor)
            self.log.append((kind, path, None))

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
        content, synced, names, durable = {}, {}, {}, {}
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
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
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
