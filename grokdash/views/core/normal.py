"""What is normal: measured ranges, in the words of the guides.

The numbers are those of ``normal.json``, which docs/normal.py measures and writes:
smallest and largest value over the released networks, and over grokked runs of the
presets. No guide states such a number by itself.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grokdash.written import number, whole

GROUPS: Mapping[str, str] = {
    "released": "released networks",
    "nanda": "nanda runs",
    "quick": "quick runs",
}
"""Kinds of networks that were measured, and what the guides call them."""

NORMAL: Mapping[str, Any] = json.loads(
    Path(__file__).with_suffix(".json").read_text(encoding="utf-8")
)


def span(name: str) -> str:
    """Give the range of a quantity in every group of networks that has it."""
    quantity = NORMAL["quantities"][name]
    unit = f" {quantity['unit']}" if "unit" in quantity else ""
    return ", ".join(
        f"{written(quantity, group)}{unit} ({title})"
        for group, title in GROUPS.items()
        if group in quantity
    )


def written(quantity: Mapping[str, Any], group: str) -> str:
    """Write a range: "39 to 97 %", or one number where both ends read alike."""
    form = quantity["form"]
    low, high = (_number(value, form) for value in quantity[group][:2])
    told = low if low == high else f"{low} to {high}"
    return f"{told} %" if form == "percent" else told


def _number(value: float, form: str) -> str:
    """Write two digits, more where the number has them before the point."""
    if form == "percent":
        value *= 100
    if form in ("count", "epoch"):
        return whole(value)
    # Close to 1 or 100 %, two digits would hide what is left over.
    nearly = {"percent": (95, 100), "number": (0.95, 1)}[form]
    return number(value, 3 if nearly[0] <= abs(value) < nearly[1] else 2)
