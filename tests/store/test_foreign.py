"""Runs from elsewhere: copied, renamed, linked, of a newer grokdash, or edited."""

import hashlib
import json
import shutil

import h5py
import numpy as np
import pytest

from grokdash.errors import (
    DamagedFileError,
    FormatVersionError,
    NotStoredError,
    UnusableFolderError,
)
from grokdash.store import RunWriter, open_store, pack_run
from grokdash.store.hashes import hash_chunk
from grokdash.store.record import read_record

NAMES = (
    "my run (copy)",
    "Übung № 3",
    "a,b@4000%20",
    "-x",
    "run.h5 ∘ 2",
    "x" * 200,
    "a..b",
    "50% [old] #1? &c",
)


def rows(path):
    store = open_store(path)
    found = {row.id: row for row in store.summaries()}
    store.close()
    return found


def edit(run_folder, **values):
    path = run_folder / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


@pytest.mark.parametrize("name", NAMES)
def test_a_copy_under_any_name_is_a_run_beside_the_first(run_folder, name):
    shutil.copytree(run_folder, run_folder.parent / name)

    with open_store(run_folder.parent).run(name) as run:
        np.testing.assert_array_equal(run.steps, [0, 10, 20, 30, 40])
        assert run.param("W_E", 40).shape == (8, 8)
        assert run.id == name
    found = rows(run_folder.parent)
    assert set(found) == {name, run_folder.name}
    assert found[name].problem == ""
    assert run_folder.name in found[name].notice
    assert found[run_folder.name].notice == ""


def test_a_renamed_run_is_packed_annotated_and_deleted(run_folder):
    renamed = run_folder.rename(run_folder.with_name("Ü (2)"))

    pack_run(renamed)
    store = open_store(renamed.parent)
    assert store.run_ids() == ["Ü (2)"]
    assert store.run("Ü (2)").packed_steps == (0, 10, 20, 30, 40)
    store.delete_run("Ü (2)")
    assert not renamed.exists()


def test_a_linked_run_is_shown_and_deleting_it_deletes_the_link(run_folder, tmp_path):
    outside = run_folder.rename(tmp_path / "outside")
    link = run_folder
    link.symlink_to(outside)
    store = open_store(link.parent)

    assert store.run_ids() == [link.name]
    assert store.run(link.name).param("W_E", 40).shape == (8, 8)
    store.delete_run(link.name)
    assert not link.is_symlink()
    assert (outside / "run.json").exists()


def test_what_cannot_be_opened_is_listed_with_its_reason(run_folder):
    path = run_folder.parent
    (path / "gone").symlink_to(path / "nowhere")
    (path / "loop").symlink_to(path / "loop")
    shutil.copytree(run_folder, path / "bad\x07name")
    shutil.copytree(run_folder, path / "back\\slash")
    shutil.copytree(run_folder, path / "half", ignore=lambda *_: ["run.json"])
    (path / "unrelated").mkdir()
    (path / "unrelated\x07").mkdir()
    (path / "notes.txt").write_text("no run")
    (path / "link.txt").symlink_to(path / "notes.txt")

    found = rows(path)

    assert set(found) == {
        run_folder.name,
        *("gone", "loop", "bad\\x07name", "back\\slash", "half"),
    }
    assert "which cannot be reached" in found["gone"].problem
    assert "nowhere" in found["gone"].problem
    assert "cannot be reached" in found["loop"].problem
    assert "rename it" in found["bad\\x07name"].problem
    assert "rename it" in found["back\\slash"].problem
    assert "run.json is missing" in found["half"].problem
    store = open_store(path)
    assert store.run_ids() == [run_folder.name]
    with pytest.raises(NotStoredError):
        store.run("back\\slash")


def test_a_run_that_is_only_being_made_is_no_run_yet(tmp_path, config):
    folder = tmp_path / config.run_id()
    folder.mkdir()
    (folder / "lock").touch()
    assert open_store(tmp_path).run_ids() == []
    (folder / "checkpoints").mkdir()
    assert open_store(tmp_path).run_ids() == []
    shutil.rmtree(folder)

    with RunWriter.create(tmp_path, config, {}):
        store = open_store(tmp_path)
        assert [store.run(one).id for one in store.run_ids()] == [folder.name]


def test_a_run_named_as_the_store_says_what_a_store_is(run_folder):
    with pytest.raises(UnusableFolderError, match="is a run"):
        open_store(run_folder).run_ids()


