"""GELU against the standard library's error function."""

from math import erf, sqrt

import numpy as np
import pytest

from grokdash.analysis import activation

POINTS = np.concatenate([np.linspace(-9, 9, 4001), [-1e6, 1e6, 0.0]])


def test_normal_distribution_function_meets_the_standard_library():
    expected = [(1 + erf(x / sqrt(2))) / 2 for x in POINTS]

    assert activation.normal_cdf(POINTS) == pytest.approx(expected, abs=1e-13)


def test_normal_distribution_function_keeps_float32():
    result = activation.normal_cdf(POINTS.astype(np.float32))

    assert result.dtype == np.float32
    expected = [(1 + erf(x / sqrt(2))) / 2 for x in POINTS]
    assert result == pytest.approx(expected, abs=1.5e-7)


def test_gelu_is_x_times_the_normal_distribution_function():
    expected = [x * (1 + erf(x / sqrt(2))) / 2 for x in POINTS]

    assert activation.gelu(POINTS) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("kind", ["relu", "gelu"])
def test_derivative_meets_the_difference_quotient(kind):
    x = np.linspace(-3, 3, 60)
    h = 1e-6

    slope = activation.activate(x + h, kind) - activation.activate(x - h, kind)

    assert activation.derivative(x, kind) == pytest.approx(slope / (2 * h), abs=1e-7)
