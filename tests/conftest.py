"""What tests share: profiles, whether there is a browser, tiny runs, sweeps.

Tiny runs come from the real trainer: one per operation and depth, each made once.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import hypothesis
import numpy as np
import pytest
import torch
from selenium.webdriver.chrome.options import Options as ChromeOptions

from grokdash.cache import Cache
from grokdash.config import RunConfig, make_config
from grokdash.snapshot import RunView
from grokdash.store import CheckpointData, RunWriter, Store, open_store
from grokdash.store.schema import param_shapes
from grokdash.store.sweeps import write_plan, write_state
from grokdash.sweeps.plan import read_sweep
from grokdash.training.train import Options, train
from grokdash.views.sweep.choice import parse_choice
from grokdash.views.sweep.chosen import Chosen
from grokdash.views.sweep.data import SweepReader

hypothesis.settings.register_profile("fast", max_examples=15, deadline=None)
hypothesis.settings.register_profile("ci", max_examples=200, deadline=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))

CHROME = ("google-chrome", "google-chrome-stable", "chromium", "chromium-browser")


def missing_browser() -> str | None:
    """Say what a browser test lacks here; None if it lacks nothing."""
    if not any(map(shutil.which, CHROME)):
        return "no Chromium: install chromium (Debian: apt-get install chromium)"
    if not shutil.which("chromedriver"):
        return "no chromedriver: install it (Debian: apt-get install chromium-driver)"
    return None


def pytest_setup_options() -> ChromeOptions:
    """Give dash[testing] the options of its Chromium."""
    options = ChromeOptions()
    options.add_argument("--headless=new")
    options.add_argument("--disable-dev-shm-usage")
    options.add_argument("--window-size=1366,768")
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    return options


@pytest.fixture
def process_settings():
    """Put back what training sets for its whole process."""
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)
    torch.set_flush_denormal(False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the browser tests where there is no browser."""
    lacking = missing_browser()
    for item in items:
        if lacking and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=lacking))


def tiny_config(**fields) -> RunConfig:
    """Give a network of a few hundred weights that trains in milliseconds."""
    settings = {
        "p": 7,
        "train_fraction": 0.5,
        "d_model": 8,
        "d_mlp": 12,
        "n_heads": 2,
        "epochs": 6,
        "warmup": 0,
        "checkpoint_every": 2,
        "dense_every": 2,
        "dense_until": 2,
        "grids": 2,
    }
    return make_config(**settings | fields)


@dataclass
class Runs:
    """Runs of one store, trained when they are first asked for."""

    path: Path
    _views: dict[str, RunView] = field(default_factory=dict)
    _store: Store | None = None

    def __call__(self, **fields) -> RunView:
        config = tiny_config(**fields)
        name = config.run_id()
        if name not in self._views:
            train(config, Options(store=self.path, threads=1, quiet=True, device="cpu"))
            self._store = self._store or open_store(self.path)
            self._views[name] = RunView(self._store.run(name), Cache(), patience_s=None)
        return self._views[name]

    def close(self) -> None:
        """Close the store's files."""
        if self._store is not None:
            self._store.close()


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """Give ``runs(operation=..., n_layers=..., …)``, the view of a tiny trained run."""
    made = Runs(tmp_path_factory.mktemp("runs"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def run_view(runs: Callable[..., RunView]) -> RunView:
    """Give a tiny run of addition: p = 7, epochs 0, 2, 4, 6."""
    return runs()


SWEEP = """
title = "Decay"
question = "What does decay do?"
preset = "quick"
seeds = [0, 1]
[fields]
p = 7
d_model = 8
d_mlp = 4
n_heads = 2
epochs = 100
checkpoint_every = 10
dense_until = 0
grids = 0
[grid]
weight_decay = [0.1, 1.0, 10.0, 30.0]
"""

STEPS = np.arange(0, 101, 10)
RISES = {
    (0.1, 0): None,
    (0.1, 1): None,
    (1.0, 0): 60,
    (1.0, 1): 80,
    (10.0, 0): 20,
    (10.0, 1): 30,
}
COLLAPSED = (10.0, 1)
OUTCOMES = {
    (0.1, 0): "memorises only",
    (0.1, 1): "memorises only",
    (1.0, 0): "groks",
    (1.0, 1): "groks",
    (10.0, 0): "generalises at once",
    (10.0, 1): "collapses",
}


def write_run(store, config):
    """Write a run whose test accuracy rises when it should."""
    rise = RISES[config.weight_decay, config.seed]
    params = {name: np.ones(s, "f4") for name, s in param_shapes(config).items()}
    share = np.array([0.9, 0.095, 0.005])
    with RunWriter.create(store, config, {}) as writer:
        for step in STEPS:
            right = float(rise is not None and step >= rise)
            if (config.weight_decay, config.seed) == COLLAPSED and step >= 90:
                right = 0.0
            measures = {
                "accuracy/train": float(step >= 10),
                "accuracy/test": right,
                "loss/train": 2.0 ** -float(step),
                "loss/test": 3.0 - right,
                "gini/wl": 0.25,
                "gini/embed": 0.5,
                "weights/sumsq_total": 9.0,
                "logits/sum_share": share.astype("f4"),
            }
            arrays = {name: np.asarray(value) for name, value in measures.items()}
            writer.commit(
                CheckpointData(step=int(step), params=params, measures=arrays)
            )
        writer.finish()


@pytest.fixture(scope="session")
def sweep(tmp_path_factory):
    """Give a sweep of eight runs: one failed, one is waiting, six have known outcomes.

    ``choose(**query)`` gives what a choice leaves; ``rises`` and ``outcomes`` are by
    weight decay and seed, ``collapsed`` names the one that loses it again.
    """
    folder = tmp_path_factory.mktemp("sweep")
    path = folder / "decay.toml"
    path.write_text(SWEEP)
    plan = read_sweep(path)
    for config in plan.configs:
        if (config.weight_decay, config.seed) in RISES:
            write_run(folder / "store", config)
    write_plan(folder / "store", plan.id, plan.plan())
    failed = next(c for c in plan.configs if (c.weight_decay, c.seed) == (30.0, 0))
    write_state(folder / "store", plan.id, {failed.run_id(): "out of memory"})
    store = open_store(folder / "store")
    data = SweepReader(store).get(plan.id)
    yield SimpleNamespace(
        id=plan.id,
        configs=plan.configs,
        store=store,
        data=data,
        choose=lambda **values: Chosen(data, parse_choice(data, values)),
        steps=STEPS,
        rises=RISES,
        outcomes=OUTCOMES,
        collapsed=COLLAPSED,
    )
    store.close()


@pytest.fixture
def planned(tmp_path):
    """Give ``planned(text)``: a sweep of this file of which no run has begun."""

    def plan(text):
        path = tmp_path / "other.toml"
        path.write_text(text)
        found = read_sweep(path)
        write_plan(tmp_path / "store", found.id, found.plan())
        return SweepReader(open_store(tmp_path / "store")).get(found.id)

    return plan
