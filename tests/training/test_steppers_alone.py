import numpy as np
import pytest
import torch

from grokdash.config import make_config
from grokdash.model.parameters import initialise
from grokdash.model.textbook import textbook_logits
from grokdash.store import shuffled_pairs
from grokdash.training.steppers import SCALARS, alone

SMALL = {"p": 7, "d_model": 8, "d_mlp": 12, "n_heads": 2, "train_fraction": 0.5}
CPU = torch.device("cpu")


def make_stepper(**fields):
    config = make_config(**(SMALL | fields))
    return config, alone(config, shuffled_pairs(config)[: config.n_train], CPU)


def plain_training(config, steps):
    """Train with the textbook forward, torch's own loss, optimiser and schedule."""
    params = {name: v.requires_grad_() for name, v in initialise(config).items()}
    pairs = torch.from_numpy(shuffled_pairs(config)[: config.n_train])
    labels = (pairs[:, 0] + pairs[:, 1]) % config.p
    trained = [
        value for name, value in params.items() if config.mlp_bias or "/b_" not in name
    ]
    kind = torch.optim.AdamW if config.optimizer == "adamw" else torch.optim.Adam
    optimizer = kind(
        trained,
        lr=config.lr,
        betas=(config.beta1, config.beta2),
        eps=config.eps,
        weight_decay=config.weight_decay,
    )
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = config.lr * min(step / max(config.warmup, 1), 1)
        logits = textbook_logits(params, config, pairs).double()
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(logits, labels).backward()
        optimizer.step()
    return params


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"optimizer": "adam", "weight_decay": 0.01},
        {"mlp_bias": False},
        {"n_layers": 2, "layer_norm": True},
        {"tied_unembedding": True},
        {"activation": "gelu", "equals_class": False},
    ],
    ids=str,
)
def test_twenty_updates_are_those_of_plain_pytorch(fields):
    config, stepper = make_stepper(**fields)

    for _ in range(20):
        stepper.update()

    for name, expected in plain_training(config, 20).items():
        # Adam divides by gradients near zero, so rounding grows to some 1e-5.
        np.testing.assert_allclose(
            stepper.params[name].detach(), expected.detach(), atol=2e-4, err_msg=name
        )


def test_first_update_has_rate_zero_and_leaves_the_initialisation():
    config, stepper = make_stepper(warmup=10)

    scalars = dict(zip(SCALARS, stepper.update()[0].tolist(), strict=True))

    assert scalars["update_norm"] == 0
    assert scalars["grad_norm"] > 0
    for name, value in initialise(config).items():
        assert torch.equal(stepper.params[name], value), name


def test_scalars_are_what_their_names_say():
    _, stepper = make_stepper(warmup=0)
    stepper.update()
    before = {name: v.detach().clone() for name, v in stepper.params.items()}

    scalars = dict(zip(SCALARS, stepper.update()[0].tolist(), strict=True))

    moved = sum(
        float((stepper.params[name].detach() - v).double().square().sum())
        for name, v in before.items()
    )
    assert scalars["update_norm"] == pytest.approx(moved**0.5, rel=1e-5)
    sumsq = sum(float(value.double().square().sum()) for value in before.values())
    assert scalars["sumsq"] == pytest.approx(sumsq, rel=1e-6)
    assert scalars["float32_collapse"] == scalars["float32_zero_gradient"] == 0


def test_frozen_biases_stay_zero():
    _, stepper = make_stepper(mlp_bias=False, warmup=0)

    for _ in range(3):
        stepper.update()

    assert not stepper.params["blocks/0/b_in"].any()
    assert not stepper.params["blocks/0/b_out"].any()


@pytest.mark.parametrize(
    "fields",
    [{}, {"n_layers": 2}, {"optimizer": "adam", "loss_dtype": "float32"}],
    ids=str,
)
def test_restored_stepper_goes_on_to_the_same_bits(fields):
    _, straight = make_stepper(**fields)
    for _ in range(8):
        straight.update()
    saved = straight.step, straight.copy_params(), straight.copy_optimizer()
    for _ in range(8):
        straight.update()

    _, resumed = make_stepper(**fields)
    resumed.restore(*saved)
    for _ in range(8):
        resumed.update()

    assert resumed.step == straight.step
    for name, value in straight.copy_params()[0].items():
        assert np.array_equal(resumed.copy_params()[0][name], value), name
    for name, value in straight.copy_optimizer()[0].items():
        assert np.array_equal(resumed.copy_optimizer()[0][name], value), name


def test_optimiser_state_matters():
    """Without it a resumed run would differ: the test above can fail."""
    _, straight = make_stepper()
    for _ in range(16):
        straight.update()
    _, resumed = make_stepper()
    for _ in range(8):
        resumed.update()
    resumed.restore(
        8,
        resumed.copy_params(),
        [{k: np.zeros_like(v) for k, v in resumed.copy_optimizer()[0].items()}],
    )
    for _ in range(8):
        resumed.update()

    assert not np.array_equal(
        resumed.copy_params()[0]["W_E"], straight.copy_params()[0]["W_E"]
    )


def test_published_initial_sum_of_squares():
    """Σw² of the initialisation is expected at 1781 (12 sigma of 226k draws)."""
    total = sum(float((v**2).sum()) for v in initialise(make_config("nanda")).values())

    assert total == pytest.approx(1781, abs=30)


def test_seed_initialisation_has_the_earlier_projects_deviations():
    config = make_config("seed")
    params = initialise(config)

    assert float(params["W_E"].std()) == pytest.approx(0.8 / 128**0.5, rel=0.02)
    assert float(params["blocks/0/W_out"].std()) == pytest.approx(0.0707, rel=0.02)
    assert float(params["blocks/0/W_Q"].std()) == pytest.approx(0.0625, rel=0.02)
    assert float(params["blocks/0/W_Q"].abs().max()) <= (1.5 / 128) ** 0.5
