"""Whole imports: read in a child, measured, packed, and shown at once or not at all."""

from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from flask import Flask
from typer.testing import CliRunner

from grokdash import cli
from grokdash.analysis.forward import logits
from grokdash.app.manifest import manifest
from grokdash.cache import Cache
from grokdash.errors import ConfigError
from grokdash.imports import job
from grokdash.imports.files import Found
from grokdash.imports.job import Request, run_import
from grokdash.imports.names import tidied
from grokdash.saving.weights import save_weights
from grokdash.snapshot import RunView
from grokdash.store import open_store
from grokdash.story.notes import notes
from grokdash.views import VIEWS
from grokdash.views.compare.alignment import Column
from grokdash.views.compare.naming import common_name
from grokdash.views.core.render import make_drawing
from grokdash.views.core.selection import default_selection
from tests.imports.states import nanda, transformer_lens

BIASED = {"attention_bias": True, "unembedding_bias": True}


def imported(folder, **given):
    run_import(Request(**{"store": folder / "store", "quiet": True} | given))
    store = open_store(folder / "store")
    (name,) = store.run_ids()
    return store.run(name)


@pytest.fixture(scope="module")
def original(runs):
    return runs(**BIASED).stored


@pytest.fixture(scope="module")
def saved(original, tmp_path_factory):
    """One file as Nanda et al. keep a run, with the pairs it was trained on."""
    path = tmp_path_factory.mktemp("nanda") / "full_run_data.pth"
    steps = original.steps.tolist()
    torch.save(
        {
            "state_dicts": [nanda(original.params(step)) for step in steps],
            "epochs": steps,
            "train_losses": original.scalars("train_loss")[1].tolist(),
            "train_data": [
                (*pair, 7) for pair in np.argwhere(original.train_mask()).tolist()
            ],
            "config": {"weight_decay": 1.0, "lr": 1e-3, "act_type": "ReLU"},
        },
        path,
    )
    return path


@pytest.fixture(scope="module")
def run(saved, tmp_path_factory):
    return imported(
        tmp_path_factory.mktemp("known"), paths=(saved,), operation="add", grids=2
    )


@pytest.fixture(scope="module")
def unsplit(original, tmp_path_factory):
    """Single files of TransformerLens, of which nobody knows the split."""
    folder = tmp_path_factory.mktemp("lens")
    for step in original.steps.tolist():
        torch.save(transformer_lens(original.params(step)), folder / f"at_{step}.pt")
    return imported(folder, paths=(folder,), operation="add", grids=0)


def test_an_imported_run_measures_what_the_original_does(run, original):
    assert run.steps.tolist() == original.steps.tolist()
    assert run.measure_names == original.measure_names
    for name in original.measure_names:
        np.testing.assert_allclose(
            run.series(name), original.series(name), atol=1e-5, err_msg=name
        )
    for step in run.steps.tolist():
        found, wanted = (
            logits(one.params(step), one.config) for one in (run, original)
        )
        assert found == pytest.approx(wanted, abs=1e-5)
    assert run.key_frequencies == original.key_frequencies
    assert run.grid_steps.tolist() == original.grid_steps.tolist()
    assert run.scalars("train_loss")[1] == pytest.approx(
        original.scalars("train_loss")[1]
    )
    assert {"seed", "beta1"} <= {*run.imported.unknown}
    assert not {"lr", "weight_decay", "train_fraction"} & {*run.imported.unknown}


def test_the_training_pairs_are_stored_for_any_reader(run, original):
    assert np.array_equal(run.train_mask(), original.train_mask())
    assert run.config.n_train == original.config.n_train
    with h5py.File(run.path / "run.h5", locking=False) as file:
        assert np.array_equal(file["train_mask"][:], original.train_mask())


def test_a_damaged_training_mask_is_found(run, tmp_path):
    folder = tmp_path / run.id
    folder.mkdir()
    for path in run.path.glob("*.*"):
        (folder / path.name).write_bytes(path.read_bytes())
    with h5py.File(folder / "run.h5", locking=False) as file:
        info = file["train_mask"].id.get_chunk_info(0)
    with (folder / "run.h5").open("r+b") as file:
        file.seek(info.byte_offset)
        file.write(bytes(info.size))

    done = CliRunner().invoke(cli.app, ["verify", str(folder)])

    assert done.exit_code == 1
    assert "train_mask" in done.output


