"""The range of a picture's numbers: over the run, or of one epoch; which shows more.

After grokking many pictures are nearly flat on the range of the whole run. The range of
the epoch then shows their structure, and is offered where it would.
"""

from typing import Any

from plotly.colors import get_colorscale

from grokdash.figures.theme import Theme
from grokdash.views.core.view import Drawing, View, array_limits

HIDDEN = 0.25
"""Part of its range below which what a picture shows looks flat."""


def has_choice(view: View) -> bool:
    """Say whether the range of a view's numbers can be chosen."""
    return view.per_step and "norm" in view.styles


def of_epoch(drawing: Drawing, view: View) -> bool:
    """Say whether the range is that of this epoch alone."""
    return has_choice(view) and drawing.selection.norm == "epoch"


def hides(drawing: Drawing, view: View) -> bool:
    """Say whether all numbers of this epoch lie in a small part of the range.

    Colours tell numbers apart by their differences, lengths from zero by their size.
    """
    parts = []
    for name in set(view.scrub.values()):
        low, high = drawing.limits[name]
        least, most = array_limits(drawing.arrays[name])
        shown, whole = most - least, high - low
        if view.kind != "grid":
            shown, whole = max(abs(least), abs(most)), max(abs(low), abs(high))
        parts.append(shown / whole if whole > 0 else 1.0)
    return has_choice(view) and bool(parts) and max(parts) < HIDDEN


def one_sided(drawing: Drawing, limits: tuple[float, float]) -> bool:
    """Say whether signed numbers are told apart without regard to zero.

    They are where the range is that of one epoch and all of them have one sign.
    """
    low, high = limits
    return drawing.selection.norm == "epoch" and (low >= 0 or high <= 0)


def sides(theme: Theme) -> dict[str, Any]:
    """Give both scales of signed numbers, for epochs that may need the other one."""
    return {
        "sides": {
            "one": get_colorscale(theme.sequential),
            "both": [list(stop) for stop in theme.diverging],
        }
    }
