"""The textbook forward pass: every position at every layer, one line per formula.

It is the definition that the fast forward pass is tested against, and the yardstick of
the training benchmark.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from grokdash.config import RunConfig
from grokdash.model.parameters import unembedding

LAYER_NORM_EPS = 1e-5


def textbook_logits(
    params: Mapping[str, Tensor], config: RunConfig, pairs: Tensor
) -> Tensor:
    """Compute the logits at the last position.

    Parameters
    ----------
    params
        All parameters by name.
    config
        The configuration that gives the architecture.
    pairs
        Operands ``[n, 2]``, int64.

    Returns
    -------
    Tensor
        Logits ``[n, n_classes]``.
    """
    equals = torch.full_like(pairs[:, :1], config.p)
    tokens = torch.cat([pairs, equals], dim=1)
    x = params["W_E"][tokens] + params["W_pos"]
    for layer in range(config.n_layers):
        block = {
            name.rsplit("/", 1)[-1]: value
            for name, value in params.items()
            if name.startswith(f"blocks/{layer}/")
        }
        x = layer_norm(x + _attention(x, block, config), block, "ln1", config)
        x = layer_norm(x + _mlp(x, block, config), block, "ln2", config)
    logits = x[:, 2] @ unembedding(params, config)
    return logits + params["b_U"] if config.unembedding_bias else logits


def layer_norm(
    x: Tensor, block: Mapping[str, Tensor], name: str, config: RunConfig
) -> Tensor:
    """Apply the LayerNorm called ``name`` over the last axis, if the model has any."""
    if not config.layer_norm:
        return x
    return torch.nn.functional.layer_norm(
        x, (config.d_model,), block[f"{name}_w"], block[f"{name}_b"], LAYER_NORM_EPS
    )


def activate(x: Tensor, config: RunConfig) -> Tensor:
    """Apply the MLP's non-linearity (GELU in its exact, erf form)."""
    if config.activation == "relu":
        return torch.relu(x)
    return torch.nn.functional.gelu(x)


def _attention(x: Tensor, block: Mapping[str, Tensor], config: RunConfig) -> Tensor:
    q, k, v = (
        torch.einsum("npd,hdk->nhpk", x, block[name]) for name in ("W_Q", "W_K", "W_V")
    )
    if config.attention_bias:
        q, k, v = (
            part + block[name][:, None]
            for part, name in ((q, "b_Q"), (k, "b_K"), (v, "b_V"))
        )
    scores = q @ k.transpose(-1, -2) / config.d_head**0.5
    if config.causal_mask:
        hidden = torch.ones(3, 3, dtype=torch.bool, device=x.device).triu(1)
        scores = scores.masked_fill(hidden, float("-inf"))
    z = torch.softmax(scores, dim=-1) @ v
    out = torch.einsum("nhpk,hkd->npd", z, block["W_O"])
    return out + block["b_O"] if config.attention_bias else out


def _mlp(x: Tensor, block: Mapping[str, Tensor], config: RunConfig) -> Tensor:
    neurons = activate(x @ block["W_in"] + block["b_in"], config)
    return neurons @ block["W_out"] + block["b_out"]
