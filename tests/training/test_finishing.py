"""What is measured once training has ended."""

import threading

import numpy as np
import pytest
import torch

from grokdash.analysis.measures import key_measures
from grokdash.store import open_store
from grokdash.training import finishing
from grokdash.training.finishing import key_series
from grokdash.training.progress import make_reporter
from grokdash.training.train import Options, train

pytestmark = pytest.mark.usefixtures("process_settings")

KEYS = (1, 3)


def test_checkpoints_are_measured_together_and_told_in_order(
    tmp_path, tiny, monkeypatch
):
    config = tiny.model_copy(update={"epochs": 5})
    train(config, Options(store=tmp_path, threads=1, device="cpu", quiet=True))
    run = open_store(tmp_path).run(config.run_id())
    assert run.steps.tolist() == [0, 5]
    expected = [
        key_measures(run.params(step), config, run.train_mask(), KEYS)
        for step in (0, 5)
    ]
    both = threading.Barrier(2, timeout=60)

    def two_at_once(params, *more):
        both.wait()
        return key_measures(params, *more)

    torch.set_num_threads(2)
    monkeypatch.setattr(finishing, "key_measures", two_at_once)

    found = key_series(run, KEYS, make_reporter(5, quiet=True))

    for name, values in found.items():
        wanted = np.stack([one[name] for one in expected])
        np.testing.assert_array_equal(values, wanted, err_msg=name)
