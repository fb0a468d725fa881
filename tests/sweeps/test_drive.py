"""Sweeps driven for real: every run trained once, losses survived, stops obeyed."""

import json
import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from grokdash.cli.sweep import app
from grokdash.errors import ConfigError, NotStoredError, RunLockedError
from grokdash.store import RunWriter, open_store
from grokdash.store.sweeps import (
    cancel_requested,
    cancel_sweep,
    read_sweep_record,
    sweep_ids,
    write_state,
)
from grokdash.store.sweeps import drive as drive_lock
from grokdash.sweeps import cluster, drive, local
from grokdash.sweeps.cluster import DaskEngine
from grokdash.sweeps.drive import make_engine, run_sweep
from grokdash.sweeps.engines import Event, train_unit
from grokdash.sweeps.local import LocalEngine
from grokdash.sweeps.plan import planned, read_sweep

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]

TEXT = """
preset = "quick"
seeds = [0]
[fields]
p = 7
epochs = {epochs}
d_model = 8
d_mlp = 8
checkpoint_every = {every}
dense_until = 0
grids = 0
[grid]
weight_decay = [0.5, 1.0]
"""


@pytest.fixture
def sweep(tmp_path):
    return make_sweep(tmp_path, epochs=6, every=3)


def make_sweep(folder, *, epochs, every, extra=""):
    path = folder / "tiny.toml"
    path.write_text(extra + TEXT.format(epochs=epochs, every=every))
    return read_sweep(path)


def final_params(store, run_id):
    run = open_store(store).run(run_id)
    return {
        name: value.tobytes() for name, value in run.params(int(run.steps[-1])).items()
    }


def test_every_run_is_trained_once_and_a_second_call_trains_none(sweep, tmp_path):
    events = []

    counts = run_sweep(sweep, tmp_path / "store", LocalEngine(2), events.append)
    again = run_sweep(sweep, tmp_path / "store", LocalEngine(2), events.append)

    assert counts.finished == again.finished == counts.total == 2
    assert sorted(e.run_id for e in events if e.kind == "started") == sorted(
        config.run_id() for config in sweep.configs
    )
    assert sweep_ids(tmp_path / "store") == [sweep.id]


def test_plan_in_the_store_is_the_sweep(sweep, tmp_path):
    run_sweep(sweep, tmp_path / "store", _Nothing(), lambda _event: None)

    assert planned(read_sweep_record(tmp_path / "store", sweep.id)) == sweep


class _Nothing:
    """An engine that trains nothing."""

    def check(self):
        pass

    def run(self, configs, store, listener, stop):
        pass


def test_killed_worker_is_replaced_and_the_run_ends_with_the_same_bits(tmp_path):
    sweep = make_sweep(tmp_path, epochs=300, every=10)
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    run_sweep(sweep, calm, LocalEngine(2), lambda _event: None)
    killed = threading.Event()

    def kill(event):
        if event.kind == "started" and not killed.is_set():
            killed.set()
            threading.Thread(target=_kill_when_running, args=(rough, event)).start()

    events = []

    def listen(event):
        events.append(event)
        kill(event)

    counts = run_sweep(sweep, rough, LocalEngine(2), listen)

    assert counts.finished == 2
    assert [e for e in events if e.kind == "lost"]
    for config in sweep.configs:
        run_id = config.run_id()
        assert final_params(rough, run_id) == final_params(calm, run_id)


def _kill_when_running(store, event):
    _wait_for_checkpoint(store, event)
    os.kill(open_store(store).run(event.run_id).status.pid, signal.SIGKILL)


def _wait_for_checkpoint(store, event):
    deadline = time.monotonic() + 120
    while not list((store / event.run_id).glob("checkpoints/*.h5")):
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_failed_run_is_recorded_and_the_others_go_on(sweep, tmp_path):
    store = tmp_path / "store"
    broken = sweep.configs[0].run_id()
    store.mkdir()
    (store / broken).write_text("a file where the run folder should be")

    counts = run_sweep(sweep, store, LocalEngine(2), lambda _event: None)

    record = read_sweep_record(store, sweep.id)
    assert counts.finished == 1
    assert counts.failed == 1
    assert list(record.failures) == [broken]


@pytest.fixture
def seeds(tmp_path):
    """Six runs of one shape."""
    path = tmp_path / "seeds.toml"
    text = TEXT.format(epochs=60, every=20).replace("seeds = [0]", "seeds = [0, 1, 2]")
    path.write_text(text)
    return read_sweep(path)


def batches_of(store):
    """Give the batches that the runs of a store say they were trained in."""
    opened = open_store(store)
    runs = [opened.run(run_id) for run_id in opened.run_ids()]
    return {tuple(run.provenance.get("batch", [run.id])) for run in runs}


