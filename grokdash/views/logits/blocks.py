"""Measuring every pair by its logits, in pieces where all at once would be too many."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Shaped

from grokdash.snapshot import Snapshot


def grid_of_logits(
    snapshot: Snapshot, measure: Callable[[np.ndarray, slice], np.ndarray]
) -> Shaped[np.ndarray, "p p"]:
    """Measure every pair by its own logits.

    Parameters
    ----------
    snapshot
        Where.
    measure
        Makes ``[a, p]`` of the logits ``[a, p, p]`` of some first operands, and which
        they are.
    """
    if snapshot.fits:
        return measure(snapshot.logits, slice(None))
    found = [measure(block, rows) for rows, block in snapshot.logit_blocks()]
    return np.concatenate(found)
