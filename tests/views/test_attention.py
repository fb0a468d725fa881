"""The attention page: patterns that add up, shares that follow the stored weights."""

from dataclasses import replace

import numpy as np

from grokdash.views.attention import heads, history, patterns
from grokdash.views.core.render import make_drawing, render, view_arrays
from grokdash.views.core.selection import default_selection


def test_three_sources_of_a_head_add_up_to_one(run_view):
    selection = default_selection(run_view)
    arrays = view_arrays(run_view.at(6), patterns.ATTENTION_SOURCES, selection)
    assert np.allclose(arrays["pattern"].sum(axis=0), 1, atol=1e-6)
    drawing = make_drawing(
        run_view.at(6), patterns.ATTENTION_SOURCES, selection, "light"
    )
    fig = render(drawing, patterns.ATTENTION_SOURCES)
    assert [(trace.zmin, trace.zmax) for trace in fig.data] == [(0, 1)] * 3
    assert [note.text for note in fig.layout.annotations] == ["to a", "to b", "to ="]


def test_one_pair_is_a_cell_of_every_head(run_view):
    selection = replace(default_selection(run_view), a=2, b=5)
    arrays = view_arrays(run_view.at(4), patterns.ATTENTION_PAIR, selection)
    assert np.array_equal(arrays["pattern"], run_view.at(4).pattern(0)[:, :, 2, 5])


def test_scores_make_the_pattern_of_the_first_block(run_view):
    """Softmax over the score of each token, with what the positions add."""
    snapshot, selection = run_view.at(6), replace(default_selection(run_view), h=1)
    score = view_arrays(snapshot, heads.ATTENTION_SCORE, selection)["score"]
    pattern = snapshot.pattern(0)[1]
    log_odds = np.log(pattern[0]) - np.log(pattern[1])
    expected = score[:, None] - score[None, :]
    assert np.allclose(log_odds - log_odds[0, 0], expected, atol=1e-4)


def test_means_are_those_of_the_pattern(run_view):
    arrays = view_arrays(
        run_view.at(6), heads.ATTENTION_MEANS, default_selection(run_view)
    )
    pattern = run_view.at(6).pattern(0)
    assert np.allclose(arrays["mean_b"], pattern[:, 1].mean(axis=(1, 2)), atol=1e-5)
    low, high, gap = arrays["range_e"].reshape(-1, 3).T
    assert np.allclose(high - low, 2 * pattern[:, 2].std(axis=(1, 2)), atol=1e-5)
    assert np.isnan(gap).all()


def test_asymmetry_is_the_difference_of_the_means(run_view):
    selection = default_selection(run_view)
    view = history.ATTENTION_ASYMMETRY
    difference = view_arrays(run_view.at(0), view, selection)["difference"]
    for row, step in enumerate(run_view.steps):
        pattern = run_view.at(int(step)).pattern(0)
        expected = (pattern[:, 0] - pattern[:, 1]).mean(axis=(1, 2))
        assert np.allclose(difference[row], expected, atol=1e-5)


def test_shares_of_every_head_add_up_to_one(runs):
    run = runs(operation="divide", n_layers=2)
    for layer in (0, 1):
        selection = replace(default_selection(run), layer=layer)
        share = view_arrays(run.at(6), heads.ATTENTION_OV, selection)["share"]
        assert share.shape == (2, 3)
        assert np.allclose(share.sum(axis=1), 1)


def test_bases_differ_where_the_operation_has_its_own(runs):
    run = runs(operation="divide", n_layers=2)
    own = default_selection(run)
    additive = replace(own, basis="additive")
    view = heads.ATTENTION_SCORE_SPECTRUM
    titles = []
    for selection in (own, additive):
        fig = render(make_drawing(run.at(6), view, selection, "light"), view)
        titles.append(fig.layout.xaxis.title.text)
    assert "6 discrete logarithms" in titles[0]
    assert "7 tokens" in titles[1]


def test_an_operation_without_a_basis_says_so(runs):
    run = runs(operation="quadratic", n_heads=1, layer_norm=True)
    view = heads.ATTENTION_FREQUENCIES
    drawing = make_drawing(run.at(6), view, default_selection(run), "light")
    assert "no canonical basis" in view.describe(drawing)
