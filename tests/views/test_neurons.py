"""The neurons page: pages of tiles, orders that stay, counts that add up."""

from dataclasses import replace

import numpy as np
import pytest

from grokdash.analysis import plane
from grokdash.analysis.measures import checkpoint_measures
from grokdash.cache import Cache
from grokdash.figures.grids import Scale
from grokdash.figures.mosaics import Captions, Wall, mosaic
from grokdash.figures.theme import LIGHT
from grokdash.snapshot import RunView
from grokdash.store import CheckpointData, RunWriter, open_store
from grokdash.views.core.render import make_drawing, render, sentence, view_arrays
from grokdash.views.core.selection import default_selection
from grokdash.views.neurons import clusters, history, one
from grokdash.views.neurons.grid import NEURON_GRID
from grokdash.views.neurons.maps import NEURON_LOGIT_MAP, NEURON_SPECTRA
from grokdash.views.neurons.walls import NEURON_REMAPPED, NEURON_WALL
from grokdash.views.reading.neurons import (
    Neurons,
    frequencies_at,
    output_at,
    phases_at,
    sorted_neurons,
)


def test_tiles_are_read_like_text_and_can_be_picked():
    wall = Wall(count=3, columns=2, height=4, width=5)
    tiles = np.arange(3)[:, None, None] * np.ones((3, 4, 5))
    image, ids = wall.assemble(tiles), wall.label([7, 8, 9])
    assert image.shape == wall.shape == (2 * 5, 2 * 6 - 1)
    assert image[-2, 0] == 0
    assert image[-2, -1] == 1
    assert image[0, 0] == 2
    assert np.array_equal(ids[np.isfinite(image)], image[np.isfinite(image)] + 7)
    captions = Captions(ids=[7, 8, 9], texts=["x", "y", "z"], what="neuron", picked=8)
    scale = Scale(colours="Cividis", low=0.0, high=2.0, title="t")
    fig = mosaic(image, wall, scale, LIGHT, captions)
    frame = fig.layout.shapes[0]
    lower, left = wall.corner(1)
    assert (frame.x0, frame.y0) == (left - 0.5, lower - 0.5)
    assert [note.text for note in fig.layout.annotations] == ["x", "y", "z"]


def test_pages_are_full_and_hold_the_neuron():
    found = Neurons(order=np.arange(50)[::-1], frequency=np.full(50, -1))
    for n in range(50):
        page = found.page(n)
        assert len(page) == 24
        assert n in page
    few = Neurons(order=np.arange(5), frequency=np.full(5, -1))
    assert np.array_equal(few.page(4), np.arange(5))


@pytest.mark.parametrize("order", ["frequency", "phase", "fraction", "index"])
def test_every_order_is_a_permutation_that_stays(run_view, order):
    selection = replace(default_selection(run_view), order=order)
    found = sorted_neurons(run_view, selection)
    assert sorted(found.order.tolist()) == list(range(12))
    drawn = [
        view_arrays(run_view.at(step), NEURON_LOGIT_MAP, selection)["map"]
        for step in (0, 6)
    ]
    for step, rows in zip((0, 6), drawn, strict=True):
        W_L = output_at(run_view.at(step), selection)
        assert np.allclose(rows, W_L[found.order])


def test_wall_holds_every_neuron_divided_by_its_largest_value(run_view):
    selection = default_selection(run_view)
    image = view_arrays(run_view.at(6), NEURON_WALL, selection)["image"]
    N = run_view.at(6).neurons(0)
    page = sorted_neurons(run_view, selection).page(selection.n)
    top = np.array([float(N[n].max()) or 1 for n in page])
    expected = sum(float(N[n].sum()) / t for n, t in zip(page, top, strict=True))
    assert np.nansum(image) == pytest.approx(expected, rel=1e-4)
    assert np.nanmax(image) == pytest.approx(1)


def test_remapping_only_moves_cells(run_view):
    selection = default_selection(run_view)
    plain, moved = (
        view_arrays(run_view.at(6), view, selection)["image"]
        for view in (NEURON_WALL, NEURON_REMAPPED)
    )
    plain, moved = (np.sort(image[np.isfinite(image)]) for image in (plain, moved))
    assert np.allclose(plain, moved, atol=1e-6)


