"""What requests and views may cost, where it does not depend on the machine.

Each budget is a little above what is measured now: who makes something cost more sees
it here, and either has a reason to raise the budget or does not.
"""

import tracemalloc
from collections import Counter
from contextlib import contextmanager

import pytest

from grokdash.analysis import forward
from grokdash.app import create_app
from grokdash.cache import Cache
from grokdash.snapshot import RunView
from grokdash.store import open_store, safety
from grokdash.views import VIEWS
from grokdash.views.core.render import make_drawing, render
from grokdash.views.core.selection import default_selection

ROUTES = {
    "the list": "/api/runs/changes",
    "a manifest": "{run}/manifest?views=loss-curves,embedding-circle",
    "news": "{run}/live?have=3",
    "moments": "{run}/moments",
    "frames": "{run}/frames/correct-logit?steps=0,20,40,60,80,100,120,140",
    "an exact frame": "{run}/exact/correct-logit?e=40",
    "a figure": "{run}/figure/loss-curves?e=40",
    "figures": "{run}/figures?views=loss-curves,correct-logit,neuron-grid&e=40",
    "numbers": "{run}/data/loss-curves.csv?e=40",
    "a guide": "/api/guide/loss-curves",
    "the page of runs": "/",
    "the page of the guide": "/guide",
    "the page of sweeps": "/sweeps",
}
WITHOUT_FILES = {
    *("the list", "a guide"),
    *("the page of runs", "the page of the guide", "the page of sweeps"),
}
"""What is answered without an HDF5 file; all else opens run.h5, once."""

PEAKS = {
    "the list": 70_000,
    "a manifest": 240_000,
    "news": 140_000,
    "frames": 110_000,
    "an exact frame": 55_000,
    "a figure": 360_000,
    "the page of runs": 95_000,
}
"""Bytes that a request allocates at most at a time, once it has been asked before."""

PASSES = {
    "attention-frequencies": 1,
    "attention-head": 1,
    "attention-heads": 1,
    "attention-pair": 1,
    "attention-sources": 1,
    "neuron-grid": 2,
    "neuron-spectra": 1,
    "neuron-wall": 12,
    "neuron-remapped": 12,
    "answers": 1,
    "margin-grid": 4,
    "class-parts": 4,
    "input-logits": 4,
    "memorisation-residual": 4,
    "confusion-offset": 1,
}
"""Forward passes of a picture of a run of 4 checkpoints and 12 neurons, whole or in
part, ranges over the run included. No other view needs one."""


def from_now_on():
    """Forget what a request held at most until now."""
    if tracemalloc.is_tracing():
        tracemalloc.reset_peak()


@contextmanager
def served(store_path, run_id):
    """Give a function that asks a new app for a route."""
    store = open_store(store_path)
    server = create_app(store).server
    # What is held before it is answered is that of checking types in tests.
    server.before_request_funcs.setdefault(None, []).append(from_now_on)
    client = server.test_client()

    def ask(name):
        answer = client.get(ROUTES[name].format(run=f"/api/run/{run_id}"))
        assert answer.status_code == 200
        return answer.data

    yield ask
    store.close()


@pytest.fixture
def opened(monkeypatch):
    """Count how often an HDF5 file is opened."""
    count = Counter()

    class Counted(safety.h5py.File):
        def __init__(self, *arguments, **options):
            count["files"] += 1
            super().__init__(*arguments, **options)

    monkeypatch.setattr(safety.h5py, "File", Counted)
    return count


@pytest.mark.parametrize("name", ROUTES)
def test_files_that_a_route_opens(store_path, run_ids, opened, name):
    with served(store_path, run_ids[0]) as ask:
        ask(name)
        first = opened["files"]
        ask(name)

    assert first == (0 if name in WITHOUT_FILES else 1)
    assert opened["files"] == first


def test_what_a_request_allocates(store_path, run_ids):
    peaks = {}
    with served(store_path, run_ids[0]) as ask:
        for name in PEAKS:
            ask(name)
            peaks[name] = min(allocated(ask, name) for _ in range(5))

    assert {name: peak for name, peak in peaks.items() if peak > PEAKS[name]} == {}


def allocated(ask, name):
    """Give the largest number of bytes held at a time; what grows once is noise."""
    tracemalloc.start()
    try:
        ask(name)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_forward_passes_of_every_view(runs, monkeypatch):
    stored, passes = runs().stored, Counter()
    make = forward._Network.__init__

    def counted(*arguments):
        passes["now"] += 1
        make(*arguments)

    monkeypatch.setattr(forward._Network, "__init__", counted)
    found = {}
    for view in VIEWS:
        run = RunView(stored, Cache(), patience_s=None)
        if view.missing(run):
            continue
        passes.clear()
        selection = default_selection(run)
        render(make_drawing(run.at(run.last), view, selection, "light"), view)
        found[view.id] = passes["now"]

    dearer = {name: n for name, n in found.items() if n > PASSES.get(name, 0)}
    assert dearer == {}
    assert PASSES.keys() <= found.keys()
