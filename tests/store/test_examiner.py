"""A file that this process did not write is opened by a child first."""

import json
import multiprocessing
import os
import shutil
import signal
import sqlite3
import struct
import sys
import threading
import time
import zlib

import h5py
import numpy as np
import pytest

from grokdash.errors import DamagedFileError, StoreError
from grokdash.store import examiner, open_store, pack_run, trust
from grokdash.store.passes import _known
from grokdash.store.schema import PACKED

PIECE = "checkpoints/step-00000020.h5"


def checksum(data):
    """Fletcher32 as HDF5 stores it behind a chunk."""
    words = np.frombuffer(data + b"\0" * (len(data) % 2), ">u2").astype(object)
    first = sum(words) % 65535
    second = sum((len(words) - i) * word for i, word in enumerate(words)) % 65535
    return struct.pack("<I", (second << 16) | first)


@pytest.fixture
def asked(monkeypatch):
    """Count what children are asked, and forget what passed before."""
    found = []
    ask = examiner._Child.ask

    def counted(child, request, remote):
        found.append(request["path"].rpartition("/")[2])
        return ask(child, request, remote)

    monkeypatch.setattr(examiner._Child, "ask", counted)
    monkeypatch.setattr(trust, "_written", set())
    _known.clear()
    return found


@pytest.fixture
def forge(run_folder, tmp_path):
    """Write one piece anew with another ``params/W_E`` or ``measures/logits/M``."""
    path = run_folder / PIECE

    def build(fill, name="params/W_E"):
        with (
            h5py.File(path, locking=False) as old,
            h5py.File(tmp_path / "new.h5", "w", libver=("v110", "v110")) as new,
        ):
            new.attrs["meta"] = old.attrs["meta"]
            names = []
            old.visititems(
                lambda n, o: names.append(n) if isinstance(o, h5py.Dataset) else None
            )
            for one in names:
                old.copy(one, new.require_group(one.rpartition("/")[0] or "/"))
            del new[name]
            fill(new)
        (tmp_path / "new.h5").replace(path)

    return build


def picture(file):
    return file.create_dataset(
        "measures/logits/M", (1, 50, 50), "f4", chunks=(1, 50, 50), **PACKED
    )


def missing(file):
    file.create_dataset(
        "params/W_E", (1, 8, 8), "f4", chunks=(1, 8, 8), fletcher32=True
    )


def unchecked(file):
    missing(file)
    file["params/W_E"].id.write_direct_chunk((0, 0, 0), bytes(256), 1)


def short(file):
    missing(file)
    file["params/W_E"].id.write_direct_chunk(
        (0, 0, 0), bytes(100) + checksum(bytes(100))
    )


def inflating(n_bytes):
    def fill(file):
        data = zlib.compress(bytes(n_bytes), 1)
        picture(file).id.write_direct_chunk((0, 0, 0), data + checksum(data))

    return fill


def test_a_store_may_be_named_from_the_working_folder(
    run_folder, forge, monkeypatch, asked
):
    forge(missing)
    monkeypatch.chdir(run_folder.parent.parent)
    run = open_store("store").run(run_folder.name)

    with pytest.raises(DamagedFileError, match=r"^store/.*W_E: has 0 of 1 chunks"):
        run.param("W_E", 20)
    assert run.param("W_U", 20).shape == (8, 8)


@pytest.mark.parametrize("fill", [missing, unchecked, short])
def test_weights_that_would_be_read_from_elsewhere_are_refused(run_folder, forge, fill):
    """HDF5 reads a missing chunk as zeros, a short one as what was in memory."""
    forge(fill)
    run = open_store(run_folder.parent).run(run_folder.name)

    with pytest.raises(DamagedFileError, match=r"W_E: (has 0 of 1 chunks|chunk .* be)"):
        run.param("W_E", 20)

    assert run.param("W_U", 20).shape == (8, 8)
    assert run.measure("logits/M", 20).shape == (50, 50)


