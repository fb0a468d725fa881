"""Folders that go away, become links or files, and a terminal that is gone."""

import shutil
import signal

import pytest

from grokdash.app import create_app
from grokdash.cache import Cache
from grokdash.config import make_config
from grokdash.errors import DiskFullError, StoreError
from grokdash.store import open_store, writer
from grokdash.training.steppers import Stepper
from grokdash.training.train import Options, train

pytestmark = pytest.mark.usefixtures("process_settings")

TINY = {"p": 7, "d_model": 8, "d_mlp": 12, "n_heads": 2, "dense_until": 0}


def config(epochs=20):
    return make_config("quick", TINY, epochs=epochs, checkpoint_every=5, grids=0)


def options(store):
    return Options(store=store, threads=1, device="cpu", quiet=True)


def loop(path):
    path.symlink_to(path.name)


def dangle(path):
    path.symlink_to("nowhere")


def file(path):
    path.write_text("")


def nothing(_path):
    pass


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    store = tmp_path_factory.mktemp("trained") / "store"
    train(config(), options(store))
    return store


@pytest.mark.parametrize(
    ("which", "becomes"),
    [
        *(("store", how) for how in (nothing, file, loop)),
        *(("run", how) for how in (nothing, loop, dangle)),
        *(("sweeps", file), ("cache", file), ("run.h5", loop)),
    ],
)
def test_folder_that_is_gone_while_serving_is_told(
    tmp_path, trained, caplog, which, becomes
):
    shutil.copytree(trained, tmp_path / "store")
    run = config().run_id()
    (tmp_path / "store" / ".sweeps").mkdir()
    store = open_store(tmp_path / "store", tmp_path / "cache")
    client = create_app(store, Cache(tmp_path / "cache")).server.test_client()
    paths = ("/", "/api/runs", "/sweeps", f"/run/{run}", f"/api/run/{run}/manifest")
    for path in paths:
        assert client.get(path).status_code == 200, path
    place = {
        "store": store.path,
        "run": store.path / run,
        "sweeps": store.path / ".sweeps",
        "cache": tmp_path / "cache",
        "run.h5": store.path / run / "run.h5",
    }[which]

    place.unlink() if place.is_file() else shutil.rmtree(place)
    becomes(place)

    for path in (*paths, f"/api/run/{run}/live?have=0", "/api/sweep/x/runs.csv"):
        answer = client.get(path)
        assert answer.status_code in (200, 404, 422, 503), path
        assert str(tmp_path) not in answer.get_data(as_text=True), path
        assert "Internal Server Error" not in answer.get_data(as_text=True)
    assert not [one for one in caplog.records if one.exc_info]
    store.close()


def at_step(monkeypatch, step, act):
    update = Stepper.update

    def acting(self):
        if self.step == step:
            act()
        return update(self)

    monkeypatch.setattr(Stepper, "update", acting)


@pytest.mark.parametrize("away", [True, False])
def test_folder_that_is_gone_while_training_is_told(tmp_path, monkeypatch, away):
    store, other = tmp_path / "store", tmp_path / "other"

    def moved():
        store.rename(other)
        if not away:
            shutil.rmtree(other, ignore_errors=True)

    at_step(monkeypatch, 7, moved)
    monkeypatch.setattr(writer, "GONE_S", 0.5)

    with pytest.raises(StoreError, match="was moved or deleted while it was written"):
        train(config(), options(store))

    assert not store.exists()
    monkeypatch.undo()
    if away:
        assert train(config(), options(other)).state == "finished"


def test_training_whose_terminal_is_gone_stores_a_checkpoint(tmp_path, monkeypatch):
    at_step(monkeypatch, 7, lambda: signal.raise_signal(signal.SIGHUP))

    outcome = train(config(), options(tmp_path))

    assert (outcome.state, outcome.step) == ("interrupted", 8)
    assert open_store(tmp_path).run(config().run_id()).steps[-1] == 8


def test_training_that_outlives_its_terminal_goes_on(tmp_path, monkeypatch):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        at_step(monkeypatch, 7, lambda: signal.raise_signal(signal.SIGHUP))
        assert train(config(), options(tmp_path)).state == "finished"
    finally:
        signal.signal(signal.SIGHUP, before)


def test_run_whose_packing_failed_is_not_finished_and_can_be(tmp_path, monkeypatch):
    def full(*_arguments):
        raise DiskFullError("packing failed; every checkpoint is intact: no room")

    monkeypatch.setattr("grokdash.store.writer.pack_locked", full)
    with pytest.raises(DiskFullError):
        train(config(), options(tmp_path))
    (row,) = open_store(tmp_path).summaries()
    monkeypatch.undo()

    assert row.state == "interrupted"
    assert "stopped before its end: packing failed" in row.message
    assert row.step == 20
    assert train(config(), options(tmp_path)).state == "finished"
    (row,) = open_store(tmp_path).summaries()
    assert (row.state, row.packed, row.message) == ("finished", True, "")
