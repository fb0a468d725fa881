"""What is said of a value that does not fit: what was asked for, fits and is shown.

The browser fills the same sentences (see ``Misfits`` of the contract).
"""

from grokdash.written import whole

OUTSIDE = "{asked} was asked for; {low} to {high} fit here, so {shown} is shown."
ONLY = "{asked} was asked for; only {shown} fits here."
BETWEEN = "{asked} was asked for; the nearest that is stored is {shown}."
NO_NUMBER = "{name}: expected a whole number, got “{asked}”; it is left out."

FIELD_NAMES: dict[str, str] = {
    "k": "Frequency",
    "layer": "Layer",
    "h": "Head",
    "n": "Neuron",
    "a": "Token a =",
    "b": "Token b =",
    "c": "Class",
    "s": "Position",
    "ref": "Epoch to compare with",
    "norm": "Range",
    "x": "Scale of the x axis",
    "y": "Scale of the y axis",
    "basis": "Basis",
    "colour": "Colour",
    "matrix": "Matrix",
    "order": "Order",
    "keys": "Set of keys",
}
"""What the fields of a selection are called in sentences."""


def outside(asked: str, shown: int, bounds: tuple[int, int]) -> str:
    """Say that a number lies outside what there is, and which one is shown."""
    low, high = bounds
    if low == high:
        return ONLY.format(asked=asked, shown=whole(shown))
    ends = {"low": whole(low), "high": whole(high)}
    return OUTSIDE.format(asked=asked, shown=whole(shown), **ends)


def between(asked: str, shown: int) -> str:
    """Say that an epoch is not stored, and which one is shown."""
    return BETWEEN.format(asked=asked, shown=whole(shown))


def no_number(name: str, asked: str) -> str:
    """Say that what was asked for is no whole number."""
    return NO_NUMBER.format(name=name, asked=asked)
