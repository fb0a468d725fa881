"""Dead neurons: hand-made ones of known use, and what zeroing does to the logits."""

import numpy as np
import pytest

from grokdash.analysis import activation
from grokdash.analysis.dead import RESOLUTION, dead_neurons, rounds_away
from grokdash.analysis.forward import forward, neuron_logit_map
from grokdash.config import make_config

P, M = 5, 10
ALL = np.ones((P, P), bool)
SUMS = np.full((25, 3), 20.0)
ROW = np.array([1.0, -0.5, 0.25])


def small(**fields):
    sizes = {"p": P, "d_model": 12, "n_heads": 3, "d_mlp": M, "train_fraction": 0.5}
    return make_config("nanda", **(sizes | fields))


def dead(params, config, layer=0, defined=ALL):
    return dead_neurons(params, config, forward(params, config), layer, defined)


@pytest.mark.parametrize(
    ("kind", "pre", "row", "expected"),
    [
        ("relu", np.linspace(-3, 0, 25), ROW, True),
        ("relu", np.linspace(-3, 1e-3, 25), ROW, False),
        ("relu", np.linspace(1, 2, 25), 0 * ROW, True),
        ("relu", np.full(25, 1e-10), 1e10 * ROW, False),
        ("relu", np.full(25, 1e-10), ROW, True),
        ("gelu", np.linspace(-3, -1, 25), ROW, False),
        ("gelu", np.linspace(-3, -1, 25), 0 * ROW, True),
        ("gelu", np.linspace(-9, -6, 25), ROW, True),
        ("gelu", np.linspace(-9, -6, 25), 1e6 * ROW, False),
        ("gelu", np.full(25, -40.0), 1e6 * ROW, True),
    ],
    ids=[
        "relu-never-fires",
        "relu-fires-once",
        "relu-unread",
        "relu-tiny-but-read",
        "relu-tiny",
        "gelu-negative-but-read",
        "gelu-unread",
        "gelu-far-below-zero",
        "gelu-far-below-zero-but-read",
        "gelu-underflown",
    ],
)
def test_hand_made_neurons(kind, pre, row, expected):
    N = activation.activate(pre.astype(np.float32), kind)[:, None]

    assert rounds_away(N, row[None], SUMS).tolist() == [expected]


def test_the_limit_is_half_a_unit_in_the_last_place_of_every_pair():
    sums = np.array([[8.0, 1.0], [-0.5, 0.25]])
    N = np.array([[8.0, 8.0, 9.0], [0.5, 0.6, 0.5]]) * RESOLUTION

    result = rounds_away(N, np.array([[1.0, 0], [0, -1], [1, 1]]), sums)

    assert result.tolist() == [True, False, False]
    assert np.float32(8) + np.float32(8 * RESOLUTION) == np.float32(8)


@pytest.mark.parametrize(("weight", "expected"), [(0.25, True), (4.0, False)])
def test_what_a_pair_loses_is_held_against_what_the_neuron_adds_there(weight, expected):
    sums, N = np.array([[1.0], [100.0]]), np.array([[0.5], [10.0]]) * RESOLUTION

    assert rounds_away(N, np.array([[weight]]), sums).tolist() == [expected]


@pytest.mark.parametrize("scale", [1e-12, 0.3, 1e12])
def test_moving_scale_from_input_to_output_changes_nothing(scale):
    """A ReLU neuron of W_in·s and W_out/s is the same neuron."""
    rng = np.random.default_rng(0)
    N = np.maximum(rng.normal(size=(25, 6)), 0) * 10.0 ** -np.arange(4, 10)
    W, order = rng.normal(size=(6, 3)), rng.permutation(6)

    result = rounds_away(N, W, SUMS)

    assert set(result.tolist()) == {False, True}
    assert np.array_equal(rounds_away(N * scale, W / scale, SUMS), result)
    assert np.array_equal(rounds_away(N[:, order], W[order], SUMS), result[order])


