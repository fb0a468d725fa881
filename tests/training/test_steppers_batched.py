"""Runs that are updated together come out as they would alone."""

import numpy as np
import pytest
import torch

from grokdash.config import make_config
from grokdash.store import shuffled_pairs
from grokdash.training.steppers import SCALARS, alone, batched

SMALL = {"p": 7, "d_model": 8, "d_mlp": 12, "n_heads": 2, "train_fraction": 0.5}
CPU = torch.device("cpu")
STEPS = 20
DIFFERENT = [
    {"seed": 0, "split_seed": 0},
    {"seed": 1, "split_seed": 0, "lr": 3e-3, "warmup": 3},
    {"seed": 1, "split_seed": 5, "weight_decay": 0.1, "beta2": 0.999},
    {"seed": 2, "split_seed": 2, "operation": "subtract", "eps": 1e-7},
]


def make_configs(**fields):
    return [make_config(**(SMALL | fields | own)) for own in DIFFERENT]


def pairs(config):
    return shuffled_pairs(config)[: config.n_train]


def together(configs):
    return batched(configs, [pairs(config) for config in configs], CPU)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"optimizer": "adam", "weight_decay": 0.01},
        {"mlp_bias": False},
        {"n_layers": 2},
        {"n_layers": 2, "layer_norm": True, "causal_mask": False},
        {"n_layers": 2, "unembedding_bias": True},
        {"n_layers": 3, "mlp_bias": False, "n_heads": 1},
        {"layer_norm": True},
        {"tied_unembedding": True},
        {"activation": "gelu", "equals_class": False, "loss_dtype": "float32"},
    ],
    ids=str,
)
def test_batch_is_every_run_alone_up_to_rounding(fields):
    configs = make_configs(**fields)
    batch = together(configs)
    single = [alone(config, pairs(config), CPU) for config in configs]

    for _ in range(STEPS):
        scalars = batch.update()
        expected = torch.cat([stepper.update() for stepper in single])
        assert scalars.shape == (len(configs), len(SCALARS))
        torch.testing.assert_close(scalars, expected, rtol=1e-3, atol=1e-6)

    for stepper, params in zip(single, batch.copy_params(), strict=True):
        assert params.keys() == stepper.params.keys()
        for name, expected in stepper.copy_params()[0].items():
            # Adam divides by gradients near zero, so rounding grows to some 1e-5.
            np.testing.assert_allclose(params[name], expected, atol=2e-4, err_msg=name)


def test_first_update_of_full_size_is_that_of_every_run_alone():
    configs = [make_config("nanda", p=23, warmup=0, seed=seed) for seed in range(3)]
    batch = together(configs)
    scalars = batch.update()

    for config, found, params in zip(
        configs, scalars, batch.copy_params(), strict=True
    ):
        single = alone(config, pairs(config), CPU)
        torch.testing.assert_close(found, single.update()[0], rtol=1e-5, atol=1e-9)
        for name, expected in single.copy_params()[0].items():
            np.testing.assert_allclose(params[name], expected, atol=2e-6, err_msg=name)


def test_run_that_explodes_leaves_the_others_their_bits():
    configs = make_configs()
    calm, rough = together(configs), together(configs)
    with torch.no_grad():
        rough.params["W_E"][0] = float("nan")

    for _ in range(3):
        expected, found = calm.update(), rough.update()

    assert not torch.isfinite(found[0, 0])
    assert torch.equal(found[1:], expected[1:])
    for one, other in zip(rough.copy_params()[1:], calm.copy_params()[1:], strict=True):
        for name, values in one.items():
            assert np.array_equal(values, other[name]), name


@pytest.mark.parametrize(
    "fields",
    [{}, {"n_layers": 2}, {"optimizer": "adam", "loss_dtype": "float32"}],
    ids=str,
)
def test_restored_batch_goes_on_to_the_same_bits(fields):
    configs = make_configs(**fields)
    straight = together(configs)
    for _ in range(8):
        straight.update()
    saved = straight.step, straight.copy_params(), straight.copy_optimizer()
    for _ in range(8):
        straight.update()

    resumed = together(configs)
    resumed.restore(*saved)
    for _ in range(8):
        scalars = resumed.update()

    assert torch.isfinite(scalars).all()
    for kind in ("copy_params", "copy_optimizer"):
        expected, found = getattr(straight, kind)(), getattr(resumed, kind)()
        for one, other in zip(found, expected, strict=True):
            assert one.keys() == other.keys()
            for name, values in one.items():
                assert np.array_equal(values, other[name]), name


def test_state_of_a_run_fits_a_stepper_of_its_own():
    configs = make_configs()
    batch = together(configs)
    for _ in range(8):
        batch.update()
    single = alone(configs[3], pairs(configs[3]), CPU)
    single.restore(batch.step, batch.copy_params()[3:], batch.copy_optimizer()[3:])

    for _ in range(8):
        batch.update()
        single.update()

    for name, values in single.copy_params()[0].items():
        np.testing.assert_allclose(batch.copy_params()[3][name], values, atol=1e-4)


def test_snapshot_puts_weights_moments_and_step_back():
    batch = together(make_configs())
    for _ in range(3):
        batch.update()
    before, moments = batch.copy_params(), batch.copy_optimizer()

    put_back = batch.snapshot()
    batch.update()
    put_back()

    assert batch.step == 3
    for name, values in before[1].items():
        assert np.array_equal(batch.copy_params()[1][name], values), name
    for name, values in moments[1].items():
        assert np.array_equal(batch.copy_optimizer()[1][name], values), name


def test_frozen_biases_stay_zero():
    batch = together(make_configs(mlp_bias=False, warmup=0))

    for _ in range(3):
        batch.update()

    assert not batch.params["blocks/0/b_in"].any()
    assert not batch.params["blocks/0/b_out"].any()
