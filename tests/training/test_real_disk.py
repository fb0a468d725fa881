"""Training on a file system that is really full, or really read-only."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grokdash.errors import DiskFullError, NoRoomError, UnusableFolderError
from grokdash.store import RunWriter, open_store
from grokdash.training.train import Options, train

pytestmark = pytest.mark.usefixtures("process_settings")


def mount(*arguments: str) -> str:
    """Mount something; give the reason if that is not possible here."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "mounting a small file system needs Linux and root"
    done = subprocess.run(
        ["mount", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr.strip()


@pytest.fixture
def small_disk(tmp_path):
    """Give a file system of three megabytes; skipped where none can be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    lacking = mount("-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place))
    if lacking:
        pytest.skip(lacking)
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(folder: Path) -> Path:
    """Write a file until the disk has no byte left."""
    path = folder / "other-data"
    with path.open("wb", buffering=0) as file:
        for size in (65536, 512, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return path


def options(store: Path) -> Options:
    return Options(store=store, threads=1, device="cpu", quiet=True)


def test_disk_that_fills_stops_the_run_and_the_same_command_goes_on(
    small_disk, tiny, monkeypatch
):
    commit, filled = RunWriter.commit, []

    def then_fill(self, data):
        if data.step == 20 and not filled:
            self.flush()
            filled.append(fill(small_disk))
        commit(self, data)

    monkeypatch.setattr(RunWriter, "commit", then_fill)
    with pytest.raises(DiskFullError, match="everything committed is intact"):
        train(tiny, options(small_disk / "store"))

    store = open_store(small_disk / "store")
    run = store.run(tiny.run_id())
    assert run.steps.tolist() == [0, 5, 10, 15]
    assert all(run.param("W_E", step).size for step in run.steps.tolist())
    assert not list(small_disk.rglob(".tmp-*"))
    store.close()

    filled[0].unlink()
    assert train(tiny, options(small_disk / "store")).state == "finished"


def test_run_that_would_not_fit_is_not_begun(small_disk, tiny):
    fill(small_disk)

    with pytest.raises(NoRoomError, match=r"disk of the store has [\d.]+ k?B free"):
        train(tiny, options(small_disk / "store"))

    assert not (small_disk / "store").exists()


def test_read_only_disk_is_said_and_nothing_is_begun(small_disk, tiny):
    if lacking := mount("-o", "remount,ro", str(small_disk)):
        pytest.skip(lacking)

    with pytest.raises(UnusableFolderError, match=r"Read-only.*--store"):
        train(tiny, options(small_disk / "store"))

    assert not (small_disk / "store").exists()
