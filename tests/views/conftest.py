"""Tiny runs by the real trainer: one per operation and depth, each made once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from grokdash.cache import Cache
from grokdash.config import RunConfig, make_config
from grokdash.snapshot import RunView
from grokdash.store import Store, open_store
from grokdash.training.train import Options, train


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
