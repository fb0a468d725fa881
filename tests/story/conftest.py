"""A run whose curves are written down, to be told about."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from grokdash.cache import Cache
from grokdash.snapshot import RunView
from grokdash.store import CheckpointData, RunWriter, open_store
from grokdash.store.schema import param_shapes
from tests.conftest import tiny_config

CURVES = {
    "accuracy/train": [0.1, 0.6, 0.99, 1.0, 1.0, 1.0, 1.0, 1.0],
    "accuracy/test": [0.1, 0.0, 0.0, 0.1, 0.3, 0.6, 0.99, 1.0],
    "loss/train": [2.0, 1.0, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6],
    "loss/test": [2.0, 3.0, 5.0, 9.0, 4.0, 1.0, 0.1, 0.01],
    "weights/sumsq_total": [10.0, 20.0, 30.0, 25.0, 20.0, 15.0, 12.0, 11.0],
}
"""One value per checkpoint, every ten epochs."""


@pytest.fixture
def written(tmp_path) -> Iterator[Callable[..., RunView]]:
    """Give ``written(count, **curves)``: a run of p = 7 with its first checkpoints."""
    opened = []

    def write(count: int = 8, *, running: bool = False, **curves) -> RunView:
        config = tiny_config(seed=len(opened), epochs=70)
        params = {name: np.ones(s, "f4") for name, s in param_shapes(config).items()}
        values = CURVES | curves
        writer = RunWriter.create(tmp_path, config, {})
        for place in range(count):
            measures = {name: np.asarray(row[place]) for name, row in values.items()}
            writer.commit(
                CheckpointData(step=10 * place, params=params, measures=measures)
            )
        if running:
            writer.set_status("running", step=10 * (count - 1))
            writer.flush()
        else:
            writer.finish()
        store = open_store(tmp_path)
        opened.append((store, writer))
        return RunView(store.run(config.run_id()), Cache(), patience_s=None)

    yield write
    for store, writer in opened:
        writer.close()
        store.close()
