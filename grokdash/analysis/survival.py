"""Statistics of grok epochs when some runs have not grokked within their epochs.

Such a run is *censored*: all that is known is that it did not grok by its last epoch.
Dropping it, or taking its last epoch for a grok epoch, would bias every number here.

SciPy gives what it has. Its log-rank test knows no strata and no exact p value, its
permutation test exchanges labels across strata, its fits are not regressions and its
corrections of p values are not Holm's: these are written out here.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb, inf, pi, prod, sqrt
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Int

MOST_EXACT = 100_000
_DRAWS = 20_000
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RankTest:
    """Outcome of a two-sided permutation test between two groups.

    ``statistic`` is the observed minus the expected number of events in the first
    group: above zero, that group groks earlier. ``smallest`` is the smallest p value
    that this many runs could give at all. ``assignments`` is how many divisions of the
    runs into the two groups were looked at, all of them if ``exact``.
    """

    statistic: float
    p_value: float
    smallest: float
    assignments: int
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """Outcome of a permutation test of all values of a quantity at once.

    ``kind`` is ``trend`` (two-sided: do runs grok earlier or later as the value rises)
    or ``any`` (do the values differ at all). ``statistic`` of a trend is above zero
    where higher values grok earlier.
    """

    kind: Literal["trend", "any"]
    statistic: float
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerLaw:
    """Grok epoch = ``scale`` · value ^ ``slope``, times a log-normal scatter.

    ``spread`` is the standard deviation of the natural log of that scatter, ``error``
    the standard error of the slope (NaN where the likelihood does not give one). Both
    are those of maximum likelihood, which hold for many runs: n runs without censoring
    have a ``spread`` of √(residual sum of squares / n).
    """

    slope: float
    scale: float
    spread: float
    error: float


def censored_quantile(
    times: Float[np.ndarray, " n"], observed: Bool[np.ndarray, " n"], q: float = 0.5
) -> float:
    """Give a quantile by the product-limit (Kaplan–Meier) estimate.

    Parameters
    ----------
    times
        Epoch of the event, or of the last look where ``observed`` is False.
    observed
        Whether the event happened.
    q
        Which quantile; the median by default.

    Returns
    -------
    float
        Where the estimated share of runs still without the event falls below 1 − q; in
        the middle of the step when it equals 1 − q there, as for any median. Infinite
        when the runs do not say: of two runs of which one never groks, there is no
        median.
    """
    # Loading scipy.stats takes 0.7 s, and only pages of sweeps need it.
    from scipy.stats import CensoredData, ecdf  # noqa: PLC0415

    left = ecdf(CensoredData.right_censored(times, ~observed)).sf

    def first(reached: Bool[np.ndarray, " m"]) -> float:
        return float(left.quantiles[reached][0]) if reached.any() else inf

    equal = first(left.probabilities <= 1 - q + 1e-12)
    below = first(left.probabilities < 1 - q - 1e-12)
    return (equal + below) / 2


def log_rank_scores(
    times: Float[np.ndarray, " n"], observed: Bool[np.ndarray, " n"]
) -> Float[np.ndarray, " n"]:
    """Give every run's score: events observed minus expected, if all were alike.

    The log-rank statistic of a group (observed − expected events) is the sum of the
    scores of its members; all scores together sum to zero.
    """
    hazard = np.zeros(len(times))
    for time in np.unique(times[observed]):
        events = np.count_nonzero((times == time) & observed)
        hazard[times >= time] += events / np.count_nonzero(times >= time)
    return observed.astype(float) - hazard


def rank_test(
    times: Float[np.ndarray, " n"],
    observed: Bool[np.ndarray, " n"],
    first: Bool[np.ndarray, " n"],
    strata: Sequence[Hashable] | None = None,
) -> RankTest:
    """Test whether two groups grok alike: stratified log-rank, by permutation.

    Labels are exchanged within a stratum only, so that what differs between strata
    (another modulus, say) cannot pass for a difference between the groups. Up to
    100,000 assignments all are looked at, beyond that 20,000 random ones.

    Parameters
    ----------
    times, observed
        As for :func:`censored_quantile`.
    first
        Which runs belong to the first group.
    strata
        What each run has in common with those it is compared to; all alike if None.
    """
    names = ["" for _ in times] if strata is None else list(strata)
    parts = []
    for name in dict.fromkeys(names):
        members = np.array([one == name for one in names])
        scores = log_rank_scores(times[members], observed[members])
        parts.append((scores, first[members]))
    statistic = float(sum(scores[chosen].sum() for scores, chosen in parts))
    count = prod(comb(len(scores), int(chosen.sum())) for scores, chosen in parts)
    exact = count <= MOST_EXACT
    sums = _all_sums(parts) if exact else _random_sums(parts)
    extreme = np.abs(sums) >= abs(statistic) - 1e-9
    most = np.abs(sums) >= np.abs(sums).max() - 1e-9
    # A sampled test counts the assignment that was really made as one of the draws.
    extra = 0 if exact else 1
    return RankTest(
        statistic=statistic,
        p_value=float((extreme.sum() + extra) / (len(sums) + extra)),
        smallest=float((most.sum() + extra) / (len(sums) + extra)),
        assignments=len(sums),
        exact=exact,
    )


def _all_sums(parts: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    sums = np.zeros(1)
    for scores, chosen in parts:
        own = [
            scores[list(one)].sum()
            for one in combinations(range(len(scores)), int(chosen.sum()))
        ]
        sums = (sums[:, None] + np.array(own)).ravel()
    return sums


def _random_sums(parts: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    generator = np.random.default_rng(0)
    sums = np.zeros(_DRAWS)
    for scores, chosen in parts:
        # A part of the draws at a time: many runs would fill the memory otherwise.
        for at in range(0, _DRAWS, _AT_ONCE):
            order = generator.permuted(np.tile(scores, (_AT_ONCE, 1)), axis=1)
            picked = order[:, : int(chosen.sum())]
            sums[at : at + _AT_ONCE] += picked.sum(axis=1)
    return sums


def association(
    times: Float[np.ndarray, " n"],
    observed: Bool[np.ndarray, " n"],
    groups: Int[np.ndarray, " n"],
    strata: Sequence[Hashable] | None = None,
    *,
    ordered: bool,
) -> Association:
    """Test all values of a quantity at once, by permuting log-rank scores.

    One test in place of one for every pair, so there is nothing to correct for. As in
    :func:`rank_test`, scores are exchanged within a stratum only. The p value comes
    from 20,000 random permutations, the arrangement that was really made among them.

    Parameters
    ----------
    times, observed
        As for :func:`censored_quantile`.
    groups
        Number of each run's value: 0, 1, … in ascending order if they have one.
    strata
        What each run has in common with those it is compared to; all alike if None.
    ordered
        Whether to look for a trend over the numbers; otherwise for any difference.
    """
    names = ["" for _ in times] if strata is None else list(strata)
    # A trend is one contrast over the groups; any difference is all of them.
    members = np.eye(int(groups.max()) + 1)[groups]
    sizes = np.maximum(members.sum(axis=0), 1)
    design = (groups - groups.mean())[:, None] if ordered else members / np.sqrt(sizes)
    sums = np.zeros((_DRAWS + 1, design.shape[1]))
    generator = np.random.default_rng(0)
    for name in dict.fromkeys(names):
        inside = np.array([one == name for one in names])
        scores = log_rank_scores(times[inside], observed[inside])
        sums[0] += scores @ design[inside]
        for at in range(1, _DRAWS + 1, _AT_ONCE):
            order = generator.permuted(np.tile(scores, (_AT_ONCE, 1)), axis=1)
            sums[at : at + _AT_ONCE] += order @ design[inside]
    sizes_of = np.abs(sums[:, 0]) if ordered else (sums**2).sum(axis=1)
    return Association(
        kind="trend" if ordered else "any",
        statistic=float(sums[0, 0] if ordered else sizes_of[0]),
        p_value=float(np.mean(sizes_of >= sizes_of[0] - 1e-9)),
    )


def holm(p_values: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """Correct p values for their number by Holm's step-down method."""
    order = np.argsort(p_values)
    factors = len(p_values) - np.arange(len(p_values))
    stepped = np.minimum(np.maximum.accumulate(p_values[order] * factors), 1.0)
    corrected = np.empty(len(p_values))
    corrected[order] = stepped
    return corrected


