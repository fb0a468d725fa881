"""How much memory the arrays behind a picture take, before any of them is made.

Counted are the arrays over all p² pairs that are held at the same time.
"""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float

from grokdash.analysis.forward import Params, hidden, logits
from grokdash.config import RunConfig

AT_ONCE_BYTES = 400_000_000
"""Logits that need no more are computed once, for every view that reads them."""
BLOCK_BYTES = 128_000_000
"""About what the logits of one piece take, where all at once would be too many."""
PIECES = 4
"""Such pieces that a view holds at a time: the logits, and changed in float64."""
_FLOAT32 = 4
_LOGIT_COPIES = 4
"""The logits: kept, grouped by answer, centred, and changed once more."""
_NEURON_COPIES = 4
"""The neurons of a block: before the activation, kept, in order, and transformed."""


def at_once(most: int | None) -> int:
    """Give what logits of all pairs may take before they are made in pieces."""
    return AT_ONCE_BYTES if most is None else min(AT_ONCE_BYTES, most)


def taken_by_pieces(most: int | None) -> int:
    """Estimate the bytes of a computation in pieces; no more than it may take."""
    needed = PIECES * BLOCK_BYTES
    return needed if most is None else min(needed, most)


def logits_bytes(config: RunConfig) -> int:
    """Estimate the bytes of a computation that holds the logits of all pairs."""
    return _FLOAT32 * (config.p * row_numbers(config) + _LOGIT_COPIES * config.p**3)


def neurons_bytes(config: RunConfig) -> int:
    """Estimate the bytes of a computation that holds a block's neurons on all pairs."""
    kept = _NEURON_COPIES * config.p**2 * config.d_mlp
    return _FLOAT32 * (config.p * row_numbers(config) + kept)


def pattern_bytes(config: RunConfig, layer: int) -> int:
    """Estimate the bytes of a computation that holds a block's attention patterns."""
    kept = 9 * config.p**2 * config.n_heads
    return _FLOAT32 * (kept + (config.p * row_numbers(config) if layer else 0))


def logit_blocks(
    params: Params, config: RunConfig, most_bytes: int
) -> Iterator[tuple[slice, Float[np.ndarray, "a p p"]]]:
    """Give the logits of a few first operands after the other, with which they are.

    Parameters
    ----------
    params, config
        As for :func:`forward`.
    most_bytes
        About what the arrays of one block may take together; one row at least.
    """
    step = max(1, most_bytes // (row_numbers(config) * np.float32().itemsize))
    for first in range(0, config.p, step):
        rows = slice(first, min(first + step, config.p))
        yield rows, logits(params, config, rows=rows)


def neuron_blocks(
    params: Params, config: RunConfig, layer: int, most_bytes: int
) -> Iterator[tuple[slice, Float[np.ndarray, "p p n"]]]:
    """Give a block's activations of a few neurons after the other, and which they are.

    Parameters
    ----------
    params, config, layer
        As for :func:`~grokdash.analysis.forward.hidden`.
    most_bytes
        About what the arrays of some neurons may take together; one at least.
    """
    names = [f"blocks/{layer}/{name}" for name in ("W_in", "b_in")]
    pairs = _FLOAT32 * config.p**2
    count = max(1, most_bytes // (_NEURON_COPIES * pairs))
    step = max(1, most_bytes // (row_numbers(config) * _FLOAT32))
    for first in range(0, config.d_mlp, count):
        some = slice(first, min(first + count, config.d_mlp))
        few = {**params, **{name: params[name][..., some] for name in names}}
        grid = np.empty((config.p, config.p, some.stop - first), dtype=np.float32)
        for row in range(0, config.p, step):
            rows = slice(row, min(row + step, config.p))
            grid[rows] = hidden(few, config, layer, rows=rows)
        yield some, grid


def row_numbers(config: RunConfig) -> int:
    """Count the numbers that a forward pass holds at a time for one first operand.

    The neurons before and after the activation, the residual stream and what attention
    and the output add to it, the patterns, the logits; below the last block at every
    position.
    """
    positions = 1 if config.n_layers == 1 else 3
    widths = 2 * config.d_mlp + 4 * config.d_model + 9 * config.n_heads
    return config.p * (positions * widths + 2 * config.p)
