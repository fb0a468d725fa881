"""Whole runs of a tiny network through the real store."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from grokdash.analysis.cross_split import MEMORISING
from grokdash.analysis.losses import SPLITS
from grokdash.config import make_config
from grokdash.errors import (
    ConfigError,
    DiskFullError,
    DivergedError,
    NotStoredError,
    StoreError,
)
from grokdash.store import RunWriter, open_store
from grokdash.store.lock import RunLock
from grokdash.training.cores import default_threads
from grokdash.training.outcome import Outcome, describe
from grokdash.training.schedule import checkpoint_steps
from grokdash.training.steppers import SCALARS, Stepper
from grokdash.training.train import Options, train

pytestmark = pytest.mark.usefixtures("process_settings")

ROOT = Path(__file__).resolve().parents[2]


def options(store, **changes):
    return Options(store=store, threads=1, device="cpu", quiet=True, **changes)


def final_params(store, config):
    run = open_store(store).run(config.run_id())
    return run.params(int(run.steps[-1]))


def test_run_stores_every_checkpoint_measure_scalar_and_grid(tmp_path, tiny):
    outcome = train(tiny, options(tmp_path))

    run = open_store(tmp_path).run(tiny.run_id())
    assert outcome.state == run.status.state == "finished"
    assert (
        run.steps.tolist() == checkpoint_steps(tiny).tolist() == list(range(0, 41, 5))
    )
    assert run.grid_steps.tolist() == [0, 20, 40]
    for name in SCALARS:
        steps, values = run.scalars(name)
        assert steps.tolist() == list(range(40)), name
        assert np.isfinite(values).all(), name
    for name in ("loss/restricted", "loss/excluded2d", "loss/excluded3d"):
        assert run.series(name).shape == (9, len(SPLITS)), name
    assert np.isfinite(run.series("logits/fve")).all()
    assert run.key_frequencies == tuple(outcome.summary["key_frequencies"])
    assert run.series("loss/cross_split").shape == (9,)
    assert outcome.summary["key_rule"] == "cross-split"
    assert "not reached: " in describe(outcome)
    assert (tmp_path / run.id / "run.h5").exists()
    assert not list((tmp_path / run.id / "checkpoints").glob("*.h5"))


def test_stored_losses_belong_to_exactly_the_stored_weights(tmp_path, tiny):
    """The train loss of update s is that of checkpoint s, in PyTorch and in NumPy.

    Without "=" as a class: the measures leave it out, the training loss does not.
    """
    config = tiny.model_copy(update={"equals_class": False})
    train(config, options(tmp_path))

    run = open_store(tmp_path).run(config.run_id())
    _, stepwise = run.scalars("train_loss")
    at_checkpoints = run.series("loss/train")

    np.testing.assert_allclose(at_checkpoints[:-1], stepwise[run.steps[:-1]], rtol=1e-5)


def test_provenance_says_what_the_bits_depend_on_and_nothing_personal(tmp_path, tiny):
    train(tiny, options(tmp_path))

    about = open_store(tmp_path).run(tiny.run_id()).provenance
    assert about["threads"] == 1
    assert about["device"] == "cpu"
    assert about["optimizer"] == "torch.optim.AdamW fused"
    assert len(about["split_sha256"]) == 64
    assert {"torch", "numpy", "h5py", "hdf5", "python", "grokdash"} <= about.keys()
    text = (tmp_path / tiny.run_id() / "run.json").read_text()
    assert str(Path.home()) not in text
    assert str(tmp_path) not in text


KILLED = """
import os, signal, sys
from pathlib import Path
from grokdash.config import validate_config
from grokdash.training.steppers import Stepper
from grokdash.training.train import Options, train
import json

original = Stepper.update

def update(self):
    if self.step == int(sys.argv[3]):
        os.kill(os.getpid(), getattr(signal, sys.argv[4]))
    return original(self)

Stepper.update = update
config = validate_config(json.loads(sys.argv[2]))
outcome = train(config, Options(
    store=Path(sys.argv[1]), threads=1, device="cpu", quiet=True))
