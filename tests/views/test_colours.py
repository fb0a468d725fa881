"""Colours of the views: one thing has one colour, whatever stands beside it."""

from collections import defaultdict
from dataclasses import replace

import pytest

from grokdash.figures.theme import LIGHT
from grokdash.store.schema import param_shapes
from grokdash.views import VIEWS, get_view
from grokdash.views.core.render import make_drawing, render
from grokdash.views.core.selection import default_selection
from grokdash.views.pictures import EpochCurves, Line, matrix_line
from grokdash.views.reading.frequencies import coloured, key_colours


@pytest.fixture
def drawn(run_view):
    """Give a function that draws a view of a tiny run."""

    def draw(view, **picked):
        selection = replace(default_selection(run_view), **picked)
        drawing = make_drawing(run_view.at(run_view.last), view, selection, "light")
        return drawing, render(drawing, view)

    return draw


def lines_of(figure):
    """Give the colours of the lines that a legend names."""
    return {
        trace.name: trace.line.color
        for trace in figure.data
        if trace.type == "scatter" and trace.name and trace.line.color
    }


def test_a_name_has_one_colour_in_all_views(drawn, run_view):
    known = defaultdict(set)
    for view in VIEWS:
        if view.kind in ("curves", "lines") and not (
            view.missing and view.missing(run_view)
        ):
            for name, colour in lines_of(drawn(view)[1]).items():
                known[name].add(colour)

    assert {"train", "test", "restricted", "W_E", "symmetricity"} <= set(known)
    assert {name: found for name, found in known.items() if len(found) > 1} == {}


def test_lines_keep_their_colours_in_another_order(drawn):
    drawing, _ = drawn(get_view("loss-curves"))
    names = ("train", "test", "all pairs")
    lines = tuple(Line(name, "train", name) for name in names)

    found = [
        lines_of(EpochCurves(lines=order, y="loss").draw(drawing))
        for order in (lines, lines[::-1])
    ]

    assert found[0] == found[1]


def test_matrices_keep_their_colours_in_another_order(drawn, run_view):
    drawing, _ = drawn(get_view("weight-norms"))
    config = run_view.config.model_copy(update={"layer_norm": True})
    names = list(param_shapes(config))

    found = [
        {name: matrix_line(name, drawing, drawing.arrays["norm"][:, 0]) for name in one}
        for one in (names, names[::-1])
    ]

    assert {n: line.colour for n, line in found[0].items()} == {
        n: line.colour for n, line in found[1].items()
    }
    assert all(LIGHT.colour(line.colour) for line in found[0].values())


def test_a_key_keeps_its_colour_when_others_are_chosen():
    own = coloured((5, 2), (), LIGHT)

    assert own == {2: LIGHT.key(0), 5: LIGHT.key(1)}
    assert coloured((2, 5), (5, 3), LIGHT) == own | {3: LIGHT.key(2)}


def test_runs_beside_each_other_share_out_the_colours(drawn, run_view):
    """A frequency has one colour in all of them, wherever it is a key."""
    spectrum = get_view("embedding-spectrum")
    alone, _figure = drawn(spectrum)
    beside = replace(alone, beside=frozenset({3, 1}))

    keys = sorted({1, 3, *run_view.keys})
    expected = {k: LIGHT.key(place) for place, k in enumerate(keys)}
    assert key_colours(beside) == expected
    assert render(beside, spectrum).data[0].marker.color[2] == expected[3]
    assert set(key_colours(alone)) == set(run_view.keys)
