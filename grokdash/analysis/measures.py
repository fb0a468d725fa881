"""The catalogue: every measure stored at every checkpoint, from its parameters.

Names are the paths below ``measures/`` in a run file. Nothing here depends on the key
frequencies; what does is added after the run by :func:`key_measures`. Pairs without an
answer never count. ``cross_split`` in a name is a comparison of training with test
pairs; ``logits/cross_share`` is something else, products of different frequencies.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from grokdash.analysis import (
    attention,
    cross_split,
    dead,
    fourier,
    logits,
    losses,
    neurons,
    pizza,
    progress,
    weights,
)
from grokdash.analysis.fibres import Fibres, fibres
from grokdash.analysis.forward import Params, neuron_logit_map
from grokdash.analysis.groups import Canonical, canonical
from grokdash.analysis.outputs import Outputs, outputs
from grokdash.analysis.unsplit import published_keys, without_split
from grokdash.config import RunConfig
from grokdash.operations import UNDEFINED

Measures = dict[str, np.ndarray]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """What the run's operation decides, the same for every checkpoint."""

    frame: Canonical | None
    fibres: Fibres
    table: Int[np.ndarray, "p p"]
    train_mask: Bool[np.ndarray, "p p"]

    def known(self, found: Measures) -> Measures:
        """Leave out what needs the split, if that is not known."""
        return found if self.train_mask.any() else without_split(found)

    def tokens(self, W: np.ndarray) -> np.ndarray:
        return W if self.frame is None else W[self.frame.a_order]

    def classes(self, W: np.ndarray) -> np.ndarray:
        return W if self.frame is None else W[self.frame.c_order]

    def grid(self, X: np.ndarray) -> np.ndarray:
        return X if self.frame is None else self.frame.grid(X)


def _task(config: RunConfig, train_mask: np.ndarray) -> _Task:
    return _Task(
        frame=canonical(config.rule, config.p),
        fibres=fibres(config.rule, config.p, train_mask),
        table=config.rule.table(config.p),
        train_mask=train_mask,
    )


def checkpoint_measures(
    params: Params, config: RunConfig, train_mask: Bool[np.ndarray, "p p"]
) -> Measures:
    """Measure one checkpoint.

    Parameters
    ----------
    params
        Arrays by name.
    config
        The run's configuration.
    train_mask
        Which pairs are trained on; no pair where that is not known: what needs the
        split is NaN then.

    Returns
    -------
    dict[str, np.ndarray]
        ``loss/*``, ``accuracy/*`` over all defined pairs; ``logits/*``,
        ``loss/*_by_k``, ``symmetry/*``, ``pizza/*``, ``neuron/*`` and
        ``attention/freq``, ``frac`` in the canonical frame (pairs with a zero left out
        in a multiplicative one), or by bare label where the operation has no
        group: then ``logits/sum_share`` are shares of the label means,
        ``logits/diff_share`` and both symmetries are NaN, and the grid spectra are
        additive. ``logits/M_unseen`` has rows of NaN where an answer has no unseen
        pair.
    """
    task = _task(config, train_mask)
    activations = outputs(params, config)
    rows = task.fibres.gather(activations.logits)
    M = task.fibres.mean_of_rows(rows)
    waves = logits.bands(M)
    taken = progress.take_tables(rows, task.fibres, waves)
    correct = losses.correct_logit_grid(activations.logits, task.table)
    found = {
        **_loss_measures(activations.logits, taken.own, correct, task),
        **_logit_measures(activations.logits, rows, M, task),
        "loss/excluded2d_by_k": taken.without,
        "loss/restricted_by_k": progress.restricted_by_k(M, task.fibres.counts, waves),
        **_weight_measures(params, config, task),
        **_neuron_measures(params, config, activations, task),
        **_attention_measures(params, config, activations, task),
        **_pizza_measures(params, config, correct, task),
    }
    return task.known(found)


