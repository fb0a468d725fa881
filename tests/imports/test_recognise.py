"""Names and shapes of other projects, and what is told of those that do not fit."""

import numpy as np
import pytest
import torch

from grokdash.analysis.forward import forward
from grokdash.config import make_config
from grokdash.errors import ConfigError
from grokdash.imports.names import ZHONG, tidied
from grokdash.imports.recognise import (
    architecture,
    completed,
    recognise_layout,
    recognise_operation,
    translated,
)
from grokdash.imports.said import check_fits, fields_said, split_said
from grokdash.imports.splits import fraction_of, from_file, from_seed
from grokdash.store.schema import param_shapes
from tests.analysis.conftest import hand_built
from tests.imports.states import MADE, nanda, transformer_lens

SIZES = {"p": 11, "d_model": 12, "n_heads": 3, "d_mlp": 10}


def network(**fields):
    config = make_config(**SIZES, **fields)
    rng = np.random.default_rng(4)
    shapes = param_shapes(config)
    return config, {
        name: rng.normal(size=shape).astype(np.float32)
        for name, shape in shapes.items()
    }


def as_arrays(state):
    return tidied({name: value.numpy() for name, value in state.items()})


def read(state, heads=None, asked=None, said=None):
    arrays = as_arrays(state)
    layout = recognise_layout(arrays, asked, said or {})
    return layout, translated({5: arrays}, layout, heads)[5]


@pytest.mark.parametrize("layout", MADE)
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"attention_bias": True, "unembedding_bias": True, "equals_class": False},
        {"n_layers": 2, "tied_unembedding": True},
    ],
    ids=["plain", "biases", "two layers, tied"],
)
def test_a_state_dict_of_any_layout_gives_the_logits_it_had(layout, fields):
    config, params = network(**fields)

    found, ours = read(MADE[layout](params), heads=config.n_heads)
    sizes = architecture(ours)
    back = completed(ours, make_config(**sizes), 5)

    assert found.name == layout
    assert sizes | SIZES | fields == sizes
    wanted = forward(params, config).logits
    assert forward(back, config).logits == pytest.approx(wanted, abs=1e-5)


def test_wrappers_around_names_are_seen_through():
    _, params = network()
    state = {f"module._orig_mod.{k}": v for k, v in MADE["plain"](params).items()}

    found, ours = read(
        {k.replace("module._orig", "_orig"): v for k, v in state.items()}
    )

    assert found.name == "plain"
    assert ours.keys() == params.keys()


def test_zero_biases_of_transformerlens_are_none():
    _, params = network(attention_bias=True, unembedding_bias=True)
    for name in params:
        if name.rsplit("/", 1)[-1] in ("b_Q", "b_K", "b_V", "b_O", "b_U"):
            params[name][:] = 0

    _, ours = read(transformer_lens(params))

    assert not architecture(ours)["attention_bias"]
    assert not architecture(ours)["unembedding_bias"]


def wrong(change):
    _, params = network()
    state = transformer_lens(params)
    change(state)
    _, ours = read(state)
    completed(ours, make_config(**architecture(ours)), 5)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda s: s.pop("blocks.0.mlp.W_out"), "lacks blocks.0.mlp.W_out.*What fits"),
        (
            lambda s: s.update({"blocks.0.ln1.w": torch.ones(12)}),
            "has blocks.0.ln1.w, which no network.*LayerNorm stands after",
        ),
        (
            lambda s: s.update({"pos_embed.W_pos": torch.zeros(2, 12)}),
            "W_pos has 2 positions: expected 3",
        ),
        (
            lambda s: s.update({"unembed.W_U": torch.zeros(12, 9)}),
            "W_U has 9 classes and W_E 12 tokens: expected p = 11 or",
        ),
        (
            lambda s: s.update({"blocks.0.mlp.b_in": torch.zeros(7)}),
            r"b_in has the shape \[7\]; expected \[10\]",
        ),
        (
            lambda s: s.update({"blocks.0.attn.W_Q": torch.zeros(3, 12, 5)}),
            "3 heads of width 5: expected widths that add up to d_model = 12",
        ),
        (lambda s: s["embed.W_E"].fill_(float("nan")), "W_E holds what is no number"),
    ],
)
def test_what_does_not_fit_is_named_with_what_does(change, told):
    with pytest.raises(ConfigError, match=told):
        wrong(change)


