"""When the chapters of a run's story begin."""

from grokdash.story.moments import moments, showing_share


def test_moments_are_read_off_the_curves(written):
    found = moments(written())

    assert (found.learned, found.peak, found.last) == (20, 30, 70)
    assert (found.showing, found.half, found.grokked) == (40, 50, 60)
    assert found.plateau == (20, 40)


def test_what_has_not_come_is_not_dated(written):
    found = moments(written(4))

    assert (found.learned, found.last) == (20, 30)
    assert found.showing is found.half is found.grokked is None
    assert found.plateau == (20, 30)
    assert moments(written(2)).plateau is None


def test_a_run_that_generalises_at_once_has_no_plateau(written):
    curve = [0.1, 0.6, 0.99, 1.0, 1.0, 1.0, 1.0, 1.0]

    assert moments(written(**{"accuracy/test": curve})).plateau is None


def test_a_spike_after_grokking_is_not_the_peak(written):
    spike = [2.0, 3.0, 5.0, 9.0, 4.0, 1.0, 0.1, 99.0]

    assert moments(written(**{"loss/test": spike})).peak == 30


def test_showing_is_more_than_luck():
    assert showing_share(113) == 0.1
    assert showing_share(7) == 2 / 7
