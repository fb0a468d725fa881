"""The MLP activations and their derivatives; GELU exact, without SciPy."""

from functools import lru_cache
from math import erf as exact_erf
from math import factorial, pi, sqrt
from typing import Literal

import numpy as np
from jaxtyping import Float

_LIMIT = 6.0
_PER_UNIT = 64


def activate(
    x: Float[np.ndarray, "*shape"], kind: Literal["relu", "gelu"]
) -> Float[np.ndarray, "*shape"]:
    """Apply an activation."""
    return gelu(x) if kind == "gelu" else np.maximum(x, 0)


def derivative(
    x: Float[np.ndarray, "*shape"], kind: Literal["relu", "gelu"]
) -> Float[np.ndarray, "*shape"]:
    """Give an activation's derivative; ReLU has 0 at 0, as in torch."""
    if kind == "relu":
        return (x > 0).astype(x.dtype)
    density = np.exp(-np.square(x) / 2) / np.asarray(sqrt(2 * pi), dtype=x.dtype)
    return normal_cdf(x) + x * density


def gelu(x: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """Give x·Φ(x), Φ the normal distribution function (the exact form, not tanh)."""
    return x * normal_cdf(x)


def normal_cdf(x: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """Give Φ(x) = (1 + erf(x/√2))/2."""
    half = np.asarray(0.5, dtype=x.dtype)
    return half + half * erf(x * np.asarray(sqrt(0.5), dtype=x.dtype))


def erf(x: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
    """Give the error function to 1e-13 (float64) or its rounding (float32).

    A fifth-order Taylor polynomial around the nearest of 769 exact values.
    """
    table = _taylor_table(x.dtype.str)
    inside = np.clip(x, -_LIMIT, _LIMIT)
    nearest = np.rint(inside * _PER_UNIT)
    index = nearest.astype(np.int32) + int(_LIMIT * _PER_UNIT)
    offset = inside - nearest / _PER_UNIT
    result = table[-1][index]
    for coefficients in table[-2::-1]:
        result *= offset
        result += coefficients[index]
    return result


@lru_cache(maxsize=2)
def _taylor_table(dtype: str) -> tuple[np.ndarray, ...]:
    nodes = np.arange(-_LIMIT * _PER_UNIT, _LIMIT * _PER_UNIT + 1) / _PER_UNIT
    slope = 2 / sqrt(pi) * np.exp(-np.square(nodes))
    previous, hermite = np.zeros_like(nodes), np.ones_like(nodes)
    columns = [np.array([exact_erf(x) for x in nodes])]
    for order in range(1, 6):
        columns.append((-1) ** (order - 1) * hermite * slope / factorial(order))
        previous, hermite = (
            hermite,
            2 * nodes * hermite - 2 * (order - 1) * previous,
        )
    return tuple(column.astype(dtype) for column in columns)
