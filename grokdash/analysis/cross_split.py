"""What a network knows beyond what it memorised: no pair is judged by its own logits.

The mean logits over all pairs with one answer contain the answers memorised for the
training pairs. A pure lookup table therefore spreads over *every* wave in the answer,
and kept alone those waves answer test pairs too: neither the share of a frequency nor
the restricted loss proves a circuit by itself. Here each answer has two means, over the
pairs that were seen and over those that were not; what both agree on cannot have been
memorised. For a lookup table the shares are zero up to sampling noise and the loss is
at least ln q; for a network that has grokked both are the published quantities.

Seen are the training pairs and, where a ∘ b is b ∘ a, their mirror images (b, a). A
network that memorises 3 + 5 answers 5 + 3 long before it answers anything else, since
its embeddings hardly tell the operands apart: with plain test pairs a table that
memorises both ways round would pass for a circuit.

Answers that lack a seen or an unseen pair are left out. All functions read tables over
(answer s, class) in the order of :class:`~grokdash.analysis.fibres.Fibres`, and
``counts`` are its ``seen_counts``.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from jaxtyping import Bool, Float, Int

from grokdash.analysis import losses
from grokdash.analysis.fibres import Fibres
from grokdash.analysis.logits import KEY_THRESHOLD, band, band_products

MEMORISING = "no more than memorising alone gives"
"""How it is said wherever nothing beyond a lookup table is found."""

RULE, PUBLISHED = "cross-split", "published"
"""What the rules are called where keys were counted by one or the other."""

FALSE_ALARMS = 0.01
"""Share of lookup tables in which chance may pass off some frequency as a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitMeans:
    """Mean logits of every answer over the pairs seen and over those unseen.

    ``seen``, ``unseen`` ``[q, q]`` in float64, rows of NaN where an answer has no such
    pair; ``counts`` ``[q, 2]`` are the pairs of both kinds.
    """

    seen: Float[np.ndarray, "q q"]
    unseen: Float[np.ndarray, "q q"]
    counts: Int[np.ndarray, "q 2"]

    @property
    def judged(self) -> Bool[np.ndarray, " q"]:
        """Answers with pairs of both kinds, the only ones that are used."""
        return judged(self.counts)


def judged(counts: Int[np.ndarray, "q 2"]) -> Bool[np.ndarray, " q"]:
    """Say which answers have pairs of both kinds."""
    return counts.min(axis=1) > 0


def unseen_means(
    rows: Float[np.ndarray, "n q"], fibres: Fibres
) -> Float[np.ndarray, "q q"]:
    """Average logits over the unseen pairs of every answer; NaN without any.

    Parameters
    ----------
    rows
        Logits from ``Fibres.gather``.
    fibres
        The grouping.
    """
    total = np.full((fibres.q, rows.shape[1]), np.nan)
    for s, count in enumerate(fibres.seen_counts[:, 1]):
        if count:
            part = slice(fibres.bounds[s], fibres.bounds[s + 1])
            unseen = (~fibres.seen[part]).astype(np.float64)
            total[s] = unseen @ rows[part].astype(np.float64) / count
    return total


