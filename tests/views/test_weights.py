"""The weights page: every matrix in two bases, its singular values, its history."""

from dataclasses import replace

import numpy as np
import pytest

from grokdash.views.core.render import make_drawing, render, view_arrays
from grokdash.views.core.selection import default_selection, matrices
from grokdash.views.reading.matrices import chosen_matrix, fourier_matrix
from grokdash.views.weights import spectra
from grokdash.views.weights.matrix import WEIGHT_EVOLUTION

RUNS = (
    {},
    {"operation": "divide", "n_layers": 2},
    {"operation": "quadratic", "n_heads": 1, "layer_norm": True},
)


@pytest.mark.parametrize("fields", RUNS, ids=["add", "divide", "quadratic"])
def test_every_matrix_keeps_its_energy(runs, fields):
    """Reordering rows or columns changes nothing, an orthonormal basis neither."""
    run = runs(**fields)
    snapshot = run.at(run.last)
    q = run.modulus
    for matrix in matrices(run):
        selection = replace(default_selection(run), matrix=matrix)
        raw = chosen_matrix(snapshot, selection)
        turned = fourier_matrix(snapshot, selection)
        assert len(turned) == q
        if matrix in ("W_E", "W_U", "W_L"):
            assert np.linalg.norm(turned) == pytest.approx(np.linalg.norm(raw), 1e-5)
        elif matrix.startswith("blocks/"):
            stored = snapshot.param(matrix)
            assert raw.size == stored.size
            assert np.linalg.norm(raw) == pytest.approx(np.linalg.norm(stored), 1e-5)


def test_heads_lie_side_by_side(run_view):
    snapshot = run_view.at(6)
    selection = default_selection(run_view)
    for name, axis in (("W_Q", 1), ("W_O", 0)):
        full = f"blocks/0/{name}"
        W = chosen_matrix(snapshot, replace(selection, matrix=full))
        stored = snapshot.param(full)
        halves = np.split(W, 2, axis=axis)
        assert all(np.array_equal(halves[h], stored[h]) for h in (0, 1))


def test_singular_values_hold_the_energy(run_view):
    view = spectra.WEIGHT_SINGULAR
    drawing = make_drawing(run_view.at(6), view, default_selection(run_view), "light")
    sigma = drawing.arrays["sigma"]
    assert np.square(sigma).sum() == pytest.approx(np.square(run_view.at(6).W_E).sum())
    assert (np.diff(sigma) <= 0).all()
    fig = render(drawing, view)
    assert fig.data[1].name == "epoch 0"
    assert fig.layout.yaxis.range[0] == 0


def test_ranks_are_dated(run_view):
    view = spectra.WEIGHT_RANKS
    arrays = view_arrays(run_view.at(0), view, default_selection(run_view))
    assert np.array_equal(arrays["epochs"], [0, 2, 4, 6])
    assert (arrays["ranks"][:, 0] <= arrays["ranks"][:, 1]).all()
    assert (arrays["ranks"][:, 1] <= 7).all()


def test_norms_are_those_of_the_parameters(run_view):
    view = spectra.WEIGHT_NORMS
    norm = view_arrays(run_view.at(0), view, default_selection(run_view))["norm"]
    params = run_view.at(6).params()
    for index, name in enumerate(sorted(params)):
        assert norm[-1, index] == pytest.approx(np.linalg.norm(params[name]), rel=1e-5)


def test_norms_are_drawn_from_input_to_output(runs):
    run = runs(operation="divide", n_layers=2)
    view = spectra.WEIGHT_NORMS
    fig = render(make_drawing(run.at(6), view, default_selection(run), "dark"), view)
    names = [trace.name for trace in fig.data if trace.name]
    assert names[0] == "W_E"
    assert names[-1] == "W_U"
    assert names.index("W_out 0") < names.index("W_Q 1")


def test_four_epochs_share_one_scale(run_view):
    view = WEIGHT_EVOLUTION
    drawing = make_drawing(run_view.at(6), view, default_selection(run_view), "light")
    fig = render(drawing, view)
    ranges = {(trace.zmin, trace.zmax) for trace in fig.data}
    (low, high) = ranges.pop()
    assert not ranges
    assert -low == high >= np.abs(drawing.arrays["panels"]).max()
    assert np.array_equal(fig.data[3].z, run_view.at(6).W_E)
    titles = [note.text for note in fig.layout.annotations][:4]
    assert titles[0] == "epoch 0"
    assert titles[3] == "this epoch"


def test_positions_are_compared_by_angle(run_view):
    view = spectra.WEIGHT_POSITIONS
    cosine = view_arrays(run_view.at(6), view, default_selection(run_view))["cosine"]
    W = run_view.at(6).param("W_pos").astype(float)
    assert np.allclose(np.diag(cosine), 1)
    expected = W[0] @ W[1] / np.linalg.norm(W[0]) / np.linalg.norm(W[1])
    assert cosine[0, 1] == pytest.approx(expected)
