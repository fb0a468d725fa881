"""Where two figures differ: which array, at how many places, by how much.

Floating-point arrays may differ by :data:`TOLERANCE` of their range, because another
processor adds in another order; whole numbers, texts and shapes must be the same.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from grokdash.report.numbers import (
    as_numbers,
    is_packed,
    same_number,
    span,
)
from grokdash.written import number, whole

TOLERANCE = 1e-6
"""Of the range of an array, or of the larger of two numbers that stand alone."""
_MOST = 5
"""Differences of one figure that are told."""
_SHOWN = 60
_DIGITS = 9


def differences(then: Any, now: Any, tolerance: float = TOLERANCE) -> list[str]:
    """Say where two figures differ, the first few; nothing if they are the same.

    Parameters
    ----------
    then, now
        Figures as JSON: of the report, and of the store.
    """
    found = list(_walk(then, now, "", tolerance))
    more = len(found) - _MOST
    return found[:_MOST] + ([f"and {whole(more)} more"] if more > 0 else [])


def _walk(then: Any, now: Any, where: str, tolerance: float) -> Iterator[str]:
    arrays = as_numbers(then), as_numbers(now)
    if arrays[0] is not None and arrays[1] is not None:
        yield from _arrays(arrays[0], arrays[1], where, tolerance)
    elif is_packed(then) or is_packed(now):
        yield f"{where}: an array on one side only"
    elif isinstance(then, dict) and isinstance(now, dict):
        yield from _objects(then, now, where, tolerance)
    elif isinstance(then, list) and isinstance(now, list):
        yield from _lists(then, now, where, tolerance)
    elif not _same(then, now, tolerance):
        yield f"{where}: {_shown(then)} in the report, {_shown(now)} in the store"


def _objects(
    then: dict[str, Any], now: dict[str, Any], where: str, tolerance: float
) -> Iterator[str]:
    for name in sorted(then.keys() | now.keys()):
        inside = f"{where}.{name}" if where else name
        if name not in now:
            yield f"{inside}: only in the report"
        elif name not in then:
            yield f"{inside}: only in the store"
        else:
            yield from _walk(then[name], now[name], inside, tolerance)


def _lists(then: list, now: list, where: str, tolerance: float) -> Iterator[str]:
    if len(then) != len(now):
        yield (
            f"{where}: {whole(len(then))} entries in the report, "
            f"{whole(len(now))} in the store"
        )
        return
    for place, (one, other) in enumerate(zip(then, now, strict=True)):
        yield from _walk(one, other, f"{where}[{place}]", tolerance)


def _arrays(
    then: np.ndarray, now: np.ndarray, where: str, tolerance: float
) -> Iterator[str]:
    if then.shape != now.shape:
        yield f"{where}: {_shape(then)} in the report, {_shape(now)} in the store"
        return
    exact = then.dtype.kind in "iu" and now.dtype.kind in "iu"
    one, other = then.astype(float), now.astype(float)
    allowed = 0.0 if exact else tolerance * max(span(one), span(other))
    both = np.isnan(one) & np.isnan(other)
    with np.errstate(invalid="ignore"):
        apart = np.abs(one - other)
        wrong = ~(both | (one == other) | (apart <= allowed))
    if not wrong.any():
        return
    worst = np.where(wrong, np.nan_to_num(apart, nan=np.inf), -1.0)
    place = np.unravel_index(int(worst.argmax()), one.shape)
    index = ", ".join(str(int(part)) for part in place)
    yield (
        f"{where}: {whole(int(wrong.sum()))} of {whole(one.size)} numbers differ, most "
        f"at [{index}]: {number(one[place], _DIGITS)} in the report, "
        f"{number(other[place], _DIGITS)} in the store"
    )


def _same(then: Any, now: Any, tolerance: float) -> bool:
    numbers = (int, float)
    if isinstance(then, bool) or isinstance(now, bool):
        return then is now
    if isinstance(then, numbers) and isinstance(now, numbers):
        whole_ones = isinstance(then, int) and isinstance(now, int)
        return same_number(then, now, 0.0 if whole_ones else tolerance)
    return type(then) is type(now) and then == now


def _shape(values: np.ndarray) -> str:
    return " × ".join(map(whole, values.shape)) + " numbers"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
