"""Weights as files: other programs read them, and compute the same logits."""

import json
from importlib.metadata import version

import numpy as np
import pytest
import torch
from safetensors import safe_open
from typer.testing import CliRunner

import grokdash
from grokdash import cli
from grokdash.errors import ConfigError
from grokdash.model.textbook import textbook_logits
from grokdash.saving import weights

MODELS = {
    "plain": {},
    "three layers": {"n_layers": 3},
    "gelu, other classes": {"activation": "gelu", "equals_class": False},
    "tied, all to all": {"tied_unembedding": True, "causal_mask": False, "n_layers": 2},
}


def read_state_dict(path):
    return torch.load(path, weights_only=True)  # noqa: TID251 - what a user types


def new_hooked(settings, loaded):
    from transformer_lens import HookedTransformer, HookedTransformerConfig

    model = HookedTransformer(HookedTransformerConfig.from_dict(settings))
    left = model.load_state_dict(loaded, strict=False)
    assert left.unexpected_keys == []
    kinds = {name.rsplit(".", 1)[1] for name in left.missing_keys}
    assert kinds <= {"mask", "IGNORE"}  # constants of the model, no weights
    return model


def new_bridge(settings, loaded):
    """Make the model of version 4, which has no HookedTransformer any more."""
    from transformer_lens.model_bridge.sources import native
    from transformer_lens.utilities.tl_checkpoint_conversion import (
        convert_tl_checkpoint,
    )

    model = native.boot(settings)
    model.load_state_dict(convert_tl_checkpoint(loaded, model.cfg))
    return model


@pytest.fixture
def run(run_view):
    return run_view.stored


@pytest.mark.parametrize("ending", ["safetensors", "pt"])
def test_a_file_has_the_weights_of_an_epoch(run, tmp_path, ending):
    path = tmp_path / f"w.{ending}"

    grokdash.save_weights(run, path, [4])

    if ending == "pt":
        read = read_state_dict(path)
    else:
        with safe_open(path, framework="pt") as file:
            read = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            inside = json.loads(file.metadata()["grokdash"])
        assert inside == json.loads((tmp_path / "w.safetensors.json").read_text())
    stored = run.params(4)
    assert read.keys() == {name.replace("/", ".") for name in stored}
    for name, values in stored.items():
        assert np.array_equal(read[name.replace("/", ".")].numpy(), values)
    about = json.loads((tmp_path / f"w.{ending}.json").read_text())
    assert (about["run"], about["epoch"]) == (run.id, 4)
    assert about["config"] == run.config.model_dump()


@pytest.mark.parametrize("fields", MODELS.values(), ids=MODELS)
@pytest.mark.filterwarnings("ignore")
def test_transformer_lens_computes_the_same_logits(runs, tmp_path, fields):
    """In the words of docs/other-tools.md; needs the package, which is no extra."""
    pytest.importorskip("transformer_lens", reason="pip install transformer_lens")
    run = runs(**fields).stored
    path = tmp_path / "w.pt"
    grokdash.save_weights(run, path, layout="transformer-lens")
    about = json.loads((tmp_path / "w.pt.json").read_text())
    settings, loaded = about["hooked_transformer_config"], read_state_dict(path)
    model = new_bridge if int(version("transformer_lens")[0]) >= 4 else new_hooked
    theirs_of = model(settings, loaded)

    p = run.config.p
    pairs = torch.cartesian_prod(torch.arange(p), torch.arange(p))
    tokens = torch.cat([pairs, torch.full_like(pairs[:, :1], p)], dim=1)
    with torch.no_grad():
        theirs = theirs_of(tokens)[:, -1]
    params = {name: torch.from_numpy(v) for name, v in run.params(6).items()}
    ours = textbook_logits(params, run.config, pairs)
    assert theirs.shape == ours.shape
    assert ours.std() > 0.1
    assert (theirs - ours).abs().max() < 1e-5


def test_transformer_lens_names_every_weight_once(runs):
    """The same without the package: shapes as its documentation has them."""
    run = runs(tied_unembedding=True, n_layers=2).stored
    found = weights.hooked_weights(run.params(6), run.config)

    p, d, heads = run.config.p, run.config.d_model, run.config.n_heads
    assert found["embed.W_E"].shape == (p + 1, d)
    assert np.array_equal(found["unembed.W_U"], found["embed.W_E"].T)
    assert found["blocks.1.attn.W_Q"].shape == (heads, d, run.config.d_head)
    assert found["blocks.1.attn.b_V"].shape == (heads, run.config.d_head)
    assert len(found) == 2 + 2 * 12 + 2


def test_a_network_with_layer_norm_has_no_hooked_transformer(runs, tmp_path):
    run = runs(layer_norm=True).stored

    with pytest.raises(ConfigError, match="has LayerNorm after each addition"):
        grokdash.save_weights(run, tmp_path / "w.pt", layout="transformer-lens")
    grokdash.save_weights(run, tmp_path / "w.pt")
    assert "blocks.0.ln1_w" in read_state_dict(tmp_path / "w.pt")


def test_several_epochs_go_to_a_folder(run_view, tmp_path):
    words = ["weights", run_view.id, "--store", str(run_view.stored.path.parent)]
    words += ["-o", str(tmp_path / "all"), "--epoch", "0,3,4", "--format", "pt"]

    done = CliRunner().invoke(cli.app, words)

    assert "Epoch 3 was asked for; the nearest that is stored is 2." in done.stderr
    names = sorted(path.name for path in (tmp_path / "all").iterdir())
    assert names == ["about.json", *(f"epoch-0000000{n}.pt" for n in (0, 2, 4))]
    about = json.loads((tmp_path / "all/about.json").read_text())
    assert about["epochs"] == [0, 2, 4]
    again = CliRunner().invoke(cli.app, words)
    assert "exists and is not written over" in str(again.exception)
    assert CliRunner().invoke(cli.app, [*words, "--force"]).exit_code == 0


@pytest.mark.parametrize(
    ("name", "more", "message"),
    [
        ("w.npz", {}, "expected a folder, or a name ending in .safetensors or .pt"),
        ("w.pt", {"epochs": [0, 2]}, "2 epochs need a folder"),
        ("w.pt", {"layout": "jax"}, "expected grokdash or transformer-lens"),
        ("w", {"ending": "npz"}, "expected safetensors or pt"),
        ("w.pt", {"ending": "safetensors"}, "its name asks for pt"),
    ],
)
def test_what_cannot_be_written_is_refused(run, tmp_path, name, more, message):
    with pytest.raises(ConfigError, match=message):
        grokdash.save_weights(run, tmp_path / name, **more)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_package_is_named_before_anything_is_written(
    run, tmp_path, monkeypatch
):
    monkeypatch.setitem(__import__("sys").modules, "safetensors", None)

    with pytest.raises(ConfigError, match=r"pip install safetensors$"):
        grokdash.save_weights(run, tmp_path / "w.safetensors")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_no_half_of_a_file(run, tmp_path, monkeypatch):
    def full(path, content):
        with path.open("wb") as file:
            file.write(content[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)

    with pytest.raises(grokdash.errors.StoreError, match="cannot be written: No space"):
        grokdash.save_weights(run, tmp_path / "w.pt")
    assert list(tmp_path.iterdir()) == []