def test_equal_runs_train_in_batches_spread_over_the_workers(seeds, tmp_path):
    """A run that cannot be stored does not take the others of its batch along."""
    store, events = tmp_path / "store", []
    store.mkdir()
    ids = [config.run_id() for config in seeds.configs]
    (store / ids[0]).write_text("a file where the run folder should be")

    counts = run_sweep(seeds, store, LocalEngine(2), events.append)

    assert (counts.finished, counts.failed) == (5, 1)
    assert sorted(e.run_id for e in events if e.kind == "started") == sorted(ids)
    ended = [e.run_id for e in events if e.kind == "finished"]
    assert sorted(ended) == sorted(ids[1:])
    assert list(read_sweep_record(store, seeds.id).failures) == ids[:1]
    assert sorted(len(one) for one in batches_of(store)) == [3, 3]


def test_batch_of_a_killed_worker_is_tried_again(tmp_path, seeds):
    store, events, killed = tmp_path / "store", [], threading.Event()

    def listen(event):
        events.append(event)
        if event.kind == "started" and not killed.is_set():
            killed.set()
            threading.Thread(target=_kill_when_running, args=(store, event)).start()

    counts = run_sweep(seeds, store, LocalEngine(1), listen)

    assert counts.finished == 6
    assert {event.kind for event in events} == {"started", "lost", "finished"}
    assert [len(batch) for batch in batches_of(store)] == [6]


def test_dask_cluster_survives_the_loss_of_a_worker(tmp_path, seeds):
    pytest.importorskip("distributed", reason="needs grokdash[cluster]")
    store = tmp_path / "store"
    killed = threading.Event()
    events = []

    def listen(event):
        events.append(event)
        if event.kind == "started" and not killed.is_set():
            killed.set()
            threading.Thread(target=_kill_when_running, args=(store, event)).start()

    counts = run_sweep(seeds, store, DaskEngine(workers=2), listen)

    assert counts.finished == 6
    assert sorted(event.run_id for event in events if event.kind == "finished") == (
        sorted(config.run_id() for config in seeds.configs)
    )
    assert sorted(len(batch) for batch in batches_of(store)) == [3, 3]


def test_scheduler_that_is_not_there_names_the_way_round(monkeypatch):
    pytest.importorskip("distributed", reason="needs grokdash[cluster]")
    monkeypatch.setattr(cluster, "CONNECT_S", 0.5)
    engine = DaskEngine(address="tcp://127.0.0.1:9")

    with pytest.raises(ConfigError, match=r"(?s)127\.0\.0\.1:9.*local"):
        engine.check()


def test_stop_stores_checkpoints_and_starts_nothing_more(tmp_path):
    sweep = make_sweep(tmp_path, epochs=1_000_000, every=500)
    store, stop = tmp_path / "store", threading.Event()
    events = []

    def stop_when_running(event):
        _wait_for_checkpoint(store, event)
        stop.set()

    def listen(event):
        events.append(event)
        if event.kind == "started":
            threading.Thread(target=stop_when_running, args=(event,)).start()

    LocalEngine(1, batch=1).run(sweep.configs, store, listen, stop)

    assert [event.kind for event in events] == ["started", "stopped"]
    run = open_store(store).run(events[0].run_id)
    assert run.status.state == "interrupted"
    assert len(run.steps)


def test_cancelling_what_nothing_drives_says_so(sweep, tmp_path):
    run_sweep(sweep, tmp_path, _Nothing(), lambda _event: None)

    with pytest.raises(NotStoredError, match="nothing drives"):
        cancel_sweep(tmp_path, sweep.id)
    with pytest.raises(NotStoredError, match="no sweep"):
        cancel_sweep(tmp_path, "other")


def test_second_driver_of_a_sweep_is_refused_and_told_of_the_first(sweep, tmp_path):
    with drive_lock(tmp_path, sweep.id):
        with pytest.raises(RunLockedError, match=f"already by process {os.getpid()}"):
            run_sweep(sweep, tmp_path, _Nothing(), lambda _event: None)
        driver = read_sweep_record(tmp_path, sweep.id).driver

    assert driver is not None
    assert driver["pid"] == os.getpid()
    run_sweep(sweep, tmp_path, _Nothing(), lambda _event: None)
    assert read_sweep_record(tmp_path, sweep.id).driver is None


def test_what_a_killed_driver_left_half_written_is_removed(sweep, tmp_path):
    folder = tmp_path / ".sweeps"
    (folder / f"{sweep.id}.drive").mkdir(parents=True)
    left = [
        folder / f"{sweep.id}.drive" / ".tmp-1-1-lease-00000001",
        folder / f".tmp-1-2-{sweep.id}.json",
        folder / f".tmp-1-3-{sweep.id}.state.json",
    ]
    of_another = folder / ".tmp-1-3-another.state.json"
    for path in (*left, of_another):
        path.write_text("{")

    with drive_lock(tmp_path, sweep.id):
        assert not [path for path in left if path.exists()]

    assert of_another.exists()


