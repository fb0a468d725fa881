"""Initial values of the parameters of one network, and which of them are trained.

Parameters are a plain dictionary from name to tensor, in the row-vector convention
``x @ W``, under the names and of the shapes that the store has them, so that nothing
has to be renamed between training, storing and analysis.
"""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from grokdash.config import RunConfig
from grokdash.store.schema import param_shapes

Params = dict[str, Tensor]

_BLOCK_BIASES = ("b_in", "b_out")


def trained_names(config: RunConfig) -> tuple[str, ...]:
    """Name the parameters that the optimiser updates; frozen biases are left out."""
    return tuple(
        name
        for name in param_shapes(config)
        if config.mlp_bias or name.rsplit("/", 1)[-1] not in _BLOCK_BIASES
    )


def unembedding(params: Mapping[str, Tensor], config: RunConfig) -> Tensor:
    """Give W_U ``[d_model, n_classes]``, which is W_E transposed when tied."""
    if config.tied_unembedding:
        return params["W_E"][..., : config.n_classes, :].mT
    return params["W_U"]


def initialise(config: RunConfig) -> Params:
    """Draw the initial parameters, float32 on the CPU, from ``config.seed``.

    The draws come from the global CPU generator, which is seeded here, so that the
    generator's state afterwards is part of the run as well. A rounding twin
    (``config.twin``) differs in the last bit of one number of W_E, counted by rows.
    """
    torch.manual_seed(config.seed)
    draw = _draw_nanda if config.init == "nanda" else _draw_seed
    drawn = draw(config)
    params: Params = {}
    for name, shape in param_shapes(config).items():
        kind = name.rsplit("/", 1)[-1]
        if kind in ("ln1_w", "ln2_w"):
            params[name] = torch.ones(shape)
        else:
            params[name] = drawn.get(name, torch.zeros(shape)).contiguous()
    if config.twin:
        flat = params["W_E"].view(-1)
        flat[config.twin - 1] = torch.nextafter(flat[config.twin - 1], torch.zeros(()))
    return params


def _draw_nanda(config: RunConfig) -> Params:
    """Draw in the order and the (transposed) shapes of Nanda et al. 2023.

    The order and the shapes decide which number lands where, and so whether their
    published losses are met.
    """
    d, heads, d_head, m = config.d_model, config.n_heads, config.d_head, config.d_mlp

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape) / np.sqrt(d)

    params = {"W_E": draw(d, config.p + 1).T, "W_pos": draw(3, d)}
    for layer in range(config.n_layers):
        block = f"blocks/{layer}"
        for name in ("W_K", "W_Q", "W_V"):
            params[f"{block}/{name}"] = draw(heads, d_head, d).transpose(1, 2)
        W_O = draw(d, d_head * heads)
        params[f"{block}/W_O"] = W_O.T.reshape(heads, d_head, d)
        params[f"{block}/W_in"] = draw(m, d).T
        params[f"{block}/W_out"] = draw(d, m).T
    if not config.tied_unembedding:
        params["W_U"] = torch.randn(d, config.n_classes) / np.sqrt(config.p + 1)
    return params


def _draw_seed(config: RunConfig) -> Params:
    """Draw normal values of deviation 0.8/√d_model; Q, K, V uniform as in Xavier."""
    d, m = config.d_model, config.d_mlp
    heads, d_head = config.n_heads, config.d_head
    deviation = 0.8 / np.sqrt(d)
    bound = np.sqrt(6 / (d + 3 * d))

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape) * deviation

    params = {"W_E": normal(config.p + 1, d), "W_pos": normal(3, d)}
    for layer in range(config.n_layers):
        block = f"blocks/{layer}"
        for name in ("W_Q", "W_K", "W_V"):
            params[f"{block}/{name}"] = (2 * torch.rand(heads, d, d_head) - 1) * bound
        params[f"{block}/W_O"] = normal(heads, d_head, d)
        params[f"{block}/W_in"] = normal(d, m)
        params[f"{block}/W_out"] = normal(m, d)
    if not config.tied_unembedding:
        params["W_U"] = normal(d, config.n_classes)
    return params
