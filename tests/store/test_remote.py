"""A store on a real S3 server of this computer, read through ranged requests."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from fsspec.registry import _registry
from moto.server import ThreadedMotoServer
from typer.testing import CliRunner
from werkzeug.serving import WSGIRequestHandler

import grokdash
from grokdash.app import create_app
from grokdash.cli import app
from grokdash.config import make_config
from grokdash.errors import DamagedFileError, StoreError, UnusableFolderError
from grokdash.store import Notes, open_store
from grokdash.store.remote import Mirror, remote_url
from grokdash.training.train import Options, train

pytestmark = [
    # Both libraries still say utcnow(), which Python 3.12 deprecates.
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),
    pytest.mark.usefixtures("credentials"),
]
TINY = {
    "p": 7,
    "train_fraction": 0.5,
    "d_model": 8,
    "d_mlp": 6,
    "n_heads": 2,
    "epochs": 40,
    "checkpoint_every": 10,
    "dense_every": 10,
    "grids": 2,
}


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """A store of one finished run."""
    path = tmp_path_factory.mktemp("local")
    options = Options(store=path, threads=1, device="cpu", quiet=True)
    train(make_config("nanda", TINY), options)
    return path


@pytest.fixture(scope="module")
def server():
    """An S3 server; ``server.requests`` are the lines of what it was asked."""
    with pytest.MonkeyPatch.context() as patch:
        lines = []
        patch.setattr(
            WSGIRequestHandler,
            "log_request",
            lambda self, *_: lines.append(self.requestline),
        )
        running = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
        running.start()
        running.requests = lines
        host, port = running.get_host_and_port()
        running.address = f"http://{host}:{port}"
        yield running
        running.stop()


@pytest.fixture
def credentials(monkeypatch, server):
    for name, value in {
        "AWS_ENDPOINT_URL": server.address,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def bucket(server, local, request):
    """A bucket with a copy of the local store; give its file system and address."""
    import s3fs

    system = s3fs.S3FileSystem(skip_instance_cache=True)
    name = f"b{abs(hash(request.node.name))}"
    system.mkdir(name)
    for path in local.rglob("*"):
        if path.is_file() and not path.name.startswith("."):
            system.put(str(path), f"{name}/lab/{path.relative_to(local)}")
    server.requests.clear()
    return system, f"s3://{name}/lab"


def test_first_panel_takes_at_most_ten_requests(bucket, local, server, tmp_path):
    run_id = make_config("nanda", TINY).run_id()

    store = open_store(bucket[1], cache=tmp_path)
    client = create_app(store).server.test_client()
    listed = client.get("/api/runs").get_json()
    panel = client.get(f"/api/run/{run_id}/figure/embedding-circle?e=40&k=2")

    assert [row["id"] for row in listed] == [run_id]
    assert panel.status_code == 200
    assert panel.get_json()["step"] == 40
    assert 3 <= len(server.requests) <= 10
    whole = [line for line in server.requests if "run.h5" in line]
    assert len(whole) <= 4


def test_every_number_is_that_of_the_local_store(bucket, local, tmp_path):
    run_id = make_config("nanda", TINY).run_id()
    here, there = open_store(local).run(run_id), open_store(bucket[1]).run(run_id)

    assert there.steps.tolist() == here.steps.tolist()
    for step in (0, 40):
        for name, value in here.params(step).items():
            np.testing.assert_array_equal(there.param(name, step), value)
    np.testing.assert_array_equal(there.series("loss/test"), here.series("loss/test"))
    one, other = (
        grokdash.arrays(run, "neuron-grid", epoch=40) for run in (here, there)
    )
    assert one.keys() == other.keys()
    for name, value in one.items():
        np.testing.assert_array_equal(other[name], value)


def test_second_start_copies_nothing_again(bucket, server, tmp_path):
    open_store(bucket[1], cache=tmp_path).close()
    server.requests.clear()

    store = open_store(bucket[1], cache=tmp_path)

    assert len(store.summaries()) == 1
    assert len(server.requests) == 1  # the listing


def test_a_run_that_is_added_changed_or_deleted_is_seen(bucket, monkeypatch):
    monkeypatch.setattr("grokdash.store.remote.LOOK_AGAIN_S", 0)
    system, url = bucket
    run_id = make_config("nanda", TINY).run_id()
    place = f"{url.removeprefix('s3://')}/{run_id}"
    store = open_store(url)

    system.pipe(f"{place}/notes.json", b'{"title": "the good one"}')
    assert [one.title for one in store.summaries()] == ["the good one"]
    system.rm(place, recursive=True)
    assert store.summaries() == []


def test_damaged_remote_file_is_listed_with_its_reason(bucket):
    system, url = bucket
    run_id = make_config("nanda", TINY).run_id()
    place = f"{url.removeprefix('s3://')}/{run_id}/run.h5"
    data = bytearray(system.cat(place))
    data[: len(data) // 2] = bytes(len(data) // 2)
    system.pipe(place, bytes(data))
    store = open_store(url)

    with pytest.raises(DamagedFileError, match="is not an HDF5 file"):
        store.run(run_id)
    (row,) = store.summaries()
    assert row.state == "broken"
    assert "is not an HDF5 file" in row.problem


def forget(run):
    """Let the next read of a run ask the server again; give what would answer."""
    blocks = run.checkpoint_file(40)[0]._blocks
    blocks._kept.clear()
    return blocks


def test_lost_network_is_told_and_is_no_damage(bucket, monkeypatch):
    store = open_store(bucket[1])
    run = store.run(make_config("nanda", TINY).run_id())
    forget(run)

    def lost(*_args, **_kwargs):
        raise ConnectionResetError("connection reset")

    monkeypatch.setattr(store._mirror._fs, "cat_file", lost)

    with pytest.raises(StoreError, match=r"cannot be read: connection reset.*network"):
        run.params(20)
    assert store.summaries()[0].problem == ""


def test_hdf5_waits_for_no_network(bucket, local, monkeypatch):
    """Its lock, one for the whole process, is free while a range is fetched."""
    store = open_store(bucket[1])
    run = store.run(make_config("nanda", TINY).run_id())
    beside = open_store(local).run(run.id)
    forget(run)
    fetch, read = store._mirror._fs.cat_file, []

    def watched(*arguments, **more):
        # In another thread, as the lock lets the one that has it in again.
        with ThreadPoolExecutor(1) as pool:
            read.append(pool.submit(beside.params, 20).result(timeout=60))
        return fetch(*arguments, **more)

    monkeypatch.setattr(store._mirror._fs, "cat_file", watched)
    got = run.params(20)

    assert read
    np.testing.assert_array_equal(got["W_E"], read[0]["W_E"])


def test_nothing_can_be_written(bucket):
    store = open_store(bucket[1])
    run_id = make_config("nanda", TINY).run_id()

    with pytest.raises(StoreError, match="is only read"):
        store.delete_run(run_id)
    with pytest.raises(StoreError, match="is only read"):
        store.write_notes(run_id, Notes(title="x"))


def test_names_that_no_store_has_become_no_file(bucket, tmp_path):
    system, url = bucket
    base = url.removeprefix("s3://")
    for name in ("x/../../evil.json", "lab.json", "a/b/c.h5", "run/readme.json"):
        system.pipe(f"{base}/{name}", b"{}")

    mirror = Mirror(url, tmp_path)

    kept = {p.name for p in mirror.path.rglob("*") if p.is_file()}
    assert kept == {"run.json", "status.json", "run.h5", ".index.json"}


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("s3://no-such-bucket/lab", "check"),
        ("nosuch://x/y", "expected an address such as s3://bucket/prefix"),
    ],
)
def test_address_that_cannot_be_read_is_one_message(url, message):
    with pytest.raises(UnusableFolderError, match=message):
        open_store(url).run_ids()


def test_command_refuses_a_bad_bucket():
    done = CliRunner().invoke(app, ["runs", "s3://no-such-bucket/lab"])

    assert isinstance(done.exception, UnusableFolderError), done.output


def test_without_the_extra_the_message_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.delitem(_registry, "s3", raising=False)

    with pytest.raises(UnusableFolderError, match="pip install fsspec s3fs"):
        open_store("s3://bucket/lab")


def test_address_survives_a_path():
    assert remote_url(Path("s3://bucket/lab")) == "s3://bucket/lab"
    assert remote_url("s3://bucket/lab/") == "s3://bucket/lab"
    assert remote_url(Path("C:/runs")) is None
    assert remote_url("store") is None