def _loss_measures(
    L: np.ndarray, counted: np.ndarray, correct: np.ndarray, task: _Task
) -> Measures:
    """Measure losses and accuracies; those in the order of the fibres are known."""
    if task.fibres.q == len(task.table):
        loss = np.full(task.table.size, np.nan)
        loss[task.fibres.order] = counted
        loss = loss.reshape(task.table.shape)
    else:
        # A frame without 0 knows less than all classes and pairs.
        loss = losses.loss_grid(L, task.table)
    right = losses.correct_grid(L, task.table).astype(np.float64)
    found: Measures = {
        "frame/loss": loss.astype(np.float32),
        "frame/correct_logit": correct.astype(np.float32),
    }
    for name, grid in (("loss", loss), ("accuracy", right)):
        means = losses.grid_means(grid, task.table, task.train_mask)
        for part, value in zip(losses.SPLITS, means, strict=True):
            found[f"{name}/{part}"] = np.array(value)
    return found


def _logit_measures(
    L: np.ndarray, rows: np.ndarray, M: np.ndarray, task: _Task
) -> Measures:
    """Measure the logits, given in the order of the fibres and as their means too."""
    M_unseen = cross_split.unseen_means(rows, task.fibres)
    means = cross_split.split_means(M, M_unseen, task.fibres.seen_counts)
    cube = L if task.frame is None else task.frame.cube(L)
    fixed = logits.gauge_fixed(cube)
    spectrum = logits.spectrum_of(fixed)
    if task.frame is None:
        sum_share = logits.sum_shares(M, spectrum.energy, task.fibres.sizes)
        diff_share = np.full_like(sum_share, np.nan)
        cross = 1 - spectrum.lin_share
        equivariance = commutativity = float("nan")
    else:
        sum_share, diff_share = spectrum.sum_share, spectrum.diff_share
        cross = spectrum.cross_share
        equivariance = logits.equivariance_share(
            logits.offset_profile(logits.gauge_fix(M)), spectrum.energy
        )
        commutativity = logits.antisymmetry(fixed)
    return {
        "logits/M": M.astype(np.float32),
        "logits/M_unseen": M_unseen.astype(np.float32),
        "logits/mean": _defined_mean(L, task),
        "logits/offset": logits.offset_profile(M),
        "logits/sum_share": sum_share,
        "logits/cross_split_share": cross_split.shares(means, spectrum.energy),
        "logits/diff_share": diff_share,
        "logits/lin_share": np.array(spectrum.lin_share),
        "logits/cross_share": np.array(cross),
        "logits/dc_share": np.array(spectrum.dc_share),
        "logits/energy": np.array(spectrum.energy),
        "logits/G": spectrum.G.astype(np.float32),
        "symmetry/equivariance": np.array(equivariance),
        "symmetry/commutativity": np.array(commutativity),
    }


def _defined_mean(L: np.ndarray, task: _Task) -> np.ndarray:
    defined = (task.table != UNDEFINED).ravel().astype(L.dtype)
    sums = defined.reshape(len(L), 1, -1) @ L
    return sums[:, 0].sum(axis=0, dtype=np.float64) / defined.sum()


def _weight_measures(params: Params, config: RunConfig, task: _Task) -> Measures:
    W_E = params["W_E"][: config.p]
    W_L = neuron_logit_map(params, config).T
    sumsq = weights.sums_of_squares(params)
    found: Measures = {
        "weights/sumsq": sumsq,
        "weights/sumsq_total": np.array(sumsq.sum()),
    }
    for name, W, ordered in (
        ("embed", W_E, task.tokens(W_E)),
        ("wl", W_L, task.classes(W_L)),
    ):
        power = fourier.component_power(W)
        in_frame = fourier.component_power(ordered)
        found[f"{name}/power"] = power.astype(np.float32)
        found[f"{name}/power_canonical"] = in_frame.astype(np.float32)
        found[f"gini/{name}"] = np.array(fourier.spectrum_gini(in_frame))
        found[f"gini/{name}_additive"] = np.array(fourier.spectrum_gini(power))
    return found


def _neuron_measures(
    params: Params, config: RunConfig, activations: Outputs, task: _Task
) -> Measures:
    found = [neurons.frequencies(task.grid(N)) for N in activations.neurons]
    defined = task.table != UNDEFINED
    inert = [
        dead.dead_neurons(params, config, activations, layer, defined)
        for layer in range(config.n_layers)
    ]
    return {
        "neuron/freq": np.concatenate([f.frequency for f in found]).astype(np.int32),
        "neuron/frac": np.concatenate([f.fraction for f in found]).astype(np.float32),
        "neuron/active": np.concatenate([f.active for f in found]).astype(np.float32),
        "neuron/inert": np.concatenate(inert),
    }


