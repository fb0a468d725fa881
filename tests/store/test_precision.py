"""Late in training every stored array is as exact as docs/run-files.md says."""

import numpy as np
import pytest
import torch

from grokdash.analysis import forward, losses
from grokdash.analysis.fibres import fibres
from grokdash.analysis.measures import checkpoint_measures
from grokdash.config import make_config
from grokdash.store import CheckpointData, RunWriter, open_store, train_mask
from grokdash.store.precision import PRECISIONS, precision_of
from grokdash.store.schema import LEVELS, picture
from grokdash.training.recorder import make_grids
from grokdash.training.steppers import SCALARS, alone

CONFIG = make_config(
    p=47,
    train_fraction=0.1,
    d_model=32,
    d_mlp=16,
    n_heads=2,
    lr=0.01,
    weight_decay=0.0,
    warmup=0,
)
STEPS = 100


@pytest.fixture(scope="module")
def late():
    """Train until losses of training pairs are far below 6e-8, the last of float16."""
    mask = train_mask(CONFIG)
    stepper = alone(CONFIG, np.argwhere(mask), torch.device("cpu"))
    rows = np.concatenate([stepper.update().numpy() for _ in range(STEPS)])
    (params,), (optimizer,) = stepper.copy_params(), stepper.copy_optimizer()
    params["W_U"] = 6 * params["W_U"]
    return CheckpointData(
        step=STEPS,
        params=params,
        optimizer=optimizer,
        rng={"torch": stepper.rng[0]},
        measures=checkpoint_measures(params, CONFIG, mask),
        scalars=dict(zip(SCALARS, rows.T, strict=True)),
    )


@pytest.fixture(scope="module", params=["pieces", "packed"])
def read_back(request, late, tmp_path_factory):
    """Give what was committed, and what is read, by the name in a file."""
    folder = tmp_path_factory.mktemp(request.param)
    grids = make_grids(late.params, CONFIG)
    with RunWriter.create(folder, CONFIG) as writer:
        writer.commit(late)
        writer.commit_grids(STEPS, grids)
        writer.flush()
        if request.param == "packed":
            writer.pack()
        writer.finish()
    store = open_store(folder)
    run = store.run(CONFIG.run_id())
    pairs = {}
    for name, values in late.params.items():
        pairs[f"params/{name}"] = values, run.param(name, STEPS)
    state = run.state(STEPS)
    for group in ("optimizer", "rng"):
        for name, values in getattr(late, group).items():
            pairs[f"{group}/{name}"] = values, state[group][name]
    for name, values in late.scalars.items():
        pairs[f"steps/{name}"] = values, run.scalars(name)[1]
    for name, values in late.measures.items():
        pairs[f"measures/{name}"] = values, run.measure(name, STEPS)
    for name, values in grids.items():
        pairs[f"grids/{name}"] = values, run.grid(name, STEPS)
    yield pairs
    store.close()


def test_every_array_is_as_exact_as_promised(read_back):
    found = set()
    for name, pair in read_back.items():
        promised = precision_of(name)
        found.add(promised)
        values, stored = (np.asarray(one, np.float64) for one in pair)
        assert np.array_equal(np.isnan(values), np.isnan(stored)), name
        error = np.nan_to_num(np.abs(stored - values))
        if promised.levels:
            axes = (-2, -1)
            span = np.nanmax(values, axis=axes) - np.nanmin(values, axis=axes)
            step = span / LEVELS + np.finfo(np.float32).eps * np.nanmax(np.abs(values))
            assert (error.max(axis=axes) <= promised.levels * step).all(), name
        else:
            allowed = promised.relative * np.nan_to_num(np.abs(values))
            last = np.finfo(np.float32).smallest_subnormal if promised.relative else 0
            assert (error <= allowed + last).all(), name
    assert found == set(PRECISIONS)


def test_losses_far_below_the_resolution_of_float16_are_kept(read_back, late):
    L = forward.logits(late.params, CONFIG)
    loss = losses.loss_grid(L, CONFIG.rule.table(CONFIG.p))
    tiny = loss < 6e-8
    assert tiny.mean() > 0.05

    for name in ("measures/frame/loss", "grids/loss"):
        stored = np.asarray(read_back[name][1], np.float64)
        assert stored[tiny] == pytest.approx(loss[tiny], rel=1e-6), name


def test_what_a_measure_is_computed_in_is_what_the_table_says(late):
    mask = train_mask(CONFIG)
    L = forward.logits(late.params, CONFIG)
    exact = fibres(CONFIG.rule, CONFIG.p, mask).mean(L).astype(np.float64)
    assert late.measures["logits/M"] == pytest.approx(exact, rel=1e-5, abs=1e-4)
    for name, values in late.measures.items():
        promised = precision_of(f"measures/{name}")
        single = values.dtype.itemsize <= 4
        assert single == ("float32" in promised.stored), (name, values.dtype)


def test_a_small_variation_on_a_large_mean_is_kept():
    wave = np.cos(2 * np.pi * np.arange(50) / 50)
    flat, steep = (1000 + wave[:, None] + wave), 1000 * (wave[:, None] + wave)

    assert picture("neurons", np.stack([steep, steep])).dtype == np.float16
    assert picture("neurons", np.stack([steep, flat])).dtype == np.float32
    assert picture("neurons", np.full((2, 50, 50), 0.1)).dtype == np.float16
    assert picture("neurons", np.full((2, 50, 50), np.nan)).dtype == np.float16
