"""How numbers are written for readers: sentences, labels, tables and the terminal.

``assets/js/lib/numbers.js`` writes them alike in the browser; ``tests/written.json``
holds both to the same words. Ties are rounded away from zero, as readers do it.
"""

import math
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import SupportsFloat

UNDEFINED = "undefined"
"""What stands for a number that does not exist; never "nan"."""

MISSING = "–"
"""What stands for a number that nobody has, such as the size of what is not stored."""

_SMALLEST, _LARGEST = -4, 5
"""The decades between which numbers are written without a power of ten."""

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: SupportsFloat | None, digits: int = 3) -> str:
    """Write a number to so many digits that count: ``−0.0123``, ``1.2 × 10⁻⁸``."""
    if (odd := _without_digits(value)) is not None:
        return odd
    exact = Decimal(_float(value))
    if not exact:
        return "0"
    rounded = _rounded(exact, digits - 1 - exact.adjusted())
    decade = rounded.adjusted()
    if _SMALLEST <= decade <= _LARGEST:
        # What stands before the point is never rounded away.
        return _plain((_rounded(exact, 0) if decade >= digits else rounded).normalize())
    mantissa = _plain(rounded.scaleb(-decade).normalize())
    times = {"1": "", "−1": "−"}.get(mantissa, f"{mantissa} × ")
    return f"{times}{power_of_ten(decade)}"


def fixed(value: SupportsFloat | None, decimals: int = 2) -> str:
    """Write a number to so many decimals: ``−0.50``, ``12,345.7``."""
    if (odd := _without_digits(value)) is not None:
        return odd
    if abs(_float(value)) >= _TOO_LONG:
        return number(value)
    return _plain(_rounded(Decimal(_float(value)), decimals))


def whole(value: SupportsFloat | None) -> str:
    """Write a whole number: ``9,600``."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _TOO_LONG:
        value = int(value)
    if isinstance(value, int) and abs(value) < _TOO_LONG:
        return f"{value:,}".replace("-", "−")
    return fixed(value, 0)


def signed(value: SupportsFloat | None) -> str:
    """Write a whole number with its sign: ``+3``, ``−3``, ``0``."""
    text = whole(value)
    return text if text[0] in "0−–u" else f"+{text}"


def power_of_ten(decade: int) -> str:
    """Write a power of ten: ``10⁻⁸``."""
    return f"10{str(decade).translate(_RAISED)}"


def percent(share: SupportsFloat | None, digits: int = 1) -> str:
    """Write a share as per cent: 0.366 as ``36.6 %``."""
    odd = _without_digits(share)
    return odd or f"{fixed(100 * _float(share), digits)} %"


def percent_within(share: SupportsFloat, deviation: SupportsFloat) -> str:
    """Write a share and its deviation with one unit: ``36.6 ± 1.2 %``."""
    if not (math.isfinite(float(share)) and math.isfinite(float(deviation))):
        return UNDEFINED
    return f"{percent(share).removesuffix(' %')} ± {percent(deviation)}"


def size(count: SupportsFloat | None) -> str:
    """Write a number of bytes in units of a thousand: ``7.3 MB``, ``52 MB``."""
    if (odd := _without_digits(count)) is not None:
        return odd
    value = _float(count)
    power = min(max(int(math.log10(max(value, 1))) // 3, 0), len(_SIZES) - 1)
    value /= 1000**power
    return f"{fixed(value, 1 if value < 10 and power else 0)} {_SIZES[power]}"


def duration(seconds: SupportsFloat | None) -> str:
    """Write a duration as people say it: 42 s, 3 min 20 s, 2 h 5 min."""
    if (odd := _without_digits(seconds)) is not None:
        return odd
    count = int(Decimal(_float(seconds)).to_integral_value(ROUND_HALF_UP))
    if count < 60:
        return f"{count} s"
    if count < 3600:
        return f"{count // 60} min {count % 60} s"
    return f"{whole(count // 3600)} h {count % 3600 // 60} min"


def with_minus(text: str) -> str:
    """Write negative numbers of a sentence with a minus, as axes do, for a hyphen."""
    return re.sub(r"(?<![\w.-])-(?=\d)", "−", text)


_SIZES = ("B", "kB", "MB", "GB", "TB")
_TOO_LONG = 1e15


def _float(value: SupportsFloat | None) -> float:
    return 0.0 if value is None else float(value)


def _without_digits(value: SupportsFloat | None) -> str | None:
    """Give the word or sign for what has no digits; None for what has."""
    if value is None:
        return MISSING
    if math.isfinite(found := float(value)):
        return None
    if math.isnan(found):
        return UNDEFINED
    return "∞" if found > 0 else "−∞"


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _plain(value: Decimal) -> str:
    """Write all digits, with commas between thousands; zero has no sign."""
    return f"{value or abs(value):,f}".replace("-", "−")
