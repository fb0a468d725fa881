"""Cross-entropy, margins and accuracies per pair, in nats and float64.

A loss near zero keeps its digits: it is log1p of Σ exp(z_c − z_y) over the wrong
classes c, never the difference of two large numbers.
"""

import numpy as np
from jaxtyping import Bool, Float, Int

from grokdash.operations import UNDEFINED

SPLITS = ("train", "test", "all")
"""Order of the last axis of every ``[…, 3]`` result."""

_ROWS = 512
"""Rows that are widened to float64 at a time: they stay in the processor's cache."""


SUM_BOUND = 75.0
"""Logarithm up to which eight numbers, summed over 10⁵ classes, can be multiplied."""


def cross_entropy(
    z: Float[np.ndarray, "n classes"], answer: Int[np.ndarray, " n"]
) -> Float[np.ndarray, " n"]:
    """Give −log softmax(z)[answer] of every row, in nats."""
    found = np.empty(len(z))
    for start in range(0, len(z), _ROWS):
        part = slice(start, start + _ROWS)
        gaps, right = z[part].astype(np.float64), answer[part]
        rows = np.arange(len(gaps))
        gaps -= gaps[rows, right][:, None]
        gaps[rows, right] = -np.inf
        found[part] = from_gaps(gaps)
    return found


def from_gaps(gaps: Float[np.ndarray, "*rows classes"]) -> Float[np.ndarray, "*rows"]:
    """Give log(1 + Σ exp(gap)); gaps are z_c − z_y, −∞ at the right class."""
    shift = gaps.max(axis=-1, initial=0.0)
    total = np.exp(gaps - shift[..., None]).sum(axis=-1)
    return log_sum(total, shift)


def log_sum(
    total: Float[np.ndarray, "*rows"], shift: Float[np.ndarray, "*#rows"]
) -> Float[np.ndarray, "*rows"]:
    """Give log(1 + e^shift · total) for shift ≥ 0 without overflow."""
    far = np.broadcast_to(shift > 0, total.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.log1p(total, where=~far, out=np.empty_like(total))
        np.log(np.exp(-shift) + total, where=far, out=found)
        return np.add(found, shift, where=far, out=found)


def sum_log1p(t: Float[np.ndarray, "n r"]) -> Float[np.ndarray, " r"]:
    """Give Σ log(1 + t) over the first axis, for 0 ≤ t below e^SUM_BOUND times q.

    (1 + s)(1 + t) − 1 = s + t + st keeps the digits of small numbers, so eight
    logarithms are taken as one.
    """
    eighth = len(t) // 8
    product, half = t[: 8 * eighth], 4 * eighth
    while half >= max(eighth, 1):
        one, two = product[:half], product[half:]
        product = one * two
        product += one
        product += two
        half //= 2
    rest = np.log1p(t[8 * eighth :]).sum(axis=0)
    return np.log1p(product).sum(axis=0) + rest


def loss_grid(
    logits: Float[np.ndarray, "p p p"], table: Int[np.ndarray, "p p"]
) -> Float[np.ndarray, "p p"]:
    """Give the loss of every pair in nats; NaN where the pair has no answer."""
    return _on_defined(logits, table, cross_entropy)


def correct_logit_grid(
    logits: Float[np.ndarray, "p p p"], table: Int[np.ndarray, "p p"]
) -> Float[np.ndarray, "p p"]:
    """Give the right answer's logit above the pair's mean logit; NaN if undefined.

    The mean over classes is subtracted because a softmax does not see it.
    """
    return _on_defined(
        logits, table, lambda z, y: z[np.arange(len(z)), y] - z.mean(axis=1)
    )


def margin_grid(
    logits: Float[np.ndarray, "a b p"], table: Int[np.ndarray, "a b"]
) -> Float[np.ndarray, "a b"]:
    """Give the right answer's logit minus the best wrong one; NaN if undefined.

    Positive exactly where the network is right. Infinite if there is one class only.
    """
    return _on_defined(logits, table, margin_rows)


def margin_rows(
    z: Float[np.ndarray, "n classes"], answer: Int[np.ndarray, " n"]
) -> Float[np.ndarray, " n"]:
    """Give z[answer] minus the largest other entry, row by row."""
    rows = np.arange(len(z))
    right = z[rows, answer]
    others = z.copy()
    others[rows, answer] = -np.inf
    return right - others.max(axis=1)


def _on_defined(logits: np.ndarray, table: np.ndarray, measure) -> np.ndarray:  # noqa: ANN001 a local callable
    defined = table != UNDEFINED
    grid = np.full(table.shape, np.nan)
    z = logits.reshape(-1, logits.shape[-1])
    if defined.all():
        grid[defined] = measure(z, table.ravel())
    else:
        grid[defined] = measure(z[defined.ravel()], table[defined])
    return grid


def correct_grid(
    logits: Float[np.ndarray, "a b p"], table: Int[np.ndarray, "a b"]
) -> Bool[np.ndarray, "a b"]:
    """Say where the largest logit is the answer's; False where undefined."""
    return logits.argmax(axis=-1) == table


def split_means(
    values: Float[np.ndarray, " n *rest"], train: Bool[np.ndarray, " n"]
) -> Float[np.ndarray, "*rest 3"]:
    """Average over training, test and all pairs; NaN for an empty part.

    The parts are on the last axis in the order of :data:`SPLITS`.
    """
    weights = np.stack([train, ~train, np.ones_like(train)]).astype(np.float64)
    return weighted_means(values, weights.T)


def weighted_means(
    values: Float[np.ndarray, " n *rest"], weights: Float[np.ndarray, "n 3"]
) -> Float[np.ndarray, "*rest 3"]:
    """Average over the first axis with one column of weights per part."""
    sums = np.moveaxis(np.tensordot(weights, values, axes=(0, 0)), 0, -1)
    total = weights.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return sums / total


def grid_means(
    grid: Float[np.ndarray, "p p"],
    table: Int[np.ndarray, "p p"],
    train_mask: Bool[np.ndarray, "p p"],
) -> Float[np.ndarray, " 3"]:
    """Average a grid over training, test and all defined pairs."""
    defined = table != UNDEFINED
    return split_means(grid[defined], train_mask[defined])
