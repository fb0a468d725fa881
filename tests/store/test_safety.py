"""Hostile and damaged files are refused, never followed, never shown as data."""

import json
import os
import random
from pathlib import Path

import h5py
import numpy as np
import pytest

from grokdash.errors import (
    DamagedFileError,
    FormatVersionError,
    GrokdashError,
    NotStoredError,
)
from grokdash.store import Run, open_store, pack_run
from grokdash.store.pool import FilePool
from grokdash.store.schema import PACKED

NAME = "checkpoints/step-00000020.h5"


@pytest.fixture
def victim(run_folder, tmp_path):
    """Give the meta data of one piece, and write another file in its place."""
    path = run_folder / NAME
    with h5py.File(path, locking=False) as file:
        meta = json.loads(file.attrs["meta"])
    (tmp_path / "secret").write_bytes(b"root:x:0:0:" * 100)
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["W_E"] = np.ones((8, 8), "f4")

    def build(fill, **changes):
        with h5py.File(tmp_path / "attack.h5", "w", libver=("v110", "v110")) as file:
            file.attrs["meta"] = np.bytes_(json.dumps(meta | changes))
            fill(file)
        (tmp_path / "attack.h5").replace(path)

    build.path = path
    return build


def read(run_folder):
    store = open_store(run_folder.parent)
    try:
        return store.run(run_folder.name).param("W_E", 20)
    finally:
        store.close()


ONE = np.ones((1, 8, 8), "f4")
KEPT = {"chunks": (1, 8, 8), "fletcher32": True}


def create(file, kind, shape, chunks, settings=None):
    if settings is None:
        settings = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        settings.set_fletcher32()
    settings.set_chunk(chunks)
    space = h5py.h5s.create_simple(shape)
    file.create_group("params")
    h5py.h5d.create(file["params"].id, b"W_E", kind, space, settings)


def external_storage(file):
    secret = str(Path(file.filename).parent / "secret")
    file.create_dataset("params/W_E", (8, 8), "f4", external=[(secret, 0, 256)])


def external_link(file):
    file["params/W_E"] = h5py.ExternalLink("../../../secret.h5", "W_E")


def soft_link(file):
    file["x"] = np.ones((1, 8, 8), "f4")
    file["params/W_E"] = h5py.SoftLink("/x")


def virtual(file):
    layout = h5py.VirtualLayout((1, 8, 8), "f4")
    layout[0] = h5py.VirtualSource("../../../secret.h5", "W_E", (8, 8))
    file.create_virtual_dataset("params/W_E", layout)


def dimension_bomb(file):
    file.create_dataset(
        "params/W_E", (10**5, 10**5, 10**4), "f4", chunks=(1, 1024, 1024), **PACKED
    )


def huge_chunk(file):
    file.create_dataset(
        "params/W_E", data=np.zeros((1, 5000, 5000), "f4"), chunks=(1, 5000, 5000),
        compression="gzip", fletcher32=True,
    )  # fmt: skip


def other_filter(file):
    file.create_dataset("params/W_E", data=np.ones((1, 8, 8), "f4"), compression="lzf")


def unknown_filter(file):
    settings = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    settings.set_chunk((1, 8, 8))
    settings.set_filter(32768, h5py.h5z.FLAG_OPTIONAL, ())
    file.create_group("params")
    h5py.h5d.create(
        file["params"].id, b"W_E", h5py.h5t.IEEE_F32LE,
        h5py.h5s.create_simple((1, 8, 8)), settings,
    )  # fmt: skip


def no_checksum(file):
    file.create_dataset("params/W_E", data=np.ones((1, 8, 8), "f4"), chunks=(1, 8, 8))


def contiguous(file):
    file["params/W_E"] = np.ones((1, 8, 8), "f4")


def strings(file):
    file["params/W_E"] = np.full((1, 8, 8), b"<script>alert(1)</script>")


def variable_strings(file):
    file.create_dataset("params/W_E", (1, 8, 8), h5py.string_dtype(), chunks=(1, 8, 8))


def compound(file):
    file["params/W_E"] = np.zeros((1, 8, 8), [("a", "f4"), ("b", "f4")])


def references(file):
    file.create_dataset("params/W_E", (1, 8, 8), h5py.ref_dtype, chunks=(1, 8, 8))


def cycle(file):
    file.create_group("params")
    file["params/W_E"] = file["params"]


def many_groups(file):
    for number in range(100):
        file.create_group(f"g{number}")


