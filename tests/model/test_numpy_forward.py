"""The analysis' NumPy network computes what the PyTorch network computes."""

import numpy as np
import pytest
import torch

from grokdash.analysis import forward
from grokdash.config import make_config
from grokdash.model.parameters import initialise
from grokdash.model.textbook import textbook_logits


@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"causal_mask": False},
        {"layer_norm": True},
        {"activation": "gelu", "n_heads": 1},
        {"tied_unembedding": True},
        {"equals_class": False, "mlp_bias": False},
        {"attention_bias": True, "unembedding_bias": True},
        {"attention_bias": True, "causal_mask": False, "layer_norm": True},
    ],
    ids=str,
)
def test_logits_agree_with_pytorch(layers, fields):
    config = make_config(
        **{"p": 7, "d_model": 8, "n_heads": 2, "d_mlp": 12, "n_layers": layers} | fields
    )
    params = {
        name: value.double() + 0.2 * torch.randn(value.shape, dtype=torch.float64)
        for name, value in initialise(config).items()
    }
    pairs = torch.cartesian_prod(torch.arange(7), torch.arange(7))

    expected = textbook_logits(params, config, pairs)[:, :7].reshape(7, 7, 7)
    got = forward.logits(
        {name: value.numpy() for name, value in params.items()}, config, np.float64
    )

    np.testing.assert_allclose(got, expected.numpy(), atol=1e-10)
