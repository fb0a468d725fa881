"""A run that grows is the same run for as long as one request looks at it."""

import numpy as np

from grokdash.backlog import Gathered
from grokdash.snapshot import RunView
from grokdash.views import get_view
from grokdash.views.core.render import make_drawing, render, sentence
from grokdash.views.core.selection import default_selection


def test_series_end_where_the_checkpoints_of_the_moment_end(run_view):
    still = run_view.at_this_moment()
    vars(still)["_steps"] = run_view.steps[:2]

    assert still.last == run_view.steps[1]
    assert len(still.series("loss/test")) == 2
    assert len(still.progress((1,)).arrays["restricted"]) == 2
    np.testing.assert_array_equal(
        still.series("loss/test"), run_view.series("loss/test")[:2]
    )


def test_a_picture_that_is_not_complete_says_so(run_view, monkeypatch):
    view = get_view("progress-measures")
    unknown = {
        "restricted": np.full((4, 3), np.nan),
        "cross_split": np.full(4, np.nan),
        "excluded": np.full((4, 3), np.nan),
    }
    monkeypatch.setattr(
        RunView, "progress", lambda _run, _keys: Gathered(unknown, pending=3)
    )
    drawing = make_drawing(run_view.at(6), view, default_selection(run_view), "light")

    texts = [one.text for one in render(drawing, view).layout.annotations]

    assert "incomplete: 1 of 4 checkpoints" in texts
    assert sentence(drawing, view).startswith("Still computing: 1 of 4 checkpoints.")