def many_params(file):
    for number in range(100):
        file.create_group(f"params/g{number}")


def named_type(file):
    file["params/W_E"] = np.dtype("f4")


def nothing(file):
    pass


def committed_type(file):
    file["kept"] = np.dtype("<f4")
    file.create_dataset("params/W_E", (1, 8, 8), file["kept"], data=ONE, **KEPT)


def big_endian(file):
    file.create_dataset("params/W_E", data=ONE.astype(">f4"), **KEPT)


def doubles(file):
    file.create_dataset("params/W_E", data=ONE.astype("<f8"), **KEPT)


def odd_float(file):
    kind = h5py.h5t.IEEE_F32LE.copy()
    kind.set_fields(31, 20, 11, 0, 20)
    create(file, kind, (1, 8, 8), (1, 8, 8))


def unlimited(file):
    file.create_dataset("params/W_E", data=ONE, maxshape=(None, 8, 8), **KEPT)


def larger_later(file):
    file.create_dataset("params/W_E", data=ONE, maxshape=(1, 8, 9), **KEPT)


def large_chunk(file):
    file.create_dataset("params/W_E", data=ONE, maxshape=(None, 8, 8), chunks=(2, 8, 8),
                        fletcher32=True)  # fmt: skip


def two_rows(file):
    file.create_dataset("params/W_E", data=np.ones((2, 8, 8), "f4"), **KEPT)


def checksum_first(file):
    settings = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    settings.set_fletcher32()
    settings.set_deflate(1)
    create(file, h5py.h5t.IEEE_F32LE, (1, 8, 8), (1, 8, 8), settings)


def two_names(file):
    file.create_dataset("params/W_E", data=ONE, **KEPT)
    file["params/again"] = file["params/W_E"]


def many_attributes(file):
    file.create_dataset("params/W_E", data=ONE, **KEPT)
    for number in range(20):
        file["params/W_E"].attrs[str(number)] = number


def wrong_shape(file):
    file.create_dataset("params/W_E", data=np.ones((1, 8, 9), "f4"), **PACKED)


ATTACKS = {
    external_storage: "chunks of this file",
    external_link: "not a plain link",
    soft_link: "not a plain link",
    virtual: "chunks of this file",
    dimension_bomb: "expected shape",
    huge_chunk: "expected shape",
    other_filter: "filters .* are not allowed",
    unknown_filter: "filters .* are not allowed",
    no_checksum: "filters .* are not allowed",
    contiguous: "chunks of this file",
    strings: "plain numbers",
    variable_strings: "plain numbers",
    compound: "plain numbers",
    references: "plain numbers",
    cycle: "0 attributes and 2 links",
    many_groups: "more than 64 names",
    many_params: "more than 64 names in /params",
    named_type: "not a dataset",
    nothing: "params",
    wrong_shape: "expected shape",
    committed_type: "plain numbers",
    big_endian: "plain numbers of type <f4",
    doubles: "plain numbers of type <f4",
    odd_float: "plain numbers of type <f4",
    unlimited: r"at most \(None, 8, 8\)",
    larger_later: r"at most \(1, 8, 9\)",
    large_chunk: r"in chunks \(2, 8, 8\)",
    two_rows: "expected shape",
    checksum_first: "filters 3 .*1 .* are not allowed",
    two_names: "0 attributes and 2 links",
    many_attributes: "20 attributes",
}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_attack_file_is_refused_and_other_checkpoints_stay(run_folder, victim, attack):
    victim(attack)

    with pytest.raises(DamagedFileError, match=f"step-00000020.*{ATTACKS[attack]}"):
        read(run_folder)

    run = open_store(run_folder.parent).run(run_folder.name)
    assert run.param("W_E", 10).shape == (8, 8)
    assert np.isfinite(run.series("loss/train")).sum() >= 4


@pytest.mark.parametrize(
    ("shape", "reason"),
    [((1, 5000), "does not fit"), ((1, 4000), "does not fit 0 stored bytes")],
)
def test_a_measure_of_more_than_its_run_can_have_is_refused(
    run_folder, victim, shape, reason
):
    def fill(file):
        rows = 1 if shape[1] == 5000 else 10**6
        file.create_dataset("measures/logits/M", (rows, *shape[1:]), "f8", **PACKED)

    victim(fill, measures=["logits/M"], table=[])

    with pytest.raises(DamagedFileError, match=reason):
        open_store(run_folder.parent).run(run_folder.name).measure("logits/M", 20)