def _attention_measures(
    params: Params, config: RunConfig, activations: Outputs, task: _Task
) -> Measures:
    defined = task.table != UNDEFINED
    means = [attention.source_means(A, defined) for A in activations.patterns]
    heads = [
        attention.head_frequencies(
            np.moveaxis(task.grid(np.moveaxis(A[:, 0], 0, -1)), -1, 0)
        )
        for A in activations.patterns
    ]
    score = np.full((config.n_layers * config.n_heads, config.p), np.nan, np.float32)
    score[: config.n_heads] = attention.score_tables(params, config).token
    return {
        "attention/score": score,
        "attention/mean": np.concatenate([m for m, _ in means]).astype(np.float32),
        "attention/std": np.concatenate([s for _, s in means]).astype(np.float32),
        "attention/freq": np.concatenate([h.frequency for h in heads]).astype(np.int32),
        "attention/frac": np.concatenate([h.fraction for h in heads]).astype(
            np.float32
        ),
    }


def _pizza_measures(
    params: Params, config: RunConfig, correct: np.ndarray, task: _Task
) -> Measures:
    found = pizza.three_measures(params, config, task.grid(correct), task.frame)
    return {f"pizza/{name}": value for name, value in found.items()}


def key_set(
    params: Params, config: RunConfig, train_mask: Bool[np.ndarray, "p p"]
) -> tuple[int, ...]:
    """Count the keys of one checkpoint: what seen and unseen pairs share.

    By the published rule where the split is not known.
    """
    task = _task(config, train_mask)
    L = outputs(params, config).logits
    rows = task.fibres.gather(L)
    found = _logit_measures(L, rows, task.fibres.mean_of_rows(rows), task)
    if not train_mask.any():
        return published_keys(found["logits/sum_share"])
    return cross_split.key_frequencies(
        found["logits/cross_split_share"], found["logits/sum_share"], task.fibres
    )


def key_measures(
    params: Params,
    config: RunConfig,
    train_mask: Bool[np.ndarray, "p p"],
    keys: tuple[int, ...],
) -> Measures:
    """Measure what depends on the key frequencies, once they are fixed for the run.

    One forward pass; see :func:`stored_key_measures` for what needs none.

    Returns
    -------
    dict[str, np.ndarray]
        ``loss/restricted``, ``loss/excluded2d``, ``loss/excluded3d``,
        ``accuracy/restricted`` (train, test, all), ``loss/cross_split`` (train),
        ``loss/cosine_fit``, ``logits/fve``.
    """
    task = _task(config, train_mask)
    L = outputs(params, config).logits
    rows = task.fibres.gather(L)
    M = task.fibres.mean_of_rows(rows)
    alpha = logits.cosine_coefficients(logits.offset_profile(M))
    tables = np.stack(
        [logits.band(M, keys), logits.cosine_table(alpha, keys, task.fibres.q)]
    )
    excluded = progress.remove_tables(rows, task.fibres, tables)
    cube = L if task.frame is None else task.frame.cube(L)
    energy = logits.gauge_fixed_energy(cube)
    found = {
        "loss/excluded2d": excluded[0],
        "loss/excluded3d": excluded[1],
        **stored_key_measures(
            M,
            cross_split.unseen_means(rows, task.fibres),
            task.fibres,
            energy,
            keys,
        ),
    }
    return task.known(found)


def stored_key_measures(
    M: Float[np.ndarray, "q q"],
    M_unseen: Float[np.ndarray, "q q"],
    fibres: Fibres,
    energy: float,
    keys: tuple[int, ...],
) -> Measures:
    """Measure what the stored means and ``logits/energy`` suffice for."""
    means = cross_split.split_means(M, M_unseen, fibres.seen_counts)
    restricted = progress.restricted_scores(M, fibres.counts, keys)
    f = logits.offset_profile(M.astype(np.float64, copy=False))
    return {
        "loss/restricted": restricted.loss,
        "accuracy/restricted": restricted.accuracy,
        "loss/cross_split": np.array(cross_split.loss(means, keys)),
        "loss/cosine_fit": np.array(progress.cosine_fit_loss(f, keys)),
        "logits/fve": np.array(logits.fve(f, keys, energy)),
    }
