"""Energies in the plane of two frequencies, against hand-made waves."""

import numpy as np
import pytest

from grokdash.analysis import plane


def _wave(q: int, k: int) -> np.ndarray:
    return np.cos(2 * np.pi * k * np.arange(q) / q)


@pytest.mark.parametrize("q", [7, 12])
def test_product_of_two_waves_has_one_cell(q):
    share = plane.folded_plane(3 + np.outer(_wave(q, 2), _wave(q, 3)))
    assert share[2, 3] == pytest.approx(1)
    assert np.nansum(share) == pytest.approx(1)
    assert np.isnan(share[0, 0])


def test_sum_of_waves_lies_on_the_axes():
    share = plane.folded_plane(_wave(7, 1)[:, None] + 2 * _wave(7, 3)[None, :])
    assert share[1, 0] == pytest.approx(0.2)
    assert share[0, 3] == pytest.approx(0.8)


def test_constant_has_no_spectrum():
    assert np.isnan(plane.folded_plane(np.full((6, 6), 2.5, np.float32))).all()


def test_wave_part_keeps_the_mean_and_one_frequency():
    x = 1.5 + 2 * _wave(11, 4) + _wave(11, 2)
    assert np.allclose(plane.wave_part(x, 4), 1.5 + 2 * _wave(11, 4))
    assert np.allclose(plane.wave_part(x, 7), 1.5 + 2 * _wave(11, 4))


def test_wave_part_of_the_alternating_wave():
    x = (-1.0) ** np.arange(8)
    assert np.allclose(plane.wave_part(x, 4), x)
