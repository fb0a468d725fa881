from itertools import product

import numpy as np
import pytest
import torch

from grokdash.config import make_config
from grokdash.model.last_token import FastForward
from grokdash.model.parameters import initialise
from grokdash.model.textbook import textbook_logits

SMALL = {"d_model": 8, "n_heads": 2, "d_mlp": 12, "train_fraction": 0.5}

VARIANTS = [
    pytest.param(fields, id="-".join(f"{k}={v}" for k, v in fields.items()))
    for fields in (
        *(
            {"p": p, "n_layers": layers, "mlp_bias": bias}
            for p, layers, bias in product((5, 7, 13), (1, 2, 3), (True, False))
        ),
        {"p": 59, "n_layers": 2},
        {"p": 113, "n_layers": 1},
        {"p": 113, "n_layers": 3},
        *(
            {"p": 7, "n_layers": layers, name: value}
            for layers, (name, value) in product(
                (1, 2),
                (
                    ("causal_mask", False),
                    ("layer_norm", True),
                    ("activation", "gelu"),
                    ("tied_unembedding", True),
                    ("equals_class", False),
                    ("n_heads", 1),
                    ("n_heads", 8),
                    ("operation", "divide"),
                ),
            )
        ),
    )
]


def examples(config):
    pairs = config.rule.pairs(config.p)
    chosen = np.random.default_rng(0).permutation(len(pairs))[: config.n_train]
    return torch.from_numpy(pairs[chosen])


def random_params(config, dtype):
    """Draw parameters, and give biases and LayerNorms values that matter too."""
    params = initialise(config)
    return {
        name: (
            value + 0.3 * torch.randn(value.shape)
            if name.rsplit("/", 1)[-1].startswith(("b_", "ln"))
            else value
        )
        .to(dtype)
        .requires_grad_()
        for name, value in params.items()
    }


def relative(x, y):
    x, y = x.detach(), y.detach()
    return float((x - y).abs().max() / y.abs().max())


@pytest.mark.parametrize("fields", VARIANTS)
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-10)]
)
def test_values_and_gradients_are_the_textbooks(fields, dtype, tolerance):
    config = make_config(**{**SMALL, **fields})
    params = random_params(config, dtype)
    pairs = examples(config)
    direction = torch.randn(len(pairs), config.n_classes, dtype=dtype)

    expected = textbook_logits(params, config, pairs)
    got = FastForward(config, pairs, dtype)(params)

    assert relative(got, expected) < tolerance
    wanted = torch.autograd.grad((expected * direction).sum(), list(params.values()))
    found = torch.autograd.grad((got * direction).sum(), list(params.values()))
    largest = max(float(gradient.abs().max()) for gradient in wanted)
    for name, one, other in zip(params, found, wanted, strict=True):
        assert float((one - other).abs().max()) < tolerance * largest, name


def test_full_size_model_is_the_textbooks():
    config = make_config()
    params = random_params(config, torch.float32)
    pairs = examples(config)

    with torch.no_grad():
        expected = textbook_logits(params, config, pairs)
        got = FastForward(config, pairs)(params)

    assert relative(got, expected) < 1e-5


def test_one_example_is_enough():
    config = make_config(**SMALL, p=5, n_layers=2)
    params = random_params(config, torch.float64)
    pairs = torch.tensor([[3, 4]])

    got = FastForward(config, pairs, torch.float64)(params)

    assert relative(got, textbook_logits(params, config, pairs)) < 1e-10
