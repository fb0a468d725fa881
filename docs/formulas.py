"""How docs/normal.py measures one network: formulas beside those of the package.

Each gives one value or several, one per head, key frequency or class. None where it
means nothing, such as equal operands where order matters, or without a stored run.
"""

from collections.abc import Callable

import numpy as np
from networks import Network

from grokdash.analysis import (
    attention,
    embedding,
    fourier,
    keys,
    logits,
    losses,
    neurons,
    parts,
    singular,
    trajectory,
    weights,
)

SAMPLES = 48
"""Checkpoints of a path through weight space."""


def folded(power: np.ndarray) -> np.ndarray:
    """Fold energies of basis vectors to shares of the frequencies, constant out."""
    found = fourier.fold(power.astype(float))
    return found / found.sum()


def columns(n: Network) -> np.ndarray:
    return np.array(n.keys) - 1


def others(n: Network, share: np.ndarray) -> np.ndarray:
    return np.delete(share, columns(n))


def embed_share(n: Network) -> np.ndarray:
    return folded(n.measures["embed/power_canonical"])


def wl_share(n: Network) -> np.ndarray:
    return folded(n.measures["wl/power_canonical"])


def circles(n: Network) -> list[embedding.Circle]:
    """Give the circles of the keys; an alternating wave has none."""
    return [embedding.circle(n.W_E, k) for k in n.keys if 2 * k != n.frame.q]


def radius_spread(n: Network) -> list[float]:
    radii = [np.hypot(c.x - c.x.mean(), c.y - c.y.mean()) for c in circles(n)]
    return [float(r.std() / r.mean()) for r in radii]