def test_counts_add_up_to_all_neurons(run_view):
    view = clusters.NEURON_CLUSTERS
    for step in run_view.steps.tolist():
        count = view_arrays(run_view.at(step), view, default_selection(run_view))
        assert count["count"].sum() == 12
        assert len(count["count"]) == 2 + 3


def test_spectra_of_a_neuron_agree(run_view):
    """The 8 terms of one frequency are four cells of the folded plane."""
    selection = replace(default_selection(run_view), n=3, order="index")
    snapshot = run_view.at(6)
    share = view_arrays(snapshot, NEURON_SPECTRA, selection)["share"][3]
    cells = plane.folded_plane(snapshot.neuron(0, 3))
    for k in (1, 2, 3):
        expected = cells[k, 0] + cells[0, k] + cells[k, k]
        assert share[k - 1] == pytest.approx(expected, abs=1e-4)


def test_output_is_the_row_of_the_neuron_logit_map(run_view):
    selection = replace(default_selection(run_view), n=5)
    arrays = view_arrays(run_view.at(6), one.NEURON_OUTPUT, selection)
    params = run_view.at(6).params()
    row = params["blocks/0/W_out"][5] @ params["W_U"][:, :7]
    assert np.allclose(arrays["row"], row, atol=1e-6)
    left = arrays["row"] - arrays["fit"]
    assert abs(np.dot(left, arrays["fit"])) < 1e-9
    assert 0 < float(arrays["share"][0]) <= 1


def test_phases_exist_exactly_where_there_is_a_frequency(run_view):
    found = phases_at(run_view.at(6), default_selection(run_view))
    frequency = run_view.at(6).measure("neuron/freq")[:12]
    assert np.array_equal(np.isfinite(found.defect), frequency > 0)


def test_points_take_the_colour_of_their_frequency(run_view):
    view = clusters.NEURON_SCATTER
    drawing = make_drawing(run_view.at(6), view, default_selection(run_view), "light")
    marker = render(drawing, view).data[0].marker
    assert (marker.cmin, marker.cmax) == (-0.5, 3.5)
    scale = marker.colorscale
    assert len(scale) == 8
    assert scale[0][1] == LIGHT.muted
    assert np.array_equal(np.unique(np.diff([place for place, _ in scale])), [0, 0.25])


@pytest.fixture
def gelu_run(run_view, tmp_path):
    """A GELU network: neuron 0 is always negative, 1 is unread, 2 is far below 0."""
    run = run_view.stored
    config = run.config.model_copy(update={"activation": "gelu"})
    params = run.params(run_view.last)
    params["blocks/0/b_in"][:3] = (-3, 3, -60)
    params["blocks/0/W_out"][1] = 0
    measures = checkpoint_measures(params, config, run.train_mask())
    measures["neuron/freq"][:3] = 1
    with RunWriter.create(tmp_path, config, {}) as writer:
        writer.commit(CheckpointData(step=0, params=params, measures=measures))
    store = open_store(tmp_path)
    yield RunView(store.run(config.run_id()), Cache(), patience_s=None)
    store.close()


def test_dead_is_what_no_logit_needs(gelu_run):
    at = gelu_run.at(0)
    selection = default_selection(gelu_run)
    view, chosen = NEURON_GRID, [replace(selection, n=n) for n in (0, 1, 2)]
    said = [sentence(make_drawing(at, view, each, "light"), view) for each in chosen]

    assert "never fires" in said[0]
    assert "dead" not in said[0]
    assert "no logit changes, although it fires for 100 % of the pairs" in said[1]
    assert "no logit changes, and it never fires" in said[2]
    assert frequencies_at(at, 0)[0][:3].tolist() == [1, -1, -1]
    count = view_arrays(at, clusters.NEURON_CLUSTERS, selection)["count"]
    assert (count[0], count.sum()) == (2, 12)
    sizes = view_arrays(at, history.NEURON_CLUSTER_CURVES, selection)
    assert sizes["not_key"] + sizes["by_key"].sum() + sizes["other"] == 12 - 2
