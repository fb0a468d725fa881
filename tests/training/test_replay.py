"""The trainer meets the losses that Nanda et al. published for one of their runs.

The numbers are those of ``wd_10-1_mod_addition_loss_curve.pth`` of the
progress-measures-paper repository (seed 1, weight decay 0.1).
"""

import random

import pytest
import torch

from grokdash.cli.fields import build_config
from grokdash.model.textbook import textbook_logits
from grokdash.store import open_store, shuffled_pairs
from grokdash.training.train import Options, train

pytestmark = pytest.mark.usefixtures("process_settings")

PUBLISHED = {
    0: 4.776912163,
    1: 4.776912163,
    2: 4.772563400,
    3: 4.764700990,
    5: 4.744425232,
    10: 4.713848842,
    20: 4.660384965,
}
TEST_LOSS_AT_START = 4.767726
"""Over 114 classes; grokdash stores test losses over the 113 numbers."""


@pytest.mark.slow
def test_published_losses_are_met(tmp_path):
    """The command train --preset nanda --seed 1 --weight-decay 0.1 is that run.

    Its first 21 updates, through the whole trainer and out of the store again.
    """
    asked = {"seed": 1, "weight_decay": 0.1}
    short = {"epochs": 21, "dense_until": 0, "checkpoint_every": 100, "grids": 0}
    config = build_config("nanda", None, asked | short)

    train(config, Options(store=tmp_path, device="cpu", quiet=True))

    run = open_store(tmp_path).run(config.run_id())
    steps, losses = run.scalars("train_loss")
    assert steps.tolist() == list(range(21))
    for step, loss in PUBLISHED.items():
        assert losses[step] == pytest.approx(loss, rel=1e-6), f"step {step}"
    params = {name: torch.from_numpy(v).double() for name, v in run.params(0).items()}
    held_out = torch.from_numpy(shuffled_pairs(config)[config.n_train :])
    logits = textbook_logits(params, config, held_out)
    labels = held_out.sum(dim=1) % config.p
    at_start = float(torch.nn.functional.cross_entropy(logits, labels))
    assert at_start == pytest.approx(TEST_LOSS_AT_START, rel=1e-6)


def test_split_is_pythons_shuffle_of_all_pairs_in_order():
    config = build_config("nanda", None, {"seed": 1})
    pairs = [(a, b) for a in range(113) for b in range(113)]
    random.Random(1).shuffle(pairs)

    assert list(map(tuple, shuffled_pairs(config).tolist())) == pairs
    assert config.n_train == 3830
