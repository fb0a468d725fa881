"""Whole batches of tiny networks through the real store."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from grokdash.config import make_config
from grokdash.errors import ConfigError, DiskFullError
from grokdash.store import RunWriter, open_store
from grokdash.training.schedule import checkpoint_steps
from grokdash.training.steppers import SCALARS, Stepper
from grokdash.training.train import Options, train, train_several

pytestmark = pytest.mark.usefixtures("process_settings")

ROOT = Path(__file__).resolve().parents[2]


TINY = {
    "p": 7,
    "d_model": 8,
    "d_mlp": 12,
    "n_heads": 2,
    "epochs": 20,
    "dense_until": 0,
    "checkpoint_every": 5,
    "grids": 3,
}
DIFFERENT = [
    {"seed": 0},
    {"seed": 1, "split_seed": 1, "epochs": 12, "lr": 3e-3},
    {"seed": 2, "split_seed": 2, "weight_decay": 0.5},
]


@pytest.fixture(scope="module")
def several():
    """Three runs that differ in seed, split, rate, decay and length."""
    return [make_config("quick", TINY, one) for one in DIFFERENT]


@pytest.fixture(scope="module")
def straight(several, tmp_path_factory):
    """A store where they were trained together, without a break."""
    store = tmp_path_factory.mktemp("straight")
    outcomes = train_all(several, store)
    assert [outcome.state for outcome in outcomes] == ["finished"] * 3
    assert [outcome.step for outcome in outcomes] == [12, 20, 20]
    return store


def options(store, **changes):
    return Options(store=store, threads=1, device="cpu", quiet=True, **changes)


def train_all(configs, store, **settings):
    return train_several(configs, options(store), **settings)


def final_params(store, config):
    run = open_store(store).run(config.run_id())
    return run.params(int(run.steps[-1]))


def assert_same_bits(store, other, config):
    one, two = (open_store(place).run(config.run_id()) for place in (store, other))
    assert one.steps.tolist() == two.steps.tolist()
    assert_same_steps(one, two, one.steps.tolist())


def assert_same_steps(one, two, steps):
    for step in steps:
        for name, values in one.params(step).items():
            assert np.array_equal(values, two.params(step)[name]), (step, name)
    for name in SCALARS:
        found, expected = (run.scalars(name)[1][: steps[-1]] for run in (one, two))
        assert np.array_equal(found, expected), name


def test_every_run_is_stored_as_if_it_were_alone(tmp_path, straight, several):
    for config in several:
        train(config, options(tmp_path))

        run = open_store(straight).run(config.run_id())
        alone = open_store(tmp_path).run(config.run_id())
        assert run.status.state == "finished"
        # Where the shortest run leaves, the others store a checkpoint more.
        own = {*checkpoint_steps(config).tolist(), 12}
        assert run.steps.tolist() == sorted(own)
        assert run.grid_steps.tolist() == alone.grid_steps.tolist()
        assert run.key_frequencies == alone.key_frequencies
        for name in SCALARS:
            steps, values = run.scalars(name)
            assert steps.tolist() == list(range(config.epochs)), name
            expected = alone.scalars(name)[1]
            np.testing.assert_allclose(
                values, expected, rtol=1e-3, atol=1e-6, err_msg=name
            )
        for name, values in final_params(tmp_path, config).items():
            np.testing.assert_allclose(
                run.params(config.epochs)[name], values, atol=2e-4, err_msg=name
            )


def test_provenance_names_the_batch_and_a_run_alone_has_none(
    tmp_path, straight, several
):
    train_all(several[2:], tmp_path)

    ids = sorted(config.run_id() for config in several)
    assert open_store(straight).run(ids[0]).provenance["batch"] == ids
    assert "batch" not in open_store(tmp_path).run(several[2].run_id()).provenance


def test_finished_runs_are_left_alone(straight, several):
    before = [(straight / c.run_id() / "run.h5").read_bytes() for c in several]

    outcomes = train_all(several, straight)

    assert {outcome.state for outcome in outcomes} == {"already finished"}
    assert before == [(straight / c.run_id() / "run.h5").read_bytes() for c in several]


def test_diverging_run_ends_and_the_others_go_on(
    tmp_path, straight, several, monkeypatch
):
    """To the same bits while it is there; then in a batch that rounds otherwise."""
    broken = several[1]
    compute = Stepper.compute

    def explode(self):
        if self.step == 7 and broken in self.configs:
            place = self.configs.index(broken)
            self.params["W_U"].detach()[place] = float("inf")
        return compute(self)

    monkeypatch.setattr(Stepper, "compute", explode)
    outcomes = train_all(several, tmp_path)

    assert [outcome.state for outcome in outcomes] == [
        "diverged",
        "finished",
        "finished",
    ]
    assert "no finite number by epoch 8" in outcomes[0].message
    run = open_store(tmp_path).run(broken.run_id())
    assert run.status.state == "diverged"
    assert run.steps.tolist() == [0, 5]
    for config in (several[0], several[2]):
        rough, calm = (
            open_store(store).run(config.run_id()) for store in (tmp_path, straight)
        )
        assert rough.steps.tolist() == [0, 5, 8, 10, 15, 20]
        assert_same_steps(rough, calm, [0, 5])
        for name, values in calm.params(20).items():
            np.testing.assert_allclose(
                rough.params(20)[name], values, atol=2e-4, err_msg=name
            )


def test_run_that_cannot_be_stored_fails_and_the_others_go_on(
    tmp_path, several, monkeypatch
):
    commit = RunWriter.commit

    def full(self, data):
        if data.step == 10 and self.config == several[0]:
            raise DiskFullError("no room")
        commit(self, data)

    monkeypatch.setattr(RunWriter, "commit", full)
    outcomes = train_all(several, tmp_path)
    monkeypatch.undo()

    states = {outcome.run_id: outcome.state for outcome in outcomes}
    assert states[several[0].run_id()] == "failed"
    assert states[several[1].run_id()] == states[several[2].run_id()] == "finished"
    run = open_store(tmp_path).run(several[0].run_id())
    assert run.status.state == "interrupted"
    assert "no room" in run.status.message
    assert run.steps.tolist() == [0, 5]
    again = {one.run_id: one.state for one in train_all(several, tmp_path)}
    assert again[several[0].run_id()] == "finished"


def test_batch_stopped_before_its_closing_analysis_only_catches_up_on_that(
    tmp_path, straight, several, monkeypatch
):
    def fail(*_):
        raise DiskFullError("no room")

    monkeypatch.setattr("grokdash.training.member.finish", fail)
    stopped = train_all(several, tmp_path)
    monkeypatch.undo()

    again = train_all(several, tmp_path)

    assert {outcome.state for outcome in stopped} == {"failed"}
    assert {outcome.state for outcome in again} == {"finished"}
    for config in several:
        assert_same_bits(tmp_path, straight, config)


def test_run_that_another_process_writes_is_left_to_it(tmp_path, several):
    ids = [config.run_id() for config in several]
    with RunWriter.create(tmp_path, several[0], {"batch": ids}):
        outcomes = train_all(several, tmp_path)

    states = {outcome.run_id: outcome.state for outcome in outcomes}
    assert states.pop(ids[0]) == "busy"
    assert set(states.values()) == {"finished"}


def test_stop_file_stores_every_run_where_it_stands_and_starts_no_more(
    tmp_path, several, monkeypatch
):
    stop, update = tmp_path / "stop", Stepper.update

    def touch(self):
        stop.touch()
        return update(self)

    monkeypatch.setattr(Stepper, "update", touch)
    endless = [c.model_copy(update={"epochs": 10**6}) for c in several]
    given = options(tmp_path / "store", stop_file=stop)

    outcomes = train_several(endless, given)
    later = train_several([endless[0].model_copy(update={"seed": 9})], given)

    assert later[0].message == "not started"
    assert {outcome.state for outcome in outcomes} == {"interrupted"}
    (step,) = {outcome.step for outcome in outcomes}
    for config in endless:
        run = open_store(tmp_path / "store").run(config.run_id())
        assert run.status.state == "interrupted"
        assert int(run.steps[-1]) == step


def test_run_asked_to_stop_leaves_and_the_others_go_on(
    tmp_path, straight, several, monkeypatch
):
    asked = several[2]
    monkeypatch.setattr(
        RunWriter, "asked_to_stop", property(lambda self: self.config == asked)
    )

    states = {one.run_id: one.state for one in train_all(several, tmp_path)}

    assert states.pop(asked.run_id()) == "interrupted"
    assert set(states.values()) == {"finished"}
    run = open_store(tmp_path).run(asked.run_id())
    assert run.status.state == "interrupted"
    assert 0 < int(run.steps[-1]) < asked.epochs
    monkeypatch.undo()
    again = {one.run_id: one.state for one in train_all(several, tmp_path)}
    assert again[asked.run_id()] == "finished"
    for name, values in final_params(straight, asked).items():
        np.testing.assert_allclose(
            final_params(tmp_path, asked)[name], values, atol=2e-4, err_msg=name
        )


def test_bad_option_is_raised_and_leaves_no_folder_behind(tmp_path, several):
    given = Options(store=tmp_path / "new", quiet=True, threads=0)

    with pytest.raises(ConfigError, match="--threads: expected 1 to 1024"):
        train_several(several, given)

    assert not (tmp_path / "new").exists()


SIGNALLED = """
import json, os, signal, sys, time
from pathlib import Path
from grokdash.config import validate_config
from grokdash.store import RunWriter
from grokdash.training.steppers import Stepper
from grokdash.training.train import Options, train_several