def test_run_that_another_sweep_trains_is_waited_for_and_trained_once(
    sweep, tmp_path, monkeypatch
):
    """The second sweep shares a run, which another process holds at first."""
    monkeypatch.setattr(drive, "BUSY_POLL_S", 0.1)
    store = tmp_path / "store"
    shared = sweep.configs[0]
    held = RunWriter.create(store, shared)
    events = []

    def listen(event):
        events.append(event)
        if event.kind == "busy":
            held.close()

    counts = run_sweep(sweep, store, _InTurn(), listen)

    told = [event.kind for event in events if event.run_id == shared.run_id()]
    assert told == ["busy", "finished"]
    assert "is being written by process" in events[0].reason
    assert counts.finished == 2
    assert not read_sweep_record(store, sweep.id).failures


class _InTurn(_Nothing):
    """An engine that trains one run after the other in this process."""

    def run(self, configs, store, listener, stop):
        for config in configs:
            if not stop.is_set():
                train_unit([config.model_dump()], str(store), 1, tell=listener)


def test_sweep_is_cancelled_through_the_store(tmp_path):
    """As from another computer: by a file, and no signal."""
    sweep = make_sweep(tmp_path, epochs=1_000_000, every=500)
    store, events = tmp_path / "store", []

    def cancel(event):
        _wait_for_checkpoint(store, event)
        assert cancel_sweep(store, sweep.id).pid == os.getpid()

    def listen(event):
        events.append(event)
        if event.kind == "started":
            threading.Thread(target=cancel, args=(event,)).start()

    counts = run_sweep(sweep, store, LocalEngine(1, batch=1), listen)

    assert [event.kind for event in events] == ["started", "stopped"]
    assert (counts.interrupted, counts.waiting) == (1, 1)
    # What asked the last driver to stop does not stop the next one.
    with drive_lock(store, sweep.id):
        assert not cancel_requested(store, sweep.id)


def test_json_of_list_and_status_is_as_documented(sweep, tmp_path):
    run_sweep(sweep, tmp_path, _InTurn(), lambda _event: None)
    write_state(tmp_path, sweep.id, {"a": "because"})

    def asked(*words):
        done = CliRunner().invoke(app, [*words, "--json", "--store", str(tmp_path)])
        return json.loads(done.output)

    documented = (ROOT / "docs" / "sweeps.md").read_text()
    listed, status = asked("list"), asked("status", sweep.id)
    (row,) = listed["sweeps"]
    for name in (*listed, *row, *row["progress"], *status["runs"][0]):
        assert f"`{name}`" in documented, name
    assert row.keys() == status.keys()
    assert row["runs"] == [run["id"] for run in status["runs"]]
    assert row["failures"] == {"a": "because"}
    assert status["runs"][1] == {
        "id": sweep.configs[1].run_id(),
        "point": {"weight_decay": 1.0},
        "seed": 0,
        "state": "finished",
        "epoch": 6,
        "epochs": 6,
        "test_accuracy": status["runs"][1]["test_accuracy"],
        "grok_start": None,
        "grok_end": None,
        "grokked": status["runs"][1]["grokked"],
        "reason": "",
    }


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"wrokers": 2}, "unknown key 'wrokers'"),
        ({"workers": 0}, "workers: expected a count"),
        ({"threads": "two"}, "threads: expected a count"),
        ({"batch": 0}, "batch: expected true, false or the largest number"),
        ({"batch": "all"}, "batch: expected true, false or the largest number"),
    ],
)
def test_bad_engine_settings_are_told(settings, message):
    with pytest.raises(ConfigError, match=message):
        make_engine(settings)


@pytest.mark.parametrize(
    ("settings", "batch"),
    [({}, None), ({"batch": True}, None), ({"batch": False}, 1), ({"batch": 6}, 6)],
)
def test_largest_batch_is_read_from_the_engine_table(settings, batch):
    for kind in ("local", "dask"):
        engine = make_engine(settings | {"kind": kind})
        assert isinstance(engine, LocalEngine | DaskEngine)
        assert engine.batch == batch


def test_worker_whose_driver_was_killed_goes_on_with_what_it_has(monkeypatch):
    """The other runs of its batch would stop in the middle, with a traceback."""
    here, there = multiprocessing.Pipe()
    here.send(([], "store", 1))
    told = []

    def train(values, store, threads, tell):
        here.close()
        for run_id in ("one", "two"):
            tell(Event(run_id, "finished"))
            told.append(run_id)

    monkeypatch.setattr(local, "train_unit", train)
    monkeypatch.setattr(local.signal, "signal", lambda *_: None)

    local._work(there)

    assert told == ["one", "two"]
