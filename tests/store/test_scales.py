"""Other programs know the axes of the arrays by name, and may read beside grokdash."""

import h5py
import numpy as np
import xarray

from grokdash.store import open_store
from grokdash.store.hashes import Ledger
from grokdash.store.scales import add_scales
from grokdash.store.schema import RAW, param_shapes


def opened(path):
    return xarray.open_datatree(path, engine="h5netcdf", phony_dims=None)


def names_of(tree):
    """Give what the axes of every array are called, by the array's path."""
    return {
        f"{node.path}/{name}".lstrip("/"): array.dims
        for node in tree.subtree
        for name, array in node.data_vars.items()
    }


def test_every_axis_of_a_packed_file_has_its_name(run_view):
    run = run_view.stored
    with opened(run.path / "run.h5") as tree:
        found = names_of(tree)

        params = {f"params/{name}" for name in param_shapes(run.config)}
        assert params | {f"measures/{name}" for name in run.measure_names} <= {*found}
        assert found["params/blocks/0/W_Q"] == ("step", "n_heads", "d_model", "d_head")
        assert found["grids/neurons"] == ("grid_step", "neuron", "a", "b")
        assert found["steps/train_loss"] == ("update",)
        unnamed = ("of_", "phony")
        assert not [d for dims in found.values() for d in dims if d.startswith(unnamed)]
        loss = tree["measures/loss/test"]
        np.testing.assert_array_equal(loss.step, run.steps)
        np.testing.assert_array_equal(loss, run.series("loss/test"))


def test_every_axis_of_a_piece_has_its_name(run_folder):
    name = "step-00000040.h5"
    with opened(run_folder / "checkpoints" / name) as tree:
        found = names_of(tree)
        assert found["params/W_E"] == ("step", "token", "d_model")
        assert found["measures/table"] == ("step", "entry")
        assert found["steps/table"] == ("series", "update")
        assert tree["params/W_E"].sel(step=40).shape == (8, 8)
        assert found["measures/frame/loss"] == ("step", "a", "b")
        assert found["measures/logits/M"] == ("step", "answer", "logit")
    with opened(run_folder / "grids" / name) as tree:
        assert names_of(tree)["grids/attention"] == (
            "step",
            "head",
            "position",
            "a",
            "b",
        )


def test_an_axis_of_another_length_is_called_after_it(tmp_path):
    """Nothing keeps an old run from having what no table of ours knows."""
    shapes = {"frame/correct_logit": (1, 5, 5), "frame/loss": (1, 4, 3), "x": (1, 5)}
    with h5py.File(tmp_path / "x.h5", "w") as file:
        ledger = Ledger()
        for name, shape in shapes.items():
            ledger.create(file, f"measures/{name}", np.zeros(shape), shape, RAW)
        add_scales(file, "checkpoint", ledger.arrays)
        found = {n: [d[0].name for d in file[f"measures/{n}"].dims] for n in shapes}

    assert found["frame/correct_logit"] == ["/step", "/a", "/b"]
    assert found["frame/loss"] == ["/step", "/of_4", "/of_3"]
    assert found["x"] == ["/step", "/of_5"]


def test_files_are_read_beside_h5py_and_xarray_in_one_process(run_folder):
    """In both orders, with the file locks that both ask for by themselves."""
    path = run_folder / "checkpoints" / "step-00000020.h5"
    store = open_store(run_folder.parent)
    run = store.run(run_folder.name)
    expected = run.param("W_E", 20)

    with h5py.File(path) as file, xarray.open_dataset(path, group="params") as there:
        np.testing.assert_array_equal(file["params/W_E"][0], expected)
        np.testing.assert_array_equal(there["W_E"][0], expected)
        store.close()
        again = open_store(run_folder.parent)
        values = again.run(run_folder.name).param("W_E", 20)
        np.testing.assert_array_equal(values, expected)
        again.close()