print(outcome.state, outcome.step)
"""


def train_and_signal(store, config, step, name):
    return subprocess.run(
        [sys.executable, "-c", KILLED, store, config.canonical_json(), str(step), name],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_killed_run_goes_on_to_the_very_same_bits(tmp_path, tiny):
    train(tiny, options(tmp_path / "straight"))
    killed = train_and_signal(tmp_path / "killed", tiny, 23, "SIGKILL")
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    outcome = train(tiny, options(tmp_path / "killed"))

    assert outcome.state == "finished"
    straight = final_params(tmp_path / "straight", tiny)
    resumed = final_params(tmp_path / "killed", tiny)
    for name, values in straight.items():
        assert np.array_equal(values, resumed[name]), name
    run = open_store(tmp_path / "killed").run(tiny.run_id())
    other = open_store(tmp_path / "straight").run(tiny.run_id())
    assert run.steps.tolist() == other.steps.tolist()
    assert run.grid_steps.tolist() == other.grid_steps.tolist()
    for name in SCALARS:
        assert np.array_equal(run.scalars(name)[1], other.scalars(name)[1]), name


KILLED_OFTEN = """
import json, os, random, signal, sys, time
from pathlib import Path
from grokdash.config import validate_config
from grokdash.training.train import Options, train

store, text = Path(sys.argv[1]), sys.argv[2]
config = validate_config(json.loads(text))
pieces = store / config.run_id()
draw = random.Random(4)

def newest():
    if (pieces / "run.h5").exists():
        return "packed"
    return max((p.name for p in pieces.glob("checkpoints/step-*")), default="none")

def go_on():
    train(config, Options(store=store, threads=1, device="cpu", quiet=True))

for _ in range(7):
    before = newest()
    child = os.fork()
    if not child:
        go_on()
        os._exit(0)
    limit = time.monotonic() + 60
    while newest() == before and time.monotonic() < limit:
        time.sleep(0.001)
    time.sleep(draw.uniform(0, 0.02))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    print(os.WIFSIGNALED(status), newest(), flush=True)
