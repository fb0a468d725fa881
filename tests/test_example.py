"""The run that comes with grokdash: what it is, and how it comes into a store."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from grokdash import example
from grokdash.app import create_app
from grokdash.cli import app, serve
from grokdash.errors import StoreError, UnusableFolderError
from grokdash.example import PLACE, example_config, example_id, put_example
from grokdash.store import Notes, open_store, shuffled_pairs
from grokdash.store.files import folder_bytes
from grokdash.store.schema import step_file
from grokdash.story.choice import story_run
from grokdash.training.process import set_threads
from grokdash.training.steppers import alone

POST = {"X-Grokdash": "1"}
MEMORISED = 180


@pytest.fixture(scope="module")
def run():
    store = example.example_store()
    yield store.run(example_id())
    store.close()


def test_it_is_what_its_configuration_says_and_undamaged(run):
    store = open_store(PLACE)

    assert [one.name for one in PLACE.iterdir()] == [example_id()]
    assert run.config == example_config()
    assert not run.damaged
    assert store.verify(example_id()).damage == []
    assert (run.path / "state" / step_file(run.config.epochs)).exists()
    assert folder_bytes(PLACE) < 1.9e6
    store.close()


def test_it_is_the_run_that_the_story_is_told_on_and_stays_grokked(run):
    store = open_store(PLACE)
    (summary,) = store.summaries()
    late = run.steps >= summary.grok_end

    assert summary == story_run([summary])
    assert summary.state == "finished"
    assert run.series("accuracy/train")[run.steps >= MEMORISED].min() > 0.99
    assert run.series("accuracy/test")[run.steps == MEMORISED] < 0.1
    assert run.series("loss/test").max() > 9
    assert run.series("accuracy/test")[late].min() >= 0.99
    assert run.series("accuracy/test")[-1] == 1
    assert run.series("loss/test")[-1] < 1e-4
    store.close()


def test_training_it_again_begins_as_it_does(run, process_settings):
    config, device = example_config(), torch.device("cpu")
    set_threads(1, {}, 1)
    again = alone(config, shuffled_pairs(config)[: config.n_train], device)

    for step in run.steps[:3].tolist():
        while again.step < step:
            again.update()
        for name, values in again.params.items():
            stored = run.param(name, step)
            np.testing.assert_allclose(values, stored, atol=1e-4, err_msg=name)


def test_a_copy_is_the_same_run_and_is_made_once(tmp_path):
    store = tmp_path / "new" / "store"
    run_id = put_example(store)
    opened = open_store(store)
    opened.write_notes(run_id, Notes(title="Mine"))
    before = {path: path.stat() for path in (store / run_id).rglob("*")}

    assert put_example(store) == run_id
    assert {path: path.stat() for path in before} == before
    assert [one.name for one in store.iterdir()] == [run_id]
    assert [one.title for one in opened.summaries()] == ["Mine"]
    for path in (PLACE / run_id).rglob("*.h5"):
        copy = store / path.relative_to(PLACE)
        assert copy.read_bytes() == path.read_bytes()


def test_a_copy_that_cannot_be_finished_leaves_nothing(tmp_path, monkeypatch):
    def full(path, data):
        if path.name == "run.h5":
            raise StoreError("no room")
        publish(path, data)

    publish = example.files.publish
    monkeypatch.setattr(example.files, "publish", full)
    with pytest.raises(StoreError, match="no room"):
        put_example(tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_of_two_who_copy_at_once_both_have_it(tmp_path, monkeypatch):
    def beaten(source, target):
        shutil.copytree(PLACE, tmp_path, dirs_exist_ok=True)
        return copy(source, target)

    copy = example._copy
    monkeypatch.setattr(example, "_copy", beaten)

    assert put_example(tmp_path) == example_id()
    assert [one.name for one in tmp_path.iterdir()] == [example_id()]


def test_what_is_in_the_way_is_told(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / example_id() / "mine").mkdir(parents=True)

    with pytest.raises(UnusableFolderError, match="choose another folder with --store"):
        put_example(tmp_path / "file")
    with pytest.raises(UnusableFolderError, match="holds no run"):
        put_example(tmp_path)
    with pytest.raises(UnusableFolderError, match="s3://bucket: is only read"):
        put_example(Path("s3://bucket"))
    (tmp_path / "away").symlink_to(tmp_path / "nowhere" / "at all")
    with pytest.raises(UnusableFolderError, match="choose another folder"):
        put_example(tmp_path / "away")


def test_the_app_puts_it_into_the_store_and_shows_it(tmp_path):
    client = create_app(open_store(tmp_path)).server.test_client()
    before = client.get(f"/api/run/{example_id()}/manifest")
    answer = client.post("/api/example", json={}, headers=POST)

    assert before.status_code == 200
    assert answer.json == {"run": example_id()}
    assert [row["id"] for row in client.get("/api/runs").json] == [example_id()]


def test_a_server_that_changes_nothing_shows_it_from_where_it_lies(tmp_path):
    server = create_app(open_store(tmp_path), read_only=True).server
    client = server.test_client()
    figure = client.get(f"/api/run/{example_id()}/figure/embedding-circle?e=300")
    answer = client.post("/api/example", json={}, headers=POST)

    assert figure.status_code == 200
    assert answer.status_code == 400
    assert list(tmp_path.iterdir()) == []
    assert client.get("/api/run/another/manifest").status_code == 404


def test_instant_demo_opens_it(tmp_path, monkeypatch):
    served = []
    monkeypatch.setattr(serve, "serve_run", lambda *found: served.append(found))
    words = ["demo", "--instant", "--no-browser", "--port", "0", "--store"]
    for _ in range(2):
        done = CliRunner().invoke(app, [*words, str(tmp_path)])

        assert done.exit_code == 0
        assert (tmp_path / example_id() / "run.h5").exists()

    shown = serve.Shown(port=0, open_browser=False)
    assert served == 2 * [(tmp_path, example_id(), shown)]
