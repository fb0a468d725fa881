"""Starting, stopping and watching trainers: what is done, and what is refused."""

import os
import shlex
import socket
import subprocess
import sys
import time

import pytest
from pydantic import TypeAdapter
from typer.testing import CliRunner

from grokdash.app import create_app
from grokdash.app.posture import Access
from grokdash.app.start_form import chosen_config, form_fields
from grokdash.app.trainers import Trainers
from grokdash.cli import app as command_line
from grokdash.config import PRESETS, RunConfig, as_options, make_config
from grokdash.contract.listing import RunRow
from grokdash.contract.training import Log, Started
from grokdash.errors import ConfigError, RunLockedError
from grokdash.store import RunStatus, RunWriter, open_store
from grokdash.store.record import read_status, write_status
from grokdash.training import footprint
from grokdash.training.pace import Pace, how
from grokdash.training.train import Options, train

TINY = {
    "p": "7",
    "train_fraction": "0.6",
    "d_model": "8",
    "d_mlp": "8",
    "n_heads": "2",
    "grids": "0",
}
OURS = {"X-Grokdash": "1", "Origin": "http://localhost"}

OTHER = {
    "operation": "divide",
    "p": 97,
    "train_fraction": 0.25,
    "seed": 2**31 + 1,
    "split_seed": 5,
    "split_rng": "numpy",
    "n_layers": 2,
    "n_heads": 2,
    "d_model": 64,
    "d_mlp": 65,
    "activation": "gelu",
    "mlp_bias": False,
    "layer_norm": True,
    "causal_mask": False,
    "tied_unembedding": True,
    "equals_class": False,
    "init": "seed",
    "optimizer": "adam",
    "lr": 3e-4,
    "weight_decay": 1e-7,
    "beta1": 0.8,
    "beta2": 0.99,
    "eps": 1e-9,
    "warmup": 3,
    "loss_dtype": "float32",
    "epochs": 777,
    "checkpoint_every": 50,
    "dense_every": 5,
    "dense_until": 70,
    "grids": 3,
}


@pytest.fixture
def store(tmp_path):
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture
def client(store):
    return create_app(store).server.test_client()


def tiny_config(**fields):
    return chosen_config("nanda", {**TINY, **fields})


def check(kind, text):
    """Check JSON against a type of the contract, to the last field."""
    TypeAdapter(kind).validate_json(text, strict=True, extra="forbid")


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("this never came true")


# The form


def test_the_form_has_every_field_with_its_type_range_and_help(store):
    about = form_fields(store)

    assert list(about["presets"]) == list(about["about"]) == ["quick", "seed", "nanda"]
    assert about["about"]["quick"] == "quick: p = 59, about 60 s"
    fields = {one["name"]: one for one in about["fields"]}
    assert set(fields) == set(RunConfig.model_fields)
    assert [one["common"] for one in about["fields"]].index(False) == 7
    assert fields["p"]["kind"] == "integer"
    assert fields["p"]["range"] == "from 2 to 1,009"
    assert fields["seed"]["range"] == "0 or more"
    assert fields["train_fraction"]["range"] == "above 0, below 1"
    assert fields["lr"]["range"] == "above 0, at most 1"
    assert fields["beta1"]["range"] == "at least 0, below 1"
    assert fields["lr"]["kind"] == "number"
    assert fields["mlp_bias"]["kind"] == "boolean"
    assert fields["optimizer"]["choices"] == ["adamw", "adam"]
    assert "quadratic" in (fields["operation"]["choices"] or [])
    assert fields["epochs"]["unit"] == "epochs"
    assert all(one["help"] for one in fields.values())


@pytest.mark.parametrize("preset", PRESETS)
def test_the_texts_of_a_preset_are_its_configuration(store, preset):
    texts = form_fields(store)["presets"][preset]

    assert chosen_config(preset, texts) == make_config(preset)


