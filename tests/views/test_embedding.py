"""The embedding page: circles, frames and similarities against their definitions."""

from contextlib import closing

import numpy as np
import pytest

from grokdash.analysis import embedding
from grokdash.cache import Cache
from grokdash.example import PLACE, example_id
from grokdash.snapshot import RunView, Snapshot
from grokdash.store import open_store
from grokdash.views import get_view
from grokdash.views.core.render import make_drawing, render
from grokdash.views.core.selection import parse_selection
from grokdash.views.embedding.circles import shown_keys


def drawing_of(run, view_id, step=None, **query):
    view = get_view(view_id)
    assert view.missing(run) is None
    selection, _ = parse_selection(query, run)
    return make_drawing(
        run.at(run.last if step is None else step), view, selection, "dark"
    )


def test_circles_are_projections_turned_to_the_reference_epoch(run_view):
    arrays = drawing_of(run_view, "embedding-circles", 2, keys="1-3", ref="6").arrays
    now = embedding.circle(run_view.at(2).W_E, 3)
    then = embedding.circle(run_view.at(6).W_E, 3)
    turned = embedding.procrustes_2d(now.x, now.y, np.stack([then.x, then.y], axis=1))

    np.testing.assert_array_equal(arrays["k"], [1, 3])
    np.testing.assert_allclose(arrays["x"][1], turned[:, 0])
    np.testing.assert_allclose(arrays["y"][1], turned[:, 1])
    np.testing.assert_allclose(np.hypot(*turned.T), np.hypot(now.x, now.y))
    assert arrays["share"][1] == pytest.approx(now.share)


def test_panels_are_square_on_one_scale_and_titled_with_their_shares(run_view):
    view = get_view("embedding-circles")
    drawing = drawing_of(run_view, view.id, keys="1-2-3")
    fig = render(drawing, view)
    titles = [note.text for note in fig.layout.annotations]

    assert len(fig.data) == 3
    assert "k = 1: " in titles[0]
    assert {tuple(axis.range) for axis in fig.select_xaxes()} == {
        tuple(axis.range) for axis in fig.select_yaxes()
    }
    assert fig.layout.yaxis2.scaleanchor == "x2"


def test_without_keys_the_strongest_frequencies_of_the_embedding_stand_in(
    run_view, monkeypatch
):
    selection, _ = parse_selection({}, run_view)
    monkeypatch.setattr(type(run_view), "keys", ())

    assert shown_keys(run_view, selection) == (1, 2, 3)


def test_quality_numbers_are_those_of_the_circle(run_view):
    arrays = drawing_of(run_view, "circle-quality", keys="2").arrays
    circle = embedding.circle(run_view.at(6).W_E, 2)

    assert arrays["share"][-1, 0] == pytest.approx(circle.share, rel=1e-5)
    assert arrays["eccentricity"][-1, 0] == pytest.approx(circle.eccentricity, rel=1e-5)
    assert arrays["residual"][-1, 0] == pytest.approx(circle.residual)
    np.testing.assert_array_equal(arrays["residual_epochs"], run_view.steps)


def test_the_alternating_wave_has_no_eccentricity(runs):
    arrays = drawing_of(runs(operation="multiply"), "circle-quality", keys="3").arrays

    assert np.isnan(arrays["eccentricity"]).all()
    assert np.isfinite(arrays["share"]).all()


def test_axes_are_those_of_the_reference_epoch(run_view):
    arrays = drawing_of(run_view, "embedding-pca", 0, ref="6").arrays
    axes = embedding.pca(run_view.at(6).W_E).axes
    W = run_view.at(0).W_E.astype(float)

    np.testing.assert_allclose(arrays["x"], (W - W.mean(0)) @ axes[0], atol=1e-12)
    same = drawing_of(run_view, "embedding-pca", 6, ref="6").arrays["share"]
    assert same[0] >= same[1]
    np.testing.assert_allclose(same, embedding.pca(run_view.at(6).W_E).share)


def test_similarity_is_the_cosine_in_the_order_asked_for(run_view):
    natural = drawing_of(run_view, "token-similarity", order="index").arrays["z"]
    turned = drawing_of(run_view, "token-similarity", k="2").arrays["z"]
    W = run_view.at(6).W_E.astype(float)
    expected = W[1] @ W[4] / np.linalg.norm(W[1]) / np.linalg.norm(W[4])

    np.testing.assert_allclose(np.diag(natural), 1.0, rtol=1e-6)
    assert natural[1, 4] == pytest.approx(expected, rel=1e-5)
    assert turned[2, 1] == pytest.approx(expected, rel=1e-5)


def test_what_grows_in_training_is_called_a_ring_and_what_was_there_is_not():
    with closing(open_store(PLACE)) as store:
        run = RunView(store.run(example_id()), Cache())
        describe = get_view("embedding-circle").describe
        for k in run.keys:
            first = describe(drawing_of(run, "embedding-circle", 0, k=str(k)))
            last = describe(drawing_of(run, "embedding-circle", k=str(k)))

            assert "no more than in random embeddings" in first
            assert "a clean circle" in last


def test_random_embeddings_are_never_called_a_ring(run_view, monkeypatch):
    rng, rings = np.random.default_rng(0), 0
    shape = run_view.at(0).W_E.shape
    for _ in range(100):
        monkeypatch.setattr(Snapshot, "W_E_canonical", rng.normal(size=shape))
        anew = RunView(run_view.stored, Cache())
        drawing = drawing_of(anew, "embedding-circle", 0, k="2")

        assert "random embeddings" in get_view("embedding-circle").describe(drawing)
        x, y = drawing.arrays["x"], drawing.arrays["y"]
        radius = np.hypot(x - x.mean(), y - y.mean())
        rings += radius.std() / radius.mean() < 0.35
    assert rings > 20  # by the roundness of their points alone
