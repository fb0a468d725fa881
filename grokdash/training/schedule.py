"""Which steps are stored, and which of them with activation grids."""

import numpy as np
from jaxtyping import Int

from grokdash.config import RunConfig


def checkpoint_steps(config: RunConfig) -> Int[np.ndarray, " C"]:
    """List the checkpoints: a dense start, then a fixed pace; always first and last."""
    dense_end = min(config.dense_until, config.epochs)
    dense = np.arange(0, dense_end + 1, config.dense_every)
    every = np.arange(0, config.epochs + 1, config.checkpoint_every)
    sparse = every[every >= dense_end]
    ends = [0, config.epochs]
    return np.unique(np.concatenate([ends, dense, sparse])).astype(np.int64)


def grid_steps(steps: Int[np.ndarray, " C"], count: int) -> Int[np.ndarray, " G"]:
    """Choose ``count`` checkpoints, evenly by index, first and last among them.

    Where a run will change is unknown in advance; even spacing by index follows the
    schedule, which is denser where most runs memorise.
    """
    if count <= 0:
        return steps[:0]
    if count == 1:
        return steps[-1:]
    positions = np.linspace(0, len(steps) - 1, min(count, len(steps)))
    return steps[np.unique(np.rint(positions).astype(int))]
