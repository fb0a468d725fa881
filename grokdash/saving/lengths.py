"""Lengths as people write them: 8.5cm, 85mm, 3.35in, 241pt, 640px or 640."""

import re
from collections.abc import Mapping

from grokdash.errors import ConfigError

PX: Mapping[str, float] = {
    "": 1.0,
    "px": 1.0,
    "pt": 96 / 72,
    "in": 96.0,
    "cm": 96 / 2.54,
    "mm": 96 / 25.4,
}
"""Pixels per unit, as CSS, SVG and PDF define them."""

_LENGTH = re.compile(rf"(\d+(?:\.\d*)?|\.\d+) *({'|'.join(filter(None, PX))}|)")


def pixels(text: str, unit: str = "px") -> float:
    """Read a length and give it in CSS pixels, 96 to an inch.

    Parameters
    ----------
    unit
        What a number without a unit is in.

    Raises
    ------
    ConfigError
        If it is none.
    """
    found = _LENGTH.fullmatch(text.strip().lower())
    if found is None or not float(found[1]):
        known = ", ".join(filter(None, PX))
        raise ConfigError(
            f"expected a length such as 8.5cm, in one of {known}; got {text[:20]!r}"
        )
    return float(found[1]) * PX[found[2] or unit]
