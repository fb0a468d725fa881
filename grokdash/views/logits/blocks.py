"""Measuring every pair by its logits, in pieces where all at once would be too many."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Shaped

from grokdash.analysis import needs
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
    config = snapshot.run.config
    if needs.logits_bytes(config) <= needs.at_once(snapshot.run.most_bytes):
        return measure(snapshot.logits, slice(None))
    blocks = needs.logit_blocks(snapshot.params(), config, needs.BLOCK_BYTES)
    return np.concatenate([measure(block, rows) for rows, block in blocks])
