"""What TransformerLens calls the weights of a network, and the settings of its model.

Its ``HookedTransformer`` multiplies rows by matrices as grokdash does, so nothing is
transposed. Biases that a network lacks are 0 in it, and it has no LayerNorm after
an addition to the residual stream, so networks with one cannot be written for it.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from grokdash.config import RunConfig
from grokdash.errors import ConfigError

OUTSIDE = {
    "W_E": "embed.W_E",
    "W_pos": "pos_embed.W_pos",
    "W_U": "unembed.W_U",
    "b_U": "unembed.b_U",
}
"""Names outside the blocks, by the names of the store."""

IN_BLOCK = {
    "W_Q": "attn.W_Q",
    "W_K": "attn.W_K",
    "W_V": "attn.W_V",
    "W_O": "attn.W_O",
    **{f"b_{letter}": f"attn.b_{letter}" for letter in "QKVO"},
    "W_in": "mlp.W_in",
    "b_in": "mlp.b_in",
    "W_out": "mlp.W_out",
    "b_out": "mlp.b_out",
}
"""Names within ``blocks.0.``, by the names of the store within ``blocks/0/``."""


def hooked_name(name: str) -> str:
    """Translate the name of a parameter, such as ``blocks/0/W_Q``."""
    if name in OUTSIDE:
        return OUTSIDE[name]
    _, layer, kind = name.split("/")
    return f"blocks.{layer}.{IN_BLOCK[kind]}"


def hooked_weights(
    params: Mapping[str, np.ndarray], config: RunConfig
) -> dict[str, np.ndarray]:
    """Give all weights of a ``HookedTransformer`` that computes the same logits.

    Parameters
    ----------
    params
        Arrays by the names of the store.
    config
        The run's configuration.

    Returns
    -------
    dict of ndarray
        ``W_U [d_model, n_classes]`` is written out where it is tied to ``W_E``.

    Raises
    ------
    ConfigError
        If the network has LayerNorm.
    """
    check_hooked(config)
    found = {hooked_name(name): values for name, values in params.items()}
    if config.tied_unembedding:
        found["unembed.W_U"] = params["W_E"][: config.n_classes].T
    per_head = (config.n_heads, config.d_head)
    shapes: dict[str, tuple[int, ...]] = {"unembed.b_U": (config.n_classes,)}
    for layer in range(config.n_layers):
        start = f"blocks.{layer}.attn."
        shapes |= {f"{start}b_{letter}": per_head for letter in "QKV"}
        shapes[f"{start}b_O"] = (config.d_model,)
    return {name: np.zeros(one, np.float32) for name, one in shapes.items()} | found


def hooked_config(config: RunConfig) -> dict[str, Any]:
    """Give what ``HookedTransformerConfig.from_dict`` takes, in what JSON knows.

    Raises
    ------
    ConfigError
        If the network has LayerNorm.
    """
    check_hooked(config)
    return {
        "n_layers": config.n_layers,
        "n_heads": config.n_heads,
        "d_model": config.d_model,
        "d_head": config.d_head,
        "d_mlp": config.d_mlp,
        "d_vocab": config.p + 1,
        "d_vocab_out": config.n_classes,
        "n_ctx": 3,
        "act_fn": config.activation,
        "attention_dir": "causal" if config.causal_mask else "bidirectional",
        "normalization_type": None,
        "init_weights": False,
    }


def check_hooked(config: RunConfig) -> None:
    """Refuse a network that TransformerLens cannot compute.

    Raises
    ------
    ConfigError
        If it has LayerNorm.
    """
    if config.layer_norm:
        raise ConfigError(
            "layout transformer-lens: this network has LayerNorm after each addition "
            "to the residual stream, and HookedTransformer only before what reads it; "
            "the layout grokdash has all weights"
        )
