"""Numbers in the sentences under the panels, and names that several subjects use."""

import math
from collections.abc import Sequence

import numpy as np

from grokdash.written import UNDEFINED

POSITIONS = ("a", "b", "=")
"""What the network reads, position by position; the last one gives the answer."""


def listed(words: Sequence[str]) -> str:
    """Join words: ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def said(value: float | np.floating, form: str) -> str:
    """Write a number in a format; what has no value is undefined, never "nan"."""
    return format(float(value), form) if math.isfinite(value) else UNDEFINED
