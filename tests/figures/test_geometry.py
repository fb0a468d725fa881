"""Figures as data: traces, ranges, titles, JSON."""

import json

import numpy as np
import pytest

from grokdash.figures.bars import bars
from grokdash.figures.curves import Curve, add_level, curves
from grokdash.figures.grids import Scale, fit_bar, heat_map, heat_maps
from grokdash.figures.marks import write_values
from grokdash.figures.points import Points, scatter, square
from grokdash.figures.surfaces import surface
from grokdash.figures.theme import DARK, LIGHT, Axis, symmetric

SCALE = Scale(colours="Cividis", low=-1.0, high=2.0, title="logit")


def as_json(fig):
    return json.loads(fig.to_json())


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_heat_map_keeps_numbers_range_and_titles(theme):
    z = np.array([[0.0, 1.0], [np.nan, 3.0]], dtype=np.float32)

    fig = heat_map(z, SCALE, theme, Axis("b"), Axis("a"))

    np.testing.assert_array_equal(fig.data[0].z, z)
    assert (fig.data[0].zmin, fig.data[0].zmax) == (-1.0, 2.0)
    assert fig.layout.xaxis.title.text == "b"
    assert fig.layout.yaxis.title.text == "a"
    assert fig.data[0].colorbar.title.text == "logit"
    assert fig.layout.uirevision == "keep"
    assert as_json(fig)["data"][0]["type"] == "heatmap"


def test_small_multiples_share_one_scale_and_one_bar():
    z = np.zeros((5, 3, 3), dtype=np.float32)

    fig = heat_maps(z, SCALE, LIGHT, Axis("b"), Axis("a"), list("vwxyz"))

    assert len(fig.data) == 5
    assert [trace.showscale for trace in fig.data] == [True] + 4 * [False]
    assert {trace.zmax for trace in fig.data} == {2.0}
    assert [note.text for note in fig.layout.annotations] == list("vwxyz")


def test_bars_have_their_colours_and_their_range():
    x = Axis("frequency k", (0.0, 4.0), values=np.arange(1, 4))

    fig = bars(
        np.array([1.0, 2.0, 3.0]), LIGHT, x, Axis("norm", (0.0, 3.0)), ["red"] * 3
    )

    assert list(fig.data[0].x) == [1, 2, 3]
    assert tuple(fig.layout.yaxis.range) == (0, 3)
    assert fig.data[0].marker.color == ("red",) * 3


def test_log_axis_leaves_a_gap_where_it_cannot_show():
    line = Curve(
        name="train", x=np.arange(3), y=np.array([1.0, 0.0, 1e-6]), colour="blue"
    )

    fig = curves([line], LIGHT, Axis("epoch"), Axis("loss (nats)", (1e-6, 1.0), "log"))

    assert np.isnan(fig.data[0].y[1])
    assert tuple(fig.layout.yaxis.range) == (-6.0, 0.0)
    assert fig.layout.yaxis.type == "log"


def test_levels_are_labelled():
    line = Curve(name="test", x=np.arange(3), y=np.ones(3), colour="red", dash="dash")
    fig = curves([line], LIGHT, Axis("epoch"), Axis("loss"))

    add_level(fig, 0.5, "chance", LIGHT)

    assert [note.text for note in fig.layout.annotations] == ["chance"]
    assert len(fig.layout.shapes) == 1


def test_square_has_equal_axes():
    points = Points(
        x=np.ones(3), y=np.zeros(3), labels=list("abc"), colours="red", joined=True
    )

    fig = square(points, LIGHT, Axis("cos"), Axis("sin"), 2.0)

    assert tuple(fig.layout.xaxis.range) == (-2.0, 2.0)
    assert fig.layout.yaxis.scaleanchor == "x"
    assert fig.data[0].mode == "lines+markers"


def test_scatter_with_numbers_for_colours_gets_a_bar():
    points = Points(
        x=np.ones(3),
        y=np.zeros(3),
        labels=list("abc"),
        colours=np.arange(3),
        scale=SCALE,
    )

    fig = scatter(points, LIGHT, Axis("x"), Axis("y"))

    assert fig.data[0].marker.colorbar.title.text == "logit"
    assert fig.data[0].marker.cmax == 2.0


def test_surface_names_its_axes():
    fig = surface(np.zeros((3, 3)), SCALE, DARK, Axis("b"), Axis("a"))

    assert fig.layout.scene.xaxis.title.text == "b"
    assert fig.layout.scene.zaxis.title.text == "logit"
    assert tuple(fig.layout.scene.zaxis.range) == (-1.0, 2.0)


def test_symmetric_range_has_zero_in_the_middle():
    assert symmetric(-1.0, 3.0) == (-3.0, 3.0)
    assert symmetric(0.0, 0.0)[1] > 0


@pytest.mark.parametrize("count", [1, 5])
def test_maps_over_pairs_are_square_and_stay_at_the_bar(count):
    z = np.zeros((count, 3, 3), dtype=np.float32)
    axes = Axis("b"), Axis("a")

    fig = (
        heat_map(z[0], SCALE, LIGHT, *axes, square=True)
        if count == 1
        else heat_maps(z, SCALE, LIGHT, *axes, list("vwxyz"))
    )

    for index in range(count):
        number = str(index + 1) if index else ""
        x, y = fig.layout[f"xaxis{number}"], fig.layout[f"yaxis{number}"]
        assert y.scaleanchor == f"x{number}"
        assert (x.constrain, y.constrain) == ("domain", "domain")
        assert x.constraintoward == "right"
    assert fig.layout.margin.autoexpand is False
    assert heat_map(z[0], SCALE, LIGHT, *axes).layout.yaxis.scaleanchor is None


def test_maps_that_are_no_squares_fill_their_places():
    fig = heat_maps(np.zeros((2, 3, 4)), SCALE, LIGHT, Axis("x"), Axis("y"), "vw")

    assert fig.layout.yaxis.scaleanchor is None


def test_the_bar_of_a_saved_picture_is_as_high_as_its_maps():
    maps = heat_maps(np.zeros((4, 3, 3)), SCALE, LIGHT, Axis("b"), Axis("a"), "uvwx")
    margin = maps.layout.margin
    width, height = 400 + margin.l + margin.r, 300 + margin.t + margin.b

    bar = fit_bar(maps, width, height).data[0].colorbar

    left, right = maps.layout.xaxis.domain
    assert bar.len == pytest.approx((right - left) * 400 / 300)
    assert (bar.y, bar.yanchor) == (1, "top")
    wide = heat_map(np.zeros((2, 3)), SCALE, LIGHT, Axis("b"), Axis("a"))
    assert fit_bar(wide, 640, 440).data[0].colorbar.len == 1


def test_numbers_in_cells_have_few_decimals_and_a_minus():
    z = np.array([[0.8371295, -0.5]], dtype=np.float32)

    fig = write_values(heat_map(z, SCALE, LIGHT, Axis("x"), Axis("y")))

    assert [list(row) for row in fig.data[0].text] == [["0.837", "−0.500"]]
    assert fig.data[0].texttemplate == "%{text}"
