"""The codes that Python and the browser compare; what a reader sees is in ``words``."""

from typing import Literal

from grokdash.store.values import State

RowState = Literal[State, "starting", "failed"]
"""How a row of the list is doing: a run, or a start that is no run yet."""

RunOutcome = Literal[
    "generalises",
    "memorises only",
    "neither",
    "collapses",
    "not yet",
    "unknown",
    "diverged",
    "broken",
]
"""What came of a run, as far as the list knows it without its curves."""

NumberField = Literal["k", "layer", "h", "n", "a", "b", "c", "s", "ref"]
"""A field of the selection that is a whole number within limits."""

WordField = Literal["norm", "x", "y", "basis", "colour", "order", "matrix"]
"""A field of the selection that is one of a few words."""

SelectionField = Literal[NumberField, WordField, "keys"]
"""Any field of the selection."""

ViewField = Literal[SelectionField, "step"]
"""What the arrays of a view may depend on."""

Norm = Literal["run", "epoch"]
"""Whether ranges are locked over the run or follow the epoch."""

Cost = Literal["stored", "light", "heavy"]
"""What the arrays of a view cost: read, milliseconds, a pass over all pairs."""

PickPlace = Literal["x", "y", "point", "customdata"]
"""Which part of a clicked point selects something."""

DataKind = Literal["csv", "npy", "json"]
"""Formats of the numbers behind a panel."""

CompareMode = Literal["side", "overlay", "difference"]
"""How the pictures of several runs stand to each other."""

CompareRanges = Literal["own", "shared"]
"""Whether the same panel of several runs has the range of each run or of all."""

FieldKind = Literal["choice", "boolean", "integer", "number", "string"]
"""What a field of the form takes."""

Facet = Literal["operation", "p", "state", "outcome", "tag"]
"""By what the list of runs is filtered; also its name in the address."""

Action = Literal[
    "play",
    "first",
    "last",
    "previous",
    "next",
    "previous-10",
    "next-10",
    "slower",
    "faster",
    "loop",
    "follow",
    "grok",
    "previous-k",
    "next-k",
    "range",
    "copy-link",
    "export-all",
    "record",
    "arrange",
    "pin",
    "full",
    "help",
    "menu",
    "save",
    "theme",
    "keys",
]
"""What a button does, as its ``data-act`` says."""

KeyAction = Literal[
    Action,
    "search",
    "previous-run",
    "next-run",
    "focus-panel",
    "previous-step",
    "next-step",
]
"""What a key does: what a button does, and what needs no button."""

PanelAction = Literal["help", "pin", "full", "menu"]
"""What the buttons of a panel do."""

MenuItem = Literal[
    "png-2",
    "png-4",
    "svg",
    "pdf",
    "csv",
    "npy",
    "json",
    "table",
    "stored",
    "copy-picture",
    "copy-link",
    "report",
    "full",
]
"""What the menu of a panel offers."""
