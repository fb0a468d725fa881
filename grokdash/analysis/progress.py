"""Progress measures: restricted and excluded loss, in every published variant.

*Restricted* keeps only the key frequencies' sum directions and the mean logits;
*excluded* removes them and keeps everything else. Projections always use all pairs of
the frame; the split only selects which pairs a loss is averaged over. Every result has
a last axis (train, test, all), in nats, float64.

Both need little: a projection on functions of s = i + j is a table over (s, class), so
a restricted loss is the cross-entropy of q rows, and the excluded losses of all
frequencies are one matrix product per s.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Int

from grokdash.analysis import fourier, losses
from grokdash.analysis.fibres import Fibres
from grokdash.analysis.logits import (
    band,
    bands,
    cosine_coefficients,
    cosine_table,
    offset_profile,
)

_PRODUCT_BOUND = 300.0
_AT_ONCE = 8
"""Frequencies whose tables are looked at together, in the processor's cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitScores:
    """Loss in nats and accuracy as a fraction, each (train, test, all)."""

    loss: Float[np.ndarray, " 3"]
    accuracy: Float[np.ndarray, " 3"]


def table_scores(
    table: Float[np.ndarray, "q q"], counts: Int[np.ndarray, "q 2"]
) -> SplitScores:
    """Score logits that depend on the pair through its answer s only.

    Parameters
    ----------
    table
        Logits of class c (columns) for the pairs with answer s (rows).
    counts
        Training and test pairs per answer.
    """
    q = len(table)
    weights = _weights(counts)
    right = table.argmax(axis=1) == np.arange(q)
    return SplitScores(
        loss=losses.weighted_means(losses.cross_entropy(table, np.arange(q)), weights),
        accuracy=losses.weighted_means(right.astype(np.float64), weights),
    )


def _weights(counts: np.ndarray) -> np.ndarray:
    return np.column_stack([counts, counts.sum(axis=1)]).astype(np.float64)


def pair_mean(
    M: Float[np.ndarray, "q d"], counts: Int[np.ndarray, "q 2"]
) -> Float[np.ndarray, " d"]:
    """Give the mean over all pairs of the frame from the means of the fibres."""
    sizes = counts.sum(axis=1)
    return sizes @ M / sizes.sum()


def restricted_scores(
    M: Float[np.ndarray, "q q"],
    counts: Int[np.ndarray, "q 2"],
    keys: tuple[int, ...],
) -> SplitScores:
    """Score the mean logits plus the key frequencies' waves in i + j (``keep_sum``).

    The "trig loss" of the paper (section 5.1), exactly, from the fibre means. Empty
    ``keys`` keep the mean only.
    """
    M = M.astype(np.float64, copy=False)
    return table_scores(pair_mean(M, counts) + band(M, keys), counts)


def restricted_losses(
    M: Float[np.ndarray, "q q"],
    counts: Int[np.ndarray, "q 2"],
    keys: tuple[int, ...],
) -> Float[np.ndarray, " 3"]:
    """Give the loss part of :func:`restricted_scores`."""
    return restricted_scores(M, counts, keys).loss