def rules(n: Network) -> keys.KeyRules:
    return keys.compare_rules(
        n.measures["logits/sum_share"],
        n.measures["embed/power_canonical"],
        n.measures["wl/power_canonical"],
        n.measures["neuron/freq"],
        np.zeros(n.frame.q // 2),
        cross_split=n.keys,
    )


def extra_in_embedding(n: Network) -> int:
    return len(set(rules(n).embedding) - set(n.keys))


def other_in_read_out(n: Network) -> int:
    return len(set(rules(n).neuron_logit) ^ set(n.keys))


def embedding_axes(n: Network) -> float:
    centred = n.W_E - n.W_E.mean(axis=0)
    energy = np.square(np.linalg.svd(centred, compute_uv=False))
    return float(energy[:2].sum() / energy.sum())


def effective_rank(W: np.ndarray) -> float:
    return singular.effective_rank(singular.singular_values(W))


def outside_keys(n: Network) -> float:
    """Give the share of ‖W_L‖² outside the rows of the keys, the constant included."""
    return weights.key_residual(n.measures["wl/power_canonical"], n.keys) ** 2


def class_parts(n: Network) -> list[float]:
    """Give how much of a class's logit the keys' waves explain, for twelve classes."""
    shares = []
    for c in n.frame.c_order[:: max(1, n.frame.q // 12)]:
        full, restricted, _ = parts.class_parts(n.logits, n.fibres, n.keys, int(c))
        shares.append(1 - np.nanvar(full - restricted) / np.nanvar(full))
    return shares


def profile(n: Network) -> np.ndarray:
    f = n.measures["logits/offset"].astype(float)
    return f - f.mean()


def rival(n: Network) -> float:
    f = profile(n)
    return float(f[1:].max() / f[0])


def amplitudes(n: Network) -> np.ndarray:
    return logits.cosine_coefficients(profile(n))[columns(n)]


def sum_difference(n: Network, axis: int) -> float:
    table = parts.sum_difference_table(n.correct)
    known = np.isfinite(table)
    means = np.nansum(table, axis=axis) / known.sum(axis=axis)
    return float(means.var() / np.nanvar(table))


def margins(n: Network) -> np.ndarray:
    grid = losses.margin_grid(n.logits, n.config.rule.table(n.p))
    return grid[np.isfinite(grid)]


def memorised(n: Network) -> float:
    train, test, _ = n.key_measures["loss/excluded2d"]
    return float(test - train)


def restricted_splits(n: Network) -> float:
    train, test, _ = n.key_measures["loss/restricted"]
    return float(test / train)


def loss_ratio(n: Network) -> float:
    return float(n.measures["loss/test"] / n.key_measures["loss/restricted"][2])


def head_shares(n: Network) -> np.ndarray:
    """Give the largest share of one frequency in each head's attention to a."""
    to_a = np.moveaxis(
        n.frame.grid(np.moveaxis(n.activations.patterns[0][:, 0], 0, -1)), -1, 0
    )
    return neurons.shares(np.moveaxis(to_a, 0, -1)).single.max(axis=0)


def scores(n: Network) -> np.ndarray:
    return attention.score_tables(n.params, n.config).token


def score_shares(n: Network) -> np.ndarray:
    return attention.folded_shares(scores(n)[:, :, None], n.frame).max(axis=1)


def score_amplitudes(n: Network) -> np.ndarray:
    """Give the amplitude of the strongest wave of each head's score."""
    power = fourier.component_power(scores(n)[0][n.frame.a_order][:, None])
    q = len(power)
    found = []
    for score in scores(n):
        power = fourier.component_power(score[n.frame.a_order][:, None])
        found.append(np.sqrt(2 / q * fourier.fold(power.astype(float)).max()))
    return np.array(found)


def moved(n: Network) -> np.ndarray:
    """Give the share of the keys in what each head moves."""
    tables = attention.ov_tables(n.params, n.config, 0)
    return attention.folded_shares(tables, n.frame)[:, columns(n)].sum(axis=1)


def preference(n: Network) -> np.ndarray | None:
    mean = n.measures["attention/mean"].astype(float)
    return np.abs(mean[:, 0] - mean[:, 1]) if n.symmetric else None


def clustered(n: Network) -> np.ndarray:
    return n.measures["neuron/freq"] > 0


def per_key(n: Network) -> list[float]:
    return [float((n.measures["neuron/freq"] == k).mean()) for k in n.keys]


def firing(n: Network) -> list[float]:
    """Give on how many pairs neurons of a frequency fire, the mean for every key."""
    frequency, active = n.measures["neuron/freq"], n.measures["neuron/active"]
    return [
        float(active[frequency == k].mean()) for k in n.keys if (frequency == k).any()
    ]


def phase_defect(n: Network) -> float:
    """Give the median distance |out − a − b| of the neurons with a frequency."""
    W_in = n.params["blocks/0/W_in"].astype(np.float64)
    tables = attention.ov_tables(n.params, n.config, 0) @ W_in
    mean = n.measures["attention/mean"].astype(np.float64)
    push = [np.tensordot(mean[:, i], tables, axes=1) for i in (0, 1)]
    found = neurons.neuron_phases(
        push[0][n.frame.a_order],
        push[1][n.frame.b_order],
        np.ascontiguousarray(n.W_L.T),
        n.measures["neuron/freq"],
    )
    return float(np.nanmedian(np.abs(found.defect)))


def output_purity(n: Network) -> float:
    """Give the median share of one frequency in the rows of neurons that have one."""
    power = np.square(fourier.transform(n.W_L[clustered(n)].T.astype(float))).T
    share = fourier.fold(power)
    return float(np.median(share.max(axis=1) / share.sum(axis=1)))


def input_balance(n: Network) -> float | None:
    """Give the median ratio of the weaker to the stronger input of a neuron."""
    if not n.symmetric:
        return None
    W_in = n.params["blocks/0/W_in"].astype(np.float64)
    tables = attention.ov_tables(n.params, n.config, 0) @ W_in
    mean = n.measures["attention/mean"].astype(np.float64)
    a, b = (
        np.tensordot(mean[:, i], tables, axes=1)[n.frame.a_order].std(axis=0)
        for i in (0, 1)
    )
    ratio = np.minimum(a, b) / np.maximum(a, b)
    return float(np.median(ratio[clustered(n)]))


def position_cosine(n: Network) -> float | None:
    if not n.symmetric:
        return None
    a, b = n.params["W_pos"][:2].astype(float)
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def curve(name: str, of: Callable[[np.ndarray, np.ndarray], float | None]):  # noqa: ANN201
    """Give a quantity of a stored curve and its epochs; None without a run."""

    def measured(n: Network) -> float | None:
        if n.run is None:
            return None
        return of(n.run.steps, np.asarray(n.run.series(name), dtype=float))

    return measured


def first(steps: np.ndarray, flags: np.ndarray) -> float | None:
    """Give the first epoch from which a condition holds to the end."""
    missed = np.flatnonzero(~flags)
    after = int(missed[-1]) + 1 if len(missed) else 0
    return float(steps[after]) if after < len(steps) else None


def lead(n: Network) -> float | None:
    """Give by how many epochs the restricted loss is below ln p / 2 for good first."""
    if n.run is None:
        return None
    bound, steps = np.log(n.p) / 2, n.run.steps
    test = first(steps, np.asarray(n.run.series("loss/test")) < bound)
    kept = first(steps, np.asarray(n.run.series("loss/restricted"))[:, 2] < bound)
    return None if test is None or kept is None else test - kept


def highest_ratio(n: Network) -> float | None:
    if n.run is None:
        return None
    restricted = np.asarray(n.run.series("loss/restricted"))[:, 2]
    return float((np.asarray(n.run.series("loss/test")) / restricted).max())


def score_at_peak(n: Network) -> float | None:
    if n.run is None:
        return None
    peak = int(np.argmax(n.run.series("loss/test")))
    train, test, _ = np.asarray(n.run.series("loss/excluded2d"))[peak]
    return float(test - train)


def restricted_splits_at_peak(n: Network) -> float | None:
    if n.run is None:
        return None
    peak = int(np.argmax(n.run.series("loss/test")))
    train, test, _ = np.asarray(n.run.series("loss/restricted"))[peak]
    return float(test / train)


def early_keys(n: Network) -> float | None:
    """Give how many of the keys are among as many largest in W_E at the peak."""
    if n.run is None:
        return None
    peak = int(np.argmax(n.run.series("loss/test")))
    share = folded(np.asarray(n.run.series("embed/power_canonical"))[peak])
    largest = np.argsort(share)[::-1][: len(n.keys)] + 1
    return len(set(largest.tolist()) & set(n.keys)) / len(n.keys)


def path_share(n: Network) -> float | None:
    """Give the variance of the path of all weights on its first two axes."""
    if n.run is None:
        return None
    steps = n.run.steps[
        np.unique(np.linspace(0, len(n.run.steps) - 1, SAMPLES).astype(int))
    ]
    rows = [
        np.concatenate([W.ravel() for W in n.run.params(int(step)).values()])
        for step in steps
    ]
    return float(trajectory.path(trajectory.gram(np.stack(rows))).share[:2].sum())


def measure(name: str) -> Callable[[Network], object]:
    return lambda n: n.measures[name]
