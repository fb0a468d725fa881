"""The hand-written backward pass against difference quotients."""

import numpy as np
import pytest

from grokdash.analysis.forward import forward
from grokdash.analysis.gradients import embedding_gradients
from grokdash.config import make_config


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"activation": "gelu", "layer_norm": True},
        {"n_layers": 2, "layer_norm": True},
        {"n_layers": 2, "attention_bias": True, "unembedding_bias": True},
        {"n_layers": 3, "causal_mask": False, "activation": "gelu"},
    ],
)
def test_gradients_meet_the_difference_quotient(fields, make_params):
    config = make_config(
        "nanda", p=5, d_model=6, n_heads=2, d_mlp=7, train_fraction=0.5, **fields
    )
    params = {k: v.astype(np.float64) for k, v in make_params(config).items()}
    triples = np.array([[1, 3, 0], [4, 2, 2]])
    h = 1e-6

    found = embedding_gradients(params, config, triples)

    for n, (a, b, c) in enumerate(triples):
        for operand, token in enumerate((a, b)):
            for d in range(6):
                values = []
                for sign in (1, -1):
                    moved = params["W_E"].copy()
                    moved[token, d] += sign * h
                    L = forward(params | {"W_E": moved}, config, np.float64).logits
                    values.append(L[a, b, c])
                slope = (values[0] - values[1]) / (2 * h)
                assert found[n, operand, d] == pytest.approx(slope, abs=1e-7)
