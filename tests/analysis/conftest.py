"""Closed-form logits and networks whose every number is known from theory."""

from types import SimpleNamespace

import numpy as np
import pytest

from grokdash.analysis.fibres import fibres
from grokdash.config import make_config

KEYS = (14, 35, 41, 42, 52)
ALPHA = (1.0, 2.0, 3.0, 1.5, 2.5)


def cosine_cube(q, keys, alpha, sign=1):
    a, b, c = np.ix_(np.arange(q), np.arange(q), np.arange(q))
    return sum(
        x * np.cos(2 * np.pi * (k * (a + sign * b - c) % q) / q)
        for k, x in zip(keys, alpha, strict=True)
    )


def random_params(config, seed=0):
    """Initial weights of the right shapes; biases are not zero so that they count."""
    rng = np.random.default_rng(seed)
    d, heads, d_head, m = config.d_model, config.n_heads, config.d_head, config.d_mlp
    shapes = {"W_E": (config.p + 1, d), "W_pos": (3, d)}
    if not config.tied_unembedding:
        shapes["W_U"] = (d, config.n_classes)
    for layer in range(config.n_layers):
        block = {
            **dict.fromkeys(("W_Q", "W_K", "W_V"), (heads, d, d_head)),
            "W_O": (heads, d_head, d),
            "W_in": (d, m),
            "b_in": (m,),
            "W_out": (m, d),
            "b_out": (d,),
        }
        if config.layer_norm:
            block |= dict.fromkeys(("ln1_w", "ln1_b", "ln2_w", "ln2_b"), (d,))
        if config.attention_bias:
            block |= dict.fromkeys(("b_Q", "b_K", "b_V"), (heads, d_head))
            block |= {"b_O": (d,)}
        shapes |= {f"blocks/{layer}/{name}": shape for name, shape in block.items()}
    if config.unembedding_bias:
        shapes["b_U"] = (config.n_classes,)
    return {
        name: (rng.normal(size=shape) / np.sqrt(d)).astype(np.float32)
        for name, shape in shapes.items()
    }


def hand_built(keys=KEYS, alpha=ALPHA, phases=101):
    """A transformer of the paper's sizes that adds mod 113, written down by hand.

    Attention is uniform; neuron j of a frequency computes
    ReLU(cos(w a + φ_j) + cos(w b + φ_j)) and pushes the answers along cos(w c + 2φ_j).
    """
    config = make_config("nanda")
    p, m = config.p, config.d_mlp
    params = {
        name: np.zeros_like(value, dtype=np.float64)
        for name, value in random_params(config).items()
    }
    t = np.arange(p)
    neuron = 0
    frequency = np.full(m, -1)
    for i, (k, a) in enumerate(zip(keys, alpha, strict=True)):
        w = 2 * np.pi * k / p
        params["W_E"][:p, 2 * i] = np.cos(w * t)
        params["W_E"][:p, 2 * i + 1] = np.sin(w * t)
        params["W_U"][20 + 2 * i, :p] = np.cos(w * t)
        params["W_U"][20 + 2 * i + 1, :p] = np.sin(w * t)
        phi = 2 * np.pi * np.arange(phases) / phases
        some = slice(neuron, neuron + phases)
        params["blocks/0/W_in"][10 + 2 * i, some] = np.cos(phi)
        params["blocks/0/W_in"][11 + 2 * i, some] = -np.sin(phi)
        out = a * 3 * np.pi / (2 * phases)
        params["blocks/0/W_out"][some, 20 + 2 * i] = out * np.cos(2 * phi)
        params["blocks/0/W_out"][some, 20 + 2 * i + 1] = -out * np.sin(2 * phi)
        frequency[some] = k
        neuron += phases
    for j in range(10):
        params["blocks/0/W_V"][0, j, j] = 1
        params["blocks/0/W_O"][0, j, 10 + j] = 3
    return SimpleNamespace(
        config=config, params=params, keys=keys, alpha=alpha, frequency=frequency
    )


@pytest.fixture(scope="session")
def make_cube():
    return cosine_cube


@pytest.fixture(scope="session")
def fibre_mean():
    """Give the function from logits to their means over pairs with one sum."""

    def mean(cube):
        q = len(cube)
        return fibres("add", q, np.zeros((q, q), bool)).mean(cube)

    return mean


@pytest.fixture(scope="session")
def make_params():
    return random_params


@pytest.fixture(scope="session")
def pure():
    """The logits Σ α_k cos(w_k(a + b − c)) of p = 113 with five keys."""
    cube = cosine_cube(113, KEYS, ALPHA)
    cube.setflags(write=False)
    return SimpleNamespace(p=113, keys=KEYS, alpha=ALPHA, cube=cube)


@pytest.fixture(scope="session")
def network():
    return hand_built()


@pytest.fixture(scope="session")
def network_activations(network):
    from grokdash.analysis.forward import forward

    return forward(network.params, network.config, np.float64)


@pytest.fixture(scope="session")
def half_mask():
    return np.random.default_rng(0).random((113, 113)) < 0.3
