"""Fewer points of a long series without losing its extremes."""

import numpy as np
from jaxtyping import Float, Int, Num


def thin_extremes(
    values: Float[np.ndarray, " n"], most: int
) -> Int[np.ndarray, " kept"]:
    """Choose places of a series such that no spike and no dip is lost.

    Parameters
    ----------
    values
        The series; NaN is skipped unless a whole stretch is NaN.
    most
        Largest number of places, at least 2.

    Returns
    -------
    Int[np.ndarray, "kept"]
        Ascending places: of every stretch of equal length its smallest and its largest
        value. All places if there are no more than ``most``.
    """
    n = len(values)
    if n <= most:
        return np.arange(n)
    edges = np.linspace(0, n, most // 2 + 1).astype(np.int64)
    starts = edges[:-1]
    lengths = np.diff(edges)
    width = int(lengths.max())
    offsets = np.minimum(np.arange(width), lengths[:, None] - 1)
    table = values[starts[:, None] + offsets]
    low = np.where(np.isnan(table), np.inf, table).argmin(axis=1)
    high = np.where(np.isnan(table), -np.inf, table).argmax(axis=1)
    picked = np.concatenate([starts + low, starts + high])
    return np.unique(picked)


def slingshots(
    steps: Num[np.ndarray, " n"],
    loss: Float[np.ndarray, " n"],
    factor: float = 10.0,
    window: int = 200,
) -> Float[np.ndarray, " events"]:
    """Find where a training loss jumps far above what it had just reached.

    An event starts at the first update whose loss is more than ``factor`` times the
    smallest of the ``window`` updates before it; further ones within ``window`` updates
    belong to the same event (cf. Thilak et al. 2022, the slingshot mechanism).

    Returns
    -------
    Float[np.ndarray, "events"]
        The steps at which events start.
    """
    n = len(loss)
    if n < 2:
        return np.empty(0)
    filled = np.where(np.isfinite(loss), loss, np.inf)
    padded = np.concatenate([np.full(window, np.inf), filled[:-1]])
    before = np.lib.stride_tricks.sliding_window_view(padded, window).min(axis=1)
    high = np.flatnonzero(np.isfinite(filled) & (filled > factor * before))
    if not len(high):
        return np.empty(0)
    first = np.concatenate([[True], np.diff(high) > window])
    return steps[high[first]].astype(np.float64)
