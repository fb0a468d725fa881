"""Starting, stopping and watching sweeps: what is done, and what is refused."""

import sys
import time
from functools import partial

import pytest

from grokdash.app import create_app
from grokdash.app.posture import Access
from grokdash.app.sweep_form import chosen_sweep
from grokdash.store import open_store
from grokdash.store.sweeps import (
    cancel_requested,
    drive,
    read_sweep_record,
    sweep_ids,
    write_plan,
)
from grokdash.sweeps.plan import planned, read_sweep, shipped

OURS = {"X-Grokdash": "1", "Origin": "http://localhost"}
TINY = {
    "title": "A try",
    "seeds": "0-1",
    "vary.lr": "1e-3, .003",
    "set.p": "7",
    "set.train_fraction": "0.6",
    "set.d_model": "8",
    "set.d_mlp": "8",
    "set.n_heads": "2",
    "set.epochs": "10",
}


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture
def client(store):
    return create_app(store).server.test_client()


@pytest.fixture
def stored(store):
    """The sweep of the form, planned in the store; nothing of it is trained."""
    sweep, _ = chosen_sweep(TINY)
    write_plan(store.path, sweep.id, sweep.plan())
    return sweep


@pytest.fixture
def command(monkeypatch):
    """What is started instead of this program."""

    def instead(code):
        monkeypatch.setattr(
            "grokdash.app.sweepers.own_command",
            lambda words: [sys.executable, "-c", code, *words],
        )

    return instead


