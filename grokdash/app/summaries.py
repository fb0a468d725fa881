"""A run's line in the catalogue as JSON that any browser reads: no NaN, no tuples."""

import math
from dataclasses import fields
from typing import Any

from grokdash.store import RunSummary


def summary_json(summary: RunSummary) -> dict[str, Any]:
    """Give one catalogue entry as plain values; what is not a number becomes None."""
    values = {one.name: _plain(getattr(summary, one.name)) for one in fields(summary)}
    return values | {"sparkline": [float(f"{one:.4g}") for one in summary.sparkline]}


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