def power_law(
    values: Float[np.ndarray, " n"],
    times: Float[np.ndarray, " n"],
    observed: Bool[np.ndarray, " n"],
) -> PowerLaw | None:
    """Fit epoch = scale · value^slope by maximum likelihood, censored runs included.

    The scatter is taken as log-normal. None with fewer than three events or two
    values among them, or where a value or a time is not positive.
    """
    if observed.sum() < 3 or len(np.unique(values[observed])) < 2:
        return None
    if not (np.all(values > 0) and np.all(times > 0)):
        return None
    # Centred, so that slope and height do not depend on each other.
    log_values = np.log(values)
    centre = float(log_values.mean())
    design = np.stack([np.ones(len(values)), log_values - centre], axis=1)
    y = np.log(times)
    beta, sigma = _tobit(design, y, observed)
    exact = not sigma > 1e-9
    error = 0.0 if exact else _slope_error(design, y, observed, beta, sigma)
    return PowerLaw(
        slope=float(beta[1]),
        scale=float(np.exp(beta[0] - beta[1] * centre)),
        spread=float(sigma),
        error=error,
    )


def _tobit(
    design: np.ndarray, y: np.ndarray, observed: np.ndarray
) -> tuple[np.ndarray, float]:
    """Fit by expectation and maximisation: a censored time is its expected one."""
    filled, variance = y.copy(), np.zeros(len(y))
    beta = np.linalg.lstsq(design, filled, rcond=None)[0]
    sigma = float(np.sqrt(np.mean((filled - design @ beta) ** 2)))
    hidden: Int[np.ndarray, " m"] = np.flatnonzero(~observed)
    for _ in range(2000):
        if len(hidden) and sigma > 1e-9:
            mean = design[hidden] @ beta
            z = (y[hidden] - mean) / sigma
            ratio = _mills(z)
            filled[hidden] = mean + sigma * ratio
            variance[hidden] = sigma**2 * np.maximum(1 + z * ratio - ratio**2, 0)
        before = np.append(beta, sigma)
        beta = np.linalg.lstsq(design, filled, rcond=None)[0]
        residual = filled - design @ beta
        sigma = float(np.sqrt(np.mean(residual**2 + variance)))
        if np.allclose(before, np.append(beta, sigma), rtol=1e-9, atol=1e-10):
            break
    return beta, sigma