@pytest.mark.parametrize("name", OTHER)
def test_every_field_makes_the_way_from_text_to_configuration(name):
    config = make_config("nanda", **{name: OTHER[name]})
    text = str(OTHER[name]).lower() if isinstance(OTHER[name], bool) else OTHER[name]

    assert chosen_config("nanda", {name: str(text)}) == config.model_copy(
        update={"split_seed": OTHER["seed"]} if name == "seed" else {}
    )


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("fields", [{}, OTHER, {"split_seed": 4}, {"seed": 3}])
def test_the_options_of_the_command_mean_the_same_run(preset, fields):
    config = make_config(preset, **fields)

    shown = CliRunner().invoke(
        command_line, ["config", "show", *as_options(config, preset)]
    )

    assert shown.output.splitlines()[0] == f"# {config.run_id()}"


def test_a_bad_value_has_the_message_of_the_command_line_at_its_field(client):
    query = "preset=nanda&p=1&lr=many&train_fraction=0.5"

    errors = client.get(f"/api/form/check?{query}").get_json()["errors"]

    assert set(errors) == {"p", "lr"}
    with pytest.raises(ConfigError) as told:
        make_config("nanda", p="1", lr="many")
    assert str(told.value).splitlines() == [errors["p"], errors["lr"]]
    together = client.get("/api/form/check?operation=divide&p=12").get_json()
    assert together["errors"] == {
        "p": "p: divide needs a prime modulus; got 12; try 13"
    }
    unknown = client.get("/api/form/check?wd=3").get_json()["errors"]
    assert unknown["wd"].startswith("wd: unknown field")
    assert client.get("/api/form/check?preset=none").status_code == 400
    assert client.get("/api/form/check?p=" + "1" * 300).status_code == 400


def test_the_form_says_what_starting_would_do(client, store):
    config = tiny_config(epochs="10")
    query = "&".join(f"{k}={v}" for k, v in {**TINY, "epochs": "10"}.items())

    fresh = client.get(f"/api/form/check?{query}").get_json()

    assert fresh["run"] == config.run_id()
    assert fresh["size"].endswith(" more while packed), 90 MB of memory")
    assert (fresh["duration"], fresh["basis"]) == ("about 10 s", how(Pace()))
    assert fresh["exists"] is None
    assert shlex.split(fresh["command"])[2:] == as_options(config, "nanda")
    train(config, Options(store=store.path, threads=1, quiet=True, device="cpu"))
    there = client.get(f"/api/form/check?{query}").get_json()
    assert there["exists"] == {
        "state": "finished",
        "label": "finished",
        "step": 10,
        "epochs": 10,
        "free_seed": 1,
    }
    assert there["basis"] == how(Pace(run=config.run_id()))


def test_what_will_not_fit_into_memory_is_neither_offered_nor_begun(
    client, store, monkeypatch
):
    monkeypatch.setattr(footprint, "available_bytes", lambda: 10**9)

    verdict = client.get("/api/form/check?p=1000").get_json()
    body = {"preset": "nanda", "fields": {"p": "1000"}, "sure": True}
    answer = client.post("/api/train", json=body, headers=OURS)

    assert verdict["room"].startswith("p: p = 1000 is expected to take 42 GB")
    assert (answer.status_code, answer.get_json()["error"]) == (503, verdict["room"])
    assert not store.path.exists()


# Start, stop, go on


@pytest.mark.slow
def test_a_run_is_started_stopped_and_goes_on(client, store):
    body = {"preset": "nanda", "fields": {**TINY, "epochs": "9000000"}, "sure": True}
    body["fields"] |= {"checkpoint_every": "100000"}

    answer = client.post("/api/train", json=body, headers=OURS)

    run_id = answer.get_json()["run"]
    assert client.get("/api/launches").get_json()[0]["state"] == "starting"
    again = client.post("/api/train", json=body, headers=OURS)
    assert again.status_code in (400, 503)

    def log():
        return client.get(f"/api/run/{run_id}/log").get_json()

    def states(state):
        until(lambda: log()["state"] == state)

    def post(what):
        url = f"/api/run/{run_id}/{what}"
        return client.post(url, json={"sure": True}, headers=OURS)

    states("running")
    assert client.get("/api/launches").get_json() == []
    assert [one["id"] for one in client.get("/api/runs").get_json()] == [run_id]
    pid = read_status(store.path / run_id).pid
    assert os.getsid(pid) != os.getsid(0)
    until(lambda: "epoch " in log()["text"])
    assert post("stop").status_code == 200
    states("interrupted")
    assert post("stop").status_code == 400
    assert post("resume").status_code == 200
    states("running")
    assert read_status(store.path / run_id).pid != pid
    assert post("stop").status_code == 200
    states("interrupted")
    until(lambda: log()["exit"] == 0)
    text = log()["text"]
    assert "going on with" in text
    assert text.rstrip().endswith("the process ended with exit code 0")
    assert not (store.path / run_id / "stop").exists()


