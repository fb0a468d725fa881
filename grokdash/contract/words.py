"""The words that a reader sees for the codes of the contract."""

from collections.abc import Mapping, Sequence
from typing import cast

from grokdash.contract.codes import (
    Mark,
    RowState,
    RunOutcome,
    SelectionField,
    WordField,
)
from grokdash.contract.run import Choice, Control
from grokdash.views.compare.alignment import Align

STATES: dict[RowState, str] = {
    "running": "running",
    "finished": "finished",
    "interrupted": "interrupted",
    "diverged": "diverged",
    "broken": "broken",
    "starting": "starting",
    "failed": "failed",
}

OUTCOMES: dict[RunOutcome, str] = {
    "generalises": "generalises",
    "memorises only": "memorises only",
    "neither": "neither",
    "collapses": "collapses",
    "not yet": "not yet",
    "diverged": "diverged",
    "broken": "broken",
}

MARKS: dict[Mark, str] = {
    "memorised": "memorised",
    "formed": "circuit formed",
    "clean": "clean",
    "grokked": "grokked",
}

_FIELDS: dict[SelectionField, str] = {
    "k": "freq k",
    "layer": "layer",
    "h": "head",
    "n": "neuron",
    "a": "a",
    "b": "b",
    "c": "class c",
    "s": "position",
    "ref": "compare",
    "norm": "range",
    "x": "x axis",
    "y": "y axis",
    "basis": "basis",
    "colour": "colour",
    "matrix": "matrix",
    "order": "order",
    "keys": "key set",
}
_LOOKS = ("norm", "x", "y", "basis", "colour", "order", "keys")
_OF_ONE_RUN = ("ref", "keys")
_CHOSEN = {"ka": "k·a", "token": "a"}


def controls(choices: Mapping[WordField, Sequence[str]]) -> list[Control]:
    """Describe the controls of a selection, in the order of the rail."""
    return [
        Control(
            name=name,
            label=label,
            look=name in _LOOKS,
            shared=name not in _OF_ONE_RUN,
            choices=[
                Choice(value=one, label=_CHOSEN.get(one, one))
                for one in choices.get(cast(WordField, name), ())
            ],
        )
        for name, label in _FIELDS.items()
    ]


PLACES: dict[Align, tuple[str, int]] = {
    "epoch": ("epoch", 0),
    "fraction": ("% of training", 1),
    "grok": ("× grok time", 3),
}
"""Unit and decimals of a place on the timeline of a comparison, by alignment."""

GUIDE_PARTS: dict[str, str] = {
    "what": "Shows",
    "before": "Before",
    "after": "After",
    "normal": "Normal",
    "wrong": "Wrong",
    "reference": "Source",
}
"""Parts of a guide beside its formula, in the order in which they are read."""
