"""A run that grows is the same run for as long as one request looks at it."""

import numpy as np


def test_series_end_where_the_checkpoints_of_the_moment_end(run_view):
    still = run_view.at_this_moment()
    vars(still)["_steps"] = run_view.steps[:2]

    assert still.last == run_view.steps[1]
    assert len(still.series("loss/test")) == 2
    assert len(still.progress((1,))["restricted"]) == 2
    np.testing.assert_array_equal(
        still.series("loss/test"), run_view.series("loss/test")[:2]
    )