@pytest.mark.parametrize("n_bytes", [100, 9_999, 10_001, 10**7])
def test_a_picture_that_does_not_decode_to_its_size_is_refused(
    run_folder, forge, n_bytes
):
    """Of too few bytes HDF5 makes a whole picture with what was in memory."""
    forge(inflating(n_bytes), "measures/logits/M")
    run = open_store(run_folder.parent).run(run_folder.name)

    with pytest.raises(DamagedFileError, match=r"decode to its size|cannot be"):
        run.measure("logits/M", 20)

    assert run.param("W_E", 20).shape == (8, 8)


def test_another_picture_of_the_right_size_is_noticed_by_its_hash(run_folder, forge):
    forge(inflating(10_000), "measures/logits/M")
    run = open_store(run_folder.parent).run(run_folder.name)

    with pytest.raises(DamagedFileError, match="is not what was written"):
        run.measure("logits/M", 20)


def test_a_packed_file_that_says_it_has_more_rows_is_refused(run_folder):
    path = pack_run(run_folder)
    with h5py.File(path, "r+", libver=("v110", "v110")) as file:
        kept = file["params/W_U"][:]
        del file["params/W_U"]
        file.create_dataset(
            "params/W_U", data=np.concatenate([kept, kept]), chunks=(1, 8, 8),
            fletcher32=True,
        )  # fmt: skip
    run = open_store(run_folder.parent).run(run_folder.name)

    with pytest.raises(DamagedFileError, match="W_U: expected shape"):
        run.param("W_U", 20)
    assert run.param("W_E", 20).shape == (8, 8)


def test_what_this_process_wrote_is_not_examined(tmp_path, config, write_run):
    run_folder = write_run(tmp_path / "store", config)
    found = []
    before, examiner._Child.ask = examiner._Child.ask, found.append
    try:
        run = open_store(run_folder.parent).run(run_folder.name)
        run.params(20)
        run.grid("neurons", 40)
        run.state(40)
        pack_run(run_folder)
        run.refresh()
        run.params(20)
    finally:
        examiner._Child.ask = before

    assert found == []


def test_a_file_is_examined_once_also_over_a_restart(run_folder, tmp_path, asked):
    for _ in range(3):
        store = open_store(run_folder.parent, tmp_path / "cache")
        store.run(run_folder.name).params(20)
        store.close()
        _known.clear()

    assert sorted(asked) == ["step-00000020.h5", "step-00000040.h5"]


def test_a_copy_is_known_by_its_content(run_folder, tmp_path, asked):
    with open_store(run_folder.parent).run(run_folder.name) as run:
        run.params(20)
    before = list(asked)
    shutil.copytree(run_folder, run_folder.parent / "copy")

    open_store(run_folder.parent).run("copy").params(20)

    assert asked == before


def test_a_file_that_changed_is_examined_again(run_folder, asked):
    path = run_folder / PIECE
    with open_store(run_folder.parent).run(run_folder.name) as run:
        run.params(20)
    data = bytearray(path.read_bytes())
    data[60] ^= 1
    path.write_bytes(data)

    with pytest.raises(DamagedFileError):
        open_store(run_folder.parent).run(run_folder.name).params(20)

    assert asked.count(path.name) == 2


@pytest.mark.parametrize("harm", ["garbage", "other table", "folder"])
def test_a_memory_that_cannot_be_read_costs_one_examination(
    run_folder, tmp_path, asked, harm
):
    path = tmp_path / "cache" / "grokdash-examined.sqlite"
    path.parent.mkdir()
    if harm == "garbage":
        path.write_bytes(b"no database" * 1000)
    elif harm == "folder":
        path.mkdir()
    else:
        with sqlite3.connect(path) as database:
            database.execute("CREATE TABLE passed (something TEXT)")
        database.close()

    store = open_store(run_folder.parent, tmp_path / "cache")
    store.run(run_folder.name).params(20)
    store.close()

    assert len(asked) == 2


CHILD = """
import os, signal, sys, time
sys.path.insert(0, {package!r})
from grokdash.store import examine

walk = examine.walk

def harmful(file, read):
    if "{name}" in str(file.path):
        {harm}
    return walk(file, read)

examine.walk = harmful
examine.main()
"""
HARMS = {
    "os.kill(os.getpid(), signal.SIGSEGV)": r"HDF5 crashed over it \(SIGSEGV\)",
    "while True: pass": r"not read its structure after .* of computing",
    "bytearray(2**31)": "damaged",
    "file.path.with_suffix('.written').write_bytes(b'x')": "File too large",
    "sys.exit(3)": "ended with status 3",
}


