"""Initial weights."""

import numpy as np
import pytest

from grokdash.config import make_config
from grokdash.errors import ConfigError
from grokdash.model.parameters import initialise

SMALL = {"p": 5, "d_model": 8, "n_heads": 2, "d_mlp": 4}


@pytest.mark.parametrize("init", ["nanda", "seed"])
def test_rounding_twin_differs_in_the_last_bit_of_one_weight(init):
    base = initialise(make_config(**SMALL, init=init))
    twin = initialise(make_config(**SMALL, init=init, twin=11))

    bits = {
        name: base[name].numpy().view(np.int32) - twin[name].numpy().view(np.int32)
        for name in base
    }
    changed = [(name, *np.argwhere(diff)) for name, diff in bits.items() if diff.any()]
    (name, place), *others = changed
    assert not others
    assert (name, place.tolist()) == ("W_E", [1, 2])
    assert bits["W_E"][1, 2] == 1  # one step towards zero


def test_twin_must_name_a_weight():
    with pytest.raises(ConfigError, match=r"twin: expected at most 48.*got 49"):
        make_config(**SMALL, twin=49)
