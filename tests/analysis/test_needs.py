"""Logits in pieces are the logits; too much memory is forecast and refused."""

import tracemalloc

import numpy as np
import pytest

from grokdash.allowed import check_allowed
from grokdash.analysis import forward, needs
from grokdash.config import make_config
from grokdash.errors import NoMemoryError

NETWORKS = [
    {},
    {"n_layers": 2},
    {"n_layers": 2, "causal_mask": False, "layer_norm": True, "activation": "gelu"},
]


@pytest.fixture
def network(make_params):
    def make(**fields):
        sizes = {"p": 31, "d_model": 16, "n_heads": 2, "d_mlp": 24}
        config = make_config(**sizes | fields)
        return make_params(config), config

    return make


@pytest.mark.parametrize("fields", NETWORKS, ids=["one block", "two", "all kinds"])
@pytest.mark.parametrize("most_bytes", [0, 40_000, 10**9])
def test_logits_in_pieces_are_the_logits(network, fields, most_bytes):
    params, config = network(**fields)
    whole = forward.logits(params, config)

    blocks = list(needs.logit_blocks(params, config, most_bytes))

    assert [rows.start for rows, _ in blocks[1:]] == [r.stop for r, _ in blocks[:-1]]
    assert most_bytes == 10**9 or len(blocks) > 1
    found = np.concatenate([block for _, block in blocks])
    np.testing.assert_allclose(found, whole, rtol=0, atol=1e-6 * np.abs(whole).max())


@pytest.mark.parametrize("fields", NETWORKS, ids=["one block", "two", "all kinds"])
@pytest.mark.parametrize("most_bytes", [0, 200_000])
def test_neurons_in_pieces_are_the_neurons(network, fields, most_bytes):
    params, config = network(**fields)
    last = config.n_layers - 1
    whole = forward.hidden(params, config, last)

    blocks = list(needs.neuron_blocks(params, config, last, most_bytes))

    assert len(blocks) > 1
    found = np.concatenate([block for _, block in blocks], axis=-1)
    np.testing.assert_allclose(found, whole, rtol=0, atol=1e-6 * np.abs(whole).max())


def peak(work):
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("fields", NETWORKS, ids=["one block", "two", "all kinds"])
def test_no_computation_takes_more_than_was_forecast(network, fields):
    params, config = network(p=61, d_mlp=64, **fields)

    assert peak(lambda: forward.logits(params, config)) < needs.logits_bytes(config)
    assert peak(lambda: forward.neurons(params, config, 0)) < needs.neurons_bytes(
        config
    )
    last = config.n_layers - 1
    assert peak(
        lambda: forward.attention_pattern(params, config, last)
    ) < needs.pattern_bytes(config, last)


def test_a_piece_takes_little_however_large_the_modulus(network):
    params, config = network(p=151, d_mlp=64)

    def pieces():
        for _rows, _block in needs.logit_blocks(params, config, 2_000_000):
            pass

    assert peak(pieces) < 4_000_000 < 4 * config.p**3


def test_too_much_is_refused_with_what_to_do():
    check_allowed(10**12, None, 997)
    check_allowed(10**9, 10**9, 113)
    with pytest.raises(NoMemoryError, match=r"16 GB .* p = 997, .* --memory 16"):
        check_allowed(15_900_000_000, 10**9, 997)
