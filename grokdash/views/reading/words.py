"""Numbers in the sentences under the panels, and names that several subjects use."""

import math

import numpy as np

POSITIONS = ("a", "b", "=")
"""What the network reads, position by position; the last one gives the answer."""


def said(value: float | np.floating, form: str) -> str:
    """Write a number in a format; what has no value is undefined, never "nan"."""
    return format(float(value), form) if math.isfinite(value) else "undefined"
