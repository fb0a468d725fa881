"""``grokdash verify``: one line a run, every damage named, its exit status."""

import json
import shutil

import h5py
import pytest
from typer.testing import CliRunner

from grokdash.cli import app
from grokdash.store import RunWriter, open_store, pack_run
from tests.store.conftest import make_checkpoint, tiny, write


@pytest.fixture(scope="module")
def written_once(tmp_path_factory):
    path = tmp_path_factory.mktemp("written")
    pack_run(write(path, tiny()))
    write(path, tiny(seed=1))
    return path


@pytest.fixture
def store(tmp_path, written_once):
    """Give a store with a packed run (seed 0) and one in pieces (seed 1)."""
    return shutil.copytree(written_once, tmp_path / "store")


def run(*arguments):
    return CliRunner().invoke(app, ["verify", *map(str, arguments)])


def zero(path, dataset, row=0):
    with h5py.File(path, locking=False) as file:
        place = (row,) + (0,) * (file[dataset].ndim - 1)
        info = file[dataset].id.get_chunk_info_by_coord(place)
    with path.open("r+b") as file:
        file.seek(info.byte_offset)
        file.write(bytes(info.size))


def test_whole_runs_are_ok(store):
    done = run(store)

    assert done.exit_code == 0, done.output
    assert done.output.count(": OK: ") == 2


def test_every_damage_is_named_and_the_other_run_is_ok(store):
    packed, pieces = (store / tiny(seed=seed).run_id() for seed in (0, 1))
    zero(packed / "run.h5", "params/W_E", 2)
    zero(packed / "run.h5", "params/W_pos", 3)

    done = run(store)

    assert done.exit_code == 1
    assert "epoch 20: " in done.output
    assert "params/W_E: row 2" in done.output
    assert "epoch 30: " in done.output
    assert f"{pieces.name}: OK" in done.output
    assert run(pieces).exit_code == 0
    assert run(packed).exit_code == 1


def test_many_damaged_epochs_of_an_array_are_one_line(store):
    packed = store / tiny().run_id()
    for row in (1, 2, 4):
        zero(packed / "run.h5", "params/W_E", row)

    done = run(packed)

    assert "params/W_E: 3 epochs from 10 to 40: " in done.output
    assert done.output.count("row ") == 1


@pytest.mark.parametrize(
    ("file", "dataset"),
    [
        ("state/step-00000040.h5", "optimizer/W_E.exp_avg"),
        ("grids/step-00000040.h5", "grids/neurons"),
        ("checkpoints/step-00000010.h5", "measures/table"),
    ],
)
def test_pieces_are_checked(store, file, dataset):
    name = tiny(seed=1).run_id()
    zero(store / name / file, dataset)

    done = run(store / name, "--json")

    (told,) = json.loads(done.stdout[: done.stdout.rindex("]") + 1])
    assert done.exit_code == 1
    assert len(told["damage"]) == 1
    assert file in told["damage"][0]
    assert dataset in told["damage"][0]


@pytest.mark.parametrize("file", ["run.json", "status.json", "notes.json"])
def test_json_is_checked(store, file):
    (store / tiny(seed=1).run_id() / file).write_text("[")

    assert run(store).exit_code == 1


def test_a_file_from_before_says_that_it_has_no_hashes(store):
    path = store / tiny().run_id() / "run.h5"
    with h5py.File(path, "r+", locking=False) as file:
        meta = json.loads(file.attrs["meta"]) | {"format": [1, 0]}
        del file.attrs["meta"], file["hashes"]
        file.attrs.create("meta", json.dumps(meta).encode(), dtype="S9000")

    done = run(path.parent)

    assert done.exit_code == 0, done.output
    assert "no hashes in 1 of" in done.output
    assert "written before 1.1" in done.output


def test_a_run_that_is_packed_meanwhile_is_whole(store):
    folder = store / tiny(seed=1).run_id()
    told = []

    def pack_once(_):
        if not told:
            told.append(pack_run(folder))

    opened = open_store(store)
    found = opened.verify(folder.name, pack_once)
    opened.close()

    assert told
    assert not found.damage
    assert found.files > 1


def test_a_run_that_is_being_written_is_whole(tmp_path):
    config = tiny()
    with RunWriter.create(tmp_path, config) as writer:
        writer.commit(make_checkpoint(config, 0))
        writer.flush()
        assert run(tmp_path).exit_code == 0


def test_what_is_not_there_is_bad_input(tmp_path):
    done = run(tmp_path / "nothing")

    assert "no run and no store" in str(done.exception)