@pytest.mark.parametrize("settings", [{"userblock_size": 512}, {"fs_strategy": "page"}])
def test_a_file_laid_out_in_another_way_is_not_opened(run_folder, victim, settings):
    with h5py.File(victim.path) as file:
        meta = file.attrs["meta"]
    with h5py.File(victim.path, "w", libver=("v110", "v110"), **settings) as file:
        file.attrs["meta"] = np.bytes_(meta)

    with pytest.raises(DamagedFileError, match=r"laid out|is not an HDF5 file"):
        read(run_folder)


def test_a_file_that_was_cut_off_or_grew_is_not_opened(run_folder, victim):
    whole = victim.path.read_bytes()
    for data in (whole[:40], whole[:-1], whole + b"\0"):
        victim.path.write_bytes(data)

        with pytest.raises(DamagedFileError, match="bytes"):
            read(run_folder)


def test_pickle_in_the_meta_attribute_is_never_loaded(run_folder, victim):
    with h5py.File(victim.path, "r+") as file:
        file.attrs["meta"] = np.void(b"\x80\x04cos\nsystem\n.")

    with pytest.raises(DamagedFileError, match="meta"):
        read(run_folder)


@pytest.mark.parametrize(
    "meta",
    [
        b"[]",
        b"{",
        b"[" * 50_000,
        b'{"format":[1,0]}',
        b'{"format":"1"}',
        b'{"format":[-1,0]}',
        b"{}" + b" " * 61_000,
    ],
)
def test_bad_meta_is_refused(run_folder, victim, meta):
    with h5py.File(victim.path, "r+", libver=("v110", "v110")) as file:
        file.attrs["meta"] = np.bytes_(meta)

    with pytest.raises(DamagedFileError):
        read(run_folder)


@pytest.mark.parametrize(
    ("more", "reason"),
    [('"step":20', "a name occurs twice"), ('"other":NaN', "NaN is no number")],
)
def test_meta_that_json_does_not_have_is_refused(run_folder, victim, more, reason):
    with h5py.File(victim.path, "r+", libver=("v110", "v110")) as file:
        text = file.attrs["meta"].decode()
        file.attrs["meta"] = np.bytes_(f"{text[:-1]},{more}}}")

    with pytest.raises(DamagedFileError, match=reason):
        read(run_folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"table": [["loss/train", [10**9, 10**9], "<f8"]]},
        {"table": [["loss/train", [-1], "<f8"]]},
        {"table": [["../x", [], "<f8"]]},
        {"table": [["loss/train", [], "O"]]},
        {"table": 5},
        {"measures": "logits"},
        {"measures": [5]},
        {"measures": ["x", "x"]},
        {"n_scalars": -1},
        {"n_scalars": True},
        {"step": 20.0},
        {"head": 10**9},
    ],
)
def test_bad_lists_in_meta_are_refused(run_folder, victim, changes):
    victim(nothing, **changes)

    with pytest.raises((DamagedFileError, NotStoredError)):
        open_store(run_folder.parent).run(run_folder.name).measure("loss/train", 20)


def test_newer_file_names_both_versions(run_folder, victim):
    victim(nothing, format=[9, 3])

    with pytest.raises(FormatVersionError, match=r"format 9\.3.*1\.x"):
        read(run_folder)


@pytest.mark.parametrize("kind", ["link", "fifo", "folder", "empty", "text"])
def test_only_regular_hdf5_files_are_opened(run_folder, kind):
    path = run_folder / NAME
    moved = path.rename(run_folder.parent.parent / "outside.h5")
    if kind == "link":
        path.symlink_to(moved)
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.write_bytes(b"" if kind == "empty" else b"a text" * 100)

    with pytest.raises(DamagedFileError):
        read(run_folder)


def test_a_file_linked_from_another_run_is_not_read(run_folder, tmp_path):
    """A run may be a link; within a run no file may lead out of it."""
    (run_folder / "checkpoints").rename(run_folder.parent / "elsewhere")
    (run_folder / "checkpoints").symlink_to(run_folder.parent / "elsewhere")

    with pytest.raises(DamagedFileError, match="outside the run"):
        read(run_folder)


@pytest.mark.parametrize(
    "name",
    ["..", "../x", "/etc", "a/b", "", ".hidden", "a..b", "x" * 200, "a\0b"],
)
def test_names_that_are_paths_are_no_runs(run_folder, name):
    with pytest.raises(NotStoredError):
        open_store(run_folder.parent).run(name)


