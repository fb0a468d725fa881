"""What the child process makes of the files that others save."""

import json
import sys
import types
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from grokdash.imports import unpickle
from grokdash.imports.files import _beside, _epoch_of, _planned

STATE = {"embed.W_E": torch.arange(6.0).reshape(3, 2), "blocks.0.attn.mask": None}
WEIGHTS = {"embed.W_E": STATE["embed.W_E"]}


def taken(path, folder):
    content, about = unpickle._load(path)
    facts = unpickle._sorted_out(content, about, folder, 0)
    assert json.loads(json.dumps(facts)) == facts
    states = []
    for index, row in enumerate(facts["states"]):
        with np.load(folder / f"0-{index}.npz", allow_pickle=False) as arrays:
            found = {name: arrays[f"a{i}"] for i, name in enumerate(row["names"])}
        states.append((row["epoch"], found))
    return states, facts


def save(folder, content):
    path = folder / "file.pth"
    torch.save(content, path)
    return path


@pytest.mark.parametrize(
    ("content", "epochs"),
    [
        (STATE, [None]),
        ({"model": WEIGHTS, "epoch": 300, "train_loss": 0.5}, [300]),
        ({"model_state_dict": WEIGHTS, "optimizer": {"lr": 1e-3}}, [None]),
        ({"state_dicts": [WEIGHTS] * 2, "epochs": range(0, 200, 100)}, [0, 100]),
        (
            {"checkpoints": [WEIGHTS], "checkpoint_epochs": [99], "model": WEIGHTS},
            [99],
        ),
    ],
)
def test_states_are_found_wherever_others_keep_them(content, epochs, tmp_path):
    states, _ = taken(save(tmp_path, content), tmp_path)

    assert [epoch for epoch, _ in states] == epochs
    for _, found in states:
        assert found["embed.W_E"].tolist() == STATE["embed.W_E"].tolist()


def test_half_precision_becomes_single(tmp_path):
    half = {"embed.W_E": STATE["embed.W_E"].to(torch.bfloat16)}

    ((_, found),), _ = taken(save(tmp_path, half), tmp_path)

    assert found["embed.W_E"].dtype == np.float32


def test_a_configuration_object_is_read_without_its_class(tmp_path, monkeypatch):
    """The demo of TransformerLens keeps one beside its weights and its split."""
    name = "transformer_lens.HookedTransformerConfig"
    module = types.ModuleType(name)

    class HookedTransformerConfig:
        def __setstate__(self, state):
            raise AssertionError("code of the class was run")

    HookedTransformerConfig.__module__ = name
    HookedTransformerConfig.__qualname__ = "HookedTransformerConfig"
    module.HookedTransformerConfig = HookedTransformerConfig
    monkeypatch.setitem(sys.modules, "transformer_lens", types.ModuleType("t"))
    monkeypatch.setitem(sys.modules, name, module)
    config = HookedTransformerConfig()
    vars(config).update(n_heads=4, act_fn="relu", normalization_type=None, other=[1])
    content = {
        "model": WEIGHTS,
        "config": config,
        "checkpoints": [WEIGHTS],
        "checkpoint_epochs": [99],
        "train_indices": torch.tensor([3, 1]),
    }
    path = save(tmp_path, content)
    monkeypatch.delitem(sys.modules, name)

    _, facts = taken(path, tmp_path)

    assert facts["config"] == {
        "n_heads": 4,
        "act_fn": "relu",
        "normalization_type": None,
    }
    assert facts["indices"] == [3.0, 1.0]


def test_pairs_and_losses_come_along(tmp_path):
    content = {
        "model": WEIGHTS,
        "epoch": 2,
        "train_data": [(0, 1, 7), (2, 2, 7)],
        "train_losses": [np.float64(0.5), 0.25],
    }

    _, facts = taken(save(tmp_path, content), tmp_path)

    assert facts["pairs"] == [[0, 1], [2, 2]]
    assert facts["train_losses"] == [0.5, 0.25]


def test_safetensors_say_what_their_notes_say(tmp_path):
    path = tmp_path / "step_40.safetensors"
    save_file(WEIGHTS, path, metadata={"config": '{"n_heads": 2}'})

    ((epoch, found),), facts = taken(path, tmp_path)

    assert (epoch, facts["config"]) == (None, {"n_heads": 2})
    assert found["embed.W_E"].tolist() == STATE["embed.W_E"].tolist()


def test_a_file_without_weights_says_what_it_has(tmp_path):
    with pytest.raises(ValueError, match="no state dict in it; it has losses"):
        taken(save(tmp_path, {"losses": [1.0]}), tmp_path)


@pytest.mark.parametrize(
    ("name", "epoch"),
    [
        ("epoch_100.pt", 100),
        ("checkpoint-25.pth", 25),
        ("step7.safetensors", 7),
        ("300.pth", 300),
        ("1200_model.pt", 1200),
        ("init.pth", 0),
        ("model_18c9ev5v5p.pt", None),
        ("model_x9.5v5.pt", None),
        ("final.pth", None),
    ],
)
def test_the_number_of_a_name_is_its_epoch_and_a_hash_is_none(name, epoch):
    assert _epoch_of(Path(name)) == epoch


def test_chughtai_keep_their_configuration_beside_the_folder(tmp_path):
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "cfg.json").write_text('{"num_epochs": 250000, "group": "CyclicGroup"}')

    found = _beside(tmp_path / "checkpoints" / "10.pt")

    assert found["num_epochs"] == 250_000
    assert _planned(found) == 250_000
