"""The list of runs: complete, rebuildable, and made without opening HDF5 files."""

import json
import shutil
import sqlite3
from dataclasses import asdict

import pytest

from grokdash.errors import (
    ConfigError,
    DamagedFileError,
    NotStoredError,
)
from grokdash.store import Notes, listing, open_store, pack_run
from grokdash.store import safety as safety_module
from grokdash.store.record import read_record

SUMMARY = {
    "train_loss": 1e-7,
    "test_loss": 2e-7,
    "train_accuracy": 1.0,
    "test_accuracy": 0.99,
    "grok_start": 1200,
    "grok_end": 1800,
    "sparkline": [3.0, 2.0, 0.5],
}


@pytest.fixture
def store_path(run_folder):
    path = run_folder / "status.json"
    values = json.loads(path.read_text())
    path.write_text(json.dumps(values | {"summary": SUMMARY}))
    return run_folder.parent


@pytest.mark.parametrize(
    ("summary", "rule", "memorising"),
    [
        ({}, "", False),
        ({"key_frequencies": [3, 5]}, "published", False),
        (
            {
                "key_frequencies": [3, 5],
                "key_rule": "cross-split",
                "memorising": True,
            },
            "cross-split",
            True,
        ),
    ],
)
def test_a_summary_says_by_which_rule_keys_were_counted(
    store_path, summary, rule, memorising
):
    (path,) = store_path.glob("*/status.json")
    values = json.loads(path.read_text())
    path.write_text(json.dumps(values | {"summary": summary}))

    (row,) = open_store(store_path).summaries()

    assert row.key_frequencies == tuple(summary.get("key_frequencies", ()))
    assert (row.key_rule, row.memorising) == (rule, memorising)


def test_summary_says_what_the_list_shows(store_path, config):
    (row,) = open_store(store_path).summaries()

    assert (row.id, row.state, row.problem) == (config.run_id(), "finished", "")
    assert (row.operation, row.p, row.n_heads) == ("add", 7, 2)
    assert (row.step, row.epochs) == (40, 40)
    assert {name: getattr(row, name) for name in SUMMARY} == SUMMARY | {
        "sparkline": (3.0, 2.0, 0.5)
    }
    assert row.size_bytes > 10_000
    assert row.updated >= row.created > 1.6e9


def test_thousand_runs_are_listed_without_opening_any_file(
    store_path, tmp_path, monkeypatch
):
    source = next(store_path.iterdir())
    texts = {name: (source / name).read_text() for name in ("run.json", "status.json")}
    for number in range(1000):
        folder = store_path / f"run-{number:04d}"
        folder.mkdir()
        for name, text in texts.items():
            (folder / name).write_text(text)
        (folder / "run.h5").write_bytes(b"never read")

    def refuse(*args, **kwargs):
        raise AssertionError("opened an HDF5 file")

    monkeypatch.setattr(safety_module.h5py, "File", refuse)
    cache = tmp_path / "cache"
    first = open_store(store_path, cache).summaries()
    monkeypatch.setattr("grokdash.store.summaries.summarise", refuse)
    again = open_store(store_path, cache).summaries()

    assert len(first) == 1001
    assert again == first


@pytest.mark.parametrize("harm", ["garbage", "old version", "deleted", "foreign"])
def test_catalogue_is_rebuilt(store_path, tmp_path, harm):
    cache = tmp_path / "cache"
    expected = open_store(store_path, cache).summaries()
    (path,) = cache.iterdir()
    if harm == "garbage":
        path.write_bytes(b"garbage" * 1000)
    elif harm == "deleted":
        path.unlink()
    else:
        change = {"old version": "version = 0", "foreign": "summary = '{\"id\": 1}'"}
        database = sqlite3.connect(path)
        with database:
            database.execute(f"UPDATE runs SET {change[harm]}")
        database.close()

    assert open_store(store_path, cache).summaries() == expected


def test_catalogue_lives_in_memory_when_the_cache_cannot_be_written(
    store_path, tmp_path
):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")

    assert len(open_store(store_path, blocked / "cache").summaries()) == 1


def test_list_follows_the_files(store_path, run_folder, tmp_path):
    store = open_store(store_path, tmp_path / "cache")
    assert not store.summaries()[0].packed

    pack_run(run_folder)
    assert store.summaries()[0].packed
    store.write_notes(run_folder.name, Notes(title="A title", tags=("one",)))
    assert store.summaries()[0].title == "A title"
    shutil.rmtree(run_folder)
    assert store.summaries() == []


