"""Every optimiser is one value; the steppers know nothing of any in particular."""

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import torch

from grokdash.config import RunConfig, make_config
from grokdash.store import shuffled_pairs
from grokdash.training.optimisers import OPTIMISERS, Group
from grokdash.training.steppers import alone, batched

CPU = torch.device("cpu")
SMALL = {"p": 7, "d_model": 8, "d_mlp": 12, "n_heads": 2, "warmup": 0}


def configs():
    return [
        make_config(**SMALL, seed=0),
        make_config(**SMALL, seed=1),
        make_config(**SMALL, seed=2, lr=0.01),
    ]


def pairs(config):
    return shuffled_pairs(config)[: config.n_train]


def follow_signs(group: Group) -> None:
    """Step by signs of a running sum, which is what it keeps."""
    parts = zip(group.weights, group.gradients, group.state["total"], strict=True)
    for weights, gradient, total in parts:
        total.add_(gradient)
        weights.sub_(group.rate * total.sign())


@pytest.fixture(params=[True, False], ids=["by rows", "by parameter"])
def signs(request, monkeypatch):
    """Put an optimiser of our own in the place of AdamW."""
    own = replace(
        OPTIMISERS["adamw"],
        state=("total",),
        elementwise=request.param,
        update=follow_signs,
    )
    monkeypatch.setitem(OPTIMISERS, "adamw", own)


def test_optimisers_are_those_a_configuration_may_name():
    assert set(OPTIMISERS) == set(
        get_args(RunConfig.model_fields["optimizer"].annotation)
    )
    for name, one in OPTIMISERS.items():
        assert one.name == name
        assert set(one.options) <= RunConfig.model_fields.keys()


def test_own_optimiser_moves_every_weight_by_the_rate_of_its_run(signs):
    stepper = batched(configs(), [pairs(one) for one in configs()], CPU)
    before = stepper.copy_params()

    stepper.update()

    assert len(stepper.groups) == 2
    for config, one, other in zip(
        stepper.configs, before, stepper.copy_params(), strict=True
    ):
        for name, values in one.items():
            moved = np.abs(other[name] - values)
            assert moved.max() == pytest.approx(config.lr, rel=1e-2), name


def test_own_optimiser_goes_on_from_its_stored_state_to_the_same_bits(signs):
    for make in (
        lambda: alone(configs()[0], pairs(configs()[0]), CPU),
        lambda: batched(configs(), [pairs(one) for one in configs()], CPU),
    ):
        straight, resumed = make(), make()
        for _ in range(3):
            straight.update()
        saved = straight.step, straight.copy_params(), straight.copy_optimizer()
        assert {"total/W_E", "total/W_U", "step"} <= saved[2][0].keys()
        resumed.restore(*saved)

        for _ in range(3):
            expected, found = straight.update(), resumed.update()

        assert torch.equal(found, expected)
