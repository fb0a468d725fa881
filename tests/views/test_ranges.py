"""The range of a picture, of the run or of the epoch, and when the other is offered."""

from dataclasses import replace

import numpy as np
import pytest

from grokdash.figures.theme import LIGHT
from grokdash.views import get_view
from grokdash.views.core.ranges import hides, of_epoch
from grokdash.views.core.render import make_drawing, sentence
from grokdash.views.core.selection import default_selection


@pytest.fixture
def drawing(run_view):
    """Give a function that makes drawings of a view, at choice of the epoch's range."""

    def make(view, norm="run"):
        selection = replace(default_selection(run_view), norm=norm)
        return make_drawing(run_view.at(6), get_view(view), selection, "light")

    return make


def in_range(drawing, array, z, limits):
    return replace(drawing, arrays={array: z}, limits={array: limits})


def test_a_map_that_is_nearly_flat_on_its_range_is_offered_another(drawing):
    view = get_view("correct-logit")
    z = np.linspace(33, 36, 49).reshape(7, 7)

    assert hides(in_range(drawing(view.id), "logit", z, (-10.0, 50.0)), view)
    assert not hides(in_range(drawing(view.id), "logit", z, (30.0, 40.0)), view)
    assert not hides(in_range(drawing(view.id), "logit", z * np.nan, (1.0, 1.0)), view)


def test_bars_are_compared_by_their_height(drawing):
    view = get_view("embedding-spectrum")

    tall = in_range(drawing(view.id), "norm", np.array([3.0, 3.1]), (0.0, 4.0))
    low = in_range(drawing(view.id), "norm", np.array([0.3, 0.5]), (0.0, 4.0))

    assert not hides(tall, view)
    assert hides(low, view)


def test_a_picture_without_the_choice_is_never_offered_it(drawing):
    for name in ("answers", "neuron-scatter", "loss-curves"):
        assert not hides(drawing(name), get_view(name))
        assert not of_epoch(drawing(name, "epoch"), get_view(name))


def test_signed_numbers_of_one_sign_are_told_apart_from_low_to_high(drawing):
    view = get_view("correct-logit")
    plain = drawing(view.id, "epoch")
    z = np.linspace(33, 36, 49).reshape(7, 7)

    one = view.picture.draw(in_range(plain, "logit", z, (33.0, 36.0))).data[0]
    both = view.picture.draw(in_range(plain, "logit", z - 34, (-1.0, 2.0))).data[0]
    run = in_range(drawing(view.id), "logit", z, (33.0, 36.0))

    assert (one.zmin, one.zmax) == (33.0, 36.0)
    assert [stop[1] for stop in one.colorscale] == [
        stop[1] for stop in one.meta["sides"]["one"]
    ]
    assert (both.zmin, both.zmax) == (-2.0, 2.0)
    assert both.colorscale == tuple(LIGHT.diverging)
    assert view.picture.draw(run).data[0].zmin == -36.0
    assert view.picture.draw(run).data[0].meta is None


def test_shares_that_have_a_fixed_range_can_have_that_of_the_epoch(drawing):
    whole, own = drawing("attention-head"), drawing("attention-head", "epoch")
    pattern = own.arrays["pattern"]

    assert whole.limits["pattern"] == (0.0, 1.0)
    assert own.limits["pattern"] == (pattern.min(), pattern.max())


def test_the_caption_says_that_the_range_is_of_one_epoch(drawing):
    view = get_view("correct-logit")
    told = "The range is that of this epoch alone."

    assert told in sentence(drawing(view.id, "epoch"), view)
    assert told not in sentence(drawing(view.id), view)
    assert told not in sentence(drawing("answers", "epoch"), get_view("answers"))