@pytest.fixture
def child(tmp_path, monkeypatch, asked):
    """Examine in a process that suffers something from one file."""
    script = tmp_path / "child.py"

    def use(name, harm):
        package = str(examiner.Path(examiner.__file__).parents[2])
        script.write_text(CHILD.format(package=package, name=name, harm=harm))
        monkeypatch.setattr(examiner, "COMMAND", (sys.executable, str(script)))
        monkeypatch.setattr(examiner, "COMPUTING_S", 0.3)
        fresh = examiner._Children()
        monkeypatch.setattr(examiner, "_children", fresh)
        ended.append(fresh)

    ended = []
    yield use
    for one in ended:
        one.close()


@pytest.mark.skipif(sys.platform != "linux", reason="the limits are those of Linux")
@pytest.mark.parametrize("harm", HARMS)
def test_harm_of_a_file_ends_a_child_and_no_other_run_notices(
    run_folder, child, asked, harm
):
    shutil.copytree(run_folder, run_folder.parent / "other")
    child(f"{run_folder.name}/{PIECE}", harm)
    store = open_store(run_folder.parent)

    for _ in range(2):
        with pytest.raises(StoreError, match=HARMS[harm]) as caught:
            store.run(run_folder.name).params(20)

    assert isinstance(caught.value, DamagedFileError) == ("written" not in harm)
    assert store.run(run_folder.name).param("W_E", 10).shape == (8, 8)
    assert store.run("other").param("W_E", 20).shape == (8, 8)
    if isinstance(caught.value, DamagedFileError):
        assert asked.count(PIECE.rpartition("/")[2]) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="the limits are those of Linux")
@pytest.mark.parametrize("harm", list(HARMS)[:2])
def test_packing_tells_which_file_is_a_crash_or_an_endless_loop(
    run_folder, child, asked, harm
):
    child(f"{run_folder.name}/{PIECE}", harm)

    with pytest.raises(DamagedFileError, match=HARMS[harm]) as caught:
        pack_run(run_folder)

    assert "packing failed; every checkpoint is intact: " in str(caught.value)
    assert PIECE in str(caught.value)
    assert sorted(path.name for path in run_folder.glob("*.h5")) == []


def test_others_are_examined_while_one_file_takes_long(run_folder, child):
    (run_folder / PIECE).rename(run_folder.parent / "slow.h5")
    folder = run_folder.parent
    child("slow", "time.sleep(1)")
    expected = open_store(folder).run(run_folder.name).expected
    examine = examiner.Examiner()
    slow = threading.Thread(
        target=lambda: examine(folder / "slow.h5", folder, "checkpoint", expected)
    )
    slow.start()
    while not examiner._children._idle and slow.is_alive():
        time.sleep(0.01)
        examine(
            run_folder / "checkpoints/step-00000010.h5", folder, "checkpoint", expected
        )

    assert slow.is_alive()
    slow.join()


def test_the_child_has_neither_credentials_nor_the_working_folder(
    run_folder, child, monkeypatch, tmp_path
):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    report = tmp_path / "seen"
    report.touch()
    child(PIECE, "raise OSError(f'{os.getcwd()} {sorted(os.environ)}')")

    with pytest.raises(StoreError, match="PYTHONPATH") as caught:
        open_store(run_folder.parent).run(run_folder.name).params(20)

    assert "AWS" not in str(caught.value)
    assert str(examiner.Path.cwd()) not in str(caught.value)


def test_without_a_child_each_chunk_is_decoded_when_it_is_read(
    run_folder, forge, monkeypatch, asked
):
    forge(inflating(100), "measures/logits/M")
    monkeypatch.setattr(examiner, "COMMAND", ("/nowhere/python",))
    monkeypatch.setattr(examiner, "_children", examiner._Children())
    run = open_store(run_folder.parent).run(run_folder.name)

    assert run.param("W_E", 20).shape == (8, 8)
    with pytest.raises(DamagedFileError, match="does not decode to its size"):
        run.measure("logits/M", 20)
    assert asked == []


