"""The cache may be missing, damaged or hostile; the numbers come back all the same."""

import json
import pickle  # noqa: TID251 - to show that it is never read
import sqlite3
import struct
import threading
import time
import zlib

import numpy as np
import pytest

from grokdash.cache import Cache, decode, encode

KEY = ("run", "view", 3, None, 0.5)


class Counted:
    """A computation that counts how often it is made."""

    def __init__(self, size: int = 4) -> None:
        self.calls = 0
        self.size = size

    def __call__(self) -> dict[str, np.ndarray]:
        self.calls += 1
        return {"z": np.arange(self.size, dtype=np.float32)}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def open_cache(folder):
    opened: list[Cache] = []

    def make(**bounds):
        cache = Cache(folder, **bounds)
        opened.append(cache)
        return cache

    yield make
    for cache in opened:
        cache.close()


def fill(folder, size: int = 4) -> None:
    cache = Cache(folder)
    cache.remember(KEY, Counted(size))
    cache.close()


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i4", "i8", "u1", "?"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (2, 3, 4)])
def test_a_block_gives_back_what_was_put_in(dtype, shape):
    count = int(np.prod(shape))
    array = np.arange(count).astype(dtype).reshape(shape)

    back = decode(encode({"z": array, "other": np.array([np.nan, np.inf])}))

    assert back["z"].dtype == array.dtype
    assert back["z"].shape == shape
    assert np.array_equal(back["z"], array)
    assert np.array_equal(back["other"], [np.nan, np.inf], equal_nan=True)


def test_a_result_survives_the_process(open_cache):
    first, second = Counted(), Counted()
    cache = open_cache()
    cache.remember(KEY, first)
    cache.close()

    arrays = open_cache().remember(KEY, second)

    assert (first.calls, second.calls) == (1, 0)
    assert np.array_equal(arrays["z"], [0, 1, 2, 3])


def test_shapes_stay_what_they_are(open_cache):
    arrays = {
        "scalar": np.array(2.5),
        "turned": np.arange(6.0).reshape(2, 3).T,
        "spread": np.broadcast_to(np.float32(1), (3, 2)),
    }
    cache = open_cache()
    fresh = cache.remember(KEY, lambda: arrays)
    cache.close()
    stored = open_cache().remember(KEY, dict)

    for found in (fresh, stored):
        for name, array in arrays.items():
            assert found[name].shape == array.shape
            assert np.array_equal(found[name], array)


def test_every_part_of_the_key_tells_results_apart(open_cache):
    cache, compute = open_cache(), Counted()
    keys = [("a", 1), ("a", "1"), ("a", 1.5), ("a", None), ("a",), ("a", 1, ""), (1,)]

    for key in keys:
        cache.remember(key, compute)

    assert compute.calls == len(keys)


def test_what_is_not_meant_for_the_disk_stays_in_memory(open_cache):
    cache, compute = open_cache(), Counted()
    cache.remember(KEY, compute, disk=False)
    cache.remember(KEY, compute, disk=False)
    cache.close()

    open_cache().remember(KEY, compute, disk=False)

    assert compute.calls == 2


def test_arrays_cannot_be_changed_by_who_gets_them(open_cache):
    cache = open_cache()
    fresh = cache.remember(KEY, Counted())["z"]
    cache.close()
    stored = open_cache().remember(KEY, Counted())["z"]

    for array in (fresh, stored):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 9


def test_an_error_of_the_computation_is_raised_and_not_kept(open_cache):
    cache = open_cache()

    def fail():
        raise LookupError("no")

    with pytest.raises(LookupError):
        cache.remember(KEY, fail)

    assert cache.remember(KEY, Counted())["z"].size == 4


def test_objects_are_not_cached():
    with pytest.raises(ValueError, match="not cached"):
        encode({"z": np.array([{}], dtype=object)})


class Bomb:
    """A pickle that makes a file when it is read."""

    def __init__(self, path) -> None:
        self.path = path

    def __reduce__(self):
        return (type(self.path).touch, (self.path,))


