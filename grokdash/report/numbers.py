"""The arrays of a figure as Plotly's JSON has them: plain lists, or bytes in base64."""

import base64
import binascii
import math
from typing import Any

import numpy as np

from grokdash.errors import ConfigError

_TYPES = {"i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"}


def is_packed(value: Any) -> bool:
    """Say whether a value of a figure is an array written as bytes."""
    return isinstance(value, dict) and {"dtype", "bdata"} <= value.keys()


def unpacked(value: dict[str, Any]) -> np.ndarray:
    """Read an array that is written as bytes.

    Raises
    ------
    ConfigError
        If it is none: its type, its bytes or its shape do not fit each other.
    """
    kind, text = value["dtype"], value["bdata"]
    if kind not in _TYPES or not isinstance(text, str):
        raise ConfigError(f"dtype: expected one of {', '.join(sorted(_TYPES))}")
    try:
        shape = [int(one) for one in str(value.get("shape", "-1")).split(",")]
        flat = np.frombuffer(base64.b64decode(text, validate=True), f"<{kind}")
        return flat.reshape(shape)
    except (ValueError, binascii.Error) as error:
        raise ConfigError(f"bdata: is not an array of {kind}: {error}") from None


def as_numbers(value: Any) -> np.ndarray | None:
    """Give a value of a figure as an array of numbers; None if it is not one."""
    if is_packed(value):
        return unpacked(value)
    if not isinstance(value, list) or not value:
        return None
    flat = value
    while flat and all(isinstance(one, list) for one in flat):
        flat = [one for row in flat for one in row]
    kinds = {type(one) for one in flat}
    if not flat or not kinds <= {int, float, type(None)} or kinds <= {int}:
        return None  # whole numbers are compared one by one, as texts are
    try:
        return np.array(value, dtype=float)
    except ValueError:
        return None


def plain_figure(figure: Any) -> Any:
    """Unpack every array of a figure, for what needs their shapes."""
    if is_packed(figure):
        return unpacked(figure)
    if isinstance(figure, dict):
        return {name: plain_figure(one) for name, one in figure.items()}
    if isinstance(figure, list):
        return [plain_figure(one) for one in figure]
    return figure


def span(values: np.ndarray) -> float:
    """Give the distance of the least and the largest number that is finite."""
    known = values[np.isfinite(values)]
    return float(known.max() - known.min()) if known.size else 0.0


def same_number(one: float, other: float, tolerance: float) -> bool:
    """Compare two numbers that are in no array."""
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return abs(one - other) <= tolerance * max(abs(one), abs(other))