def test_names_of_nobody_are_told_with_those_that_fit():
    with pytest.raises(
        ConfigError, match=r"there is fc.weight \[3, 2\]; expected plain"
    ):
        read({"fc.weight": torch.zeros(3, 2)})


def test_heads_that_no_shape_shows_must_be_named():
    _, params = network()

    with pytest.raises(ConfigError, match="--n-heads"):
        read(MADE["transformer-bridge"](params))


def test_the_operation_is_that_by_which_the_last_checkpoint_answers():
    built = hand_built()
    fields = {"p": 113}

    assert recognise_operation(built.params, fields) == "add"

    _, params = network()
    with pytest.raises(ConfigError, match=r"add [\d.]+ %.*--operation"):
        recognise_operation(params, SIZES)


def test_networks_of_zhong_fit_with_full_attention_and_an_equals_sign():
    said = {"attn_coeff": 1, "eqn_sign": 1, "diff_vocab": 0, "act_fn": "ReLU"}
    _, params = network()
    layout, _ = read(nanda(params), said=said)

    assert layout is ZHONG
    check_fits(said, layout)
    assert fields_said(said, layout) == {"activation": "relu", "causal_mask": False}
    for name, value in (("attn_coeff", 0.3), ("eqn_sign", 0), ("diff_vocab", 1)):
        with pytest.raises(ConfigError, match=f"{name}: expected"):
            check_fits(said | {name: value}, layout)


def test_cyclic_groups_of_chughtai_fit_and_are_split_by_torch():
    _, params = network(equals_class=False)
    said = {"group": "CyclicGroup", "group_parameter": 11, "seed": 2, "frac_train": 0.4}
    layout, _ = read(transformer_lens(params), said=said)

    assert split_said(said, layout) == ("torch", 2, 0.4)
    with pytest.raises(ConfigError, match=r"expected CyclicGroup.*SymmetricGroup"):
        check_fits(said | {"group": "SymmetricGroup"}, layout)


def test_torch_splits_as_the_demo_of_transformerlens_does():
    config = make_config(p=11)
    torch.manual_seed(598)
    drawn = torch.randperm(121)[: int(121 * 0.3)]

    split = from_seed(config, "torch", 598, 0.3, "test")

    assert set(np.flatnonzero(split.mask)) == set(drawn.tolist())


@pytest.mark.parametrize("count", [1, 36, 60, 119, 3830])
def test_a_fraction_stands_for_a_count_of_pairs(count):
    p = 113 if count > 121 else 11
    mask = np.arange(p * p).reshape(p, p) < count

    fraction = fraction_of(mask, p * p)

    assert make_config(p=p, train_fraction=fraction).n_train == count


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("p.txt", "0,1\n2 3\n\n10,10", None),
        ("p.json", "[[0, 1], [2, 3], [10, 10]]", None),
        ("p.txt", "0,11", r"\[0, 11\] is no pair with an answer; expected \[a, b\]"),
        ("p.json", "[[0.5, 1]]", "is no pair"),
        ("p.json", "[3]", "expected one pair a line"),
        ("p.txt", "zero one", "expected one pair a line"),
        ("p.txt", "", "0 of 121 pairs are trained on"),
    ],
)
def test_training_pairs_come_from_a_list(name, text, told, tmp_path):
    path = tmp_path / name
    path.write_text(text)
    config = make_config(p=11)

    if told is not None:
        with pytest.raises(ConfigError, match=told):
            from_file(path, config)
        return
    mask = from_file(path, config).mask
    assert np.argwhere(mask).tolist() == [[0, 1], [2, 3], [10, 10]]


def test_training_pairs_come_from_a_mask(tmp_path):
    mask = np.random.default_rng(0).random((11, 11)) < 0.3
    np.save(tmp_path / "mask.npy", mask)
    np.save(tmp_path / "pairs.npy", np.argwhere(mask))

    for name in ("mask.npy", "pairs.npy"):
        split = from_file(tmp_path / name, make_config(p=11))
        assert np.array_equal(split.mask, mask)
        assert split.told == f"pairs of {name}"


def test_a_seed_that_no_generator_takes_is_refused():
    with pytest.raises(ConfigError, match="expected a seed from 0"):
        from_seed(make_config(p=11), "numpy", -1, 0.3, "test")