@pytest.mark.parametrize("column", ["value", "file", "key"])
def test_a_poisoned_row_is_refused_and_not_executed(folder, tmp_path, column):
    fill(folder)
    mark = tmp_path / "executed"
    bomb = pickle.dumps(Bomb(mark))
    with sqlite3.connect(folder / "cache.db") as db:
        if column == "value":
            db.execute("UPDATE Cache SET mode = 4, value = ?", (bomb,))
        elif column == "file":
            (folder / "bomb.val").write_bytes(bomb)
            db.execute("UPDATE Cache SET mode = 4, filename = 'bomb.val', value = NULL")
        else:
            db.execute("UPDATE Cache SET raw = 0, key = ?", (bomb,))
    db.close()
    compute = Counted()
    cache = Cache(folder)

    arrays = cache.remember(KEY, compute)
    cache.close()

    assert not mark.exists()
    assert compute.calls == 1
    assert np.array_equal(arrays["z"], [0, 1, 2, 3])


@pytest.mark.parametrize("absolute", [True, False])
def test_a_row_cannot_make_the_cache_delete_a_file_elsewhere(
    folder, tmp_path, absolute
):
    fill(folder)
    precious = tmp_path / "precious.txt"
    precious.write_text("thesis")
    name = str(precious) if absolute else "../precious.txt"
    with sqlite3.connect(folder / "cache.db") as db:
        db.execute("UPDATE Cache SET mode = 2, filename = ?, value = NULL", (name,))
    db.close()
    compute = Counted()
    cache = Cache(folder)

    cache.remember(KEY, compute)
    cache.close()

    assert compute.calls == 1
    assert precious.read_text() == "thesis"


def crafted(meta: object, body: bytes = b"", length: int | None = None) -> bytes:
    text = json.dumps(meta).encode()
    rest = text + body
    size = len(text) if length is None else length
    return struct.pack("<4sIII", b"GKD1", zlib.crc32(rest), size, 0) + rest


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"GKD1",
        "text",
        7,
        b"XXXX" + encode({"z": np.zeros(3)})[4:],
        encode({"z": np.zeros(3)})[:-1],
        encode({"z": np.zeros(3)}) + b"\0",
        crafted([["z", "|O", [1]]], b"\0" * 8),
        crafted([["z", "no type", [1]]], b"\0" * 8),
        crafted([["z", "<f8", [2]]], b"\0" * 8),
        crafted([["z", "<f8", [-1]]], b"\0" * 8),
        crafted([["z", "<f8", "12"]], b"\0" * 8),
        crafted([["z", "<f8", [2**62, 2**62]]], b"\0" * 8),
        crafted([["z", "<f8"]]),
        crafted({"z": 1}),
        crafted(5),
        crafted(None),
        crafted([], length=2**31),
    ],
)
def test_a_block_that_is_not_ours_is_a_value_error(block):
    with pytest.raises(ValueError, match=r"."):
        decode(block)


def test_every_changed_byte_of_a_block_is_noticed():
    block = encode({"z": np.arange(3.0)})
    reserved = range(12, 16)
    for place in set(range(len(block))) - set(reserved):
        changed = bytearray(block)
        changed[place] ^= 0x40
        with pytest.raises(ValueError, match=r"block|codec|delimiter"):
            decode(bytes(changed))


def _cut(size):
    return lambda folder: (folder / "cache.db").write_bytes(
        (folder / "cache.db").read_bytes()[:size]
    )


def _noise(folder):
    (folder / "cache.db").write_bytes(np.random.default_rng(0).bytes(40_000))


def _header(folder):
    data = bytearray((folder / "cache.db").read_bytes())
    data[:100] = bytes(100)
    (folder / "cache.db").write_bytes(data)