def test_a_large_store_is_not_looked_at_twice_at_once(
    store_path, run_folder, monkeypatch
):
    for name in "ab":
        shutil.copytree(run_folder, store_path / name)
    monkeypatch.setattr(listing, "LARGE", 2)
    monkeypatch.setattr(listing, "GOOD_FOR_S", 60.0)
    store = open_store(store_path)
    store.summaries()

    shutil.rmtree(store_path / "a")
    before = store.run_ids()
    store.write_notes("b", Notes(title="Mine"))
    noted = {one.id: one.title for one in store.summaries()}
    store.delete_run("b")
    after = store.run_ids()

    assert before == sorted(["a", "b", run_folder.name])
    assert noted == {"b": "Mine", run_folder.name: ""}
    assert after == [run_folder.name]


def test_broken_runs_are_listed_and_the_others_usable(
    store_path, run_folder, tiny_config, write_run
):
    damaged = write_run(store_path, tiny_config(seed=1))
    (damaged / "run.json").write_text("{")
    nameless = write_run(store_path, tiny_config(seed=2))
    (nameless / "run.json").unlink()
    torn = write_run(store_path, tiny_config(seed=3))
    packed = pack_run(torn)
    packed.write_bytes(packed.read_bytes()[:5000])
    (store_path / "unrelated").mkdir()
    store = open_store(store_path)
    with pytest.raises(DamagedFileError):
        store.run(torn.name)

    rows = {row.id: row for row in store.summaries()}

    assert "not valid JSON" in rows[damaged.name].problem
    assert "run.json is missing" in rows[nameless.name].problem
    assert "run.h5" in rows[torn.name].problem
    assert {r.state for r in rows.values()} == {"broken", "finished"}
    assert rows[run_folder.name].problem == ""
    assert store.run(run_folder.name).param("W_E", 0).shape == (8, 8)
    assert "unrelated" not in rows


def test_notes_read_back_and_long_ones_are_refused(store_path, run_folder):
    store = open_store(store_path)
    notes = Notes(title="−π", tags=("a", "b"), notes="line\nline <b>")

    store.write_notes(run_folder.name, notes)

    assert store.read_notes(run_folder.name) == notes
    assert store.run(run_folder.name).notes == notes
    with pytest.raises(ConfigError, match="title: expected at most 200 characters"):
        store.write_notes(run_folder.name, Notes(title="x" * 201))
    with pytest.raises(NotStoredError):
        store.write_notes("nothing", notes)


def test_damaged_notes_are_empty_notes(store_path, run_folder):
    (run_folder / "notes.json").write_text("[")

    assert asdict(open_store(store_path).read_notes(run_folder.name)) == asdict(Notes())


def test_deleted_run_is_gone(store_path, run_folder):
    store = open_store(store_path)
    store.run(run_folder.name).params(0)

    store.delete_run(run_folder.name)

    assert not run_folder.exists()
    assert store.summaries() == []
    with pytest.raises(NotStoredError):
        store.run(run_folder.name)


def test_deleting_a_run_keeps_what_the_store_did_not_make(store_path, run_folder):
    mine = [run_folder / name for name in ("thesis.txt", "checkpoints/copy.h5")]
    for path in mine:
        path.write_text("mine")
    (run_folder / "checkpoints" / "step-00000000.h5.damaged").write_text("set aside")
    store = open_store(store_path)

    told = store.delete_run(run_folder.name)

    assert told.startswith(f"{run_folder.name}: the run is deleted, but its folder is")
    assert ": checkpoints/copy.h5, thesis.txt; move" in told

    left = [path for path in run_folder.rglob("*") if path.is_file()]
    assert sorted(left) == sorted(mine)
    with pytest.raises(NotStoredError):
        store.run(run_folder.name)


def test_store_that_does_not_exist_is_empty(tmp_path):
    assert open_store(tmp_path / "nothing").summaries() == []


def test_store_gives_the_same_run_object(store_path, run_folder):
    store = open_store(store_path)

    assert store.run(run_folder.name) is store.run(run_folder.name)


def test_record_keeps_what_made_the_run(run_folder, config):
    record = read_record(run_folder)

    assert record.config == config
    assert record.provenance == {"torch": "none"}


def test_nan_in_a_summary_is_no_number(store_path, run_folder):
    path = run_folder / "status.json"
    values = json.loads(path.read_text())
    values["summary"] = {
        "test_loss": float("nan"),
        "sparkline": [1, float("inf"), None],
    }
    path.write_text(json.dumps(values))

    (row,) = open_store(store_path).summaries()

    assert row.test_loss is None
    assert row.sparkline == (1.0,)
