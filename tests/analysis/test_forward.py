"""The grid forward pass against a plain one, pair by pair and position by position."""

from math import erf, sqrt

import numpy as np
import pytest

from grokdash.analysis import forward
from grokdash.config import make_config
from grokdash.errors import ConfigError

VARIANTS = {
    "one": {},
    "gelu-norm": {"activation": "gelu", "layer_norm": True},
    "two": {"n_layers": 2},
    "one-biased": {"attention_bias": True, "unembedding_bias": True},
    "two-biased": {"n_layers": 2, "attention_bias": True, "unembedding_bias": True},
    "two-open-tied": {"n_layers": 2, "causal_mask": False, "tied_unembedding": True},
    "three-all": {
        "n_layers": 3,
        "causal_mask": False,
        "layer_norm": True,
        "activation": "gelu",
        "equals_class": False,
    },
}


def small(**fields):
    return make_config(
        "nanda", p=5, d_model=12, n_heads=3, d_mlp=10, train_fraction=0.5, **fields
    )


def norm(x, weight, bias):
    centred = x - x.mean(axis=-1, keepdims=True)
    return (
        centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5) * weight + bias
    )


def one_pair(params, config, a, b):
    """The textbook transformer on one sequence [a, b, =], in float64."""
    params = {name: value.astype(np.float64) for name, value in params.items()}
    x = params["W_E"][[a, b, config.p]] + params["W_pos"]
    for layer in range(config.n_layers):
        w = {
            name.split("/")[-1]: value
            for name, value in params.items()
            if name.startswith(f"blocks/{layer}/")
        }
        out, last = np.zeros_like(x), []
        for h in range(config.n_heads):
            q, k, v = (
                x @ w[f"W_{name}"][h]
                + (w[f"b_{name}"][h] if config.attention_bias else 0)
                for name in "QKV"
            )
            scores = q @ k.T / sqrt(config.d_head)
            if config.causal_mask:
                scores[np.triu_indices(3, 1)] = -np.inf
            pattern = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
            out += pattern @ v @ w["W_O"][h]
            last.append(pattern[2])
        x = x + out + w.get("b_O", 0)
        if config.layer_norm:
            x = norm(x, w["ln1_w"], w["ln1_b"])
        pre = x @ w["W_in"] + w["b_in"]
        if config.activation == "relu":
            hidden = np.maximum(pre, 0)
        else:
            hidden = pre * np.vectorize(lambda z: (1 + erf(z / sqrt(2))) / 2)(pre)
        x = x + hidden @ w["W_out"] + w["b_out"]
        if config.layer_norm:
            x = norm(x, w["ln2_w"], w["ln2_b"])
    W_U = params["W_E"].T if config.tied_unembedding else params["W_U"]
    logits = x[2] @ W_U + params.get("b_U", 0)
    return logits[: config.p], hidden[2], np.array(last)


@pytest.mark.parametrize("variant", VARIANTS)
def test_grid_pass_is_the_plain_pass_on_every_pair(variant, make_params):
    config = small(**VARIANTS[variant])
    params = make_params(config)
    layer = config.n_layers - 1

    found = forward.forward(params, config, np.float64)
    logits = forward.logits(params, config, np.float64)
    hidden = forward.neurons(params, config, layer, np.float64)
    grid = forward.neuron_grid(params, config, layer, 4, np.float64)
    pattern = forward.attention_pattern(params, config, layer, np.float64)

    assert logits.shape == (5, 5, 5)
    assert np.array_equal(found.logits, logits)
    for a in range(5):
        for b in range(5):
            expected, neurons, attention = one_pair(params, config, a, b)
            assert logits[a, b] == pytest.approx(expected, abs=1e-12)
            assert hidden[:, a, b] == pytest.approx(neurons, abs=1e-12)
            assert found.neurons[-1][a, b] == pytest.approx(neurons, abs=1e-12)
            assert grid[a, b] == pytest.approx(neurons[4], abs=1e-12)
            assert pattern[:, :, a, b] == pytest.approx(attention, abs=1e-12)


def test_single_precision_is_the_default_and_near(make_params):
    config = small(n_layers=2)
    params = make_params(config)

    found = forward.logits(params, config)

    assert found.dtype == np.float32
    assert found == pytest.approx(forward.logits(params, config, np.float64), abs=1e-5)


def test_every_block_is_kept(make_params):
    config = small(n_layers=3)
    params = make_params(config)

    found = forward.forward(params, config)

    assert [x.shape for x in found.neurons] == [(5, 5, 10)] * 3
    assert [x.shape for x in found.patterns] == [(3, 3, 5, 5)] * 3
    for layer in range(3):
        again = forward.neurons(params, config, layer)
        assert again == pytest.approx(np.moveaxis(found.neurons[layer], -1, 0))


def test_attention_sums_to_one(make_params):
    config = small()

    pattern = forward.attention_pattern(make_params(config), config, 0)

    assert pattern.sum(axis=1) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(("layer", "index"), [(1, 0), (-1, 0), (0, 10), (0, -1)])
def test_a_block_or_neuron_that_does_not_exist_is_refused(layer, index, make_params):
    config = small()

    with pytest.raises(ConfigError, match="expected 0"):
        forward.neuron_grid(make_params(config), config, layer, index)


@pytest.mark.parametrize("variant", ["one", "two"])
def test_symmetries_of_the_weights_leave_the_logits(variant, make_params):
    config = small(**VARIANTS[variant])
    params = {k: v.astype(np.float64) for k, v in make_params(config).items()}
    reference = forward.forward(params, config, np.float64)
    rng = np.random.default_rng(0)
    order, heads = rng.permutation(10), rng.permutation(3)
    scale = rng.uniform(0.5, 2, size=10)
    Q = np.linalg.qr(rng.normal(size=(12, 12)))[0]

    changed = dict(params)
    for layer in range(config.n_layers):
        name = f"blocks/{layer}/"
        for matrix in ("W_Q", "W_K", "W_V"):
            changed[name + matrix] = Q.T @ params[name + matrix][heads]
        changed[name + "W_O"] = params[name + "W_O"][heads] @ Q
        changed[name + "W_in"] = (Q.T @ params[name + "W_in"] * scale)[:, order]
        changed[name + "b_in"] = (params[name + "b_in"] * scale)[order]
        changed[name + "W_out"] = (params[name + "W_out"] / scale[:, None])[order] @ Q
        changed[name + "b_out"] = params[name + "b_out"] @ Q
    for matrix in ("W_E", "W_pos"):
        changed[matrix] = params[matrix] @ Q
    changed["W_U"] = Q.T @ params["W_U"]
    found = forward.forward(changed, config, np.float64)

    assert found.logits == pytest.approx(reference.logits, abs=1e-12)
    assert found.patterns[-1] == pytest.approx(reference.patterns[-1][heads], abs=1e-12)
    assert found.neurons[-1] == pytest.approx(
        (reference.neurons[-1] * scale)[..., order], abs=1e-12
    )


def test_an_edit_replaces_what_flows_on(make_params):
    config = small(n_layers=2)
    params = make_params(config)

    found = forward.forward(params, config, edits={"blocks/1/mlp_out": np.zeros_like})

    W_U = forward.unembedding(params, config)
    assert found.logits == pytest.approx(found.resid_mid[1] @ W_U, abs=1e-6)