def test_without_a_split_all_pairs_are_measured_and_no_part_of_them(unsplit, original):
    assert unsplit.imported.split == "unknown"
    assert not unsplit.split_known
    assert "train_fraction" in unsplit.imported.unknown
    for name in ("loss/all", "accuracy/all", "logits/G", "neuron/freq"):
        np.testing.assert_allclose(
            unsplit.series(name), original.series(name), atol=1e-5
        )
    for name in ("loss/train", "loss/test", "accuracy/test", "logits/M_unseen"):
        assert np.isnan(unsplit.series(name)).all(), name
    restricted = unsplit.series("loss/restricted")
    assert np.isnan(restricted[:, :2]).all()
    assert np.isfinite(restricted[:, 2]).all()
    assert unsplit.status.summary["key_rule"] == "published"


class Hostile:
    def __reduce__(self):
        return (Path.touch, (Path("ran"),))


def test_a_pickle_that_would_run_code_is_refused_and_leaves_nothing(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "model_3.pth"
    torch.save({"model": {"embed.W_E": torch.zeros(3, 2)}, "x": Hostile()}, path)
    store = tmp_path / "store"
    argv = ["grokdash", "import", str(path), "--store", str(store), "--quiet"]
    monkeypatch.setattr("sys.argv", argv)
    monkeypatch.setattr(cli, "_prefer_few_threads", lambda: None)

    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 2
    assert "can run code, so it is not opened" in capsys.readouterr().err
    assert not (tmp_path / "ran").exists()
    assert list(store.iterdir()) == []


def test_the_same_network_twice_is_refused(run, original, monkeypatch):
    states = {
        step: tidied({k: v.numpy() for k, v in nanda(original.params(step)).items()})
        for step in original.steps.tolist()
    }
    pairs = np.argwhere(original.train_mask()).tolist()
    monkeypatch.setattr(job, "read_files", lambda *_: Found(states=states, pairs=pairs))
    request = Request(
        paths=(Path("again.pth"),), store=run.path.parent, operation="add", quiet=True
    )

    with pytest.raises(ConfigError, match="imported already"):
        run_import(request)

    assert [one.name for one in run.path.parent.iterdir()] == [run.id]


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.id)
def test_every_view_shows_what_it_can_without_a_split_or_says_so(view, unsplit):
    seen = RunView(unsplit, Cache(), patience_s=None)
    why = view.missing(seen)
    if why is not None:
        assert "not known" in why or view.id == "update-strip"
        return

    drawing = make_drawing(seen.at(seen.last), view, default_selection(seen), "light")
    view.picture.draw(drawing)
    told = view.describe(drawing)

    assert "undefined" not in told
    assert "not yet" not in told
    if view.id in ("loss-curves", "accuracy-curves"):
        assert "Which pairs this run was trained on is not known" in told


def test_the_page_of_a_run_without_a_split_claims_nothing_of_one(unsplit):
    seen = RunView(unsplit, Cache(), patience_s=None)

    with Flask(__name__).test_request_context():
        found = manifest(seen, ["loss-curves"], {})

    assert found["grok"] is None
    assert (found["phases"], found["markers"]) == ([], [])
    assert found["stand"] == "Which pairs this run was trained on is not known."
    assert found["config"]["train_fraction"] is None
    assert found["config"]["d_mlp"] == unsplit.config.d_mlp
    assert common_name([Column(run=seen)]) == "a + b mod 7"
    assert all("circle" in note.text or "weights" in note.text for note in notes(seen))


@pytest.mark.parametrize(
    ("whose", "ending", "layout"),
    [
        ("own", "pt", "transformer-lens"),
        ("pairs", "safetensors", "grokdash"),
        ("unknown", "safetensors", "grokdash"),
    ],
)
def test_a_run_comes_back_from_its_weights_as_what_it_was(
    original, run, unsplit, tmp_path, whose, ending, layout
):
    one = {"own": original, "pairs": run, "unknown": unsplit}[whose]
    folder, steps = tmp_path / "weights", one.steps[-2:].tolist()
    save_weights(one, folder, steps, layout=layout, ending=ending)

    again = imported(tmp_path, paths=(folder,), grids=0)

    assert again.steps.tolist() == steps
    assert again.split_known == one.split_known
    np.testing.assert_array_equal(again.train_mask(), one.train_mask())
    for field in ("operation", "lr", "weight_decay", "causal_mask", "activation"):
        assert getattr(again.config, field) == getattr(one.config, field), field
    for step in steps:
        found, wanted = (logits(r.params(step), r.config) for r in (again, one))
        np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert ("seed" in again.imported.unknown) == (whose != "own")
