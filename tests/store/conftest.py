"""A tiny run, written by the real writer."""

import shutil

import numpy as np
import pytest

from grokdash.config import make_config
from grokdash.store import CheckpointData, RunWriter, pack_run
from grokdash.store.schema import grid_shapes, param_shapes

STEPS = (0, 10, 20, 30, 40)


def tiny(**fields):
    return make_config(
        p=7, train_fraction=0.5, d_model=8, d_mlp=4, n_heads=2, epochs=40, **fields
    )


def make_checkpoint(config, step):
    """Every array of a checkpoint is a function of the step alone."""
    rng = np.random.default_rng(step)
    params = {
        name: rng.standard_normal(shape).astype("f4")
        for name, shape in param_shapes(config).items()
    }
    return CheckpointData(
        step=step,
        params=params,
        optimizer={f"{name}.exp_avg": 2 * v for name, v in params.items()}
        | {"step": np.array(float(step))},
        rng={"torch": rng.integers(0, 256, 5056).astype(np.uint8)},
        measures={
            "loss/train": np.array(1.0 / (step + 1)),
            "embed/power": rng.random(7).astype("f4"),
            "neuron/freq": np.array([1, 2, 3, -1], dtype=np.int32),
            "logits/M": rng.random((50, 50)).astype("f4"),
            "frame/correct_logit": rng.random((49, 49)).astype("f4"),
            "frame/loss": rng.random((49, 49)).astype("f4"),
        },
        scalars={"train_loss": np.arange(step - 10, step) / 7} if step else {},
    )


def make_grids(config, step):
    rng = np.random.default_rng(1000 + step)
    return {
        name: rng.random(shape).astype("f4")
        for name, shape in grid_shapes(config).items()
    }


def write(store, config, steps=STEPS, grid_steps=(0, 40)):
    with RunWriter.create(store, config, {"torch": "none"}) as writer:
        for step in steps:
            writer.commit(make_checkpoint(config, step))
            if step in grid_steps:
                writer.commit_grids(step, make_grids(config, step))
        writer.finish()
    return store / config.run_id()


def check_same(run, steps=STEPS):
    """Compare every stored number with the one that was committed."""
    config = run.config
    assert run.steps.tolist() == list(steps)
    for step in steps:
        expected = make_checkpoint(config, step)
        for name, values in expected.params.items():
            np.testing.assert_array_equal(run.param(name, step), values)
        for name, values in expected.measures.items():
            rounded = values.astype("f2") if name == "frame/correct_logit" else values
            np.testing.assert_array_equal(run.measure(name, step), rounded)
    if len(steps) > 1:
        labels, values = run.scalars("train_loss")
        np.testing.assert_array_equal(labels, np.arange(steps[-1]))
        np.testing.assert_array_equal(values, np.arange(steps[-1]) / 7)


@pytest.fixture
def config():
    return tiny()


@pytest.fixture
def checkpoint(config):
    return lambda step: make_checkpoint(config, step)


@pytest.fixture(scope="session")
def grids():
    return lambda step: make_grids(tiny(), step)


@pytest.fixture(scope="session")
def same():
    return check_same


@pytest.fixture(scope="session")
def tiny_config():
    return tiny


@pytest.fixture(scope="session")
def write_run():
    return write


@pytest.fixture(scope="session")
def written_once(tmp_path_factory):
    """Give stores with a run in pieces, and with the same run packed, to copy."""
    place = tmp_path_factory.mktemp("written")
    pieces = write(place / "pieces", tiny())
    shutil.copytree(place / "pieces", place / "packed")
    pack_run(place / "packed" / pieces.name)
    return place


@pytest.fixture
def run_folder(tmp_path, written_once, config):
    shutil.copytree(written_once / "pieces", tmp_path / "store")
    return tmp_path / "store" / config.run_id()
