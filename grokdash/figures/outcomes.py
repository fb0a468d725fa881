"""The mark of each outcome of a run: the same shape means the same in every picture.

Filled is a run whose test accuracy rose to stay, open one of which that is not known.
"""

OUTCOME_MARKS: dict[str, str] = {
    "groks": "circle",
    "generalises at once": "diamond",
    "memorises only": "square-open",
    "never groks": "triangle-down-open",
    "collapses": "x-open",
    "unfinished": "hourglass-open",
}
OTHER_MARKS = ("pentagon", "pentagon-open")
"""For what is no outcome: two quantities of a run beside each other."""