def restricted_by_k(
    M: Float[np.ndarray, "q q"],
    counts: Int[np.ndarray, "q 2"],
    waves: Float[np.ndarray, "nf q q"] | None = None,
) -> Float[np.ndarray, "nf 3"]:
    """Give the restricted loss of every frequency alone.

    ``waves`` are the :func:`~grokdash.analysis.logits.bands` of M, if they are known.
    """
    M = M.astype(np.float64, copy=False)
    waves = bands(M) if waves is None else waves
    mean, s = pair_mean(M, counts), np.arange(len(M))
    each = np.empty(waves.shape[:2])
    for start in range(0, len(waves), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        gaps = mean + waves[part]
        gaps -= gaps[:, s, s][:, :, None]
        gaps[:, s, s] = -np.inf
        each[part] = losses.from_gaps(gaps)
    return losses.weighted_means(each.T, _weights(counts))


def cosine_fit_loss(f: Float[np.ndarray, " q"], keys: tuple[int, ...]) -> float:
    """Give the loss in nats of Σ α_k cos(w_k(i + j − c)) alone; equal on every pair."""
    table = cosine_table(cosine_coefficients(f), keys, len(f))
    return float(losses.cross_entropy(table[:1], np.zeros(1, dtype=np.int64))[0])


def excluded_losses(
    logits: Float[np.ndarray, "p p p"],
    fibres: Fibres,
    keys: tuple[int, ...],
) -> Float[np.ndarray, " 3"]:
    """Give the loss after removing the key frequencies' waves in i + j (2D).

    Any class pattern on the sum directions goes (2q numbers per frequency); the mean
    stays. The paper's figure 7 plots the train part.
    """
    rows = fibres.gather(logits)
    removed = band(fibres.mean_of_rows(rows), keys)
    return remove_tables(rows, fibres, removed[None])[0]


def excluded3d_losses(
    logits: Float[np.ndarray, "p p p"],
    fibres: Fibres,
    keys: tuple[int, ...],
) -> Float[np.ndarray, " 3"]:
    """Give the loss after removing cos(w_k(i + j − c)) of each key frequency (3D).

    One number per frequency goes, so this is a weaker exclusion than 2D.
    """
    rows = fibres.gather(logits)
    f = offset_profile(fibres.mean_of_rows(rows))
    removed = cosine_table(cosine_coefficients(f), keys, fibres.q)
    return remove_tables(rows, fibres, removed[None])[0]


def excluded_by_k(
    rows: Float[np.ndarray, "n q"], fibres: Fibres, M: Float[np.ndarray, "q q"]
) -> Float[np.ndarray, "nf 3"]:
    """Give the excluded loss (2D) of every frequency alone.

    Parameters
    ----------
    rows
        Logits from ``Fibres.gather``.
    fibres
        The grouping.
    M
        The means of the fibres.
    """
    return remove_tables(rows, fibres, bands(M))


def remove_tables(
    rows: Float[np.ndarray, "n q"],
    fibres: Fibres,
    tables: Float[np.ndarray, "r q q"],
) -> Float[np.ndarray, "r 3"]:
    """Give the loss after subtracting each of r tables over (s, class) from the logits.

    Per answer s, Σ_c exp(L_c − L_s) · exp(R_s − R_c) over the wrong classes is a matrix
    product between pairs and tables; the result is the cross-entropy itself, not an
    approximation.

    Parameters
    ----------
    rows
        Logits from ``Fibres.gather``.
    fibres
        The grouping.
    tables
        What to subtract: ``tables[r, s, c]`` from class c of every pair with answer s.
    """
    return take_tables(rows, fibres, tables).without


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Losses in nats: ``own`` of every pair as it is, ``without`` each of r tables."""

    own: Float[np.ndarray, " n"]
    without: Float[np.ndarray, "r 3"]


def take_tables(
    rows: Float[np.ndarray, "n q"],
    fibres: Fibres,
    tables: Float[np.ndarray, "r q q"],
) -> Taken:
    """Give what :func:`remove_tables` gives, and the losses of the logits themselves.

    Both are sums of the same exponentials.
    """
    own, sums = np.empty(len(rows)), np.zeros((2, len(tables)))
    places = np.argsort(2 * fibres.label + ~fibres.train, kind="stable")
    counts = fibres.counts
    for s in range(fibres.q):
        here = places[fibres.bounds[s] : fibres.bounds[s + 1]]
        gaps = rows[here].astype(np.float64)
        gaps -= gaps[:, s].copy()[:, None]
        gaps[:, s] = -np.inf
        removed = tables[:, s] - tables[:, s, s][:, None]
        own[here] = _without(gaps, removed, int(counts[s, 0]), sums)
    each = np.stack([*sums, sums.sum(axis=0)], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return Taken(own=own, without=each / _weights(counts).sum(axis=0))


def _without(
    gaps: np.ndarray, removed: np.ndarray, n_train: int, sums: np.ndarray
) -> np.ndarray:
    """Give the losses of gaps ``[pairs, q]``, the training pairs first.

    Those of the gaps less ``removed [r, q]`` are added to ``sums [2, r]``, of training
    and of test pairs. Below the bounds no number that matters leaves the range of
    float64.
    """
    largest = np.abs(removed).max(initial=0.0)
    if largest > _PRODUCT_BOUND:
        each = np.stack([losses.from_gaps(gaps - row) for row in removed], axis=1)
        sums += each[:n_train].sum(axis=0), each[n_train:].sum(axis=0)
        return losses.from_gaps(gaps)
    shift = gaps.max(axis=1, initial=0.0)
    if shift.max(initial=0.0) + largest <= losses.SUM_BOUND:
        terms = np.exp(gaps, out=gaps)
        total = terms @ np.exp(-removed).T
        sums += losses.sum_log1p(total[:n_train]), losses.sum_log1p(total[n_train:])
        return np.log1p(terms.sum(axis=1))
    terms = np.exp(gaps - shift[:, None])
    each = losses.log_sum(terms @ np.exp(-removed).T, shift[:, None])
    sums += each[:n_train].sum(axis=0), each[n_train:].sum(axis=0)
    return losses.log_sum(terms.sum(axis=1), shift)


def cube_scores(
    cube: Float[np.ndarray, "q q q"], train: Bool[np.ndarray, "q q"]
) -> SplitScores:
    """Score logits in canonical order against the answer i + j mod q."""
    q = len(cube)
    i = np.arange(q)
    answer = (i[:, None] + i[None, :]) % q
    loss = losses.loss_grid(cube, answer)
    right = losses.correct_grid(cube, answer).astype(np.float64)
    return SplitScores(
        loss=losses.split_means(loss.ravel(), train.ravel()),
        accuracy=losses.split_means(right.ravel(), train.ravel()),
    )


def keep_blocks(
    cube: Float[np.ndarray, "q q q"],
    keys: tuple[int, ...],
    block: Literal["block2", "block3"],
) -> Float[np.ndarray, "q q q"]:
    """Keep the mean and the same-frequency blocks of the key frequencies.

    ``block2`` keeps {cos, sin}² (sum and difference directions), ``block3`` keeps
    {1, cos, sin}² (the linear terms too). Both are wider than the restricted loss and
    must not be confused with it.
    """
    q = len(cube)
    C = fourier.transform2(cube)
    kept = np.zeros((q, q), dtype=bool)
    kept[0, 0] = True
    for k in fourier.fold_keys(keys, q):
        rows = fourier.frequency_rows(k, q)
        rows = [0, *rows] if block == "block3" else rows
        kept[np.ix_(rows, rows)] = True
    return fourier.inverse2(C * kept[:, :, None])


def neuron_table(
    neuron_means: Float[np.ndarray, "q d_mlp"],
    W_L: Float[np.ndarray, "d_mlp q"],
    keys: tuple[int, ...],
) -> Float[np.ndarray, "q q"]:
    """Give what the neurons' key waves in i + j add to the logits, over (s, class).

    Parameters
    ----------
    neuron_means
        ``Fibres.mean`` of the neurons.
    W_L
        Neuron–logit map, columns in canonical class order.
    keys
        Key frequencies.
    """
    return band(neuron_means, keys) @ W_L


def restricted_neuron_scores(
    neuron_means: Float[np.ndarray, "q d_mlp"],
    W_L: Float[np.ndarray, "d_mlp q"],
    M: Float[np.ndarray, "q q"],
    counts: Int[np.ndarray, "q 2"],
    keys: tuple[int, ...],
) -> SplitScores:
    """Score the neurons' key waves plus the mean logits (``restricted_neuron``).

    Differs from the restricted loss by dropping the path around the neurons.
    """
    table = neuron_table(neuron_means, W_L, keys) + pair_mean(M, counts)
    return table_scores(table, counts)


def confusion_by_offset(
    logits: Float[np.ndarray, "p p p"], fibres: Fibres
) -> Float[np.ndarray, "q 3"]:
    """Give how often the network's answer is off by t, as fractions of each split.

    Row t: (predicted − right) mod q in canonical order; row 0 is the accuracy.
    """
    rows = fibres.gather(logits)
    offset = (rows.argmax(axis=1) - fibres.label) % fibres.q
    hits = (offset[:, None] == np.arange(fibres.q)).astype(np.float64)
    return losses.split_means(hits, fibres.train)