@pytest.fixture
def firing(make_params):
    """Give the function that makes random parameters in which every neuron fires."""

    def make(config):
        params = make_params(config)
        for layer in range(config.n_layers):
            params[f"blocks/{layer}/W_in"] *= 0.1
            params[f"blocks/{layer}/b_in"][:] = 4
        return params

    return make


def kill(params, layer):
    """Make neuron 0 silent and 1 unread; 2 and 3 nearly so, to either side."""
    W_out = params[f"blocks/{layer}/W_out"]
    params[f"blocks/{layer}/b_in"][0] = -60
    W_out[1] = 0
    W_out[2] *= 1e-10
    W_out[3] *= 1e-4


@pytest.mark.parametrize("activation", ["relu", "gelu"])
@pytest.mark.parametrize(
    "fields", [{}, {"layer_norm": True}, {"n_layers": 2}, {"tied_unembedding": True}]
)
def test_dead_is_what_can_be_zeroed(fields, activation, firing):
    config = small(activation=activation, **fields)
    params = firing(config)
    for layer in range(config.n_layers):
        kill(params, layer)
    L = forward(params, config, np.float64).logits
    scale = np.abs(L).max(axis=2, keepdims=True)

    for layer in range(config.n_layers):
        found = dead(params, config, layer)
        assert found.tolist() == [True, True, True] + [False] * (M - 3)
        for n in range(M):
            name = f"blocks/{layer}/W_out"
            without = params | {name: params[name] * (np.arange(M) != n)[:, None]}
            change = np.abs(forward(without, config, np.float64).logits - L) / scale
            # Beyond the sum it is added to, LayerNorm and blocks stretch a change.
            stretch = (
                1 if not config.layer_norm and layer + 1 == config.n_layers else 50
            )
            assert (change.max() <= RESOLUTION * stretch) == found[n]


def test_what_the_logits_do_not_read_is_dead(firing):
    """Output weights in the null space of W_U, of which d_model > classes has one."""
    config = small()
    params = firing(config)
    null = np.linalg.svd(params["W_U"][:, :P].astype(float))[0][:, P:]
    params["blocks/0/W_out"][4] = null[:, 0]

    found = dead(params, config)

    assert np.abs(params["blocks/0/W_out"][4]).max() > 0.1
    assert np.abs(neuron_logit_map(params, config)[4]).max() < 1e-6
    assert np.flatnonzero(found).tolist() == [4]


def test_a_neuron_that_works_at_an_operand_only_is_alive(firing):
    """It never fires at "=", where neurons are shown, but the next block reads it."""
    config = small(n_layers=2)
    params = firing(config)
    params["blocks/0/W_O"][..., 0] = 0
    params["W_E"][:, 0] = 0
    params["W_pos"][:, 0] = (10, 0, 0)
    params["blocks/0/W_in"][:, 0] = np.eye(12)[0]
    params["blocks/0/b_in"][0] = -5

    assert not forward(params, config).neurons[0][..., 0].any()
    assert not dead(params, config)[0]


@pytest.mark.parametrize("n_layers", [1, 2])
def test_pairs_without_an_answer_do_not_count(n_layers, firing):
    """Silent but where the first operand is 0, and that has no answer."""
    config = small(n_layers=n_layers)
    params = firing(config)
    params["blocks/0/W_V"][:] = 0
    params["blocks/0/W_V"][0, 0, 0] = 1
    params["blocks/0/W_O"][:] = 0
    params["blocks/0/W_O"][0, 0, 0] = 1
    params["blocks/0/W_Q"][:] = 0
    params["W_E"][:, 0] = (10, 0, 0, 0, 0, 0)
    params["W_pos"][:, 0] = 0
    params["blocks/0/W_in"][:, 0] = np.eye(12)[0]
    params["blocks/0/b_in"][0] = -1
    without_zero = np.ones((P, P), bool)
    without_zero[0] = without_zero[:, 0] = False

    assert dead(params, config).tolist() == [False] * M
    assert dead(params, config, 0, without_zero)[0]