def split_means(
    M: Float[np.ndarray, "q q"],
    M_unseen: Float[np.ndarray, "q q"],
    counts: Int[np.ndarray, "q 2"],
) -> SplitMeans:
    """Give both means from the one over all pairs and the one over unseen pairs."""
    n_seen, n_unseen = counts.T[:, :, None].astype(np.float64)
    unseen = np.where(n_unseen > 0, M_unseen.astype(np.float64), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        seen = (M * (n_seen + n_unseen) - np.nan_to_num(unseen) * n_unseen) / n_seen
    return SplitMeans(
        seen=np.where(n_seen > 0, seen, np.nan), unseen=unseen, counts=counts
    )


def shares(means: SplitMeans, energy: float) -> Float[np.ndarray, " nf"]:
    """Give the cross-split share of every frequency.

    The energy of a wave is the product of its amplitudes in the two means, so it is
    signed: share×_k = Σ_s n_s Σ_c P_k M_seen[s, c] · P_k M_unseen[s, c] / energy, with
    n_s pairs per answer and means centred over classes and over answers. With all
    answers judged and equal means it is ``logits.sum_shares``. Where only m of q
    answers are judged, the waves are seen on those alone and the product is scaled by
    (q / m)².

    Parameters
    ----------
    means
        The two means.
    energy
        Sum of squares of the gauge-fixed logits of all pairs.

    Returns
    -------
    ndarray
        NaN where nothing can be said: fewer than two answers judged, or logits that do
        not vary.
    """
    q, used = len(means.counts), int(means.judged.sum())
    if used < 2 or not energy > 0:
        return np.full(q // 2, np.nan)
    one, two = (_centred(M, means.judged) for M in (means.seen, means.unseen))
    products = band_products(one, two, means.counts.sum(axis=1))
    return products * (q / used) ** 2 / energy


def loss(means: SplitMeans, keys: tuple[int, ...]) -> float:
    """Give the cross-split restricted loss, in nats.

    The mean and the key frequencies' waves of the unseen pairs answer the seen ones:
    the restricted loss of the paper (section 5.1) with their mean in place of the one
    over all pairs, so that no pair is judged by its own logits. NaN if fewer than two
    answers have pairs of both kinds.
    """
    used = means.judged
    if used.sum() < 2:
        return float("nan")
    sizes, n_seen = means.counts.sum(axis=1)[used], means.counts[used, 0]
    mean = sizes @ means.unseen[used] / sizes.sum()
    waves = band(_centred(means.unseen, used), keys) * (len(used) / used.sum())
    each = losses.cross_entropy((mean + waves)[used], np.flatnonzero(used))
    return float(n_seen @ each / n_seen.sum())


def _centred(
    M: Float[np.ndarray, "q q"], used: Bool[np.ndarray, " q"]
) -> Float[np.ndarray, "q q"]:
    """Subtract the mean over classes and over the answers in use; 0 in all others."""
    found = np.zeros_like(M)
    rows = M[used] - M[used].mean(axis=1, keepdims=True)
    found[used] = rows - rows.mean(axis=0)
    return found


def sampling_error(fibres: Fibres) -> float:
    """Give the standard deviation of a lookup table's cross-split share.

    Its mean is 0. Where the table answers unseen pairs at random with ĉ, share×_k is
    the sum over the m answers judged of 2 / (m²(1 − 1/q)) times the mean of
    cos w_k(s − ĉ) over the unseen pairs, each cosine of variance ½:
    √(2 Σ_s 1/n(s)) / (m²(1 − 1/q)) in all, with n(s) unseen pairs answered
    independently (``Fibres.unseen_draws``). The alternating wave of an even q has 1/√2
    of it, and a table that is flat on unseen pairs none.
    """
    used, q = judged(fibres.seen_counts), fibres.q
    if q < 2 or not used.any():
        return float("inf")
    spread = np.sqrt(2 * (1 / fibres.unseen_draws[used]).sum())
    return float(spread / (used.sum() ** 2 * (1 - 1 / q)))


def key_threshold(fibres: Fibres) -> float:
    """Give the cross-split share above which a frequency is a key.

    1 % of the logit variance, or more where chance reaches that: the value that some
    frequency of a lookup table passes once in a hundred tables.
    """
    quantile = NormalDist().inv_cdf(1 - FALSE_ALARMS / max(fibres.q // 2, 1))
    return max(KEY_THRESHOLD, quantile * sampling_error(fibres))


def key_frequencies(
    share: Float[np.ndarray, " nf"],
    sum_share: Float[np.ndarray, " nf"],
    fibres: Fibres,
) -> tuple[int, ...]:
    """List the frequencies whose cross-split share no lookup table reaches.

    Parameters
    ----------
    share
        From :func:`shares`.
    sum_share
        The published shares, over all pairs, of which a key has 1 % as well: where few
        pairs are unseen, a large key leaks into the cross-split shares of others.
    fibres
        The grouping.
    """
    passed = (share > key_threshold(fibres)) & (sum_share > KEY_THRESHOLD)
    return tuple(int(k) + 1 for k in np.flatnonzero(passed))


def memorised_shares(counts: Int[np.ndarray, "q 2"]) -> Float[np.ndarray, " nf"]:
    """Give the published share of every frequency that memorising alone gives.

    For a table that is right on the training pairs (a fraction f) and answers at random
    elsewhere: f²/⌊q/2⌋ + (1 − f)/(q⌊q/2⌋) for odd q, of which the alternating wave of
    an even q has half. Flat elsewhere, it is f/⌊q/2⌋.
    """
    q = len(counts)
    f = counts[:, 0].sum() / counts.sum()
    directions = np.full(q // 2, 2.0)
    if q % 2 == 0:
        directions[-1:] = 1
    return directions / max(q - 1, 1) * (f**2 + (1 - f) / q)


def is_memorising(keys: tuple[int, ...], loss: float, q: int) -> bool:
    """Say whether nothing is found that a lookup table does not have.

    Without a key by the cross-split rule, or with keys that answer no better than a
    uniform guess over q answers. A loss that is not known yet decides nothing.
    """
    return not keys or bool(loss >= np.log(q))


def keys_text(keys: tuple[int, ...], rule: str, *, memorising: bool) -> str:
    """Write a key set as a cell shows it: by which rule, and if it says nothing.

    Parameters
    ----------
    keys
        Key frequencies.
    rule
        :data:`RULE` or :data:`PUBLISHED`.
    memorising
        What :func:`is_memorising` said of them.
    """
    names = " ".join(map(str, keys)) or "none"
    if rule == PUBLISHED:
        return f"{names} (published rule)"
    return f"{names}: {MEMORISING}" if memorising else names