go_on()
"""


@pytest.mark.slow
def test_run_killed_again_and_again_has_every_checkpoint_of_one_never_killed(
    tmp_path, tiny
):
    """The kernel kills it, from outside, just after each new file and wherever it is.

    Each turn goes on from where the last was killed; one import of torch serves all.
    """
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            KILLED_OFTEN,
            tmp_path / "killed",
            tiny.canonical_json(),
        ],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    killed = [line.split() for line in done.stdout.splitlines()]
    assert [was_killed for was_killed, _ in killed].count("True") >= 5, done.stdout
    assert len({newest for _, newest in killed}) >= 4, done.stdout

    train(tiny, options(tmp_path / "straight"))

    run = open_store(tmp_path / "killed").run(tiny.run_id())
    other = open_store(tmp_path / "straight").run(tiny.run_id())
    assert run.status.state == "finished"
    assert run.steps.tolist() == other.steps.tolist()
    assert run.key_frequencies == other.key_frequencies
    for step in run.steps.tolist():
        for name, values in other.params(step).items():
            assert np.array_equal(values, run.param(name, step)), (name, step)
    for name in SCALARS:
        assert np.array_equal(run.scalars(name)[1], other.scalars(name)[1]), name
    for name in ("loss/test", "loss/restricted", "logits/fve"):
        assert np.array_equal(run.series(name), other.series(name), equal_nan=True), (
            name
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_signal_writes_a_checkpoint_and_stops(tmp_path, tiny, name):
    stopped = train_and_signal(tmp_path / "stopped", tiny, 23, name)
    assert stopped.stdout.split() == ["interrupted", "24"], stopped.stderr

    run = open_store(tmp_path / "stopped").run(tiny.run_id())
    assert run.status.state == "interrupted"
    assert int(run.steps[-1]) == 24

    train(tiny, options(tmp_path / "stopped", resume=tiny.run_id()))
    train(tiny, options(tmp_path / "straight"))

    straight = final_params(tmp_path / "straight", tiny)
    resumed = final_params(tmp_path / "stopped", tiny)
    for part, values in straight.items():
        assert np.array_equal(values, resumed[part]), part


def test_finished_run_is_said_to_be_finished_and_not_touched(tmp_path, tiny):
    train(tiny, options(tmp_path))
    before = (tmp_path / tiny.run_id() / "run.h5").read_bytes()

    outcome = train(tiny, options(tmp_path))

    assert outcome.state == "already finished"
    assert "finished already (40 epochs)" in describe(outcome)
    assert (tmp_path / tiny.run_id() / "run.h5").read_bytes() == before


def test_what_a_disk_refused_to_delete_goes_with_the_next_command(tmp_path, tiny):
    """A finished run is locked by nobody else who would."""
    train(tiny, options(tmp_path))
    folder = tmp_path / tiny.run_id()
    left = [folder / ".tmp-1-2-run.h5", folder / "grids" / ".tmp-1-3-extra.h5"]
    (folder / "grids").mkdir(exist_ok=True)
    for path in left:
        path.write_bytes(b"half")

    with RunLock(folder):
        train(tiny, options(tmp_path))
        assert all(path.exists() for path in left)
    train(tiny, options(tmp_path))

    assert not any(path.exists() for path in left)


@pytest.mark.parametrize(
    ("keys", "memorising", "told"),
    [
        ([], True, f"key frequencies none ({MEMORISING});"),
        ([3, 5], True, f"key frequencies 3, 5 ({MEMORISING});"),
        ([3, 5], False, "key frequencies 3, 5;"),
    ],
)
def test_the_closing_line_says_what_the_keys_are_worth(keys, memorising, told):
    summary = {
        "test_accuracy": 0.1,
        "test_loss": 9.0,
        "key_frequencies": keys,
        "memorising": memorising,
        "stand": "",
    }

    ended = Outcome(run_id="x", state="finished", step=40, summary=summary)

    assert told in describe(ended)


def test_new_refuses_a_run_that_exists(tmp_path, tiny):
    train(tiny, options(tmp_path))

    with pytest.raises(StoreError, match="never overwritten"):
        train(tiny, options(tmp_path, new=True))


def test_resume_of_an_unknown_run_names_those_there_are(tmp_path, tiny):
    train(tiny, options(tmp_path))

    with pytest.raises(NotStoredError, match=tiny.run_id()):
        train(tiny, options(tmp_path, resume="add-p7-nothing"))


def test_divergence_keeps_what_was_committed(tmp_path, tiny, monkeypatch):
    update = Stepper.update

    def explode(self):
        scalars = update(self)
        return scalars * float("nan") if self.step == 23 else scalars

    monkeypatch.setattr(Stepper, "update", explode)

    with pytest.raises(DivergedError, match="by epoch 23"):
        train(tiny, options(tmp_path))

    run = open_store(tmp_path).run(tiny.run_id())
    assert run.status.state == "diverged"
    assert run.steps.tolist() == [0, 5, 10, 15, 20]
    with pytest.raises(DivergedError, match="cannot go on"):
        train(tiny, options(tmp_path))


def test_full_disk_loses_nothing_and_the_run_goes_on(tmp_path, tiny, monkeypatch):
    commit = RunWriter.commit

    def full(self, data):
        if data.step == 20:
            raise DiskFullError("no room")
        commit(self, data)

    monkeypatch.setattr(RunWriter, "commit", full)
    with pytest.raises(DiskFullError):
        train(tiny, options(tmp_path))
    monkeypatch.undo()

    run = open_store(tmp_path).run(tiny.run_id())
    assert run.steps.tolist() == [0, 5, 10, 15]
    assert train(tiny, options(tmp_path)).state == "finished"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"device": "tpu"}, "--device: expected one of auto, cpu, cuda, mps"),
        ({"disk_budget": 0.0}, "--disk-budget: expected a positive"),
    ],
)
def test_bad_option_leaves_no_folder_behind(tmp_path, tiny, changes, message):
    given = Options(**{"store": tmp_path / "new", "quiet": True} | changes)

    with pytest.raises(ConfigError, match=message):
        train(tiny, given)

    assert not (tmp_path / "new").exists()


def test_store_that_is_a_file_is_refused(tmp_path, tiny):
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError):
        train(tiny, options(tmp_path / "file"))

    assert (tmp_path / "file").read_text() == ""


def test_small_networks_leave_the_other_core_to_the_app():
    assert default_threads(make_config("quick")) == 1
    assert default_threads(make_config("nanda")) == min(2, os.cpu_count() or 1)
