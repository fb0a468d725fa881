"""Swept quantities as axes."""

import numpy as np
import pytest

from grokdash.figures.intervals import Event, intervals
from grokdash.figures.swept import label, swept
from grokdash.figures.theme import LIGHT


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([0.1, 0.3, 1.0, 3.0], "log"),
        ([0.2, 0.3, 0.4, 0.5], "linear"),
        ([1, 2, 4, 8], "log"),
        ([1, 2, 3], "linear"),
        ([0.0, 1.0, 10.0], "linear"),
        (["add", "multiply"], "names"),
        ([True, False], "names"),
    ],
)
def test_an_axis_is_logarithmic_when_its_values_are(values, kind):
    axis = swept("value", values)

    assert axis.kind == kind
    np.testing.assert_allclose(
        axis.drawn(axis.unit(axis.values)),
        [axis.index(v) for v in axis.values] if kind == "names" else sorted(values),
    )
    assert len(set(axis.colours(LIGHT))) == len(values)


def test_values_are_written_short():
    assert [label(v) for v in (0.003, 10_000, True, "sum_of_squares")] == [
        "0.003",
        "10,000",
        "yes",
        "sum of squares",
    ]


def test_labels_that_would_touch_are_left_out():
    axis = swept("parameters", [15_328, 19_808, 20_000, 208_768])

    shown = axis.settings(LIGHT, letters=80)["ticktext"]

    assert shown == ["15.3k", "19.8k", "209k"]


def test_what_comes_at_epoch_0_is_not_drawn_at_1():
    """A logarithmic axis has no place for it; an interval from 0 on stays open."""
    early, late = (
        Event(
            run=f"{until}",
            x=1.0,
            after=0 if until else None,
            until=until,
            observed=True,
            outcome="groks",
            colour="#000000",
            text="",
        )
        for until in (0, 50)
    )

    fig = intervals([early, late], [], LIGHT, swept("value", [1, 2, 3]))

    points = fig.data[0]
    assert points.y == (None, 50)
    assert points.error_y.arrayminus[1] == 50
