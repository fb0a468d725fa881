"""What is done a few at a time: one too many is told so, in words that help."""

import subprocess
import sys

import pytest

from grokdash.app import create_app
from grokdash.app.few import Few
from grokdash.app.trainers import Trainers
from grokdash.errors import BusyError
from grokdash.store import open_store


def test_a_place_is_free_again_when_it_is_left_even_by_an_error():
    place = Few(1, "full")
    with place, pytest.raises(BusyError, match="full"), place:
        pass
    with pytest.raises(ZeroDivisionError), place:
        raise ZeroDivisionError
    with place:
        pass


def test_one_file_too_many_is_refused_and_nothing_else(sweep, monkeypatch):
    run_id, place = sweep.data.runs[0].id, Few(1, "full: try again")
    monkeypatch.setattr("grokdash.app.factory.downloads", lambda: place)
    app = create_app(sweep.store)
    client = app.server.test_client()
    address = f"/api/run/{run_id}/data/loss-curves.csv"

    with place:
        refused, other = client.get(address), client.get("/api/runs")

    assert (refused.status_code, refused.get_json()) == (
        503,
        {"error": "full: try again"},
    )
    assert refused.headers["Retry-After"] == "5"
    assert other.status_code == client.get(address).status_code == 200


@pytest.fixture
def waiting(monkeypatch):
    """Let whatever is started only wait for its end."""
    started = []
    real = subprocess.Popen

    def popen(command, **options):
        command = [sys.executable, "-c", "import time; time.sleep(60)"]
        started.append(real(command, **options))
        return started[-1]

    monkeypatch.setattr("grokdash.app.processes.subprocess.Popen", popen)
    yield started
    for one in started:
        one.kill()
        one.wait()


def test_pages_start_no_more_trainers_than_may_run(tmp_path, monkeypatch, waiting):
    monkeypatch.setattr("grokdash.app.trainers.MOST_TRAINERS", 2)
    trainers = Trainers(open_store(tmp_path))
    for seed in (0, 1):
        trainers.start("quick", {"seed": str(seed)})

    with pytest.raises(BusyError, match=r"2 trainers .* no more than 2 .*: wait"):
        trainers.start("quick", {"seed": "2"})
    assert len(waiting) == 2