def until(condition, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("this never came true")


def post(client, path, **body):
    return client.post(path, json={"sure": True} | body, headers=OURS)


# The form


def test_shipped_sweeps_are_offered_with_what_they_cost(client):
    form = client.get("/api/sweeps/form").get_json()

    assert {one["name"] for one in form["shipped"]} == set(shipped())
    one = next(one for one in form["shipped"] if one["name"] == "heads-small")
    assert (one["runs"], one["left"], one["varies"]) == (20, 20, "heads")
    assert one["duration"].startswith("about ")
    assert one["size"].endswith("B")
    assert "published times" in form["basis"]


def test_a_form_says_what_starting_would_do_and_gives_the_file(client, store, tmp_path):
    verdict = client.get("/api/sweeps/check", query_string=TINY).get_json()

    assert (verdict["runs"], verdict["left"], verdict["errors"]) == (4, 4, {})
    assert verdict["command"] == "grokdash sweep run a-try.toml"
    path = tmp_path / verdict["file"]
    path.write_text(verdict["text"], encoding="utf-8")
    assert read_sweep(path).id == verdict["sweep"]
    assert [verdict[one] for one in ("room", "exists", "driven")] == ["", False, False]
    assert not store.path.exists()


def test_a_shipped_sweep_is_shrunk_as_on_the_command_line(client):
    form = {"shipped": "heads-small", "epochs": "300", "seeds": "0,4"}

    verdict = client.get("/api/sweeps/check", query_string=form).get_json()

    expected = read_sweep(shipped()["heads-small"], epochs=300, seeds=[0, 4])
    assert verdict["sweep"] == expected.id
    command = "grokdash sweep run heads-small --epochs 300 --seeds 0,4"
    assert verdict["command"] == command


@pytest.mark.parametrize(
    ("change", "key", "message"),
    [
        ({"vary.lr": "1, x"}, "vary.lr", "lr: expected a number; got 'x'"),
        ({"vary.lr": "1e-3, .001"}, "vary.lr", "lr: runs 1 and 3 have the same"),
        ({"vary.wd": "1"}, "vary.wd", "wd: unknown field"),
        ({"set.p": "1"}, "set.p", "p: expected at least 2; got 1"),
        ({"seeds": "x"}, "seeds", "seeds: expected numbers and rising ranges"),
        ({"preset": "x"}, "preset", "preset: expected one of"),
        ({"seeds": "", "vary.lr": ""}, "", "nothing varies yet"),
        ({"color": "x"}, "", "color: unknown"),
        ({"seeds": "0-9999"}, "", "makes 20,000 runs"),
        ({"shipped": "x"}, "", "shipped: expected one of"),
        ({"shipped": "twins", "epochs": "-1"}, "epochs", "epochs: expected a count"),
    ],
)
def test_a_mistake_is_told_beside_its_part_of_the_form(client, change, key, message):
    form = TINY | change

    errors = client.get("/api/sweeps/check", query_string=form).get_json()["errors"]

    assert list(errors) == [key]
    assert errors[key].startswith(message)


# Start, stop, go on


def test_a_sweep_is_stored_and_its_process_watched_to_its_end(client, store, command):
    command("print('working'); input()")  # there is no one to answer: it fails

    answer = post(client, "/api/sweeps/start", form=TINY)

    sweep_id = answer.get_json()["sweep"]
    assert sweep_ids(store.path) == [sweep_id]
    assert planned(read_sweep_record(store.path, sweep_id)).id == sweep_id

    def driver():
        return client.get(f"/api/sweep/{sweep_id}/driver").get_json()

    found = until(lambda: not (one := driver())["driven"] and one)
    assert found["can_go_on"]
    assert not found["can_stop"]
    assert found["message"] == "its process ended with exit code 1"
    assert f"grokdash sweep resume {sweep_id}" in found["text"]
    assert "working" in found["text"]


def test_a_sweep_that_is_being_trained_is_stopped_and_not_started_again(
    client, store, stored, command
):
    command("raise SystemExit('started')")
    path = f"/api/sweep/{stored.id}"
    stop = partial(client.post, f"{path}/stop", json={}, headers=OURS)
    assert stop().status_code == 404

    with drive(store.path, stored.id):
        driver = client.get(f"{path}/driver").get_json()
        assert (driver["driven"], driver["can_stop"], driver["can_go_on"]) == (
            *(True, True, False),
        )
        assert post(client, f"{path}/resume").status_code == 503
        assert stop().status_code == 200
        assert cancel_requested(store.path, stored.id)

    assert client.get(f"{path}/driver").get_json()["can_go_on"]


def test_what_will_not_fit_is_neither_offered_nor_begun(client, store, monkeypatch):
    monkeypatch.setattr(
        "grokdash.training.forecast.shutil.disk_usage",
        lambda _: type("Usage", (), {"free": 1000})(),
    )

    verdict = client.get("/api/sweeps/check", query_string=TINY).get_json()
    answer = post(client, "/api/sweeps/start", form=TINY)

    assert "4 runs are expected to take" in verdict["room"]
    assert (answer.status_code, answer.get_json()["error"]) == (503, verdict["room"])
    assert not store.path.exists()


def test_more_sweeps_than_cores_need_a_second_word(client, monkeypatch, command):
    command("")
    monkeypatch.setattr("grokdash.app.trainers.Trainers.busy", lambda _: "all busy")

    asked = post(client, "/api/sweeps/start", form=TINY, sure=False)

    assert (asked.status_code, asked.get_json()) == (409, {"error": "all busy"})
    assert post(client, "/api/sweeps/start", form=TINY).status_code == 200


# Who may


@pytest.mark.parametrize("path", ["/api/sweeps/start", "/stop", "/resume"])
@pytest.mark.parametrize("case", ["read-only", "cross-site", "no-header"])
def test_only_our_own_pages_of_a_server_that_may_start_and_stop(
    store, stored, command, path, case
):
    command("raise SystemExit('started')")
    app = create_app(store, access=Access(), read_only=case == "read-only")
    headers = {
        "read-only": OURS,
        "cross-site": OURS | {"Sec-Fetch-Site": "cross-site"},
        "no-header": {},
    }[case]
    address = path if path.startswith("/api") else f"/api/sweep/{stored.id}{path}"
    body = {"form": TINY, "sure": True} if path.startswith("/api") else {}

    answer = app.server.test_client().post(address, json=body, headers=headers)

    assert answer.status_code == (403 if case == "cross-site" else 400)
    assert not (store.path / ".sweeps" / f"{stored.id}.drive").exists()
