"""The logits in parts: all, what the key frequencies carry, and what is left.

*Restricted* keeps the mean over pairs and the key frequencies' waves in the answer s;
*excluded* is all but those waves. Logits here are class-centred (a softmax does not see
their mean over classes), so that the parts of different pairs can be compared.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from grokdash.analysis import variation
from grokdash.analysis.fibres import Fibres
from grokdash.analysis.forward import Params, forward, unembedding
from grokdash.analysis.logits import band
from grokdash.analysis.losses import margin_rows
from grokdash.analysis.progress import pair_mean
from grokdash.config import RunConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Waves:
    """What a key set takes from the fibre means, as tables over (s, class), centred.

    ``kept``: the key frequencies' waves ``[q, q]``; ``mean``: mean logits ``[q]``.
    """

    kept: Float[np.ndarray, "q q"]
    mean: Float[np.ndarray, " q"]

    @property
    def restricted(self) -> Float[np.ndarray, "q q"]:
        """The restricted logits of a pair with answer s."""
        return self.mean + self.kept


def waves(
    M: Float[np.ndarray, "q q"], counts: Int[np.ndarray, "q 2"], keys: tuple[int, ...]
) -> Waves:
    """Split fibre means into the key frequencies' waves and the mean over pairs.

    Parameters
    ----------
    M
        Mean logits of the pairs with answer s (rows), of any gauge.
    counts
        Training and test pairs per answer.
    keys
        Key frequencies; none leaves the mean only.
    """
    centred = M.astype(np.float64)
    centred -= centred.mean(axis=1, keepdims=True)
    return Waves(kept=band(centred, keys), mean=pair_mean(centred, counts))


def centred_rows(
    logits: Float[np.ndarray, "p p p"], fibres: Fibres
) -> Float[np.ndarray, "n q"]:
    """Give the grouped pairs' logits, the mean over classes subtracted."""
    rows = fibres.gather(logits)
    return rows - rows.mean(axis=1, keepdims=True)


def class_parts(
    logits: Float[np.ndarray, "p p p"],
    fibres: Fibres,
    keys: tuple[int, ...],
    c: int,
) -> Float[np.ndarray, "3 p p"]:
    """Give one class's logit for every pair: full, restricted, excluded.

    NaN for pairs outside the frame, and everywhere for a class outside it (0 in a
    multiplicative one).
    """
    place = np.flatnonzero(fibres.class_order == c)
    if not len(place):
        return np.full((3, len(logits), len(logits)), np.nan, dtype=np.float32)
    rows = centred_rows(logits, fibres)
    found = waves(fibres.mean_of_rows(rows), fibres.counts, keys)
    return split_class(rows[:, place[0]], found, fibres, int(place[0]), len(logits))


def split_class(
    full: Float[np.ndarray, " n"], found: Waves, fibres: Fibres, place: int, p: int
) -> Float[np.ndarray, "3 p p"]:
    """Split the centred logit of the class at one place, of the grouped pairs."""
    parts = np.full((3, p * p), np.nan, dtype=np.float32)
    kept = found.kept[fibres.label, place]
    parts[:, fibres.order] = full, kept + found.mean[place], full - kept
    return parts.reshape(3, p, p)


def excluded_margin(
    logits: Float[np.ndarray, "p p p"], fibres: Fibres, keys: tuple[int, ...]
) -> Float[np.ndarray, "p p"]:
    """Give the right answer's lead over the best wrong one without the key waves.

    What a network still knows of a pair when its trigonometric circuit is removed:
    after memorising, its training pairs; NaN for pairs outside the frame.
    """
    p = len(logits)
    rows = centred_rows(logits, fibres)
    kept = band(fibres.mean_of_rows(rows), keys)
    grid = np.full(p * p, np.nan)
    grid[fibres.order] = margin_rows(rows - kept[fibres.label], fibres.label)
    return grid.reshape(p, p)


def pair_logits(
    params: Params, config: RunConfig, a: int, b: int
) -> Float[np.ndarray, " p"]:
    """Give the logits of one pair, from a forward pass on its two operands alone."""
    W_E = params["W_E"]
    few = {**params, "W_E": W_E[[a, b, config.p]]}
    post = forward(few, config.model_copy(update={"p": 2})).resid_post[-1][0, 1]
    found = post @ unembedding(params, config)
    return found + params["b_U"][: config.p] if config.unembedding_bias else found


@dataclass(frozen=True, slots=True, kw_only=True)
class SumDifference:
    """How much of a grid's variance its sum and its difference explain, as fractions.

    ``sums``, ``differences``: variance of the mean at each i + j, and at each i − j.
    ``both``: variance of the mean of each parity of i + j, which for an even q is that
    of i − j too and is part of both; 0 for an odd q, where the two share nothing.
    NaN for a grid that does not vary.
    """

    sums: float
    differences: float
    both: float


def sum_difference_shares(grid: Float[np.ndarray, "q q"]) -> SumDifference:
    """Split the variance of a canonical grid over (i, j) by sum and by difference."""
    q = len(grid)
    i, j = np.indices((q, q))
    total = variation.variance(grid)

    def explained(label: np.ndarray) -> float:
        if not total > 0:
            return float("nan")
        count = np.bincount(label.ravel())
        means = np.bincount(label.ravel(), weights=grid.ravel()) / count
        return float(count @ np.square(means - grid.mean())) / (q * q * total)

    return SumDifference(
        sums=explained((i + j) % q),
        differences=explained((i - j) % q),
        both=explained((i + j) % 2) if q % 2 == 0 else 0.0,
    )


def sum_difference_table(grid: Float[np.ndarray, "q q"]) -> Float[np.ndarray, "q q"]:
    """Read a canonical grid over (i, j) by sum s (rows) and difference t (columns).

    For odd q every cell is one pair. For even q a cell whose s and t differ in parity
    is NaN, and the others are the mean of two pairs.
    """
    q = len(grid)
    i, j = np.indices((q, q))
    cell = (i + j) % q * q + (i - j) % q
    count = np.bincount(cell.ravel(), minlength=q * q)
    total = np.bincount(cell.ravel(), weights=grid.ravel(), minlength=q * q)
    with np.errstate(invalid="ignore"):
        return np.where(count > 0, total / count, np.nan).reshape(q, q)
