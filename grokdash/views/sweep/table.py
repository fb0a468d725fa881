"""Every run of a sweep as a row: its values, what became of it, what it ends as."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from grokdash.views.sweep import ends
from grokdash.views.sweep.chosen import Chosen

COLUMNS = (
    "run",
    "state",
    "outcome",
    "grok after",
    "grok until",
    "train accuracy",
    "test accuracy",
    "key frequencies",
    "keys",
    "key rule",
    "Gini W_L",
    "weight norm",
)
"""Columns of the table of runs behind those of the swept values."""


def records(chosen: Chosen) -> Iterator[dict[str, Any]]:
    """Give every run as plain values; None is what is not known."""
    for run in chosen.runs:
        rise = chosen.rise(run)
        found = {
            chosen.data.axes[name]: value for name, value in run.values.items()
        } | {
            "run": run.id,
            "state": run.state,
            "outcome": chosen.outcomes[run.id].kind,
            "grok after": rise.after if rise.observed else None,
            "grok until": rise.time if rise.observed else None,
        }
        if len(run.steps):
            found |= {
                "train accuracy": _finite(run.last("train_accuracy")),
                "test accuracy": _finite(ends.test_accuracy(run)),
                "key frequencies": len(run.keys),
                "keys": " ".join(map(str, run.keys)),
                "key rule": run.key_rule,
                "Gini W_L": _finite(ends.gini(run)),
                "weight norm": _finite(ends.norm(run)),
            }
        yield found


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
