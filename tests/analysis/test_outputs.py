"""The pass of the measures against the one that forms every residual stream."""

import numpy as np
import pytest

from grokdash.analysis.forward import forward
from grokdash.analysis.outputs import outputs
from grokdash.config import make_config

VARIANTS = {
    "one": {},
    "gelu": {"activation": "gelu"},
    "tied": {"tied_unembedding": True},
    "no-equals": {"equals_class": False},
    "norm": {"layer_norm": True},
    "two": {"n_layers": 2},
    "biases": {"attention_bias": True, "unembedding_bias": True},
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("p", [2, 7])
def test_outputs_are_those_of_the_whole_pass(variant, p, make_params):
    config = make_config(
        "nanda", p=p, d_model=12, n_heads=3, d_mlp=10, **VARIANTS[variant]
    )
    params = make_params(config)

    found = outputs(params, config, np.float64)

    whole = forward(params, config, np.float64)
    for one, other in zip(found.patterns, whole.patterns, strict=True):
        assert one == pytest.approx(other, abs=1e-13)
    for one, other in zip(found.neurons, whole.neurons, strict=True):
        assert one == pytest.approx(other, abs=1e-12)
    assert found.logits == pytest.approx(whole.logits, abs=1e-12)


def test_float32_is_as_near_to_float64_as_the_whole_pass(make_params):
    config = make_config("nanda", p=11)
    params = make_params(config)
    exact = forward(params, config, np.float64).logits

    found, whole = outputs(params, config).logits, forward(params, config).logits

    assert found.dtype == np.float32
    assert np.abs(found - exact).max() <= 2 * np.abs(whole - exact).max()
