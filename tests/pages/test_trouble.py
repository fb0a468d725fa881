"""Runs that went wrong: one banner, no server paths, other runs as they were."""

import json
import shutil

import dash
import pytest

from grokdash.app import create_app
from grokdash.config import make_config
from grokdash.errors import DivergedError
from grokdash.store import open_store
from grokdash.training.train import Options, train
from grokdash.views import VIEWS

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
"""Numbers overflow here, as they are to."""

SMALL = {
    "p": 7,
    "train_fraction": 0.5,
    "d_model": 8,
    "d_mlp": 12,
    "n_heads": 2,
    "checkpoint_every": 1,
    "dense_every": 1,
    "dense_until": 2,
    "grids": 2,
}
FINE = make_config(**SMALL, epochs=4)
WILD = make_config(**SMALL, epochs=40, warmup=4, lr=1.0, weight_decay=200)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Give the folder of a store with a run that is well and one that diverged."""
    folder = tmp_path_factory.mktemp("trouble")
    options = Options(store=folder, threads=1, quiet=True, device="cpu")
    train(FINE, options)
    with pytest.raises(DivergedError):
        train(WILD, options)
    return folder


@pytest.fixture
def serve():
    """Give a function that makes the app over a folder."""
    stores = []

    def made(folder):
        stores.append(open_store(folder))
        return create_app(stores[-1])

    yield made
    for store in stores:
        store.close()


def page_of(app, run_id: str) -> str:
    """Give the Explore page of a run as JSON, as the browser gets it."""
    layout = dash.page_registry["grokdash.explore"]["layout"]
    with app.server.test_request_context("/"):
        found = layout(run_id=run_id).to_plotly_json()
    return json.dumps(found, default=lambda one: one.to_plotly_json())


def test_of_a_diverged_run_what_is_finite_is_shown_and_the_reason_said(place, serve):
    app = serve(place)
    run_id = WILD.run_id()
    stored = open_store(place).run(run_id)

    found = app.server.test_client().get(f"/api/run/{run_id}/manifest?views=")

    manifest = found.get_json()
    last = manifest["steps"][-1]
    assert 0 < last < stored.steps[-1]
    told = manifest["status"]["trouble"]
    assert stored.status.message[1:] in told
    assert f"shown up to epoch {last}" in told
    assert told in page_of(app, run_id)
    assert manifest["stand"] == ""
    first = app.server.test_client().get(f"/run/{run_id}").text
    assert "This run diverged" in first
    assert "Files of this run are damaged" not in first


def test_no_picture_of_a_diverged_run_says_nan(place, serve):
    app = serve(place)
    client = app.server.test_client()
    run_id = WILD.run_id()
    manifest = client.get(f"/api/run/{run_id}/manifest?views=").get_json()

    answers = {
        (view.id, step): client.get(
            f"/api/run/{run_id}/figure/{view.id}?e={step}&words=1"
        )
        for view in VIEWS
        for step in manifest["steps"][-1:]
    }

    said = {
        place: answer.get_json()["sentence"]
        for place, answer in answers.items()
        if answer.status_code == 200
    }
    assert said
    assert not {place for place, text in said.items() if "nan" in text.split()}
    assert "still learning" not in said["loss-curves", manifest["steps"][-1]]


@pytest.fixture
def damaged(place, tmp_path):
    """Give a copy of the store in which a file of the good run is damaged."""
    shutil.copytree(place, tmp_path / "store")

    def damage(how) -> object:
        how(tmp_path / "store" / FINE.run_id())
        return tmp_path / "store"

    return damage


def torn(folder) -> None:
    packed = folder / "run.h5"
    packed.write_bytes(packed.read_bytes()[:5000])


def nameless(folder) -> None:
    (folder / "run.json").unlink()


def garbled(folder) -> None:
    (folder / "run.json").write_text('{"format": [1,')


@pytest.mark.parametrize("how", [torn, nameless, garbled])
def test_a_run_that_cannot_be_opened_keeps_its_name(damaged, serve, how):
    folder = damaged(how)
    app = serve(folder)

    page = page_of(app, FINE.run_id())

    assert "This run cannot be opened" in page
    assert '"More"' in page
    assert "broken" in page
    assert str(folder.parent) not in page
    name = FINE.title if how is torn else FINE.run_id()
    assert f'"{name}"' in page
    rows = {row["id"]: row for row in app.server.test_client().get("/api/runs").json}
    assert rows[FINE.run_id()]["state"] == "broken"
    assert str(folder.parent) not in rows[FINE.run_id()]["problem"]
    assert rows[WILD.run_id()]["state"] == "diverged"


def test_damage_in_a_part_of_a_run_is_told_without_server_paths(damaged, serve):
    def scratched(folder) -> None:
        packed = folder / "run.h5"
        content = bytearray(packed.read_bytes())
        part = len(content) // 3
        content[part : 2 * part] = bytes(part)
        packed.write_bytes(content)

    folder = damaged(scratched)
    app = serve(folder)
    client = app.server.test_client()
    run_id = FINE.run_id()

    answers = [client.get(f"/api/run/{run_id}/figure/{view.id}") for view in VIEWS]

    refused = [answer.json["error"] for answer in answers if answer.status_code == 422]
    assert refused
    assert not [text for text in refused if str(folder.parent) in text]
    page = page_of(app, run_id)
    assert "Files of this run are damaged" in page or "cannot be opened" in page
    assert str(folder.parent) not in page