@pytest.mark.slow
def test_a_start_that_fails_is_listed_with_its_reason_and_leaves_nothing(
    client, store, monkeypatch
):
    monkeypatch.setattr(
        "grokdash.app.trainers.trainer_command",
        lambda words: [sys.executable, "-m", "grokdash", "train", *words, "--device=x"],
    )
    body = {"preset": "nanda", "fields": TINY, "sure": True}

    started = client.post("/api/train", json=body, headers=OURS)

    check(Started, started.data)
    run_id = started.get_json()["run"]
    check(list[RunRow], client.get("/api/launches").data)

    def failed():
        return [
            one
            for one in client.get("/api/launches").get_json()
            if one["state"] == "failed"
        ]

    (row,) = until(failed)
    assert row["id"] == run_id
    assert "device" in row["message"]
    check(list[RunRow], client.get("/api/launches").data)
    answer = client.get(f"/api/run/{run_id}/log")
    check(Log, answer.data)
    log = answer.get_json()
    assert (log["state"], log["exit"]) == ("failed", 2)
    assert "Traceback" not in log["text"]
    assert not (store.path / run_id).exists()
    client.post(f"/api/run/{run_id}/dismiss", json={}, headers=OURS)
    assert client.get("/api/launches").get_json() == []


def test_a_run_that_failed_to_go_on_says_so_until_it_is_deleted(
    client, store, monkeypatch
):
    config = tiny_config(epochs="50")
    with RunWriter.create(store.path, config):
        pass
    monkeypatch.setattr(
        "grokdash.app.trainers.trainer_command",
        lambda _: [sys.executable, "-c", "print('no room'); raise SystemExit(75)"],
    )
    url = f"/api/run/{config.run_id()}"

    assert (
        client.post(f"{url}/resume", json={"sure": True}, headers=OURS).status_code
        == 200
    )

    until(lambda: client.get(f"{url}/log").get_json()["exit"] == 75)
    log = client.get(f"{url}/log").get_json()
    assert log["state"] == "interrupted"
    assert "no room" in log["text"]
    body = {"confirm": config.run_id()}
    assert client.post(f"{url}/delete", json=body, headers=OURS).status_code == 200
    assert client.get("/api/launches").get_json() == []
    assert client.get(f"{url}/log").status_code == 404


def test_a_process_that_is_not_the_trainer_is_never_touched(client, store):
    """The number in status.json may belong to someone else by now."""
    config = tiny_config(epochs="50")
    with RunWriter.create(store.path, config):
        pass
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    status = RunStatus(
        state="running",
        pid=stranger.pid,
        host=socket.gethostname(),
        heartbeat=time.time(),
    )
    write_status(store.path / config.run_id(), status)

    try:
        url = f"/api/run/{config.run_id()}/stop"
        assert client.post(url, json={}, headers=OURS).status_code == 200
        with pytest.raises(subprocess.TimeoutExpired):
            stranger.wait(0.5)
    finally:
        stranger.kill()
        stranger.wait()


def test_a_request_left_behind_stops_no_later_training(store):
    config = tiny_config(epochs="20")
    with RunWriter.create(store.path, config) as writer:
        (writer.path / "stop").touch()

    assert not (writer.path / "stop").exists()
    (writer.path / "stop").touch()
    options = Options(store=store.path, threads=1, quiet=True, device="cpu")
    assert train(config, options).state == "finished"


def test_a_run_being_written_or_over_is_not_started_again(store):
    trainers = Trainers(store)
    config = tiny_config(epochs="10")
    with (
        RunWriter.create(store.path, config),
        pytest.raises(RunLockedError, match="already"),
    ):
        trainers.start("nanda", {**TINY, "epochs": "10"})
    train(config, Options(store=store.path, threads=1, quiet=True, device="cpu"))
    with pytest.raises(
        ConfigError, match=r"is finished; train it further with: .* or change a field"
    ):
        trainers.start("nanda", {**TINY, "epochs": "10"})


