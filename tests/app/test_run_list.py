"""What the browser is told of the list: everything once, then only what changed."""

import json
import shutil

import pytest

from grokdash.app import create_app
from grokdash.app.run_list import RunList
from grokdash.config import make_config
from grokdash.store import Notes, RunStatus, open_store
from grokdash.store.record import create_record, write_status


@pytest.fixture
def store(tmp_path):
    for seed in range(3):
        config = make_config(p=7, seed=seed)
        folder = tmp_path / "store" / config.run_id()
        folder.mkdir(parents=True)
        create_record(folder, config, {})
        write_status(folder, RunStatus(state="finished", step=seed))
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


def test_first_answer_holds_every_run(store):
    answer = json.loads(RunList(store).changes(""))

    assert answer["all"]
    assert [row["id"] for row in answer["rows"]] == [s.id for s in store.summaries()]
    assert json.loads(RunList(store).all_rows()) == answer["rows"]


def test_next_answer_holds_what_changed_since(store):
    listed = RunList(store)
    first = json.loads(listed.changes(""))
    one, two, _three = store.run_ids()

    store.write_notes(one, Notes(title="Mine"))
    shutil.rmtree(store.path / two)
    second = json.loads(listed.changes(first["token"]))
    third = json.loads(listed.changes(second["token"]))
    late = json.loads(listed.changes(first["token"]))

    assert not second["all"]
    assert [(row["id"], row["title"]) for row in second["rows"]] == [(one, "Mine")]
    assert second["gone"] == [two]
    assert (third["all"], third["rows"], third["gone"]) == (False, [], [])
    assert (late["rows"], late["gone"]) == (second["rows"], second["gone"])


@pytest.mark.parametrize("token", ["other-3", "x", "-", "other", "9" * 5000])
def test_a_token_of_another_server_stands_for_never(store, token):
    assert json.loads(RunList(store).changes(token))["all"]


def test_a_run_that_comes_back_is_not_gone(store, tmp_path):
    listed = RunList(store)
    first = json.loads(listed.changes(""))
    folder = store.path / store.run_ids()[0]

    shutil.move(folder, tmp_path / "aside")
    listed.changes(first["token"])
    shutil.move(tmp_path / "aside", folder)
    answer = json.loads(listed.changes(first["token"]))

    assert [row["id"] for row in answer["rows"]] == [folder.name]
    assert answer["gone"] == []


def test_the_token_is_another_only_when_something_is(store):
    listed = RunList(store)
    first = json.loads(listed.changes(""))["token"]

    same = json.loads(listed.changes(first))["token"]
    store.delete_run(store.run_ids()[0])
    other = json.loads(listed.changes(first))["token"]

    assert same == first
    assert other != first


def test_a_browser_that_has_all_rows_is_told_so(store):
    client = create_app(store).server.test_client()
    path = "/api/runs/changes?since="
    first = client.get(path)
    known = {"If-None-Match": first.headers["ETag"]}

    same = client.get(path, headers=known)
    store.write_notes(store.run_ids()[0], Notes(title="Mine"))
    other = client.get(path, headers=known)

    assert first.headers["Cache-Control"] == "no-cache"
    assert (same.status_code, same.data) == (304, b"")
    assert other.status_code == 200
    assert "Mine" in [row["title"] for row in other.get_json()["rows"]]
