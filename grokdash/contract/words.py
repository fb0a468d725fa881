"""The words that a reader sees for the codes of the contract."""

from collections.abc import Mapping, Sequence
from typing import cast

from grokdash.contract.codes import (
    KeyAction,
    MenuItem,
    PanelAction,
    RowState,
    RunOutcome,
    SelectionField,
    WordField,
)
from grokdash.contract.run import Choice, Control, Misfits
from grokdash.views.compare.alignment import Align
from grokdash.views.core import misfits
from grokdash.views.core.misfits import FIELD_NAMES
from grokdash.views.reading.epochs import Mark
from grokdash.views.reading.matrices import short_name

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
    "unknown": "training pairs not known",
    "diverged": "diverged",
    "broken": "broken",
}

MARKS: dict[Mark, str] = {
    "memorised": "memorised",
    "peak": "test loss peak",
    "formed": "circuit formed",
    "clean": "clean",
    "grokked": "grokked",
    "collapsed": "collapsed",
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
            title=FIELD_NAMES[name],
            look=name in _LOOKS,
            shared=name not in _OF_ONE_RUN,
            choices=[
                Choice(value=one, label=_CHOSEN.get(one) or short_name(one))
                for one in choices.get(cast(WordField, name), ())
            ],
        )
        for name, label in _FIELDS.items()
    ]


DAMAGED = (
    "Files of this run are damaged: pictures that need them are left out. Other runs "
    "are not concerned."
)
"""What a run's page says of itself; what is damaged comes after it."""

MISFITS = Misfits(
    outside=misfits.OUTSIDE,
    only=misfits.ONLY,
    between=misfits.BETWEEN,
    no_number=misfits.NO_NUMBER,
)
"""What is said of a value that does not fit."""

PLACES: dict[Align, tuple[str, int]] = {
    "epoch": ("epoch", 0),
    "fraction": ("% of training", 1),
    "grok": ("× grok time", 3),
}
"""Unit and decimals of a place on the timeline of a comparison, by alignment."""

PANEL_ACTIONS: dict[PanelAction, str] = {
    "help": "What {title} shows",
    "pin": "Pin {title} at this epoch",
    "full": "{title} on the full screen",
    "menu": "Save or copy {title}",
}
"""Names of the buttons of a panel; the title of the view goes in."""

MENU: dict[MenuItem, str] = {
    "png-2": "PNG, 2×",
    "png-4": "PNG, 4×",
    "svg": "SVG",
    "pdf": "PDF",
    "csv": "CSV",
    "npy": "NPY",
    "json": "JSON",
    "table": "Data table",
    "stored": "The numbers behind this",
    "copy-picture": "Copy picture",
    "copy-link": "Copy link",
    "report": "Add to report",
    "full": "Full screen",
}
"""The menu of a panel, in its order."""

KEYS: tuple[tuple[str, str, dict[str, KeyAction]], ...] = (
    ("Space", "play or pause", {" ": "play"}),
    (
        "← →",
        "one checkpoint back or forward; with Shift ten",
        {
            "ArrowLeft": "previous",
            "ArrowRight": "next",
            "Shift+ArrowLeft": "previous-10",
            "Shift+ArrowRight": "next-10",
        },
    ),
    ("Home End", "first or last checkpoint", {"Home": "first", "End": "last"}),
    (", .", "slower or faster", {",": "slower", ".": "faster"}),
    ("G", "to where the run groks; again: to where it has memorised", {"g": "grok"}),
    ("[ ]", "previous or next frequency", {"[": "previous-k", "]": "next-k"}),
    ("J K", "previous or next run", {"j": "previous-run", "k": "next-run"}),
    ("N B", "next step of the tour, or back", {"n": "next-step", "b": "previous-step"}),
    ("1 … 9", "focus a panel", dict.fromkeys("123456789", "focus-panel")),
    (
        "Enter",
        "into the focused panel: arrows from point to point, Enter picks, Esc leaves",
        {},
    ),
    ("F", "focused panel on the full screen; Esc leaves", {"f": "full"}),
    (
        "S",
        "save the focused panel as a picture; with Shift all of them",
        {"s": "save", "S": "export-all"},
    ),
    ("V", "record what is played as a film; again: stop and save", {"v": "record"}),
    ("L", "copy a link to this picture", {"l": "copy-link"}),
    ("P", "pin the focused panel at this epoch", {"p": "pin"}),
    ("D", "dark or light", {"d": "theme"}),
    ("R", "colour range of the run or of the epoch", {"r": "range"}),
    ("/", "search the runs", {"/": "search"}),
    ("?", "this list", {"?": "keys"}),
)
"""Every shortcut: how it is written, what it does, its keys by the browser's names."""

RANGE_BUTTON = "this epoch's range"

RANGE_HINTS: dict[bool, str] = {
    False: "On the range of the whole run this epoch looks nearly flat. Press to "
    "give all panels the range of the epoch shown (R).",
    True: "Colours and lengths span the epoch shown. Press to go back to the range of "
    "the whole run (R).",
}
"""What the button does that chooses between two ranges, by whether it is pressed."""

GUIDE_PARTS: dict[str, str] = {
    "what": "Shows",
    "before": "Before",
    "after": "After",
    "normal": "Normal",
    "wrong": "Wrong",
    "reference": "Source",
}
"""Parts of a guide beside its formula, in the order in which they are read."""
