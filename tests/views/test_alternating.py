"""Half of an even modulus: a wave of two values has a sign, no phase and no circle."""

import numpy as np
import pytest

from grokdash.analysis import fourier
from grokdash.views import get_view
from grokdash.views.core.render import make_drawing, render, sentence
from grokdash.views.core.selection import parse_selection
from grokdash.written import number, percent, with_minus

EVEN = [
    pytest.param({"operation": "multiply"}, ("squares", "non-squares"), id="q = 6"),
    pytest.param({"p": 6}, ("even tokens", "odd tokens"), id="p = 6"),
]


def drawing_of(run, view_id, **query):
    view = get_view(view_id)
    assert view.missing(run) is None
    selection, notices = parse_selection(query, run)
    assert not notices
    return make_drawing(run.at(run.last), view, selection, "light")


def words_of(run, view_id, **query):
    return sentence(drawing_of(run, view_id, **query), get_view(view_id))


@pytest.mark.parametrize(("fields", "halves"), EVEN)
def test_the_embedding_lies_on_a_line_around_two_values(runs, fields, halves):
    run = runs(**fields)
    W = run.at(run.last).W_E_canonical.astype(float)
    difference = np.linalg.norm(W[::2].mean(axis=0) - W[1::2].mean(axis=0))

    drawing = drawing_of(run, "embedding-circle", k="3")
    x = drawing.arrays["x"]
    text = get_view("embedding-circle").describe(drawing)
    fig = render(drawing, get_view("embedding-circle"))

    assert not drawing.arrays["y"].any()
    assert np.isnan(drawing.arrays["eccentricity"]).all()
    assert x[::2].mean() - x[1::2].mean() == pytest.approx(difference)
    assert f"the {halves[0]} lie around {number(x[::2].mean())}" in text
    assert f"the {halves[1]} around {number(x[1::2].mean())}" in text
    assert "no circle" in text
    assert fig.layout.yaxis.title.text == "no sine"
    assert len(set(fig.data[0].marker.color)) == 2


@pytest.mark.parametrize(("fields", "halves"), EVEN)
def test_similar_tokens_are_those_of_one_half(runs, fields, halves):
    run = runs(**fields)
    W = run.at(run.last).W_E_canonical.astype(float)
    unit = W / np.linalg.norm(W, axis=1, keepdims=True)
    cosine = unit @ unit.T
    equal = (np.indices(cosine.shape).sum(axis=0) % 2 == 0) & ~np.eye(6, dtype=bool)
    unequal = np.indices(cosine.shape).sum(axis=0) % 2 == 1

    text = words_of(run, "token-similarity", k="3")

    assert f"first the {halves[0]}, then the {halves[1]}" in text
    same, other = (with_minus(f"{cosine[at].mean():.2f}") for at in (equal, unequal))
    assert f"{same}, of different halves {other}" in text


def test_tokens_that_a_wave_cannot_tell_apart_are_no_neighbours(runs):
    """With k = 2 mod 6 the circle has three points of two tokens each."""
    run = runs(p=6)
    W = run.at(run.last).W_E.astype(float)
    unit = W / np.linalg.norm(W, axis=1, keepdims=True)
    pairs = [(0, 1), (3, 4), (1, 2), (4, 5), (2, 0), (5, 3)]

    expected = np.mean([unit[s] @ unit[t] for s, t in pairs])

    assert f"mean cosine of {expected:.2f}, tokens" in words_of(
        run, "token-similarity", k="2"
    )


@pytest.mark.parametrize("view_id", ["embedding-circles", "circle-quality"])
def test_panels_and_ratios_call_it_a_line(runs, view_id):
    text = words_of(runs(operation="multiply"), view_id, keys="2-3")

    assert text.count("a line") == 1
    assert "3 (share" in text or "k = 3: share" in text


def test_a_bar_without_a_sine_is_not_a_bar_of_zero(runs):
    drawing = drawing_of(runs(p=6), "embedding-components")

    assert np.isnan(drawing.arrays["sin"][-1])
    assert np.isfinite(drawing.arrays["sin"][:-1]).all()


@pytest.mark.parametrize("fields", [{"operation": "multiply", "p": 3}, {"p": 2}])
def test_neurons_of_two_values_have_signs_and_no_points(runs, fields):
    """In a group of two every neuron that varies alternates."""
    run = runs(**fields)
    varying = int((run.at(run.last).measure("neuron/freq") > 0).sum())
    drawing = drawing_of(run, "neuron-phases")

    text = get_view("neuron-phases").describe(drawing)

    assert varying
    assert np.isnan(drawing.arrays["x"]).all()
    assert np.isnan(drawing.arrays["y"]).all()
    assert text.startswith(f"{varying} of frequency 1, which alternates, have signs")
    assert " rad" not in text
    assert " rad" not in words_of(run, "neuron-output")


def test_the_logits_say_how_much_is_sum_and_difference_at_once(runs):
    run = runs(operation="multiply")
    arrays = drawing_of(run, "logit-shares").arrays
    share = run.series("logits/sum_share")

    np.testing.assert_array_equal(arrays["alternating"], share[:, -1])
    np.testing.assert_allclose(arrays["sum"], share.sum(axis=1))
    assert f"includes {percent(share[-1, -1])} that alternates (k = 3)" in words_of(
        run, "logit-shares"
    )
    assert "alternates" not in words_of(runs(), "logit-shares")


def test_the_rival_half_way_round_is_named_as_the_axis_names_it(runs):
    """Offset q/2 is both + and −: one name for it, in words and on the axis."""
    run = runs(p=2)
    fig = render(drawing_of(run, "offset-profile"), get_view("offset-profile"))

    assert list(fig.data[0].x) == [0, 1]
    assert "the class +1 away" in words_of(run, "offset-profile")


def test_the_key_directions_of_w_l_are_waves(runs, monkeypatch):
    run = runs(p=6)
    monkeypatch.setattr(type(run), "keys", (1, 3))

    assert sum(len(fourier.frequency_rows(k, 6)) for k in run.keys) == 3
    assert "The 3 strongest directions of W_L" in words_of(run, "neuron-logit-map")


@pytest.mark.parametrize("fields", [{"p": 2}, {"operation": "multiply", "p": 3}])
def test_where_there_is_one_frequency_its_share_is_said_to_say_nothing(runs, fields):
    run = runs(**fields)
    says = "has one frequency, which holds whatever varies"

    for view_id in ("embedding-spectrum", "attention-frequencies", "neuron-scatter"):
        assert says in words_of(run, view_id), view_id
        assert says not in words_of(runs(), view_id), view_id
    assert "undefined for W_E" in words_of(run, "gini-curves")
    assert "circularity undefined" in words_of(run, "clock-pizza")
