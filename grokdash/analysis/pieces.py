"""Measures of the logits of all pairs, from a few first operands at a time.

The logits of all pairs are p³ numbers; what the key frequencies are counted from is
p² of them and one energy, which add up row by row. What is said of every pair once its
answer's means are known is made in a second pass over the rows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy import sparse

from grokdash.analysis import cross_split, losses, parts, progress, variation
from grokdash.analysis.fibres import Fibres
from grokdash.analysis.logits import band, gauge_fix

Block = tuple[slice, Float[np.ndarray, "a p p"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogitMeans:
    """What measures of waves in the answer need of the logits.

    ``M``, ``M_unseen`` ``[q, q]``: mean over all pairs of an answer, and over those
    unseen (NaN without any), classes in the order of the frame. ``energy``: sum of
    squares of the gauge-fixed logits.
    """

    M: Float[np.ndarray, "q q"]
    M_unseen: Float[np.ndarray, "q q"]
    energy: float


def means_of_all(logits: Float[np.ndarray, "p p p"], fibres: Fibres) -> LogitMeans:
    """Take the means from the logits of all pairs at once."""
    rows = fibres.gather(logits)
    return LogitMeans(
        M=fibres.mean_of_rows(rows),
        M_unseen=cross_split.unseen_means(rows, fibres),
        energy=float(np.square(gauge_fix(rows), dtype=np.float64).sum()),
    )


def means_of_blocks(blocks: Iterable[Block], fibres: Fibres, p: int) -> LogitMeans:
    """Take the means from blocks of first operands that come one after the other.

    Equal to :func:`means_of_all` up to the rounding of float32: sums are in float64.
    """
    q, sizes = fibres.q, fibres.sizes
    total, unseen, squares = np.zeros((q, q)), np.zeros((q, q)), 0.0
    answer, is_seen = _by_pair(fibres, p)
    for rows, block in blocks:
        pairs = slice(rows.start * p, rows.stop * p)
        counted = np.flatnonzero(answer[pairs] >= 0)
        values = block.reshape(-1, p)[counted][:, fibres.class_order]
        values = values.astype(np.float64)
        of, seen = answer[pairs][counted], is_seen[pairs][counted]
        total += _sums(of, values, q)
        unseen += _sums(of[~seen], values[~seen], q)
        squares += float(np.square(values - values.mean(axis=1, keepdims=True)).sum())
    overall = total.sum(axis=0) / sizes.sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        M = total / sizes[:, None]
        M_unseen = unseen / fibres.seen_counts[:, 1:]
    mean_energy = float(np.square(overall - overall.mean()).sum()) * sizes.sum()
    energy = squares - mean_energy
    if energy <= variation.ROUNDING[np.dtype(np.float32)] * squares:
        energy = 0.0
    return LogitMeans(
        M=np.where(sizes[:, None] > 0, M, overall), M_unseen=M_unseen, energy=energy
    )


def _by_pair(
    fibres: Fibres, p: int
) -> tuple[Int[np.ndarray, " pairs"], Bool[np.ndarray, " pairs"]]:
    """Give answer and kind of every flat pair; −1 for pairs that are not counted."""
    answer, seen = np.full(p * p, -1), np.zeros(p * p, dtype=bool)
    answer[fibres.order] = fibres.label
    seen[fibres.order] = fibres.seen
    return answer, seen


def _sums(of: np.ndarray, values: np.ndarray, q: int) -> Float[np.ndarray, "q d"]:
    """Add up rows by their answer."""
    ones, columns = np.ones(len(of)), np.arange(len(of))
    return sparse.csr_matrix((ones, (of, columns)), (q, len(of))) @ values


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutWaves:
    """What the logits say without the key frequencies' waves in the answer.

    ``margin`` ``[p, p]``: the right answer's lead, NaN for pairs that are not counted;
    ``loss`` (train, test, all) in nats.
    """

    margin: Float[np.ndarray, "p p"]
    loss: Float[np.ndarray, " 3"]


def without_waves_of_all(
    logits: Float[np.ndarray, "p p p"], fibres: Fibres, keys: tuple[int, ...]
) -> WithoutWaves:
    """Take the waves from the logits of all pairs at once."""
    rows = parts.centred_rows(logits, fibres)
    kept = band(fibres.mean_of_rows(rows), keys)
    return WithoutWaves(
        margin=parts.excluded_margin(logits, fibres, keys),
        loss=progress.remove_tables(rows, fibres, kept[None])[0],
    )


def without_waves(
    blocks: Iterable[Block], fibres: Fibres, waves: Float[np.ndarray, "q q"], p: int
) -> WithoutWaves:
    """Take the waves, over (s, class), from blocks of first operands."""
    margin, loss = np.full(p * p, np.nan), np.full(p * p, np.nan)
    for where, of, values in _counted(blocks, fibres, p):
        left = values - waves[of]
        margin[where] = losses.margin_rows(left, of)
        loss[where] = losses.cross_entropy(left, of)
    means = losses.split_means(loss[fibres.order], fibres.train)
    return WithoutWaves(margin=margin.reshape(p, p), loss=means)


def class_logit(
    blocks: Iterable[Block], fibres: Fibres, place: int, p: int
) -> Float[np.ndarray, " n"]:
    """Give one class's logit above the mean of all classes, for the grouped pairs."""
    found = np.full(p * p, np.nan)
    for where, _of, values in _counted(blocks, fibres, p):
        found[where] = values[:, place] - values.mean(axis=1)
    return found[fibres.order]


def confusion_by_offset(
    blocks: Iterable[Block], fibres: Fibres, p: int
) -> Float[np.ndarray, "q 3"]:
    """Equal to :func:`grokdash.analysis.progress.confusion_by_offset`."""
    offset, q = np.zeros(p * p, dtype=np.int64), fibres.q
    for where, of, values in _counted(blocks, fibres, p):
        offset[where] = (values.argmax(axis=1) - of) % q
    grouped, train = offset[fibres.order], fibres.train
    with np.errstate(invalid="ignore"):
        return np.stack(
            [
                np.bincount(grouped[some], minlength=q) / some.sum()
                for some in (train, ~train, np.ones_like(train))
            ],
            axis=1,
        )


def _counted(
    blocks: Iterable[Block], fibres: Fibres, p: int
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Give flat pairs that count, their answers, and their logits in float64."""
    answer, _ = _by_pair(fibres, p)
    for rows, block in blocks:
        pairs = slice(rows.start * p, rows.stop * p)
        counted = np.flatnonzero(answer[pairs] >= 0)
        values = block.reshape(-1, p)[counted][:, fibres.class_order]
        where = counted + pairs.start
        yield where, answer[where], values.astype(np.float64)