def test_more_runs_than_cores_need_a_second_word(client, store, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    monkeypatch.setattr(Trainers, "start", lambda *_: "started")
    with RunWriter.create(store.path, tiny_config()):
        body = {"preset": "nanda", "fields": TINY}

        asked = client.post("/api/train", json=body, headers=OURS)
        sure = client.post("/api/train", json=body | {"sure": True}, headers=OURS)

    assert asked.status_code == 409
    assert "1 cores" in asked.get_json()["error"]
    assert sure.get_json() == {"run": "started"}


# Who may


POSTS = ("/api/train", "/api/run/x/stop", "/api/run/x/resume", "/api/run/x/dismiss")


@pytest.fixture
def watched(monkeypatch):
    """Fail the test if any process is started."""

    def never(*_, **__):
        raise AssertionError("a process was started")

    monkeypatch.setattr("grokdash.app.processes.subprocess.Popen", never)


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Grokdash": "1", "Origin": "https://evil.example"}, 403),
        ({"X-Grokdash": "1", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"X-Grokdash": "1", "Host": "evil.example"}, 400),
        ({}, 400),
    ],
)
def test_only_our_own_pages_start_and_stop(client, watched, path, headers, status):
    answer = client.post(path, json={"fields": TINY, "sure": True}, headers=headers)

    assert answer.status_code == status
    assert client.get(path).mimetype == "text/html"  # no route: the empty page


@pytest.mark.parametrize("path", POSTS)
def test_a_stranger_without_the_token_starts_nothing(store, watched, path):
    stranger = create_app(
        store, access=Access(token="open sesame")
    ).server.test_client()

    answer = stranger.post(path, json={"fields": TINY, "sure": True}, headers=OURS)

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "path", [*POSTS, "/api/run/{id}/notes", "/api/run/{id}/delete"]
)
def test_a_read_only_server_changes_nothing(store, watched, path):
    with RunWriter.create(store.path, tiny_config()) as writer:
        pass
    client = create_app(store, read_only=True).server.test_client()

    path = path.replace("/x/", "/{id}/").replace("{id}", writer.id)
    body = {"fields": TINY, "sure": True, "confirm": writer.id}
    answer = client.post(path, json=body, headers=OURS)

    assert answer.status_code == 400
    assert "--read-only" in answer.get_json()["error"]
    assert "--read-only" in client.get("/api/form").get_json()["why_not"]
    assert store.run_ids() == [writer.id]


def test_a_folder_that_cannot_be_written_trains_nothing(store, client, monkeypatch):
    monkeypatch.setattr("os.access", lambda *_: False)

    assert "cannot be written" in client.get("/api/form").get_json()["why_not"]
    answer = client.post("/api/train", json={"fields": TINY}, headers=OURS)
    assert answer.status_code == 400


@pytest.mark.parametrize("fields", [[], {"p": ["7"]}, {"p": None}, {"x" * 200: "1"}])
def test_what_is_no_field_is_refused(client, watched, fields):
    body = {"preset": "nanda", "fields": fields, "sure": True}

    assert client.post("/api/train", json=body, headers=OURS).status_code == 400


def test_a_log_is_read_from_the_run_alone_and_never_whole(client, store, tmp_path):
    with RunWriter.create(store.path, tiny_config()) as writer:
        pass
    url = f"/api/run/{writer.id}/log"
    log = writer.path / "train.log"
    (tmp_path / "secret").write_text("secret")

    assert client.get(url).get_json()["text"] == ""
    log.symlink_to(tmp_path / "secret")
    assert client.get(url).get_json()["text"] == ""
    log.unlink()
    os.mkfifo(log)
    assert client.get(url).get_json()["text"] == ""
    log.unlink()
    log.write_bytes(b"x\xff" * 50_000 + b"\nlast line\n")
    text = client.get(url).get_json()["text"]
    assert text.endswith("last line\n")
    assert len(text) < 40_000
    assert client.get("/api/run/nobody/log").status_code == 404