def newer(run_folder, version):
    """Make a packed run what a later minor version may write."""
    values = json.loads((run_folder / "run.json").read_text())
    values["config"]["field_to_come"] = [1, 2]
    values["config_hash"] = "ffffffff"
    edit(
        run_folder,
        format=version,
        config=values["config"],
        config_hash=values["config_hash"],
        thing_to_come={"a": None},
    )
    status = json.loads((run_folder / "status.json").read_text())
    status |= {"state": "dreaming", "mood": 3, "summary": {"new": [{}], "p": None}}
    (run_folder / "status.json").write_text(json.dumps(status))
    (run_folder / "notes.json").write_text('{"title": "T", "stars": 5}')
    (run_folder / "extra.h5").write_bytes(b"?")
    (run_folder / "videos").mkdir()


def add_hash(file, meta, name):
    """Give an array a hash, as a newer grokdash would."""
    counts = meta["hashes"]["of"]
    place = sum(n for known, n in counts.items() if known < name)
    values = np.insert(file["hashes"][:], place, hash_chunk(name, file[name][:]))
    del file["hashes"]
    file.create_dataset("hashes", data=values, chunks=values.shape, fletcher32=True)
    counts[name] = 1
    meta["hashes"]["sha256"] = hashlib.sha256(values).hexdigest()


def test_a_newer_minor_version_is_read_and_what_it_adds_is_ignored(run_folder):
    packed = pack_run(run_folder)
    newer(run_folder, [1, 7])
    with h5py.File(packed, "r+") as file:
        meta = json.loads(bytes(file.attrs["meta"]))
        meta |= {"format": [1, 7], "run": read_record(run_folder).fingerprint}
        meta |= {"thing": [{}]}
        meta["measures"] = [*meta["measures"], "to/come", "words/to_come"]
        kept = {"chunks": (5, 2), "fletcher32": True}
        file.create_dataset("measures/to/come", data=np.ones((5, 2)), **kept)
        add_hash(file, meta, "measures/to/come")
        del file.attrs["meta"]
        text = json.dumps(meta)
        file.attrs.create("meta", np.bytes_(text), dtype=f"S{len(text)}")
        file.create_dataset("measures/words/to_come", data=[b"a"] * 5)
        file.create_dataset("group/to/come", data=[b"text"])
        file["group/link"] = h5py.ExternalLink("elsewhere.h5", "/x")
    before = open_store(run_folder.parent)

    (row,) = before.summaries()
    assert (row.problem, row.notice, row.title) == ("", "", "T")
    assert row.state == "interrupted"
    run = before.run(run_folder.name)
    np.testing.assert_array_equal(run.steps, [0, 10, 20, 30, 40])
    assert run.measure("loss/train", 40) == pytest.approx(1 / 41)
    assert run.series("to/come").shape == (5, 2)
    assert run.param("W_E", 40).shape == (8, 8)
    with pytest.raises(DamagedFileError):
        run.series("words/to_come")
    for write in (
        lambda: pack_run(run_folder),
        lambda: RunWriter.resume(run_folder.parent, run_folder.name),
    ):
        with pytest.raises(FormatVersionError, match=r"format 1\.7.*writes 1\.\d"):
            write()


def test_an_unknown_field_of_our_own_version_is_a_reason_not_to_open(run_folder):
    config = json.loads((run_folder / "run.json").read_text())["config"]
    edit(run_folder, config=config | {"field_to_come": 1})

    (row,) = rows(run_folder.parent).values()

    assert "field_to_come: unknown field" in row.problem


@pytest.mark.parametrize("also_hash", [False, True])
def test_a_configuration_that_was_changed_afterwards_is_told(
    run_folder, config, also_hash
):
    pack_run(run_folder)
    changed = type(config)(**config.model_dump() | {"lr": 0.5})
    values = {"config": changed.model_dump()}
    if also_hash:
        values["config_hash"] = changed.hash()
    edit(run_folder, **values)

    store = open_store(run_folder.parent)
    (row,) = store.summaries()
    assert row.problem == ""
    assert changed.hash() in row.notice
    assert config.hash() in row.notice
    with pytest.raises(DamagedFileError, match="does not belong here"):
        store.run(run_folder.name)
    (row,) = store.summaries()
    assert row.notice in row.problem
    assert "run.json was changed since" in row.problem
    assert store.run_ids() == []
