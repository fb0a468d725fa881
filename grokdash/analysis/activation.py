"""The MLP activations and their derivatives; GELU in its exact form."""

from math import pi, sqrt
from typing import Literal

import numpy as np
from jaxtyping import Float


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
    """Give Φ(x) = (1 + erf(x/√2))/2, to the rounding of the type of x."""
    # Loading it takes 0.2 s, and only networks with GELU need it.
    from scipy.special import ndtr  # noqa: PLC0415

    return ndtr(x)
