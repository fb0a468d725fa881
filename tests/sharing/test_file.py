"""What a file to share holds, and what it refuses."""

import re

import numpy as np
import pytest
from typer.testing import CliRunner

import grokdash
from grokdash.app.blocks import quantise
from grokdash.app.packed_frames import told
from grokdash.cli import app as commands
from grokdash.errors import ConfigError, NotStoredError
from grokdash.sharing.collected import BITS, Offered, collect, offered_values
from grokdash.sharing.pictures import Pool
from grokdash.sharing.plan import even
from grokdash.views import get_view
from grokdash.views.core.selection import default_selection


@pytest.fixture(scope="module")
def page(run_view, tmp_path_factory):
    path = tmp_path_factory.mktemp("shared") / "run.html"
    views = ["embedding-spectrum", "correct-logit", "neuron-grid"]
    grokdash.share(run_view.stored, path, views=views, n=3)
    return path.read_text("utf-8")


def test_a_file_asks_nobody_for_anything_and_names_no_place(page, run_view):
    parts = re.compile(r'<script type="text/plain".*?</script>', re.DOTALL)
    written = parts.sub("", page)

    assert not re.search(r'(?:src|href)="(?!#)', written)
    assert "connect-src 'none'" in written
    assert "http" not in re.sub(r"http-equiv", "", written)
    assert str(run_view.stored.store) not in page


def test_two_files_of_one_run_are_the_same(page, run_view, tmp_path):
    views = ["embedding-spectrum", "correct-logit", "neuron-grid"]
    again = grokdash.share(run_view.stored, tmp_path / "b.html", views=views, n=3)

    assert again.read_text("utf-8") == page


def test_networks_that_cannot_be_folded_are_shared_without_weights(runs, tmp_path):
    deep = runs(n_layers=2)

    path = grokdash.share(deep.stored, tmp_path / "deep.html", views=["neuron-grid"])

    assert "because it has more than one layer" in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("asked", "error", "told"),
    [
        ({"views": ["logit-surface"]}, ConfigError, "two dimensions"),
        ({"views": ["circle"]}, NotStoredError, "embedding-circle"),
        ({"n": 99}, ConfigError, "0 to 11 fit"),
        ({"max_size": 0.5, "views": ["neuron-grid"]}, ConfigError, "larger --max-size"),
    ],
)
def test_what_cannot_be_shared_is_said(run_view, tmp_path, asked, error, told):
    with pytest.raises(error, match=re.escape(told)):
        grokdash.share(run_view.stored, tmp_path / "no.html", **asked)

    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["-o", "run.pdf"], "expected a name ending in .html"),
        (["--select", "n"], "expected NAME=VALUE"),
    ],
)
def test_the_command_refuses_before_it_begins(run_view, options, told):
    store = str(run_view.stored.store)
    found = CliRunner().invoke(
        commands, ["share", run_view.id, "--store", store, *options]
    )

    assert isinstance(found.exception, ConfigError)
    assert told in str(found.exception)


@pytest.mark.parametrize("most", [2, 3, 7, 40])
def test_checkpoints_are_chosen_evenly_with_the_ends_and_those_kept(most):
    steps = list(range(0, 410, 10))

    chosen = even(steps, most, kept=[50, 70])

    assert len(chosen) == most
    assert {0, 400} <= set(chosen)
    assert most < 4 or {50, 70} <= set(chosen)


@pytest.mark.parametrize("every", [1, 2, 4, 8])
def test_a_map_is_as_exact_as_the_file_says(every):
    values = np.random.default_rng(0).normal(size=(40, 50)).astype(np.float32)

    q, low, high = quantise(values, every)

    span = high - low
    off = np.abs(low + q * (span / 254) - values).max() / span
    assert off <= every / 2 / 254 + 1e-6
    assert len(np.unique(q)) <= 254 // every + 1


def test_points_and_bars_are_as_exact_as_the_file_says(run_view):
    view, step = get_view("embedding-spectrum"), run_view.last
    selection = default_selection(run_view)
    steps = (0, step)
    offered = Offered(
        run=run_view,
        selection=selection,
        steps=steps,
        weights=steps,
        values=offered_values(run_view, selection, folds=True),
        folds=True,
    )

    collected = collect(offered, view, Pool(), lambda: None)

    (frames,) = collected.frames.values()
    exact = told(run_view, view, selection, step).arrays["0.y"]
    off = np.abs(frames[-1].arrays["0.y"] - exact).max() / np.abs(exact).max()
    assert 0 < off <= 2.0 ** (1 - BITS)