@pytest.mark.parametrize(
    "change",
    [
        {"config": {"p": 10**6}},
        {"config": {"unknown": 1}},
        {"config": None},
        {"format": None},
    ],
)
def test_bad_run_json_makes_a_broken_row(run_folder, change):
    path = run_folder / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    store = open_store(run_folder.parent)

    with pytest.raises(DamagedFileError, match=r"run\.json"):
        store.run(run_folder.name)
    (row,) = store.summaries()
    assert row.state == "broken"
    assert "run.json" in row.problem


def test_library_loads_no_plugins():
    assert os.environ["HDF5_PLUGIN_PRELOAD"] == "::"


def mutate(data, rng):
    data = bytearray(data)
    place = rng.randrange(len(data))
    kind = rng.choice(["bit", "bytes", "metadata", "page", "cut"])
    if kind == "bit":
        data[place] ^= 1 << rng.randrange(8)
    elif kind == "bytes":
        data[place : place + 8] = rng.randbytes(len(data[place : place + 8]))
    elif kind == "metadata":
        place = rng.randrange(min(4096, len(data)))
        data[place : place + rng.randrange(1, 9)] = b"\xff"
    elif kind == "page":
        start = place // 4096 * 4096
        data[start : start + 4096] = bytes(len(data[start : start + 4096]))
    else:
        del data[place:]
    return bytes(data)


def everything(run, step):
    found = {name: run.measure(name, step) for name in run.measure_names}
    found |= run.params(step)
    if step in run.grid_steps:
        found |= {f"grid {n}": run.grid(n, step) for n in ("neurons", "loss")}
    found["scalars"] = run.scalars("train_loss")[1]
    return found


@pytest.mark.parametrize("packed", [False, True])
def test_damaged_bytes_are_an_error_and_never_data(run_folder, packed):
    if packed:
        pack_run(run_folder)
    names = (
        ["run.h5"]
        if packed
        else ["checkpoints/step-00000040.h5", "grids/step-00000040.h5"]
    )
    rng = random.Random(4)
    store = open_store(run_folder.parent)
    truth = everything(store.run(run_folder.name), 40)
    store.close()
    wrong, refused = 0, 0
    for trial in range(40):
        path = run_folder / names[trial % len(names)]
        whole = path.read_bytes()
        path.write_bytes(mutate(whole, rng))
        store = open_store(run_folder.parent)
        try:
            found = everything(store.run(run_folder.name), 40)
            # A damaged piece may drop out of curves over the run, but only whole.
            found["scalars"] = truth["scalars"]
            wrong += any(
                not np.array_equal(found[name], values)
                for name, values in truth.items()
            )
        except GrokdashError:
            refused += 1
        finally:
            store.close()
            path.write_bytes(whole)

    assert wrong == 0
    assert refused > 20


@pytest.mark.parametrize(
    ("folder", "dataset", "read"),
    [
        ("checkpoints", "params/W_E", lambda run: run.param("W_E", 40)),
        ("checkpoints", "measures/table", lambda run: run.measure("loss/train", 40)),
        ("checkpoints", "measures/logits/M", lambda run: run.measure("logits/M", 40)),
        ("grids", "grids/neurons", lambda run: run.grid("neurons", 40, 0)),
        ("state", "rng/torch", lambda run: run.state(40)),
    ],
)
def test_one_flipped_bit_of_data_is_an_error(run_folder, folder, dataset, read):
    path = run_folder / folder / "step-00000040.h5"
    with h5py.File(path, locking=False) as file:
        chunk = file[dataset].id.get_chunk_info(0)
    whole = path.read_bytes()
    for offset in (0, chunk.size // 2, chunk.size - 1):
        data = bytearray(whole)
        data[chunk.byte_offset + offset] ^= 1
        path.write_bytes(data)

        with pytest.raises(DamagedFileError, match="step-00000040"):
            read(open_store(run_folder.parent).run(run_folder.name))


def test_file_that_a_notebook_has_open_is_not_called_damaged(run_folder):
    """HDF5 refuses a second open with other locking flags; the file is fine."""
    expected = read(run_folder)
    with h5py.File(run_folder / NAME, locking=True):
        np.testing.assert_array_equal(read(run_folder), expected)
        with Run(run_folder, FilePool(run_folder.parent)) as run:
            np.testing.assert_array_equal(run.param("W_E", 20), expected)
