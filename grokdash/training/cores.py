"""How many cores a network keeps busy. Knows nothing of torch, as forecasts do not."""

import os

from grokdash.config import RunConfig

_WORTH_TWO_THREADS = 600_000
"""Training pairs times neurons from which a second thread gains more than it waits."""


def default_threads(config: RunConfig) -> int:
    """Give two threads to a network that keeps them busy, one to a small one."""
    small = config.n_train * config.d_mlp * config.n_layers < _WORTH_TWO_THREADS
    return 1 if small else min(2, os.cpu_count() or 1)
