"""Every optimiser is one value; the steppers know nothing of any in particular."""

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import torch

from grokdash.config import RunConfig, make_config
from grokdash.store import shuffled_pairs
from grokdash.training.optimisers import OPTIMISERS, Group, optimiser_of
from grokdash.training.steppers import alone, batched

CPU = torch.device("cpu")
SMALL = {"p": 7, "d_model": 8, "d_mlp": 12, "n_heads": 2, "warmup": 0}


def make_configs(**fields):
    return [
        make_config("nanda", SMALL, fields, seed=seed, lr=lr)
        for seed, lr in ((0, 1e-3), (1, 1e-3), (2, 1e-2))
    ]


def pairs(config):
    return shuffled_pairs(config)[: config.n_train]


def make_alone(configs):
    return alone(configs[0], pairs(configs[0]), CPU)


def make_batched(configs):
    return batched(configs, [pairs(config) for config in configs], CPU)


def sign(total: torch.Tensor, runs: tuple[int, ...]) -> torch.Tensor:
    """Give each number the length one."""
    return total.sign()


def direction(total: torch.Tensor, runs: tuple[int, ...]) -> torch.Tensor:
    """Give each parameter of each run the length one."""
    own = tuple(range(len(runs), total.ndim))
    return total / torch.linalg.vector_norm(total, dim=own, keepdim=True)


@pytest.fixture(params=[sign, direction], ids=lambda way: way.__name__)
def own(request, monkeypatch):
    """Put an optimiser that follows a running sum in the place of AdamW."""

    def follow(group: Group) -> None:
        parts = zip(group.weights, group.gradients, group.state["total"], strict=True)
        for weights, gradient, total in parts:
            total.add_(gradient)
            weights.sub_(group.rate * request.param(total, group.runs))

    value = replace(
        OPTIMISERS["adamw"],
        state=("total",),
        elementwise=request.param is sign,
        update=follow,
    )
    monkeypatch.setitem(OPTIMISERS, "adamw", value)
    return np.max if request.param is sign else np.linalg.norm


def test_optimisers_are_those_a_configuration_may_name():
    assert set(OPTIMISERS) == set(
        get_args(RunConfig.model_fields["optimizer"].annotation)
    )
    for name, one in OPTIMISERS.items():
        assert one.name == name
        assert set(one.options) <= RunConfig.model_fields.keys()


def test_own_optimiser_moves_every_parameter_by_the_rate_of_its_run(own):
    stepper = make_batched(make_configs())
    before = stepper.copy_params()

    stepper.update()

    assert len(stepper.groups) == 2
    for config, one, other in zip(
        stepper.configs, before, stepper.copy_params(), strict=True
    ):
        for name, values in one.items():
            moved = own(np.abs(other[name] - values))
            assert moved == pytest.approx(config.lr, rel=1e-2), name


def assert_goes_on_to_the_same_bits(configs):
    for make in (make_alone, make_batched):
        straight, resumed = make(configs), make(configs)
        for _ in range(3):
            straight.update()
        saved = straight.step, straight.copy_params(), straight.copy_optimizer()
        kinds = {name.partition("/")[0] for name in saved[2][0]}
        assert kinds == {*optimiser_of(configs[0]).state, "step", "runs"}
        resumed.restore(*saved)

        for _ in range(3):
            expected, found = straight.update(), resumed.update()

        assert torch.equal(found, expected)


def test_own_optimiser_goes_on_from_its_stored_state_to_the_same_bits(own):
    assert_goes_on_to_the_same_bits(make_configs())


@pytest.mark.parametrize("name", OPTIMISERS)
def test_every_optimiser_goes_on_from_its_stored_state_to_the_same_bits(name):
    assert_goes_on_to_the_same_bits(make_configs(optimizer=name))


@pytest.mark.parametrize("name", OPTIMISERS)
def test_every_optimiser_is_in_a_batch_what_it_is_alone(name):
    configs = make_configs(optimizer=name)
    batch = make_batched(configs)
    single = [make_alone([config]) for config in configs]

    for _ in range(5):
        found = batch.update()
        expected = torch.cat([stepper.update() for stepper in single])

    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-6)
