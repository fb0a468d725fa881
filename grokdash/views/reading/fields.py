"""What the fields of a configuration are called for a reader."""

_TITLES: dict[str, str] = {
    "lr": "learning rate",
    "p": "modulus p",
    "n_heads": "heads",
    "n_layers": "layers",
    "d_model": "d_model",
    "d_mlp": "d_mlp",
    "mlp_bias": "MLP bias",
    "attention_bias": "attention bias",
    "unembedding_bias": "unembedding bias",
    "layer_norm": "LayerNorm",
    "twin": "rounding twin",
    "beta1": "β₁",
    "beta2": "β₂",
    "eps": "Adam's ε",
    "init": "initialisation",
    "split_rng": "split generator",
    "loss_dtype": "loss precision",
    "equals_class": "= as a class",
    "dense_every": "checkpoint spacing at the start",
    "dense_until": "end of the dense start",
    "checkpoint_every": "checkpoint spacing",
    "grids": "checkpoints with grids",
}


def field_title(name: str) -> str:
    """Name a field of the configuration: ``weight_decay`` is ``weight decay``."""
    return _TITLES.get(name, name.replace("_", " "))
