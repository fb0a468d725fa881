"""A folded network computes what the network does; rounding is told, never silent."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grokdash.analysis import forward
from grokdash.config import make_config
from grokdash.sharing import folded
from grokdash.sharing.rounded import round_to, write_rounded
from grokdash.sharing.seven_bits import as_bytes, as_text
from tests.analysis.conftest import random_params

SIZES = {"p": 11, "d_model": 12, "d_mlp": 20, "n_heads": 3, "d_head": 4}
KINDS = [
    {},
    {"attention_bias": True, "unembedding_bias": True},
    {"tied_unembedding": True, "equals_class": True},
    {"equals_class": False},
]


def config_of(fields):
    known = make_config().model_fields_set | set(type(make_config()).model_fields)
    sizes = {name: value for name, value in SIZES.items() if name in known}
    return make_config("nanda", sizes, **fields)


@pytest.mark.parametrize("fields", KINDS, ids=str)
def test_a_folded_network_gives_the_logits_of_the_network(fields):
    config = config_of(fields)
    params = random_params(config)

    mine = np.stack(list(folded.logits(folded.fold(params, config))))

    expected = forward.logits(params, config, np.float64)
    np.testing.assert_allclose(mine, expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("fields", KINDS[:2], ids=str)
def test_rows_of_one_neuron_are_those_of_the_tables(fields):
    config = config_of(fields)
    params = random_params(config)
    whole = folded.fold(params, config)

    rows = folded.neuron_rows(params, config, 7)

    np.testing.assert_allclose(rows[:-1], whole.tables[:, :, 7].ravel(), atol=1e-12)
    assert rows[-1] == pytest.approx(whole.own[7], abs=1e-12)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"n_layers": 2}, "more than one layer"),
        ({"layer_norm": True}, "LayerNorm"),
        ({"activation": "gelu"}, "not ReLU"),
    ],
)
def test_what_cannot_be_folded_is_said(fields, words):
    assert words in folded.why_not(config_of(fields))


def test_answers_that_rounding_changes_are_written_down():
    config = config_of({})
    params = random_params(config)
    for name in ("b_in", "b_out"):
        params[f"blocks/0/{name}"] *= 0  # else one answer is the largest everywhere
    params["W_E"] *= 4
    network = forward.logits(params, config, np.float64)
    whole = folded.fold(params, config)

    def rounded(bits):
        return folded.Folded(
            scores=whole.scores,
            left=round_to(whole.left, bits, each=True).values,
            right=round_to(whole.right, bits, each=True).values,
            own=whole.own,
            read_left=round_to(whole.read_left, bits).values,
            read_right=round_to(whole.read_right, bits).values,
        )

    coarse, fine = rounded(3), rounded(14)
    found = folded.answers(coarse, network)
    page = np.stack(list(folded.logits(coarse))).argmax(axis=-1).ravel()
    page[found.pairs] = found.told

    assert found.changed > 0
    np.testing.assert_array_equal(page, network.argmax(axis=-1).ravel())
    assert folded.answers(fine, network).error < found.error / 50


@given(st.binary(max_size=300))
def test_bytes_come_back_from_text(content):
    text = as_text(content)

    assert as_bytes(text)[: len(content)] == content
    assert not set(text) & {"\0", "\r", "<"}


def test_rounded_arrays_lie_as_the_page_reads_them():
    values = np.array([[0.5, -1.0], [30.0, 0.0]])
    block = write_rounded({"one": round_to(values, 5, each=True)})

    (length,) = struct.unpack_from("<I", block)
    about = json.loads(block[4 : 4 + length])["arrays"]["one"]
    planes = np.frombuffer(block[4 + length :], np.uint8).reshape(2, -1)
    packed = planes[0] + 256 * planes[1].astype(int)
    numbers = np.where(packed % 2, -(packed + 1) // 2, packed // 2).reshape(2, 2)

    read = numbers * np.array(about["units"])[:, None]
    np.testing.assert_allclose(read, values, atol=np.abs(values).max() / 15 / 2)
