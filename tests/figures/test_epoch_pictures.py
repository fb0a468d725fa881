"""Spans, stacks and bundles: what pictures over epochs are made of."""

import numpy as np
import pytest

from grokdash.figures.bundles import add_bundle
from grokdash.figures.curves import Curve, add_level, curves
from grokdash.figures.spans import Span, add_spans
from grokdash.figures.stacks import Row, stack
from grokdash.figures.theme import DARK, LIGHT, Axis

LINE = Curve(
    name="train", x=np.array([1.0, 10.0]), y=np.array([1.0, 100.0]), colour="red"
)
SPANS = [
    Span(name="first", start=0.0, end=400.0, hint="until here"),
    Span(name="second part", start=400.0, end=410.0),
    Span(name="rest", start=410.0, end=2000.0),
]


def test_wide_spans_are_named_and_narrow_ones_numbered():
    x = Axis("epoch", (0.0, 1000.0))
    fig = add_spans(curves([LINE], LIGHT, x, Axis("loss")), SPANS, LIGHT, x)

    assert [(s.x0, s.x1) for s in fig.layout.shapes] == [
        (0, 400),
        (400, 410),
        (410, 1000),
    ]
    assert [note.text for note in fig.layout.annotations] == ["1 first", "3 rest"]
    assert fig.layout.annotations[0].hovertext == "until here"


def test_spans_on_a_log_axis_put_labels_at_exponents():
    x = Axis("epoch", (1.0, 1000.0), "log")
    fig = add_spans(curves([LINE], DARK, x, Axis("loss")), SPANS, DARK, x)

    assert fig.layout.shapes[0].x0 == 1.0
    assert fig.layout.annotations[1].x == pytest.approx(np.log10(410))


def test_spans_need_limits():
    with pytest.raises(ValueError, match="limits"):
        add_spans(curves([LINE], LIGHT, Axis("e"), Axis("l")), SPANS, LIGHT, Axis("e"))


def test_a_level_on_a_log_axis_labels_its_own_height():
    fig = curves([LINE], LIGHT, Axis("epoch"), Axis("loss", kind="log"))
    add_level(fig, 10.0, "chance", LIGHT, below=True)

    assert fig.layout.shapes[0].y0 == 10.0
    assert fig.layout.annotations[0].y == 1.0
    assert fig.layout.annotations[0].yanchor == "top"


def test_stack_gives_every_row_its_axis_and_every_name_one_legend_entry():
    rows = [
        Row(lines=[LINE], y=Axis("loss", kind="log")),
        Row(lines=[LINE], y=Axis("share", (0.0, 1.0))),
    ]
    fig = stack(rows, LIGHT, Axis("epoch", (0.0, 10.0)))

    assert [trace.yaxis for trace in fig.data] == ["y", "y2"]
    assert [trace.showlegend for trace in fig.data] == [True, False]
    assert fig.layout.yaxis.domain[0] > fig.layout.yaxis2.domain[1]
    assert fig.layout.yaxis.type == "log"
    assert tuple(fig.layout.yaxis2.range) == (0.0, 1.0)
    assert fig.layout.xaxis.anchor == "y2"


def test_bundle_is_one_trace_behind_the_others_with_gaps_between_lines():
    x, y = Axis("epoch"), Axis("norm", kind="log")
    fig = curves([LINE], LIGHT, x, y)
    values = np.array([[1.0, 0.0], [2.0, 4.0]])
    add_bundle(
        fig,
        (np.array([0.0, 5.0]), values),
        ["k = 1", "k = 2"],
        LIGHT,
        (x, y),
        name="rest",
    )

    quiet = fig.data[0]
    assert [trace.name for trace in fig.data] == ["rest", "train"]
    np.testing.assert_array_equal(quiet.y, [1, 2, np.nan, np.nan, 4, np.nan])
    np.testing.assert_array_equal(quiet.x, [0, 5, np.nan, 0, 5, np.nan])
    assert list(quiet.text) == ["k = 1"] * 3 + ["k = 2"] * 3
