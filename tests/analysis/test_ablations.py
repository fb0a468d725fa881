"""Skip paths and neurons of a network that uses them."""

import numpy as np
import pytest

from grokdash.analysis import ablations
from grokdash.analysis.forward import forward, unembedding
from grokdash.config import make_config


@pytest.fixture
def net(make_params):
    config = make_config(
        "nanda", p=7, d_model=12, n_heads=3, d_mlp=10, train_fraction=0.5, n_layers=2
    )
    params = {k: v.astype(np.float64) for k, v in make_params(config).items()}
    return params, config, forward(params, config, np.float64)


@pytest.mark.parametrize("mode", ["zero", "mean"])
def test_without_the_mlp_skip_only_the_neurons_reach_the_logits(net, mode):
    params, config, act = net
    edits = ablations.without_mlp_skip(act, 1, mode)

    found = forward(params, config, np.float64, edits).logits

    written = act.neurons[1] @ params["blocks/1/W_out"] + params["blocks/1/b_out"]
    kept = act.resid_mid[1].mean(axis=(0, 1)) if mode == "mean" else 0
    W_U = unembedding(params, config)
    assert found == pytest.approx((written + kept) @ W_U, abs=1e-12)


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("mode", ["zero", "mean"])
def test_without_the_attention_skip_the_earlier_stream_is_gone(net, layer, mode):
    params, config, act = net
    edits = ablations.without_attention_skip(params, config, act, layer, mode)
    before = (
        act.resid_post[0]
        if layer
        else np.broadcast_to(params["W_E"][7] + params["W_pos"][2], (7, 7, 12))
    )

    found = forward(params, config, np.float64, edits).resid_mid[layer]

    kept = before.mean(axis=(0, 1)) if mode == "mean" else 0
    assert found == pytest.approx(act.resid_mid[layer] - before + kept, abs=1e-12)


def test_mean_ablated_neurons_keep_their_mean(net):
    params, config, act = net
    chosen = np.arange(10) < 4
    edits = ablations.without_neurons(1, chosen, "mean")

    found = forward(params, config, np.float64, edits).neurons[1]

    assert found[..., 4:] == pytest.approx(act.neurons[1][..., 4:])
    mean = act.neurons[1].mean(axis=(0, 1))[:4]
    assert found[..., :4] == pytest.approx(np.broadcast_to(mean, (7, 7, 4)))


def test_fixed_attention_is_its_mean_for_the_chosen_heads_only(net):
    params, config, act = net

    found = forward(
        params, config, np.float64, ablations.fixed_attention(0, [1])
    ).patterns[0]

    expected = act.patterns[0].copy()
    expected[1] = expected[1].mean(axis=(1, 2), keepdims=True)
    assert found == pytest.approx(expected)


def test_fit_leaves_pairs_outside_the_frame(make_params):
    config = make_config(
        "nanda",
        operation="multiply",
        p=7,
        d_model=12,
        n_heads=3,
        d_mlp=10,
        train_fraction=0.5,
    )
    params = make_params(config)
    edits = ablations.fitted_neurons(config, 0, np.full(10, 2))

    found = forward(params, config, edits=edits).neurons[0]

    reference = forward(params, config).neurons[0]
    assert np.array_equal(found[0], reference[0])
    assert np.array_equal(found[:, 0], reference[:, 0])
    assert not np.allclose(found[1:, 1:], reference[1:, 1:])
