"""What may not be read any more is said to be so, and is back with the permission."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from grokdash.app import create_app
from grokdash.store import open_store

TOLD = "may not be read by this process: give it permission to"


@pytest.fixture
def store(run_view, tmp_path, monkeypatch):
    """A store of two runs whose permissions count even for root."""
    for name in ("sick", "well"):
        shutil.copytree(run_view.stored.path, tmp_path / "store" / name)
    real = os.stat

    def hold(name, call):
        def held(path, *arguments, **more):
            if isinstance(path, str | os.PathLike):
                place = os.fspath(path)
                inside = real(Path(place).parent).st_mode & 0o100
                opens = name in ("open", "scandir", "listdir")
                if not inside or (opens and not real(place).st_mode & 0o400):
                    raise PermissionError(errno.EACCES, "Permission denied", place)
            return call(path, *arguments, **more)

        monkeypatch.setattr(os, name, held)

    opened = open_store(tmp_path / "store")
    for name in ("stat", "lstat", "open", "scandir", "listdir"):
        hold(name, getattr(os, name))
    yield opened
    monkeypatch.undo()
    opened.close()


@pytest.mark.skipif(os.name == "nt", reason="folders of Windows have no such mode")
@pytest.mark.parametrize("name", ["", "run.json", "run.h5"])
def test_a_run_that_may_not_be_read_is_red_until_it_may(store, name, caplog):
    client = create_app(store).server.test_client()
    taken = store.path / "sick" / name
    mode = taken.stat().st_mode

    def rows():
        return {row["id"]: row for row in client.get("/api/runs").get_json()}

    assert client.get("/api/run/sick/manifest").status_code == 200

    taken.chmod(0)
    answer = client.get("/api/run/sick/manifest")
    log = client.get("/api/run/sick/log")
    listed = rows()

    assert (answer.status_code, log.status_code) == (503, 200 if name else 503)
    assert TOLD in answer.get_json()["error"]
    assert str(store.path) not in answer.text + log.text
    assert listed["sick"]["state"] == "broken"
    assert TOLD in listed["sick"]["problem"]
    assert client.get("/api/run/well/manifest").status_code == 200
    assert "Traceback" not in caplog.text

    taken.chmod(mode)
    assert client.get("/api/run/sick/manifest").status_code == 200
    assert rows()["sick"]["state"] == "finished"
