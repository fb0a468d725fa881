"""Is a run of a batch the same to the bit in a batch of another size?

    python benchmarks/batch_bits.py [steps]

A member of a batch may be tried again in a smaller batch or alone, after its process
was killed. One run is trained for so many updates (200 by default) alone, in a batch of
one, and in batches of two to ten with other seeds, for networks of several shapes on
one thread. Printed: for each size the update after which its weights first differ from
those in the batch of ten, and by how much at last: the largest difference of a weight,
relative to the largest weight.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import sys
from typing import Any

import numpy as np
import torch

from grokdash.config import RunConfig, make_config
from grokdash.store import shuffled_pairs
from grokdash.training.process import set_threads
from grokdash.training.steppers import Stepper, alone, batched

SHAPES: dict[str, dict[str, Any]] = {
    "p = 11, d_mlp 24": {"p": 11, "d_model": 16, "d_mlp": 24, "n_heads": 2},
    "p = 23, d_mlp 64": {"p": 23, "d_model": 32, "d_mlp": 64},
    "p = 31, d_mlp 128": {"p": 31, "d_model": 64, "d_mlp": 128},
    "p = 31, two layers": {"p": 31, "d_model": 64, "d_mlp": 128, "n_layers": 2},
    "p = 59, quick": {},
}
SIZES = (1, 2, 3, 4, 5, 7, 10)
CPU = torch.device("cpu")


def stepper(fields: dict[str, Any], size: int) -> Stepper:
    """Make a run alone (size 0), or the first of a batch of so many."""
    configs = [
        make_config("quick", fields, {"seed": seed, "split_seed": seed})
        for seed in range(max(size, 1))
    ]
    pairs = [_pairs(config) for config in configs]
    if size == 0:
        return alone(configs[0], pairs[0], CPU)
    return batched(configs, pairs, CPU)


def _pairs(config: RunConfig) -> np.ndarray:
    return shuffled_pairs(config)[: config.n_train]


def weights(one: Stepper) -> np.ndarray:
    """Give all weights of the first run as one row."""
    params = one.copy_params()[0]
    return np.concatenate([params[name].ravel() for name in sorted(params)])


def compare(fields: dict[str, Any], size: int, steps: int) -> tuple[int | None, float]:
    """Give after which update the weights first differ, and by how much at last."""
    ours, theirs = stepper(fields, size), stepper(fields, SIZES[-1])
    first = None
    for step in range(1, steps + 1):
        ours.update()
        theirs.update()
        if first is None and not np.array_equal(weights(ours), weights(theirs)):
            first = step
    a, b = weights(ours), weights(theirs)
    return first, float(np.abs(a - b).max() / np.abs(b).max())


def main() -> None:
    """Print the table."""
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    set_threads(1, {}, 1)
    print(f"{steps} updates against the same run in a batch of {SIZES[-1]}")
    for name, fields in SHAPES.items():
        for size in (0, *SIZES):
            first, last = compare(fields, size, steps)
            told = f"differs from update {first}, by {last:.1e}" if first else "equal"
            what = f"batch of {size}" if size else "alone"
            print(f"{name:20} {what:12} {told}", flush=True)


if __name__ == "__main__":
    main()
