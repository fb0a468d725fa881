"""Configurations: defaults, presets, identity, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grokdash.config import (
    PRESETS,
    RunConfig,
    make_config,
    next_prime,
    validate_config,
)
from grokdash.errors import ConfigError
from grokdash.toml_input import read_toml


def test_default_is_the_published_setup():
    config = make_config("nanda")

    assert (config.p, config.n_train, config.n_classes) == (113, 3830, 114)
    assert (config.lr, config.weight_decay) == (1e-3, 1.0)
    assert (config.beta1, config.beta2, config.warmup) == (0.9, 0.98, 10)
    assert config.epochs == 40_000


def test_seed_preset_differs_as_listed_from_the_published_setup():
    config = make_config("seed")

    assert config.beta2 == 0.999
    assert config.warmup == 0
    assert not config.causal_mask
    assert config.loss_dtype == "float32"
    assert config.split_rng == "numpy"


@pytest.mark.parametrize("preset", list(PRESETS))
def test_every_preset_is_valid(preset):
    assert make_config(preset).run_id().startswith("add-p")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"p": 1}, "p: expected at least 2; got 1$"),
        ({"operation": "divide", "p": 12}, "prime modulus; got 12; try 13"),
        ({"operation": "multiply", "p": 2}, "at least 3; got 2, .* try 3"),
        ({"operation": "divide", "p": 2}, "at least 3; got 2, .* no frequency"),
        ({"n_heads": 3}, "n_heads: must divide .* got 3; choose one of 1, 2, 4"),
        ({"train_fraction": 1.5}, "train_fraction: expected less than 1.0; got 1.5"),
        ({"train_fraction": 1e-9}, "leaves 0 to train .* try 0.5"),
        ({"epochs": 0}, "epochs: expected at least 1; got 0"),
        ({"operation": "plus"}, "operation: expected one of"),
        ({"wd": 1}, "wd: unknown field; the fields are operation"),
        ({"lr": float("nan")}, "lr: "),
        ({"p": "many"}, "p: expected a whole number; got 'many'"),
    ],
)
def test_bad_field_is_named_with_value_and_remedy(fields, message):
    with pytest.raises(ConfigError, match=message):
        make_config("nanda", **fields)


def test_all_bad_fields_are_told_at_once():
    with pytest.raises(ConfigError) as caught:
        make_config("nanda", p=0, lr=-1.0)

    assert len(str(caught.value).splitlines()) == 2


def test_unknown_preset_names_those_there_are():
    with pytest.raises(ConfigError, match="expected one of nanda, quick, seed"):
        make_config("fast")


def test_every_field_is_part_of_the_identity():
    """The earlier project's folders ignored activation, betas, epochs and more."""
    base = make_config("nanda")
    changes = {
        "activation": "gelu",
        "layer_norm": True,
        "tied_unembedding": True,
        "beta2": 0.999,
        "optimizer": "adam",
        "epochs": 10,
        "checkpoint_every": 7,
        "split_seed": 5,
        "twin": 1,
    }
    ids = {make_config("nanda", **{k: v}).run_id() for k, v in changes.items()}

    assert len(ids) == len(changes)
    assert base.run_id() not in ids


def test_field_that_came_later_renames_no_run():
    assert make_config("nanda").run_id() == "add-p113-wd1-s0-ab099a88"
    assert '"twin"' not in make_config("nanda").canonical_json()


@given(
    p=st.integers(2, 40),
    seed=st.integers(0, 2**31),
    weight_decay=st.floats(0, 10),
    n_heads=st.sampled_from([1, 2, 4]),
)
def test_configuration_survives_a_round_trip(p, seed, weight_decay, n_heads):
    config = make_config(
        "nanda",
        p=p,
        seed=seed,
        weight_decay=weight_decay,
        n_heads=n_heads,
        train_fraction=0.5,
    )

    again = validate_config(config.model_dump())

    assert again == config
    assert again.hash() == config.hash()


def test_later_layers_win():
    config = make_config("quick", {"p": 53, "seed": 3}, seed=4)

    assert (config.p, config.seed) == (53, 4)


def test_every_field_has_a_description():
    bare = [n for n, f in RunConfig.model_fields.items() if not f.description]

    assert bare == []


def test_next_prime():
    assert [next_prime(n) for n in (2, 12, 113)] == [3, 13, 127]


def test_toml_that_is_none_is_told(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text("p = = 3")

    with pytest.raises(ConfigError, match="not a TOML file"):
        read_toml(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_toml(tmp_path / "none.toml")


def test_toml_gives_the_fields(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text('preset = "quick"\np = 53\n')

    assert read_toml(path) == {"preset": "quick", "p": 53}