store, configs, step, name, moment = sys.argv[1:]

def send(self):
    if self.step == int(step):
        os.kill(os.getpid(), getattr(signal, name))

def before(kind, method):
    original = getattr(kind, method)
    def wrapped(self, *arguments):
        if method == "update":
            send(self)
        elif arguments[0].step == int(step) and self.config.seed == 2:
            # The other runs have committed this step; this one never will.
            for other in Path(store).glob("*s[01]-*"):
                while not (other / "checkpoints" / f"step-{int(step):08d}.h5").exists():
                    time.sleep(0.01)
            os.kill(os.getpid(), getattr(signal, name))
        return original(self, *arguments)
    setattr(kind, method, wrapped)

if moment == "update":
    before(Stepper, "update")
else:
    before(RunWriter, "_commit")
outcomes = train_several(
    [validate_config(one) for one in json.loads(configs)],
    Options(store=Path(store), threads=1, device="cpu", quiet=True),
)
print(json.dumps([(one.state, one.step) for one in outcomes]))
"""


def train_and_signal(store, configs, step, name, moment="update"):
    given = json.dumps([config.model_dump() for config in configs])
    return subprocess.run(
        [sys.executable, "-c", SIGNALLED, store, given, str(step), name, moment],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.slow
@pytest.mark.parametrize(("step", "moment"), [(13, "update"), (10, "commit")])
def test_killed_batch_goes_on_to_the_very_same_bits(
    tmp_path, straight, several, step, moment
):
    """Also where the kill left one run a checkpoint behind the others."""
    killed = train_and_signal(tmp_path, several, step, "SIGKILL", moment)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    store = open_store(tmp_path)
    newest = [int(store.run(c.run_id()).steps[-1]) for c in several]
    assert moment == "update" or newest == [10, 10, 5]

    outcomes = train_all(several, tmp_path)

    assert not {"failed", "interrupted"} & {one.state for one in outcomes}, outcomes
    for config in several:
        assert_same_bits(tmp_path, straight, config)


@pytest.mark.slow
def test_signal_stores_a_checkpoint_of_every_run(tmp_path, straight, several):
    stopped = train_and_signal(tmp_path, several, 8, "SIGTERM")
    assert json.loads(stopped.stdout) == [["interrupted", 9]] * 3, stopped.stderr

    train_all(several, tmp_path)

    for config in several:
        expected = final_params(straight, config)
        for name, values in final_params(tmp_path, config).items():
            assert np.array_equal(values, expected[name]), name


def train_until(step, configs, store, monkeypatch):
    """Train until a signal comes before the update of this step."""
    update = Stepper.update

    def stopped(self):
        if self.step == step:
            signal.raise_signal(signal.SIGTERM)
        return update(self)

    with monkeypatch.context() as patch:
        patch.setattr(Stepper, "update", stopped)
        train_all(configs, store)


def test_run_that_has_gone_on_alone_is_not_held_against_its_batch(
    tmp_path, monkeypatch
):
    """Tried alone after a lost worker, a run rounds differently than in its batch."""
    shape = TINY | {"p": 11, "d_model": 16, "d_mlp": 24}
    several = [make_config("quick", shape, seed=s, split_seed=s) for s in range(3)]
    train_until(6, several, tmp_path, monkeypatch)
    train_until(11, several[:1], tmp_path, monkeypatch)
    for path in (tmp_path / several[0].run_id()).glob("*/step-00000012.h5"):
        path.unlink()  # as if killed, not stopped: it stands at 10, the others at 7
    first = open_store(tmp_path).run(several[0].run_id())
    assert first.steps.tolist() == [0, 5, 7, 10]
    before = first.params(10)

    outcomes = train_all(several, tmp_path)

    assert [one.state for one in outcomes] == ["finished"] * 3
    after = open_store(tmp_path).run(several[0].run_id()).params(10)
    for name, values in before.items():
        assert np.array_equal(values, after[name])
