"""One timeline for several runs: which checkpoint of each belongs to one place on it.

A place is a coordinate that all runs share: the epoch, the fraction of training, or the
epoch in units of each run's own grok epoch. A column may also be pinned to one epoch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int

from grokdash.snapshot import RunView

Align = Literal["epoch", "fraction", "grok"]

ALIGNMENTS: dict[Align, str] = {
    "epoch": "epoch",
    "fraction": "fraction of training",
    "grok": "grok time",
}
"""The ways to align runs, and their names; the first is the default."""

AXES: dict[str, str] = {
    "epoch": "epoch",
    "fraction": "share of training (%)",
    "grok": "epoch / grok epoch of the run",
}
"""Title of the x axis of curves over all of training, by alignment."""

MOST_PLACES = 1200
"""A slider cannot be set more finely than this."""

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One run of a comparison; ``pin`` is the epoch it stays at, None if it moves."""

    run: RunView
    pin: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Places ascending, and for each column the index of its checkpoint at each place.

    ``scales[i]`` turns epochs of column i into coordinates: coordinate = epoch × scale.
    """

    align: Align
    coordinates: Float[np.ndarray, " N"]
    indices: tuple[Int[np.ndarray, " N"], ...]
    scales: tuple[float, ...]
    notices: tuple[str, ...]


def letter_of(index: int) -> str:
    """Name the columns A, B, C, …."""
    return chr(ord("A") + index)


def make_timeline(
    columns: Sequence[Column], align: Align, kept: Sequence[Sequence[int]] | None = None
) -> Timeline:
    """Align the checkpoints of several runs.

    A run without a grok epoch cannot be aligned by it: it borrows the first one of the
    others, and if there is none all runs are aligned by epoch; the notices say so.

    Parameters
    ----------
    columns, align
        The runs, and how they are aligned.
    kept
        Epochs of each column that can be shown; all of its checkpoints if not given.
    """
    how, scales, notices = _scales(columns, align)
    every = [np.asarray(one) for one in kept or [one.run.steps for one in columns]]
    coordinates = _places(columns, every, scales)
    indices = tuple(
        _indices(column, steps, scale, coordinates)
        for column, steps, scale in zip(columns, every, scales, strict=True)
    )
    return Timeline(
        align=how,
        coordinates=coordinates,
        indices=indices,
        scales=scales,
        notices=tuple(notices),
    )


def _scales(
    columns: Sequence[Column], align: Align
) -> tuple[Align, tuple[float, ...], list[str]]:
    if align == "fraction":
        lengths = [max(one.run.config.epochs, one.run.last, 1) for one in columns]
        return align, tuple(100.0 / length for length in lengths), []
    if align == "epoch":
        return align, (1.0,) * len(columns), []
    return _grok_scales(columns)


def _grok_scales(
    columns: Sequence[Column],
) -> tuple[Align, tuple[float, ...], list[str]]:
    epochs = [one.run.grok().until for one in columns]
    known = [epoch for epoch in epochs if epoch]
    if not known:
        text = "None of these runs has grokked: they are aligned by epoch."
        return "epoch", (1.0,) * len(columns), [text]
    notices = [
        f"{letter_of(i)} has not grokked, so its epochs are divided by "
        f"{known[0]:,}, the grok epoch of another run."
        for i, epoch in enumerate(epochs)
        if not epoch
    ]
    return "grok", tuple(1.0 / (epoch or known[0]) for epoch in epochs), notices


def _places(
    columns: Sequence[Column], every: Sequence[np.ndarray], scales: Sequence[float]
) -> Float[np.ndarray, " N"]:
    moving = [
        steps * scale
        for column, steps, scale in zip(columns, every, scales, strict=True)
        if column.pin is None
    ]
    if not moving:
        return np.zeros(1)
    places = np.unique(np.concatenate(moving).round(9))
    if len(places) <= MOST_PLACES:
        return places.astype(float)
    kept = np.linspace(0, len(places) - 1, MOST_PLACES).round().astype(int)
    return places[kept].astype(float)


def _indices(
    column: Column,
    steps: Int[np.ndarray, " C"],
    scale: float,
    places: Float[np.ndarray, " N"],
) -> Int[np.ndarray, " N"]:
    """Find for every place the nearest checkpoint of a column; the earlier wins."""
    if column.pin is not None:
        return np.full(len(places), int(np.argmin(np.abs(steps - column.pin))))
    own = steps * scale
    right = np.clip(np.searchsorted(own, places), 0, len(own) - 1)
    left = np.maximum(right - 1, 0)
    return np.where(places - own[left] <= own[right] - places + _ROUNDING, left, right)
