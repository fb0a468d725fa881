"""Every fast pass has the values and the gradients of the textbook."""

from itertools import product

import numpy as np
import pytest
import torch

from grokdash.config import make_config
from grokdash.model import one_layer
from grokdash.model.one_layer import OneLayer
from grokdash.model.parameters import initialise, trained_names
from grokdash.model.passes import Traced, make_pass
from grokdash.model.textbook import textbook_logits

SMALL = {"d_model": 8, "n_heads": 2, "d_mlp": 12, "train_fraction": 0.5}

VARIANTS = [
    pytest.param(fields, id="-".join(f"{k}={v}" for k, v in fields.items()))
    for fields in (
        *(
            {"p": p, "n_layers": layers}
            for p, layers in product((2, 5, 7, 13), (1, 2, 3))
        ),
        {"p": 7, "tied_unembedding": True, "equals_class": False, "mlp_bias": False},
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
                    ("mlp_bias", False),
                    ("attention_bias", True),
                    ("unembedding_bias", True),
                    ("n_heads", 1),
                    ("n_heads", 8),
                    ("operation", "divide"),
                ),
            )
        ),
    )
]


def examples(config, seed=0):
    pairs = config.rule.pairs(config.p)
    chosen = np.random.default_rng(seed).permutation(len(pairs))[: config.n_train]
    return torch.from_numpy(pairs[chosen])


def textbook(params, config, pairs, direction):
    """Give the logits, and the gradients of their sum weighted by a direction."""
    logits = textbook_logits(params, config, pairs)
    leaves = [params[name] for name in trained_names(config)]
    return logits, torch.autograd.grad((logits * direction).sum(), leaves)


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


def assert_agree(found, wanted, tolerance):
    largest = max(float(gradient.abs().max()) for gradient in wanted)
    for one, other in zip(found, wanted, strict=True):
        assert one.shape == other.shape
        assert float((one - other).abs().max()) < tolerance * largest


@pytest.mark.parametrize("fields", VARIANTS)
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-10)]
)
def test_values_and_gradients_are_the_textbooks(fields, dtype, tolerance):
    config = make_config(**{**SMALL, **fields})
    params = random_params(config, dtype)
    pairs = examples(config)
    direction = torch.randn(len(pairs), config.n_classes, dtype=torch.float64)
    expected, wanted = textbook(params, config, pairs, direction.to(dtype))
    one = make_pass(config, pairs, dtype)

    # Twice: nothing of a pass may be left over in the next.
    for _ in range(2):
        got = one.forward(params)
        found = one.backward(direction)

    assert relative(got, expected) < tolerance
    assert_agree(found, wanted, tolerance)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"activation": "gelu", "tied_unembedding": True, "mlp_bias": False},
        {"operation": "divide", "equals_class": False, "n_heads": 1},
        {"n_layers": 2, "attention_bias": True, "unembedding_bias": True},
        {"layer_norm": True},
    ],
    ids=str,
)
def test_several_runs_have_the_values_and_gradients_of_each(fields):
    config = make_config(**{**SMALL, "p": 7, **fields})
    runs = [random_params(config, torch.float64) for _ in range(3)]
    pairs = [examples(config, seed) for seed in range(3)]
    stacked = {
        name: torch.stack([params[name].detach() for params in runs])
        for name in runs[0]
    }
    direction = torch.randn(3, config.n_train, config.n_classes, dtype=torch.float64)
    batch = make_pass(config, torch.stack(pairs), torch.float64)

    got = batch.forward(stacked)
    found = batch.backward(direction)

    for run, params in enumerate(runs):
        expected, wanted = textbook(params, config, pairs[run], direction[run])
        assert relative(got[run], expected) < 1e-10
        assert_agree([one[run] for one in found], wanted, 1e-10)


@pytest.mark.parametrize("fields", [{}, {"activation": "gelu"}], ids=str)
def test_sums_by_products_are_those_of_the_fused_kernel(fields, monkeypatch):
    """Other devices than the CPU mix the rows by products of matrices."""
    config = make_config(**{**SMALL, "p": 7, **fields})
    params, pairs = random_params(config, torch.float64), examples(config)
    expected = OneLayer(config, pairs, torch.float64).forward(params)

    monkeypatch.setattr(one_layer, "_has_fused_sum", lambda _device: False)
    got = OneLayer(config, pairs, torch.float64).forward(params)

    assert relative(got, expected) < 1e-12


def test_one_layer_without_layer_norm_needs_no_autograd():
    config = make_config(**SMALL, p=5)
    pairs = examples(config)

    assert isinstance(make_pass(config, pairs), OneLayer)
    for fields in ({"n_layers": 2}, {"layer_norm": True}):
        other = config.model_copy(update=fields)
        assert isinstance(make_pass(other, pairs), Traced)


@pytest.mark.parametrize("n_layers", [1, 2])
def test_gradients_need_values_first(n_layers):
    config = make_config(**SMALL, p=5, n_layers=n_layers)
    one = make_pass(config, examples(config))
    one.forward(initialise(config))
    direction = torch.ones(config.n_train, config.n_classes)
    one.backward(direction)

    with pytest.raises(RuntimeError, match="before the values"):
        one.backward(direction)


def test_full_size_model_is_the_textbooks():
    config = make_config()
    params = random_params(config, torch.float32)
    pairs = examples(config)

    with torch.no_grad():
        expected = textbook_logits(params, config, pairs)
    got = make_pass(config, pairs).forward(params)

    assert relative(got, expected) < 1e-5


@pytest.mark.parametrize("n_layers", [1, 2])
def test_one_example_is_enough(n_layers):
    config = make_config(**SMALL, p=5, n_layers=n_layers)
    params = random_params(config, torch.float64)
    pairs = torch.tensor([[3, 4]])
    direction = torch.randn(1, config.n_classes, dtype=torch.float64)
    expected, wanted = textbook(params, config, pairs, direction)
    one = make_pass(config, pairs, torch.float64)

    assert relative(one.forward(params), expected) < 1e-10
    assert_agree(one.backward(direction), wanted, 1e-10)
