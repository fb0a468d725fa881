"""Measuring every pair by its logits, in pieces where all at once would be too many."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Shaped

from grokdash.analysis import needs
from grokdash.snapshot import Snapshot

_AT_ONCE_BYTES = 400_000_000
"""Logits that need no more are computed once, for every view that reads them."""
_BLOCK_BYTES = 128_000_000


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
    if needs.logits_bytes(config) <= _AT_ONCE_BYTES:
        return measure(snapshot.logits, slice(None))
    blocks = needs.logit_blocks(snapshot.params(), config, _BLOCK_BYTES)
    return np.concatenate([measure(block, rows) for rows, block in blocks])