def test_a_child_that_could_not_be_started_is_tried_again_later(monkeypatch):
    children = examiner._Children()
    now = examiner.time.monotonic()
    with monkeypatch.context() as broken:
        broken.setattr(examiner, "COMMAND", ("/nowhere/python",))
        with children.one() as child:
            assert child is None
    with children.one() as child:
        assert child is None

    later = now + 2 * examiner.AGAIN_S
    monkeypatch.setattr(examiner.time, "monotonic", lambda: later)
    with children.one() as child:
        assert child is not None
    children.close()


def test_a_damaged_chunk_leaves_the_rest_of_a_packed_file_usable(run_folder):
    path = pack_run(run_folder)
    with h5py.File(path) as file:
        info = file["measures/frame/loss"].id.get_chunk_info(2)
    data = bytearray(path.read_bytes())
    data[info.byte_offset + info.size // 2] ^= 1
    path.write_bytes(data)
    run = open_store(run_folder.parent).run(run_folder.name)

    with pytest.raises(DamagedFileError):
        run.measure("frame/loss", 20)
    assert run.measure("frame/loss", 10).shape == (49, 49)
    assert json.dumps(run.params(20)["W_E"].tolist())


def test_a_child_that_waits_for_a_silent_disk_keeps_no_place(monkeypatch):
    monkeypatch.setattr(examiner, "BUSY_S", 0.05)
    monkeypatch.setattr(examiner, "MOST_CHILDREN", 1)
    children = examiner._Children()
    with children.one() as child:
        waiting = threading.Thread(target=child._next)
        waiting.start()

        assert children._free.acquire(timeout=20)

        children._free.release()
        child.end()
        waiting.join()
    assert children._free.acquire(blocking=False)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no process is forked here")
def test_a_forked_process_has_children_of_its_own(run_folder, asked):
    store = open_store(run_folder.parent)
    store.run(run_folder.name).measure("loss/train", 10)
    assert asked  # there is a child now, and a thread that listens to it

    def look(pipe):
        _known.clear()
        run = open_store(run_folder.parent).run(run_folder.name)
        pipe.send(run.params(20)["W_E"].shape)

    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("fork")
    process = context.Process(target=look, args=(there,))
    process.start()
    process.join(timeout=25)
    answered = here.poll()
    process.kill()

    assert answered, "it waits for an answer that its parent hears"
    assert store.run(run_folder.name).params(0)["W_E"].shape == here.recv()


@pytest.mark.skipif(os.name == "nt", reason="no process can be stopped here")
def test_a_child_that_does_not_die_is_not_waited_for(monkeypatch):
    children = examiner._Children()
    with children.one() as child:
        kill, ended = child._process.kill, threading.Event()
        monkeypatch.setattr(child._process, "kill", lambda: None)
        child._process.send_signal(signal.SIGSTOP)
        threading.Thread(target=lambda: (child.end(), ended.set())).start()

        in_time = ended.wait(timeout=10)

        kill()
    assert in_time


def test_many_files_are_examined_at_once_and_a_damaged_one_hides_no_other(
    run_folder, asked, monkeypatch
):
    monkeypatch.setattr(examiner, "WORTH_IT", 2)
    *first, newest = sorted((run_folder / "checkpoints").iterdir())[-3:]
    for path in (run_folder / "checkpoints").iterdir():
        if path not in {*first, newest}:
            path.unlink()
    image = bytearray(first[0].read_bytes())
    image[48:248] = bytes(200)
    first[0].write_bytes(image)
    run = open_store(run_folder.parent).run(run_folder.name)
    assert asked == [newest.name]

    together, ask = threading.Barrier(2), examiner._Child.ask

    def beside_another(child, request, remote):
        together.wait(timeout=30)
        return ask(child, request, remote)

    monkeypatch.setattr(examiner._Child, "ask", beside_another)
    losses = run.series("loss/train")

    assert np.isnan(losses[0])
    assert np.isfinite(losses[1:]).all()
    assert list(run.damaged) == [run.steps[0]]
    assert sorted(asked) == sorted(path.name for path in (*first, newest))
