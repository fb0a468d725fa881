"""The trainer meets the losses that Nanda et al. published for one of their runs.

The numbers are those of ``wd_10-1_mod_addition_loss_curve.pth`` of the
progress-measures-paper repository (seed 1, weight decay 0.1).
"""

import random

import numpy as np
import pytest
import torch

from grokdash.config import make_config
from grokdash.training.step import Trainer

PUBLISHED = {
    0: 4.776912163,
    1: 4.776912163,
    2: 4.772563400,
    3: 4.764700990,
    5: 4.744425232,
    10: 4.713848842,
    20: 4.660384965,
}


@pytest.mark.slow
def test_published_losses_are_met():
    config = make_config("nanda", seed=1, split_seed=1, weight_decay=0.1)
    pairs = [(a, b) for a in range(113) for b in range(113)]
    generator = random.Random(1)
    generator.shuffle(pairs)

    trainer = Trainer(config, np.array(pairs[: config.n_train]), torch.device("cpu"))
    losses = [float(trainer.update()[0]) for _ in range(21)]

    for step, loss in PUBLISHED.items():
        assert losses[step] == pytest.approx(loss, rel=1e-6), f"step {step}"
