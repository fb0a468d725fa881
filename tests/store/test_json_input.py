"""JSON from disk is input: what is wrong with a file is told, and is its own affair."""

import importlib.util
import json
import os
import threading
from pathlib import Path

import pytest

from grokdash.errors import DamagedFileError, RunLockedError, StoreError
from grokdash.pages.sweeps.page import stored_sweeps
from grokdash.store import Notes, lease, open_store
from grokdash.store.json_input import parse_object, read_object
from grokdash.store.lock import RunLock
from grokdash.store.record import read_status
from grokdash.store.stop_request import ask_to_stop
from grokdash.store.sweeps import read_sweep_record, sweep_records

ROOT = Path(__file__).resolve().parents[2]
FEW = 60
"""Mutants of each kind; benchmarks/fuzz_json.py makes 20,000."""


@pytest.fixture(scope="module")
def fuzz_json():
    spec = importlib.util.spec_from_file_location(
        "fuzz_json", ROOT / "benchmarks" / "fuzz_json.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def bench(fuzz_json, tmp_path_factory):
    found = fuzz_json.Bench(tmp_path_factory.mktemp("fuzz"))
    yield found
    found.close()


@pytest.mark.parametrize(
    "kind",
    [
        *("run.json", "extensions.json", "status.json", "notes.json"),
        *("lease", "lock", "plan", "state"),
    ],
)
def test_no_mutant_of_a_file_harms_anything_else(fuzz_json, bench, kind):
    tally = fuzz_json.fuzz(bench, kind, FEW, 0)

    assert not tally.found
    assert tally.shown.total() == FEW
    assert len(tally.shown) > 1  # some are noticed, some are harmless


def test_a_file_that_is_whole_again_is_as_before(bench):
    assert bench.listed() == bench.rows
    assert bench.listed_sweeps() == bench.sweep_rows


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "is not valid JSON"),
        ("[1]", "expected a JSON object"),
        ('{"a": 1, "a": 2}', "'a' is named twice"),
        ('{"a": 1e400}', "1e400 is too large a number"),
        ('{"a": 1' + "0" * 400 + "}", "is too large a number"),
        ('{"a": 9223372036854775808}', "is too large a number"),
        ('{"a": "\\ud800"}', "holds half a character"),
        ('{"a": ' + "[" * 30 + "]" * 30 + "}", "is nested more than 24 deep"),
        ('{"a": ' + "[" * 10_000, "is not valid JSON: maximum recursion depth"),
        ("\ufeff{}", "is not valid JSON: Expecting value"),
    ],
)
def test_what_nobody_needs_and_could_do_harm_is_no_json(text, why):
    with pytest.raises(DamagedFileError, match=why):
        parse_object("x.json", text.encode())


def test_what_is_fine_is_read():
    values = {"a": [1, -(2**63), 2**63 - 1, 1e300, "ü\U0001f600", None, {"b": {}}]}

    assert parse_object("x", json.dumps(values).encode()) == values
    assert parse_object("x", b'{"a": NaN}') == {"a": None}
    with pytest.raises(DamagedFileError, match="is not UTF-8"):
        parse_object("x", json.dumps(values).encode("utf-16"))


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, "/dev/zero", "elsewhere"])
def test_only_a_regular_file_is_read(tmp_path, make):
    path = tmp_path / "run.json"
    (tmp_path / "elsewhere").write_text("{}")
    path.symlink_to(make) if isinstance(make, str) else make(path)

    with pytest.raises(DamagedFileError, match="expected a regular file"):
        read_object(path)


def test_a_large_file_is_not_read(tmp_path):
    (tmp_path / "x").write_bytes(b" " * 101)

    with pytest.raises(DamagedFileError, match="is larger than 100 bytes"):
        read_object(tmp_path / "x", 100)


def test_messages_name_file_field_what_came_and_what_to_do(run_folder):
    values = json.loads((run_folder / "run.json").read_text())
    values["config"] |= {"p": "7", "lr": True}
    values["config"].pop("seed")
    (run_folder / "run.json").write_text(json.dumps(values | {"created": -1}))

    (row,) = open_store(run_folder.parent).summaries()
    assert row.problem == (
        f"{run_folder.name}/run.json: created: expected at least 0.0; got -1; put "
        "back the run.json that the run was written with"
    )

    (run_folder / "run.json").write_text(json.dumps(values))
    (row,) = open_store(run_folder.parent).summaries()
    assert "config: p: expected a whole number; got '7'; lr: expected a num" in (
        row.problem
    )


def test_what_is_only_advice_costs_no_run(run_folder):
    status = json.loads((run_folder / "status.json").read_text())
    (run_folder / "status.json").write_text(json.dumps(status | {"pid": 2**40}))
    (run_folder / "notes.json").write_text('{"title": "a\\u001b[31mb"}')

    (row,) = open_store(run_folder.parent).summaries()

    assert not row.problem
    assert row.notice.startswith("status.json: pid: expected less than 2147483648; got")
    assert "notes.json: title: expected one line of text without control" in row.notice
    assert read_status(run_folder).state == "interrupted"
    assert open_store(run_folder.parent).run(run_folder.name).notes == Notes()


def test_one_damaged_sweep_is_one_row(tmp_path, planned):
    data = planned('title = "T"\nseeds = [0, 1]\n[fields]\np = 5\n')
    store = open_store(tmp_path / "store")
    folder = store.path / ".sweeps"
    (folder / "bad.json").write_text('{"runs": ["a"], "axes": ["nothing"]}')
    (folder / "pipe.json").mkdir()

    records, problems = sweep_records(store.path)

    assert [one.id for one in records] == [data.record.id]
    assert problems.keys() == {"bad", "pipe"}
    assert (
        "axes.0: expected a field of the configuration; got 'nothing'"
        in (problems["bad"])
    )
    assert "delete the file and start the sweep again" in problems["bad"]
    assert "bad" in str(stored_sweeps(store))
    with pytest.raises(DamagedFileError, match="expected a field"):
        read_sweep_record(store.path, "bad")


def test_a_lock_or_request_is_never_written_through_a_link(tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("keep me")
    folder = tmp_path / "run"
    folder.mkdir()
    for name in ("lock", "stop"):
        (folder / name).symlink_to(precious)

    with pytest.raises(StoreError, match="cannot be opened"):
        RunLock(folder)
    ask_to_stop(folder)
    (folder / "stop").unlink()
    (folder / "stop").symlink_to(tmp_path / "not there")
    ask_to_stop(folder)

    assert precious.read_text() == "keep me"
    assert not (tmp_path / "not there").exists()


@pytest.mark.parametrize("name", ["lease-00000003", "lock"])
def test_a_pipe_in_the_place_of_a_lease_or_lock_is_not_waited_for(tmp_path, name):
    (tmp_path / "lease-00000003").touch()
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    done = threading.Thread(target=lease.holder, args=(tmp_path,), daemon=True)

    done.start()
    done.join(timeout=20)

    assert not done.is_alive()


def test_leases_that_have_run_out_are_told(tmp_path):
    (tmp_path / "lease-99999999.free").touch()

    with pytest.raises(StoreError, match="no number left after lease-99999999"):
        RunLock(tmp_path)

    (tmp_path / "lease-99999999.free").unlink()
    with RunLock(tmp_path), pytest.raises(RunLockedError):
        RunLock(tmp_path)
