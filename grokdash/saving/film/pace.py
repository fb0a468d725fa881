"""Which epochs the pictures of a film show: slow where the curves move."""

from typing import Literal

import numpy as np
from jaxtyping import Float, Int

from grokdash.snapshot import RunView

Pace = Literal["loss", "epochs"]

PACES: dict[Pace, str] = {
    "loss": "half by how far loss and accuracy move, half by epochs",
    "epochs": "even in epochs",
}
"""The ways to spend the time of a film; the first is the default."""

LEAST_LOSS = 1e-4
"""Nats below which a loss counts as nothing: what is lower is the noise of Adam."""

HOLD = 0.05
"""Share of a film during which its last epoch stays."""

_SMOOTHED = 60
"""A curve is averaged over this part of its length, so that spikes take no time."""


def curves_of(run: RunView) -> Float[np.ndarray, "n C"]:
    """Give what sets the pace: logarithms of the losses, and the accuracies."""
    losses = [run.series(f"loss/{split}") for split in ("train", "test")]
    rates = [run.series(f"accuracy/{split}") for split in ("train", "test")]
    logs = [np.log(np.maximum(np.asarray(one, float), LEAST_LOSS)) for one in losses]
    return np.stack([*logs, *(np.asarray(one, float) for one in rates)])


def spend(
    curves: Float[np.ndarray, "n C"],
    positions: Float[np.ndarray, " C"],
    count: int,
    pace: Pace,
) -> Int[np.ndarray, " count"]:
    """Choose the place that every picture shows.

    Parameters
    ----------
    curves
        What moves, at each of the places; each counts by its own range.
    positions
        Of the places on the axis of the film, ascending: their epochs.
    count
        Number of pictures.
    pace
        How the time is spent.

    Returns
    -------
    places
        Indices of places, ascending from the first to the last, which stays for the
        share :data:`HOLD`. A place comes several times where there are fewer of them
        than pictures.
    """
    last = len(positions) - 1
    held = round(count * HOLD)
    moving = max(count - held, 1)
    if last < 1:
        return np.zeros(count, int)
    gone = _shares(np.diff(positions))
    if pace == "loss":
        gone = (gone + _shares(_lengths(curves))) / 2
    wanted = np.linspace(0, 1, moving)
    right = np.clip(np.searchsorted(gone, wanted), 1, last)
    nearer_left = wanted - gone[right - 1] <= gone[right] - wanted
    found = np.where(nearer_left, right - 1, right)
    return np.concatenate([found, np.full(count - moving, last)])


def _lengths(curves: Float[np.ndarray, "n C"]) -> Float[np.ndarray, " C-1"]:
    """Measure how far the curves go from each place to the next."""
    size = max(1, curves.shape[1] // _SMOOTHED)
    smooth = np.stack([_average(one, size) for one in curves])
    low, high = smooth.min(axis=1), smooth.max(axis=1)
    span = np.where(high > low, high - low, 1)
    return np.sqrt((np.diff(smooth / span[:, None], axis=1) ** 2).sum(axis=0))


def _average(curve: Float[np.ndarray, " C"], size: int) -> Float[np.ndarray, " C"]:
    padded = np.pad(curve, (size // 2, size - 1 - size // 2), mode="edge")
    return np.convolve(padded, np.full(size, 1 / size), mode="valid")


def _shares(lengths: Float[np.ndarray, " D"]) -> Float[np.ndarray, " D+1"]:
    """Give how much has gone at each place, from 0 to 1."""
    total = lengths.sum()
    even = lengths if total > 0 else np.ones_like(lengths)
    return np.concatenate([[0.0], np.cumsum(even) / even.sum()])
