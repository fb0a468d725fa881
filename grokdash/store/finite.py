"""Where the numbers of a diverged run end."""

import numpy as np
from jaxtyping import Int

from grokdash.store.reader import Run

_SIGNS = ("loss/train", "loss/test", "logits/energy")
"""What is no number any more once losses or logits have grown beyond all bounds."""


def finite_steps(run: Run) -> Int[np.ndarray, " C"]:
    """Give the checkpoints of a run; of a diverged one those before its numbers end.

    What comes after the last checkpoint with finite losses and logits says nothing of
    the network. The first checkpoint always counts.
    """
    if run.status.state != "diverged" or not len(run.steps):
        return run.steps
    signs = [run.series(name) for name in _SIGNS if name in run.measure_names]
    table = np.array(signs).reshape(len(signs), len(run.steps))
    finite = np.asarray(np.isfinite(table).all(axis=0))
    finite[0] = True
    return run.steps[: np.flatnonzero(finite)[-1] + 1]
