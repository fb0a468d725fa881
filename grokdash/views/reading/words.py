"""Numbers in the sentences under the panels."""

import math

import numpy as np


def said(value: float | np.floating, form: str) -> str:
    """Write a number in a format; what has no value is undefined, never "nan"."""
    return format(float(value), form) if math.isfinite(value) else "undefined"