def _mills(z: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """Density over upper tail of the standard normal: its mean beyond z."""
    from scipy.special import erfcx  # noqa: PLC0415 - see censored_quantile

    return sqrt(2 / pi) / erfcx(z / sqrt(2))


def _slope_error(
    design: np.ndarray,
    y: np.ndarray,
    observed: np.ndarray,
    beta: np.ndarray,
    sigma: float,
) -> float:
    """Give the standard error of the slope: the scatter is estimated, not known.

    From the inverse of the observed information of all three: height, slope and ln σ.
    Where nothing is censored, ln σ tells nothing of the slope; where something is, a
    wider scatter goes with a steeper slope, and leaving it out is too sure.
    """
    z = (y - design @ beta) / sigma
    ratio = _mills(z)
    rise = ratio * (ratio - z)
    slopes = np.where(observed, 1.0, rise) / sigma**2
    mixed = np.where(observed, 2 * z, ratio + z * rise) / sigma
    scatter = np.where(observed, 2 * z**2, z * (ratio + z * rise)).sum()
    cross = design.T @ mixed
    information = np.block(
        [[design.T @ (slopes[:, None] * design), cross[:, None]], [cross, scatter]]
    )
    if np.linalg.matrix_rank(information) < len(information):
        return float("nan")
    variance = np.linalg.inv(information)[1, 1]
    return float(np.sqrt(variance)) if variance > 0 else float("nan")