def _pages(folder):
    data = bytearray((folder / "cache.db").read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    (folder / "cache.db").write_bytes(data)


def _database_is_a_folder(folder):
    (folder / "cache.db").unlink()
    (folder / "cache.db").mkdir()


def _folder_is_a_file(folder):
    for one in sorted(folder.rglob("*"), reverse=True):
        one.rmdir() if one.is_dir() else one.unlink()
    folder.rmdir()
    folder.write_text("here is no folder")


def _statement(text):
    def run(folder):
        with sqlite3.connect(folder / "cache.db") as db:
            db.execute(text)
        db.close()

    return run


def _values(change):
    def run(folder):
        for one in folder.rglob("*.val"):
            change(one)

    return run


DAMAGE = {
    "emptied": _cut(0),
    "cut to 100 bytes": _cut(100),
    "cut to one page": _cut(4096),
    "noise": _noise,
    "header zeroed": _header,
    "pages overwritten": _pages,
    "a folder in its place": _database_is_a_folder,
    "a file in the folder's place": _folder_is_a_file,
    "table dropped": _statement("DROP TABLE Cache"),
    "settings dropped": _statement("DROP TABLE Settings"),
    "column renamed": _statement("ALTER TABLE Cache RENAME COLUMN mode TO moda"),
    "value is a number": _statement("UPDATE Cache SET mode=1, filename=NULL, value=3"),
    "value is text": _statement("UPDATE Cache SET mode=1, filename=NULL, value='x'"),
    "value is null": _statement("UPDATE Cache SET mode=1, filename=NULL, value=NULL"),
    "mode unknown": _statement("UPDATE Cache SET mode=17"),
    "mode of text": _statement("UPDATE Cache SET mode=3"),
    "bad eviction": _statement(
        "UPDATE Settings SET value='x' WHERE key='eviction_policy'"
    ),
    "value cut": _values(lambda one: one.write_bytes(one.read_bytes()[:-7])),
    "value emptied": _values(lambda one: one.write_bytes(b"")),
    "value gone": _values(lambda one: one.unlink()),
    "value is a folder": _values(lambda one: (one.unlink(), one.mkdir())),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("while_open", [False, True], ids=["closed", "open"])
def test_a_damaged_cache_computes_again(folder, damage, while_open):
    size = 50_000
    fill(folder, size)
    compute = Counted(size)
    if while_open:
        cache = Cache(folder)
        damage(folder)
    else:
        damage(folder)
        cache = Cache(folder)

    arrays = cache.remember(KEY, compute)
    again = cache.remember(("other",), compute)
    cache.close()

    assert np.array_equal(arrays["z"], np.arange(size))
    assert np.array_equal(again["z"], np.arange(size))


def test_damage_is_repaired_for_the_next_time(open_cache, folder):
    fill(folder)
    _noise(folder)
    cache = open_cache()
    cache.remember(KEY, Counted())
    cache.close()
    compute = Counted()

    open_cache().remember(KEY, compute)

    assert compute.calls == 0


def test_a_folder_that_cannot_be_made_leaves_a_memory_cache(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    cache, compute = Cache(tmp_path / "file" / "cache"), Counted()

    cache.remember(KEY, compute)
    cache.remember(KEY, compute)

    assert (tmp_path / "file").is_file()
    assert compute.calls == 1
    assert "cannot be used" in caplog.text


def test_a_folder_that_vanishes_while_in_use(open_cache, folder):
    cache = open_cache()
    cache.remember(KEY, Counted(50_000))
    for one in sorted(folder.rglob("*"), reverse=True):
        one.rmdir() if one.is_dir() else one.unlink()
    folder.rmdir()

    for n in range(3):
        assert cache.remember(("later", n), Counted(50_000))["z"].size == 50_000


def test_the_folder_is_private(open_cache, folder):
    open_cache()

    assert folder.stat().st_mode & 0o777 == 0o700


def test_memory_stays_below_its_bound_and_drops_the_oldest():
    cache, compute = Cache(memory_bytes=4_000), Counted(200)

    for n in (*range(5), 0, 5):
        cache.remember((n,), compute)
    assert compute.calls == 6
    cache.remember((0,), compute)
    assert compute.calls == 6
    cache.remember((1,), compute)

    assert compute.calls == 7


def test_one_result_does_not_push_out_all_others():
    cache, small, huge = Cache(memory_bytes=4_000), Counted(10), Counted(5_000)
    cache.remember(("small",), small)

    cache.remember(("huge",), huge)
    cache.remember(("small",), small)

    assert small.calls == 1


def test_the_disk_stays_near_its_bound(open_cache, folder):
    bound = 4 << 20
    cache = open_cache(memory_bytes=0, disk_bytes=bound)

    for n in range(60):
        cache.remember((n,), Counted(50_000))

    used = sum(one.stat().st_size for one in folder.rglob("*.val"))
    assert 0 < used <= bound


def test_many_threads_compute_once(open_cache):
    cache, started = open_cache(), threading.Barrier(8)
    compute = Counted()
    found: list[np.ndarray] = []

    def slow():
        time.sleep(0.05)
        return compute()

    def ask():
        started.wait()
        found.append(cache.remember(KEY, slow)["z"])

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert compute.calls == 1
    assert len(found) == 8
    assert all(np.array_equal(one, found[0]) for one in found)


def test_one_failure_does_not_stop_those_who_wait():
    cache, inside, go = Cache(), threading.Event(), threading.Event()
    errors: list[Exception] = []

    def fail():
        inside.set()
        go.wait(5)
        raise LookupError("first")

    def first():
        try:
            cache.remember(KEY, fail)
        except LookupError as error:
            errors.append(error)

    one = threading.Thread(target=first)
    one.start()
    inside.wait(5)
    found: list[dict[str, np.ndarray]] = []
    two = threading.Thread(target=lambda: found.append(cache.remember(KEY, Counted())))
    two.start()
    go.set()
    one.join(5)
    two.join(5)

    assert len(errors) == 1
    assert found[0]["z"].size == 4


def test_clear_forgets_everything(open_cache):
    cache, compute = open_cache(), Counted()
    cache.remember(KEY, compute)

    cache.clear()
    cache.remember(KEY, compute)

    assert compute.calls == 2


def put_beside(folder) -> dict:
    """Put a user's files beside the cache's own, some with names much like them."""
    found = {}
    for name in (
        *("thesis.txt", "cache.db.bak", "ab/notes.txt", "ab/cd/paper.val"),
        *("zz/00/letter.txt", "data/run.h5"),
    ):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        found[path] = name
    return found


def assert_untouched(files: dict) -> None:
    for path, text in files.items():
        assert path.read_text() == text


@pytest.mark.parametrize("while_open", [False, True], ids=["closed", "open"])
@pytest.mark.parametrize("damage", ["noise", "table dropped", "emptied"])
def test_files_beside_a_damaged_cache_survive(folder, damage, while_open):
    fill(folder, 50_000)
    files = put_beside(folder)
    old = set(folder.rglob("*.val")) - set(files)
    cache = Cache(folder) if while_open else None
    DAMAGE[damage](folder)
    cache = cache or Cache(folder)

    cache.remember(("other",), Counted(50_000))
    cache.close()

    assert_untouched(files)
    if damage == "noise":
        assert not any(path.exists() for path in old)


def test_files_beside_survive_clear(open_cache, folder):
    cache = open_cache()
    cache.remember(KEY, Counted(50_000))
    files = put_beside(folder)

    cache.clear()

    assert_untouched(files)
    assert set(folder.rglob("*.val")) <= set(files)


def test_a_link_among_the_values_is_not_followed(folder, tmp_path):
    fill(folder)
    elsewhere = tmp_path / "elsewhere"
    value = elsewhere / "cd" / f"{'0' * 28}.val"
    value.parent.mkdir(parents=True)
    value.write_text("thesis")
    (folder / "ab").symlink_to(elsewhere)
    _noise(folder)

    Cache(folder).close()

    assert value.read_text() == "thesis"


@pytest.mark.parametrize("sign", [None, "Signature: of another program"])
def test_a_folder_with_other_things_in_it_is_not_used(folder, sign, caplog):
    folder.mkdir(mode=0o755)
    files = put_beside(folder)
    (folder / "cache.db").write_text("a database of another program")
    if sign is not None:
        (folder / "CACHEDIR.TAG").write_text(sign)
    before = set(folder.rglob("*"))
    mode = folder.stat().st_mode
    cache, compute = Cache(folder), Counted()

    cache.remember(KEY, compute)
    cache.remember(KEY, compute)
    cache.clear()
    cache.close()

    assert compute.calls == 1
    assert set(folder.rglob("*")) == before
    assert folder.stat().st_mode == mode
    assert_untouched(files)
    assert "--cache" in caplog.text


def test_a_cache_of_an_earlier_version_is_taken_over(open_cache, folder):
    fill(folder, 50_000)
    (folder / "CACHEDIR.TAG").unlink()
    compute = Counted(50_000)

    open_cache().remember(KEY, compute)

    assert compute.calls == 0
    assert (folder / "CACHEDIR.TAG").read_bytes().startswith(b"Signature: 8a477f5")


def test_an_empty_folder_is_used_as_it_is(open_cache, folder):
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    open_cache().remember(KEY, Counted())

    assert (folder / "cache.db").is_file()
    assert folder.stat().st_mode & 0o777 == 0o755
