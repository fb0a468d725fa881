"""Mirrors get what the store gets, and nothing that befalls one befalls a training."""

import struct
import sys
import time
from importlib.machinery import ModuleSpec
from types import SimpleNamespace

import numpy as np
import pytest
from tensorboardX.proto import event_pb2
from typer.testing import CliRunner

from grokdash import cli
from grokdash.errors import ConfigError
from grokdash.store import open_store
from grokdash.sweeps.engines import train_unit
from grokdash.training import mirrors
from grokdash.training.mirrors import Kind, parse_mirrors
from grokdash.training.train import Options, train, train_several

pytestmark = pytest.mark.usefixtures("process_settings")


@pytest.fixture
def mirrored(tmp_path):
    """Give ``mirrored(config, kinds)``, which trains and gives the stored run."""

    def run(config, kinds, **more):
        options = {"threads": 1, "quiet": True, "device": "cpu"} | more
        train(config, Options(store=tmp_path, mirrors=kinds, **options))
        return open_store(tmp_path).run(more.get("resume") or config.run_id())

    return run


def events(folder):
    """Read every event of a folder: length, its checksum, the event, its checksum."""
    found = []
    for path in sorted(folder.iterdir()):
        data, at = path.read_bytes(), 0
        while at < len(data):
            (length,) = struct.unpack_from("<Q", data, at)
            found.append(event_pb2.Event.FromString(data[at + 12 : at + 12 + length]))
            at += 16 + length
    return found


def scalars(folder, tag):
    return [
        (event.step, value.simple_value)
        for event in events(folder)
        for value in event.summary.value
        if value.tag == tag
    ]


def test_tensorboard_gets_every_checkpoint_and_the_losses_by_keys(mirrored, run_view):
    """Also of a run that goes on: its curves continue, and keys are fixed anew."""
    kinds = parse_mirrors("tensorboard")
    first = mirrored(run_view.config, kinds)

    run = mirrored(run_view.config, kinds, resume=first.id, epochs=10)

    folder = run.path.parent / ".tensorboard" / run.id
    for tag, place in (("loss/test", ()), ("loss/restricted/train", (0,))):
        steps, values = zip(*scalars(folder, tag), strict=True)
        stored = run.series(tag.removesuffix("/train"))[:, *place]
        assert list(steps)[-len(stored) :] == run.steps.tolist()
        assert np.array_equal(values[-len(stored) :], stored.astype(np.float32)), tag
    assert [step for step, _ in scalars(folder, "loss/test")] == run.steps.tolist()
    assert [e.step for e in events(folder) if e.session_log.status] == [0, 7]
    text, _ = (
        value.tensor.string_val[0].decode()
        for event in events(folder)
        for value in event.summary.value
        if value.tag == "configuration/text_summary"
    )
    assert "| weight_decay | 1.0 |" in text
    assert open_store(run.path.parent).run_ids() == [run.id]


def test_every_run_of_a_batch_and_of_a_sweep_has_its_own(
    tmp_path, run_view, monkeypatch
):
    configs = [run_view.config.model_copy(update={"seed": seed}) for seed in (1, 2, 3)]
    options = Options(
        store=tmp_path, threads=1, quiet=True, mirrors=parse_mirrors("tensorboard")
    )

    train_several(configs[:2], options, batch=2)
    monkeypatch.setenv("GROKDASH_LOG", "tensorboard")
    train_unit([configs[2].model_dump()], str(tmp_path), 1)

    store = open_store(tmp_path)
    for config in configs:
        run = store.run(config.run_id())
        rows = scalars(tmp_path / ".tensorboard" / run.id, "loss/test")
        stored = run.series("loss/test").astype(np.float32)
        assert rows == list(zip(run.steps.tolist(), stored.tolist(), strict=True))


