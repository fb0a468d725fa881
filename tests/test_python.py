"""What a user has from Python: arrays by name, tables, and messages that help."""

import sys

import numpy as np
import pytest

import grokdash
from grokdash.errors import ConfigError, NotStoredError
from grokdash.store.axes import axes, meaning
from grokdash.store.checkpoint import stored_epoch
from grokdash.store.schema import grid_shapes, param_shapes
from grokdash.views import VIEWS
from grokdash.views.core.render import read_fields
from grokdash.views.core.selection import Selection


@pytest.fixture(scope="module")
def run(run_view):
    return run_view.stored


def test_a_checkpoint_gives_every_stored_array_by_name(run):
    at = run.at(4)

    assert at.epoch == 4
    assert run.at().epoch == 6
    assert run.at(3).epoch == 2  # the earlier of two
    np.testing.assert_array_equal(at["W_E"], run.param("W_E", 4))
    np.testing.assert_array_equal(at["logits/M"], run.measure("logits/M", 4))
    assert {*at} == {*param_shapes(run.config), *run.measure_names}
    first = run.at(0)
    assert first["grids/neurons"].shape == (12, 7, 7)
    assert "grids/loss" in first
    assert "grids/loss" not in at


@pytest.mark.parametrize(
    ("call", "error", "told"),
    [
        (lambda run: run.at(0)["W_Q"], NotStoredError, "perhaps blocks/0/W_Q"),
        (lambda run: run.at(0)["loss/tset"], NotStoredError, "perhaps loss/test"),
        (
            lambda run: stored_epoch(run.steps, "last", run.id),
            ConfigError,
            "epochs from 0 to 6",
        ),
        (lambda run: run.at(-1), ConfigError, "whole number from 0"),
        (lambda run: run.to_pandas("loss"), NotStoredError, "loss/test"),
        (lambda run: run.to_pandas("logits/M"), ConfigError, "run.to_xarray"),
        (
            lambda run: run.to_pandas("train_loss", "loss/test"),
            ConfigError,
            "two tables",
        ),
        (lambda run: run.to_xarray("W_e"), NotStoredError, "perhaps W_E"),
        (lambda run: run.figure("circle"), NotStoredError, "embedding-circle"),
        (lambda run: run.figure("embedding-circle", h=1), ConfigError, "it takes k,"),
        (lambda run: run.figure("embedding-circle", k=9), ConfigError, "1 to 3 fit"),
        (
            lambda run: run.figure("embedding-circle", theme="x"),
            ConfigError,
            "light, dark, paper",
        ),
        (lambda run: run.figure("embedding-circle", -5), ConfigError, "whole number"),
    ],
)
def test_what_does_not_fit_is_told_with_what_does(run, call, error, told):
    with pytest.raises(error, match=told):
        call(run)


def test_every_setting_that_a_view_takes_is_one_that_can_be_picked():
    names = set(Selection.__dataclass_fields__)

    assert all(set(read_fields(view, styles=True)) <= names for view in VIEWS)


def test_a_figure_is_the_one_of_the_view_at_that_epoch(run):
    figure = run.figure("embedding-circle", 4, k=2, theme="dark")

    assert figure.layout.meta["epoch"] == 4
    there = grokdash.figure(run, "embedding-circle", 4, k=2, theme="dark")
    assert figure.to_json() == there.to_json()


def test_pandas_has_a_row_per_checkpoint_and_a_column_per_number(run):
    table = run.to_pandas()

    assert table.index.name == "epoch"
    assert table.index.tolist() == run.steps.tolist()
    np.testing.assert_array_equal(table["loss/test"], run.series("loss/test"))
    splits = run.to_pandas("loss/restricted")
    assert splits.columns.tolist() == [
        f"loss/restricted[{split}]" for split in ("train", "test", "all")
    ]
    updates = run.to_pandas("train_loss", "grad_norm")
    assert updates.index.name == "update"
    np.testing.assert_array_equal(updates["train_loss"], run.scalars("train_loss")[1])


def test_xarray_names_every_axis_and_reads_what_is_used(run, monkeypatch):
    found = run.to_xarray()

    assert {*found} == {*param_shapes(run.config), *run.measure_names}
    assert not any(str(name).startswith("of_") for name in found.sizes)
    assert found["blocks/0/W_Q"].dims == ("epoch", "n_heads", "d_model", "d_head")
    read = []
    param = run.param
    monkeypatch.setattr(run, "param", lambda *a: read.append(a) or param(*a))
    row = found["W_E"].sel(epoch=4, token=7)
    assert read == []
    np.testing.assert_array_equal(row.values, param("W_E", 4)[7])
    assert read == [("W_E", 4)]
    three = found["loss/excluded2d"].sel(split="test").isel(epoch=[0, -1])
    expected = run.series("loss/excluded2d")[[0, -1], 1]
    np.testing.assert_array_equal(three.values, expected)
    assert found["loss/test"].attrs == {"units": "nats"}
    assert found.attrs["run"] == run.id


@pytest.mark.parametrize("name", ["pandas", "xarray"])
def test_what_is_not_installed_is_named(run, monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)

    with pytest.raises(ConfigError, match=f"pip install {name}$"):
        getattr(run, f"to_{name}")()


def test_values_say_what_they_are(run, runs):
    store = grokdash.open_store(runs.path)

    assert repr(run) == f"<Run {run.id}: 4 checkpoints, epochs 0 to 6, finished>"
    assert repr(store).startswith(f"<Store {store.name}: ")
    assert repr(run.at(4)).startswith(f"<epoch 4 of {run.id}: 11 parameters, ")
    for value in (run, run.at(0)):
        assert run.id in value._repr_html_()
    shown = store._repr_html_()
    assert shown.startswith("<table>")
    assert any(one in shown for one in store.run_ids())
    store.close()


@pytest.mark.parametrize(
    "fields", [{"n_layers": 2, "layer_norm": True}, {"operation": "multiply"}]
)
def test_axes_of_every_array_have_a_name_and_one_length(runs, fields):
    run = runs(**fields).stored
    shapes = {f"params/{n}": s for n, s in param_shapes(run.config).items()}
    shapes |= {f"grids/{n}": s for n, s in grid_shapes(run.config).items()}
    shapes |= {f"measures/{n}": run.measure(n, 6).shape for n in run.measure_names}

    lengths = {}
    for name, shape in shapes.items():
        known = meaning(name)
        assert known is not None, name
        assert len(known.axes) == len(shape), name
        for axis, size in zip(axes(name, shape), shape, strict=True):
            assert lengths.setdefault(axis, size) == size, (name, axis)
