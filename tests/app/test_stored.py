"""The page of the stored arrays of a run, and each array by its address."""

import csv
import io
import json
import shutil

import h5py
import numpy as np
import pytest

from grokdash.app.factory import create_app
from grokdash.contract.addresses import array_path
from grokdash.pages import PAGES
from grokdash.saving import stored
from grokdash.saving.stored import stored_arrays
from grokdash.store import open_store
from grokdash.store.schema import grid_shapes, param_shapes


@pytest.fixture(scope="module")
def run(run_view):
    return run_view.stored


@pytest.fixture(scope="module")
def app(run):
    return create_app(open_store(run.path.parent))


@pytest.fixture(scope="module")
def asked(app, run):
    """Give ``asked(name, kind, query)``: the answer of an array's address."""
    client = app.server.test_client()
    return lambda name, kind="json", **query: client.get(
        array_path(run.id, name, kind), query_string=query
    )


def test_every_array_is_listed_with_what_it_is_and_where(run, app):
    found = {one.name: one for one in stored_arrays(run)}

    names = [f"params/{one}" for one in param_shapes(run.config)]
    names += [f"measures/{one}" for one in run.measure_names]
    names += [f"grids/{one}" for one in grid_shapes(run.config)]
    names += [f"steps/{one}" for one in run.scalar_names]
    assert [*found] == names
    assert all(one.what and one.first and one.type for one in found.values())
    assert {one.checked for one in found.values()} == {"hash matches"}
    W_Q = found["params/blocks/0/W_Q"]
    assert (W_Q.axes[1:], W_Q.shape) == (("n_heads", "d_model", "d_head"), (4, 2, 8, 4))
    assert found["grids/correct_logit"].type == "float16"
    assert found["measures/loss/test"].unit == "nats"
    with app.server.test_request_context("/"):
        (page,) = [one for one in PAGES if one.name == "stored"]
        text = json.dumps(
            page.layout(
                app.server.config["GROKDASH_PAGES"], run_id=run.id
            ).to_plotly_json(),
            default=lambda part: part.to_plotly_json(),
        )
    for name in names:
        for kind in ("csv", "npy", "json"):
            assert f'"{array_path(run.id, name, kind)}' in text


def test_an_array_comes_whole_or_of_one_checkpoint(run, asked):
    whole = asked("measures/loss/test").get_json()
    np.testing.assert_array_equal(
        whole["arrays"]["measures/loss/test"], run.series("loss/test")
    )
    assert whole["provenance"]["epochs"] == run.steps.tolist()
    one = np.load(io.BytesIO(asked("params/blocks/0/W_Q", "npy", e="3").data))
    np.testing.assert_array_equal(
        one["params/blocks/0/W_Q"], run.param("blocks/0/W_Q", 2)
    )
    table = asked("measures/loss/restricted", "csv").text
    first, *_ = csv.DictReader(table.splitlines())
    assert json.loads(first["provenance"])["unit"] == "nats"
    assert list(first)[:3] == ["epoch", "split", "measures/loss/restricted"]
    assert (first["epoch"], first["split"]) == ("0", "train")
    neuron = asked("grids/neurons", e="0", i="3").get_json()["arrays"]["grids/neurons"]
    np.testing.assert_array_equal(neuron, run.grid("neurons", 0, 3))


def test_what_cannot_be_answered_says_what_can(asked, monkeypatch):
    monkeypatch.setattr(stored, "MOST_NUMBERS", 100)

    for name, query, status, told in (
        ("params/W_E", {}, 400, "at most 100: add e=EPOCH"),
        ("params/W_e", {}, 404, "perhaps params/W_E"),
        ("params/W_E", {"e": "x"}, 400, "from 0 to 6"),
        ("grids/neurons", {"i": "12"}, 400, "from 0 to 11"),
        ("grids/loss", {"e": "4"}, 404, "no grids at epoch 4"),
    ):
        answer = asked(name, **query)
        assert (answer.status_code, told in answer.get_json()["error"]) == (
            status,
            True,
        )


def test_damage_is_told_of_the_array_that_has_it(run, tmp_path):
    place = shutil.copytree(run.path, tmp_path / run.id)
    with h5py.File(place / "run.h5") as file:
        chunk = file["params/W_pos"].id.get_chunk_info(len(run.steps) - 1)
    with (place / "run.h5").open("r+b") as file:
        file.seek(chunk.byte_offset)
        file.write(bytes(chunk.size))

    found = {one.name: one for one in stored_arrays(open_store(tmp_path).run(run.id))}

    assert [name for name, one in found.items() if one.damaged] == ["params/W_pos"]
    assert "not what was written" in found["params/W_pos"].checked
