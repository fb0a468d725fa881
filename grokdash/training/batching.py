"""Which runs are trained as one model: those of equal shape, where it is faster.

Knows nothing of torch, so that what only hands out work stays small.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from grokdash.config import RunConfig
from grokdash.errors import GrokdashError
from grokdash.training.session import ENDED, find_run

WORTH_BATCHING, WORTH_BATCHING_PLAIN = 300_000, 60_000
"""Training pairs times neurons times layers up to which a batch is faster on a CPU; the
second for one layer without LayerNorm.

What a batch saves is the way from one operation to the next, which small networks
mostly consist of, and those whose gradients are written out least. Far above, it is
slower: what one run keeps in the processor's cache a batch does not. See
benchmarks/batched.py."""
MOST_ON_CPU = 10
"""Runs in one batch: ten gain little over five already."""
MOST_ON_GPU = 64
"""Runs in one batch, so that checkpoints and closing analysis come in time."""

_SHARED = (
    "p",
    "n_train",
    "n_layers",
    "n_heads",
    "d_model",
    "d_mlp",
    "activation",
    "mlp_bias",
    "attention_bias",
    "unembedding_bias",
    "layer_norm",
    "causal_mask",
    "tied_unembedding",
    "equals_class",
    "optimizer",
    "loss_dtype",
    "checkpoint_every",
    "dense_every",
    "dense_until",
)


def batch_key(config: RunConfig) -> tuple[object, ...]:
    """Give what the runs of a batch must share; all else may differ.

    That is what gives a tensor its shape, and when checkpoints are stored: after a
    kill the runs go back to the last one they all have.
    """
    return tuple(getattr(config, name) for name in _SHARED)


def largest_batch(config: RunConfig, asked: int | None, *, gpu: bool) -> int:
    """Give how many runs like this one are best trained as one model.

    Parameters
    ----------
    config
        Any of the runs.
    asked
        The largest batch that is wanted, 1 for none; None leaves it to the rule.
    gpu
        Whether a GPU computes: one run never fills it.
    """
    if asked is not None:
        return asked
    if gpu:
        return MOST_ON_GPU
    plain = config.n_layers == 1 and not config.layer_norm
    most = WORTH_BATCHING_PLAIN if plain else WORTH_BATCHING
    work = config.n_train * config.d_mlp * config.n_layers
    return MOST_ON_CPU if work <= most else 1


def plan_batches(
    configs: Sequence[RunConfig],
    store: Path,
    asked: int | None = None,
    *,
    workers: int = 1,
    gpu: bool = False,
) -> list[tuple[RunConfig, ...]]:
    """Sort runs into batches, spread over the workers that will train them.

    Runs that were begun in one batch stay together, and those begun alone stay alone,
    so that they go on to the same bits.

    Parameters
    ----------
    configs
        What is to be trained.
    store
        Where the runs are, as far as they were begun.
    asked, gpu
        See :func:`largest_batch`.
    workers
        How many batches are trained at a time: ten equal runs make two batches of
        five for two workers.
    """
    begun: dict[tuple[str, ...], list[RunConfig]] = {}
    alone: list[RunConfig] = []
    fresh: dict[tuple[object, ...], list[RunConfig]] = {}
    for config in configs:
        if (batch := recorded_batch(config, store)) is None:
            fresh.setdefault(batch_key(config), []).append(config)
        elif batch:
            begun.setdefault(batch, []).append(config)
        else:
            alone.append(config)
    batches = [(config,) for config in alone]
    for equal in fresh.values():
        # A kill while a batch began: the others of it are in the store.
        late = {c.run_id(): c for c in equal}
        for batch, members in begun.items():
            members += [late.pop(run_id) for run_id in batch if run_id in late]
        most = largest_batch(equal[0], asked, gpu=gpu)
        batches += _cut(list(late.values()), most, workers)
    return batches + [tuple(members) for members in begun.values()]


def recorded_batch(config: RunConfig, store: Path) -> tuple[str, ...] | None:
    """Give the ids of the batch a run was begun in: none if alone, None if not begun.

    A run that has ended, or cannot be read, counts as one that was begun alone.
    """
    try:
        found = find_run(store, config.run_id())
    except GrokdashError:
        return ()
    if found is None:
        return None
    batch = found.provenance.get("batch")
    if found.status.state in ENDED or not isinstance(batch, list):
        return ()
    return tuple(map(str, batch))


def batch_ids(unit: Sequence[RunConfig], store: Path) -> list[str]:
    """Name the batch that a unit is, or is what is left of; none for a run alone."""
    recorded = (recorded_batch(config, store) for config in unit)
    known = next(filter(None, recorded), ())
    if known or len(unit) == 1:
        return list(known)
    return sorted(config.run_id() for config in unit)


def _cut(
    configs: Sequence[RunConfig], most: int, workers: int
) -> list[tuple[RunConfig, ...]]:
    """Cut a list into pieces whose lengths differ by one at most."""
    count = max(-(-len(configs) // most), min(workers, len(configs)))
    edges = [len(configs) * edge // max(count, 1) for edge in range(count + 1)]
    return [tuple(configs[a:b]) for a, b in pairwise(edges)]
