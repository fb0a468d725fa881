"""The trajectories page: paths and speeds against the parameters themselves."""

import numpy as np
import pytest

from grokdash.analysis.embedding import pca
from grokdash.store.schema import param_shapes
from grokdash.views import get_view
from grokdash.views.core.render import make_drawing, render
from grokdash.views.core.selection import parse_selection
from grokdash.views.reading.epochs import every_few, sampled


def drawing_of(run, view_id, step=None, **query):
    view = get_view(view_id)
    assert view.missing(run) is None
    selection, _ = parse_selection(query, run)
    return make_drawing(
        run.at(run.last if step is None else step), view, selection, "light"
    )


def vectors(run, names):
    rows = []
    for step in run.steps:
        params = run.stored.params(int(step))
        rows.append(np.concatenate([params[name].ravel() for name in names]))
    return np.array(rows, dtype=np.float64)


def test_path_is_the_analysis_of_all_parameters(run_view):
    arrays = drawing_of(run_view, "parameter-path", 2).arrays
    expected = pca(vectors(run_view, param_shapes(run_view.config)), 2)

    np.testing.assert_allclose(
        np.abs(arrays["path_x"]), np.abs(expected.scores[:, 0]), atol=1e-6
    )
    np.testing.assert_allclose(arrays["share"], expected.share, rtol=1e-6)
    assert arrays["x"][0] == arrays["path_x"][1]


def test_path_of_one_matrix_follows_the_selection(run_view):
    arrays = drawing_of(run_view, "matrix-path", matrix="W_U").arrays
    expected = pca(vectors(run_view, ["W_U"]), 2)
    other = drawing_of(run_view, "matrix-path", matrix="W_L").arrays

    np.testing.assert_allclose(arrays["share"], expected.share, rtol=1e-6)
    assert not np.allclose(other["share"], expected.share)


def test_path_has_true_angles_and_is_coloured_by_accuracy(run_view):
    fig = render(drawing_of(run_view, "parameter-path"), get_view("parameter-path"))

    assert fig.layout.yaxis.scaleanchor == "x"
    assert (fig.data[0].marker.cmin, fig.data[0].marker.cmax) == (0.0, 1.0)
    np.testing.assert_array_equal(
        fig.data[0].marker.color, run_view.series("accuracy/test")
    )
    assert [note.text for note in fig.layout.annotations] == ["start", "end"]


def test_speed_is_distance_over_epochs(run_view):
    arrays = drawing_of(run_view, "weight-motion").arrays
    changes = np.diff(vectors(run_view, param_shapes(run_view.config)), axis=0)
    lengths = np.linalg.norm(changes, axis=1)
    cosine = changes[0] @ changes[1] / lengths[0] / lengths[1]

    np.testing.assert_allclose(arrays["speed"], lengths / np.diff(run_view.steps))
    assert arrays["turning"][0] == pytest.approx(cosine)
    assert arrays["homing"][-1] == pytest.approx(1.0)
    parts = [v**2 for name, v in arrays.items() if name.startswith("speed ")]
    assert (np.sum(parts, axis=0) <= arrays["speed"] ** 2 * (1 + 1e-9)).all()


def test_loss_time_runs_from_0_to_1(run_view):
    arrays = drawing_of(run_view, "loss-time").arrays

    for split in ("train", "test"):
        assert (arrays[split][0], arrays[split][-1]) == (0.0, 1.0)
        assert (np.diff(arrays[split]) >= 0).all()


@pytest.mark.parametrize("count", [5, 96, 97, 200, 535])
def test_sampled_checkpoints_are_few_and_stay_while_a_run_grows(count):
    places = every_few(count, 96)

    assert len(places) <= 96
    assert places[0] == 0
    assert set(every_few(count - 1, 96)) >= set(places[:-1])


def test_the_last_checkpoint_of_a_finished_run_is_sampled(run_view):
    np.testing.assert_array_equal(sampled(run_view, 2), [0, 2, 3])
