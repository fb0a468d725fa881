"""How long training takes: by what was trained here, else by published times.

A model of the work of a run gives its seconds on one core of the computer of
docs/measured.md; a run of like size that this computer has trained corrects it by what
it really took. Both count the time beside other work, as ``trained_s`` of a run does.
"""

import math
from dataclasses import dataclass

from grokdash.config import RunConfig
from grokdash.errors import GrokdashError
from grokdash.store import RunStatus, RunSummary, Store
from grokdash.store.machine import HOST

TRAINED_S = "trained_s"
"""What the summary of a run calls the seconds of all its sessions together."""

_UPDATE_S = 3e-3
"""An update of a network too small to matter (benchmarks/batched.py: p = 13)."""
_OF_A_BATCH = 0.2
"""The share of that which each further run of a batch takes (the same table)."""
_GFLOP_S = 12e-3
"""A thousand million operations: 42 ms for the 3.4 of an epoch (docs/measured.md)."""
_CHECKPOINT_S = 0.05
_MEASURING_S = 0.27
"""The measures of a checkpoint, and a thousand million operations of theirs: a quick
run takes a minute, the nanda preset 45 (README)."""
_LIKE = 4.0
"""How many times larger or smaller the work of a run of like size may be."""
_LOOKED_AT = 8
"""Runs of like size whose status is read, nearest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What this computer takes, as a multiple of the model, and by which run.

    ``run`` is empty where nothing of like size was trained here: ``factor`` is 1 then.
    """

    factor: float = 1.0
    run: str = ""


def trained_s(status: RunStatus) -> float:
    """Give the seconds that a run was trained for in all its sessions; 0 if untold."""
    told = status.summary.get(TRAINED_S)
    if isinstance(told, bool) or not isinstance(told, int | float):
        return 0.0
    return float(told) if 0 < told < math.inf else 0.0


def modelled_s(config: RunConfig, together: int = 1) -> float:
    """Estimate the seconds that one core takes for a run.

    Parameters
    ----------
    config
        The run.
    together
        How many runs like it are trained as one model: the share of one of them.
    """
    every = _UPDATE_S * (_OF_A_BATCH + (1 - _OF_A_BATCH) / together)
    updates = config.epochs * (every + _GFLOP_S * update_gflop(config))
    # An update is three passes over the training pairs, a measure one over all.
    passes = update_gflop(config) / 3 / config.train_fraction
    return updates + _checkpoints(config) * (_CHECKPOINT_S + _MEASURING_S * passes)


def _checkpoints(config: RunConfig) -> int:
    """Count the checkpoints of a run, near enough for a forecast."""
    dense = min(config.dense_until, config.epochs)
    sparse = config.epochs - dense
    return dense // config.dense_every + sparse // config.checkpoint_every + 2


def update_gflop(config: RunConfig) -> float:
    """Count the multiplications and additions of an update, in thousand millions.

    Those of matrix products: of the last block at its last position, of every lower
    one at the two or three positions that depend on the operands. Pairs without an
    answer count as well: there are few.
    """
    mlp = 2 * config.d_model * config.d_mlp
    last = mlp + config.d_model * config.n_classes
    places = 2 if config.causal_mask else 3
    lower = (config.n_layers - 1) * places * (mlp + 4 * config.d_model**2)
    return 6e-9 * config.train_fraction * config.p**2 * (last + lower)


def pace(store: Store, config: RunConfig) -> Pace:
    """Find out how fast this computer trains runs of this size."""
    own = update_gflop(config)
    near = sorted(
        (abs(math.log(_work(summary, config) / own)), summary.id)
        for summary in store.summaries()
        if summary.state == "finished" and not summary.problem
    )
    for distance, run_id in near[:_LOOKED_AT]:
        if distance <= math.log(_LIKE) and (found := _measured(store, run_id)):
            return found
    return Pace()


def _work(summary: RunSummary, config: RunConfig) -> float:
    """Give a run's work as far as its summary tells, without opening it."""
    names = ("p", "train_fraction", "n_layers", "d_model", "d_mlp")
    sizes = {name: getattr(summary, name) for name in names}
    return update_gflop(config.model_copy(update=sizes))


def _measured(store: Store, run_id: str) -> Pace | None:
    try:
        run = store.run(run_id)
        run.refresh()
        status, told = run.status, (run.extensions or [run])[-1].provenance
    except GrokdashError:
        return None
    seconds = trained_s(status)
    if not seconds or status.host != HOST:
        return None
    batch = told.get("batch")
    together = len(batch) if isinstance(batch, list) and batch else 1
    factor = seconds / together / modelled_s(run.config, together)
    return Pace(factor=factor, run=run_id)


def in_words(seconds: float) -> str:
    """Write a forecast as exactly as it deserves: 40 s, 6 min, 1 h 20 min, 12 h."""
    if seconds < 90:
        return f"{max(10, round(seconds / 10) * 10)} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(round(minutes / 10) * 10, 60)
    return f"{hours} h {rest} min" if rest and hours < 10 else f"{hours} h"


def how(found: Pace) -> str:
    """Say what a forecast is based on."""
    if found.run:
        return f"going by {found.run}, trained on this computer"
    return (
        "estimated from published times: no run of like size was trained on this "
        "computer yet"
    )
