"""A disk or an object store that does not answer holds up nobody who reads another.

No test here measures a time: what must not wait is done while the other still does.
"""

import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor

import h5py
import numpy as np
import pytest

from grokdash import patience
from grokdash.errors import DamagedFileError, NoAnswerError
from grokdash.patience import Patience, Turn, busy_for, got_on, patient
from grokdash.store import Run, listing, open_store, pool
from grokdash.store import blocks as blocks_module
from grokdash.store.asking import Askers
from grokdash.store.blocks import LocalBlocks
from grokdash.store.expected import Expected
from grokdash.store.safety import TRUSTED

LONG = 60.0


@pytest.fixture
def two(run_folder):
    """Two runs of one store: ``a`` is going to be sick, ``b`` is not."""
    store = run_folder.parent
    for name in ("a", "b"):
        shutil.copytree(run_folder, store / name)
    return store


class Hanging:
    """Stands in for a call; calls about paths below ``sick`` do not return."""

    def __init__(self, call, sick):
        self.call, self.sick = call, sick
        self.entered, self.release = threading.Event(), threading.Event()

    def __call__(self, *arguments, **more):
        if self.sick in str(arguments[0]):
            self.entered.set()
            assert self.release.wait(LONG)
        return self.call(*arguments, **more)


@pytest.mark.parametrize("where", ["open", "read"])
def test_a_run_is_read_while_the_disk_of_another_does_not_answer(
    two, monkeypatch, where
):
    store = open_store(two)
    one, other = store.run("a"), store.run("b")
    if where == "open":
        hanging = Hanging(blocks_module.open_regular, "/a/")
        monkeypatch.setattr(blocks_module, "open_regular", hanging)
    else:
        monkeypatch.setattr(blocks_module, "_AT_HAND", 0)
        hanging = Hanging(LocalBlocks._fetch, "")
        monkeypatch.setattr(
            LocalBlocks,
            "_fetch",
            lambda self, *place: (
                hanging(self, *place)
                if "/a/" in str(self.path)
                else hanging.call(self, *place)
            ),
        )
    with ThreadPoolExecutor(2) as threads:
        waiting = threads.submit(one.param, "W_E", 20)
        assert hanging.entered.wait(LONG)

        beside = threads.submit(other.param, "W_E", 20).result(timeout=LONG)
        listed = store.summaries()

        assert not waiting.done()
        hanging.release.set()
        np.testing.assert_array_equal(waiting.result(timeout=LONG), beside)
    assert len(listed) == 3


def test_who_asks_for_a_run_that_is_being_read_waits_until_a_deadline(two, monkeypatch):
    store = open_store(two)
    run = store.run("a")
    hanging = Hanging(blocks_module.open_regular, "/a/")
    monkeypatch.setattr(blocks_module, "open_regular", hanging)
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(run.param, "W_E", 20)
        assert hanging.entered.wait(LONG)

        with (
            patient(Patience(stall_s=0.05)),
            pytest.raises(NoAnswerError, match="does not answer"),
        ):
            run.param("W_E", 20)

        hanging.release.set()
        waiting.result(timeout=LONG)


def test_a_run_that_cannot_be_looked_at_is_a_row_that_says_so(two, monkeypatch):
    monkeypatch.setattr(listing, "STALL_S", 0.2)
    store = open_store(two)
    hanging = Hanging(listing.look, "'a'")
    monkeypatch.setattr(listing, "look", hanging)

    silent = {one.id: one for one in store.summaries()}
    again = {one.id: one for one in store.summaries()}

    assert "does not answer" in silent["a"].problem
    assert again["a"] == silent["a"]
    assert not silent["b"].problem
    with pytest.raises(NoAnswerError, match="tried again as soon as it does"):
        store.run("a")
    assert store.run("b").param("W_E", 20).size

    hanging.release.set()
    while store.silences.names():
        pass
    assert not any(one.problem for one in store.summaries())


def test_a_request_takes_the_last_list_while_a_look_does_not_get_on(two, monkeypatch):
    monkeypatch.setattr(listing, "OLD_S", 0.05)
    monkeypatch.setattr(listing, "STALL_S", LONG)
    store = open_store(two)
    before = store.summaries()
    hanging = Hanging(listing.look, "'a'")
    monkeypatch.setattr(listing, "look", hanging)

    for _ in range(2):
        with patient(Patience()):
            assert store.summaries() == before
    assert hanging.entered.is_set()

    hanging.release.set()
    shutil.rmtree(two / "a")
    assert len(store.summaries()) == 2


def test_who_queues_waits_for_as_long_as_the_other_gets_on(two):
    """Though every single wait is longer than one waits for what does not get on."""
    turn, on, done = Turn(), threading.Event(), threading.Event()

    def reads():
        with turn.taken("a"):
            on.set()
            while not done.wait(0.01):
                got_on()

    with ThreadPoolExecutor(2) as threads:
        reading = threads.submit(reads)
        assert on.wait(LONG)
        waits = threads.submit(queues, turn, Patience(stall_s=0.1))
        with pytest.raises(TimeoutError):
            waits.result(timeout=0.4)
        done.set()
        reading.result(timeout=LONG)
        waits.result(timeout=LONG)


