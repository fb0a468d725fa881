"""Pictures as values: what the browser is told of them, and how they are coloured."""

from dataclasses import replace

import numpy as np
import pytest

from grokdash.figures.theme import DARK, LIGHT, Axis
from grokdash.views import VIEWS, get_view
from grokdash.views.core.render import make_drawing
from grokdash.views.core.selection import default_selection
from grokdash.views.core.view import Picture
from grokdash.views.pictures import EpochCurves, Level, Line, PairMap, PairMaps, Profile


@pytest.fixture
def drawing(run_view):
    """Give pairs from −1 to 2 and a line, to be drawn by any picture."""
    view = get_view("correct-logit")
    found = make_drawing(run_view.at(6), view, default_selection(run_view), "light")
    z = np.linspace(-1, 2, 49).reshape(7, 7)
    arrays = {"z": z, "line": z[0], "epochs": np.arange(7.0)}
    return replace(found, arrays=arrays, limits={"z": (-1.0, 2.0), "line": (0.0, 1.0)})


def test_a_view_has_the_traits_of_its_picture():
    for view in VIEWS:
        assert isinstance(view.picture, Picture)
        traits = view.picture.traits
        assert (view.kind, view.scrub) == (traits.kind, traits.scrub)
        assert (view.picks, view.styles) == (traits.picks, traits.styles)


def test_a_map_over_pairs_has_b_to_the_right_and_picks_the_pair(drawing):
    picture = PairMap("z", "numbers")
    fig = picture.draw(drawing)

    assert picture.traits.scrub == {"0.z": "z"}
    assert picture.traits.picks == {"x": "b", "y": "a"}
    assert (fig.layout.xaxis.title.text, fig.layout.yaxis.title.text) == ("b", "a")
    assert (fig.data[0].zmin, fig.data[0].zmax) == (-1.0, 2.0)


def test_signed_numbers_are_symmetric_about_zero(drawing):
    trace = PairMap("z", "numbers", signed=True).draw(drawing).data[0]

    assert (trace.zmin, trace.zmax) == (-2.0, 2.0)
    assert trace.colorscale[2][1] == LIGHT.diverging[2][1]


def test_a_constant_map_still_has_a_range(drawing):
    flat = replace(drawing, limits={"z": (3.0, 3.0)})
    trace = PairMap("z", "numbers").draw(flat).data[0]

    assert (trace.zmin, trace.zmax) == (3.0, 4.0)


def test_the_first_axis_of_several_maps_is_spread_over_the_traces(drawing):
    many = replace(drawing, arrays={"z": np.stack([drawing.arrays["z"]] * 3)})
    picture = PairMaps("z", "numbers", ["one", "two", "three"])
    fig = picture.draw(many)

    assert picture.traits.scrub == {"*.z": "z"}
    assert len(fig.data) == 3
    assert [note.text for note in fig.layout.annotations] == ["one", "two", "three"]


def test_a_title_alone_leaves_the_scale_to_the_reader(drawing):
    lines = (Line("a line", "line", "train"),)
    free = EpochCurves(lines=lines, y="loss")
    fixed = EpochCurves(lines=lines, y=Axis("share", (0.0, 1.0)))
    linear = replace(drawing, selection=replace(drawing.selection, y="linear"))

    assert free.traits.styles == ("x", "y")
    assert fixed.traits.styles == ("x",)
    assert free.draw(drawing).layout.yaxis.type == "log"
    assert free.draw(linear).layout.yaxis.type == "linear"
    assert fixed.draw(drawing).layout.yaxis.type == "linear"


def test_a_level_lies_under_the_lines_with_its_words(drawing):
    picture = EpochCurves(
        lines=(Line("a line", "line", "train"),),
        y="loss",
        level=lambda _drawing: Level(0.5, "half"),
    )
    fig = picture.draw(drawing)

    assert fig.layout.annotations[0].text == "half"
    assert fig.layout.shapes[0].y0 == 0.5


def test_a_profile_scrubs_its_lines_in_order(drawing):
    lines = (Line("first", "line", "text"), Line("second", "line", "#123456"))
    picture = Profile(
        lines=lines, x=lambda _drawing: Axis("x", values=np.arange(7)), y="height"
    )
    fig = picture.draw(drawing)

    assert picture.traits.scrub == {"0.y": "line", "1.y": "line"}
    assert [trace.line.color for trace in fig.data] == [LIGHT.text, "#123456"]
    assert tuple(fig.layout.yaxis.range) == pytest.approx((-0.05, 1.05))


def test_a_role_has_the_colour_of_the_theme(drawing):
    line = Line("a line", "line", "test")
    dark = replace(drawing, theme=DARK)

    assert line.curve(drawing, np.arange(7)).colour == LIGHT.test
    assert line.curve(dark, np.arange(7)).colour == DARK.test