@pytest.fixture
def wandb(monkeypatch):
    """Stand in for the package: what it is told is kept."""
    told = SimpleNamespace(settings=None, logged=[], summary={}, finished=0, key=True)

    def finish(exit_code):
        told.finished += 1

    run = SimpleNamespace(
        define_metric=lambda *_, **__: None,
        log=told.logged.append,
        summary=told.summary,
        finish=finish,
    )

    def init(**settings):
        told.settings = settings
        return run

    module = SimpleNamespace(
        __spec__=ModuleSpec("wandb", None),
        init=init,
        Settings=dict,
        login=lambda prompt: told.key,
    )
    monkeypatch.setitem(sys.modules, "wandb", module)
    for name in ("WANDB_MODE", "WANDB_DIR", "WANDB_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    return told


def test_wandb_gets_the_same(mirrored, run_view, wandb):
    run = mirrored(run_view.config, parse_mirrors("wandb-offline"))

    settings = wandb.settings
    assert (settings["mode"], settings["id"]) == ("offline", run.id)
    assert settings["config"] == run.config.model_dump()
    assert settings["dir"] == str(run.path.parent / ".wandb")
    rows = [(row["epoch"], row["loss/test"]) for row in wandb.logged[:4]]
    stored = run.series("loss/test").tolist()
    assert rows == list(zip(run.steps.tolist(), stored, strict=True))
    by_keys = [row["loss/restricted/all"] for row in wandb.logged[4:]]
    assert by_keys == run.series("loss/restricted")[:, 2].tolist()
    assert wandb.summary["state"] == "finished"
    assert wandb.summary["key_frequencies"] == list(run.key_frequencies)
    assert wandb.finished == 1


def test_wandb_without_a_key_is_refused_at_the_start(wandb, monkeypatch):
    wandb.key = False

    with pytest.raises(ConfigError, match="type wandb login, or write to a folder"):
        parse_mirrors("wandb")
    monkeypatch.setenv("WANDB_MODE", "offline")
    assert parse_mirrors("wandb")


class Broken:
    """Fails where it is told to."""

    def __init__(self, where):
        self._where = where
        self._fail("begin")

    def row(self, epoch, numbers):
        self._fail("row")

    def end(self, facts):
        self._fail("end")

    def _fail(self, here):
        if here == self._where:
            raise OSError(28, "No space left on device")
        if self._where == "hang":
            time.sleep(30)


@pytest.mark.parametrize("where", ["begin", "row", "hang"])
def test_a_mirror_that_fails_is_said_once_and_stops_nothing(
    mirrored, run_view, where, capsys, monkeypatch
):
    monkeypatch.setattr(mirrors, "WAIT_S", 0.2)
    kind = Kind(name="it", package="", module="", begin=lambda _: Broken(where))

    run = mirrored(run_view.config, (kind,))

    told = capsys.readouterr().err
    assert told.count("no more is written to it") == 1
    why = "has not ended within" if where == "hang" else "No space left on device"
    assert why in told
    assert run.status.state == "finished"
    for name, values in run_view.stored.params(6).items():
        assert np.array_equal(values, run.param(name, 6)), name


def test_a_mirror_that_falls_behind_is_left(run_view, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(mirrors, "MOST_WAITING", 2)
    kind = Kind(name="it", package="", module="", begin=lambda _: Broken("hang"))
    run = mirrors.Mirrored(run_id="a", config=run_view.config, store=tmp_path, first=0)

    slow = mirrors.Mirrors((kind,), run)
    for epoch in range(10):
        slow.put(epoch, {"loss/test": np.array(1.0)})

    assert capsys.readouterr().err.count("is 2 checkpoints behind") == 1


@pytest.mark.parametrize(
    ("log", "message"),
    [
        ("tensorboard", "pip install tensorboardX"),
        ("wandb", "pip install wandb"),
        ("tensorbord", "expected tensorboard, wandb, wandb-offline; got 'tensorbord'"),
    ],
)
def test_what_is_missing_is_said_before_anything_begins(
    tmp_path, monkeypatch, log, message
):
    for name in ("tensorboardX", "wandb"):
        monkeypatch.setitem(sys.modules, name, None)
    words = ["train", "--preset", "quick", "--log", log, "--store", str(tmp_path / "s")]

    failure = CliRunner().invoke(cli.app, words).exception

    assert isinstance(failure, ConfigError)
    assert message in str(failure)
    assert not (tmp_path / "s").exists()