def queues(turn, mine):
    with patient(mine), turn.taken("a"):
        pass


def test_a_store_that_cannot_be_listed_is_said_at_once_from_then_on(two, monkeypatch):
    monkeypatch.setattr(listing, "STALL_S", 0.2)
    store = open_store(two)
    hanging = Hanging(listing.entries, "")
    monkeypatch.setattr(listing, "entries", hanging)

    for _ in range(2):
        with pytest.raises(NoAnswerError, match="the store"):
            store.summaries()
    hanging.release.set()
    while store.silences.names():
        pass
    assert len(store.summaries()) == 3


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "link"])
def test_what_is_no_regular_file_is_refused_when_it_is_open(two, kind):
    """Looking first is not enough: another may take its place in between."""
    path = two / "a" / "checkpoints" / "step-00000020.h5"
    kept = path.rename(path.with_name("kept"))
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero" if kind == "device" else kept)

    with pytest.raises(DamagedFileError):
        blocks_module.open_regular(path)
    with pytest.raises(DamagedFileError):
        open_store(two).run("a").param("W_E", 20)


def test_a_file_system_that_cannot_say_what_it_has_in_memory(two, monkeypatch):
    expected = open_store(two).run("a")
    monkeypatch.setattr(blocks_module, "_AT_HAND", 0)
    monkeypatch.setattr(blocks_module, "LOCAL_BLOCK", 512)
    monkeypatch.setattr(blocks_module, "MOST_LOCAL", 2)

    run = open_store(two).run("a")

    for step in run.steps.tolist():
        for name, values in expected.params(step).items():
            np.testing.assert_array_equal(run.param(name, step), values)
    for name in run.measure_names:
        np.testing.assert_array_equal(run.series(name), expected.series(name))


@pytest.mark.parametrize(
    "rows", [(), 1, (1, 2), (slice(1, 3),), (1, slice(2, 4), slice(0, 5))]
)
def test_large_arrays_are_read_in_pieces_with_turns_between(
    tmp_path, monkeypatch, rows
):
    monkeypatch.setattr(pool, "PIECE", 100)
    turns = []
    monkeypatch.setattr(pool, "got_on", lambda: turns.append(1))
    values = np.random.default_rng(0).normal(size=(3, 4, 5, 6)).astype("f4")
    folder = tmp_path / "run"
    folder.mkdir()
    with h5py.File(folder / "x.h5", "w", libver=("v110", "v110")) as file:
        file.attrs["meta"] = np.bytes_(
            '{"format": [1, 0], "kind": "run", "run": "fingerprint"}'
        )
        file.create_dataset("x", data=values, chunks=(1, 2, 5, 6), fletcher32=True)
    files = pool.FilePool(tmp_path, source=LocalBlocks, examine=lambda *_: TRUSTED)

    with files.reading(folder):
        got = files.open(folder / "x.h5", "run", Expected("fingerprint")).read(
            "x", rows
        )

    np.testing.assert_array_equal(got, values[rows])
    assert len(turns) > 1


def test_what_takes_too_long_in_all_is_ended_between_two_pieces(two, monkeypatch):
    monkeypatch.setattr(pool, "PIECE", 64)
    run = open_store(two).run("a")

    with (
        patient(Patience(reading_s=-1.0)),
        pytest.raises(NoAnswerError, match="was not read within"),
    ):
        run.param("W_E", 20)


def test_questions_left_without_an_answer_are_bounded():
    askers, release = Askers(), threading.Event()
    for _ in range(16):
        with pytest.raises(NoAnswerError):
            askers.within(0.001, release.wait, "s3://bucket")
    with pytest.raises(NoAnswerError):
        askers.within(LONG, lambda: 1, "s3://bucket")

    release.set()
    while askers._left:
        pass
    assert askers.within(LONG, lambda: 1, "s3://bucket") == 1


def test_files_of_a_run_that_is_being_read_are_not_closed_for_others(two):
    files = pool.FilePool(two, limit=1, source=LocalBlocks)
    one, other = Run(two / "a", files), Run(two / "b", files)
    with files.reading(two / "a"):
        file, row = one.checkpoint_file(20)
        with ThreadPoolExecutor(1) as threads:
            threads.submit(other.param, "W_E", 20).result(timeout=LONG)
        assert file.read("params/W_E", row).size


def test_a_file_that_is_examined_is_no_silent_disk(two, monkeypatch):
    monkeypatch.setattr(patience, "CROWDED_S", 0.01)
    monkeypatch.setattr(patience, "MOST_QUEUED", 0)
    turn, on, done = Turn(), threading.Event(), threading.Event()

    def examines(seconds):
        with turn.taken("a"):
            busy_for(seconds)
            on.set()
            assert done.wait(LONG)

    for seconds, told in ((LONG, False), (-1.0, True)):
        on.clear()
        done.clear()
        with ThreadPoolExecutor(2) as threads:
            threads.submit(examines, seconds)
            assert on.wait(LONG)
            waits = threads.submit(queues, turn, Patience())
            with pytest.raises(NoAnswerError if told else TimeoutError):
                waits.result(timeout=LONG if told else 0.3)
            done.set()
