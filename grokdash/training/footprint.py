"""How much memory training takes, and whether there is that much.

Counted are the arrays that dominate while a checkpoint is measured beside an update:
the network on all p² pairs, copies of its p³ logits, and what an update keeps of the
training pairs; and what the closing analysis measures more at a time than training did.
Measured peaks are 0.6 to 1.4 times the forecast (``python benchmarks/memory.py``; one
layer, p from 23 to 307).
"""

import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from grokdash.config import RunConfig
from grokdash.errors import NoMemoryError
from grokdash.operations import is_prime
from grokdash.store.schema import n_weights
from grokdash.training.cores import default_threads
from grokdash.written import size

_START = 90_000_000
"""What the first update and the first HDF5 file take, whatever the network."""
_LOGIT_COPIES, _SPECTRA_COPIES = 6, 3
"""Float32 copies of the p³ logits, those kept included: for losses, and for spectra."""
_LAST_NEURONS, _CLASSES = 6, 10
"""Float32 numbers of a training pair in an update, per neuron and class at the end."""
_LOWER_NEURONS, _LOWER_RESIDUALS = 1, 14
"""The same per neuron and width at every position of a block below the last."""
_TRAINED_WEIGHTS, _STORED_WEIGHTS = 5, 3
"""Copies of the weights: with gradients, moments and the last ones; in a checkpoint."""
_MEASURING_AT_ONCE = 1_000_000_000
"""Bytes of the checkpoints that are measured at once when training has ended."""

_PROC = Path("/proc")
_GROUPS = Path("/sys/fs/cgroup")
_SECOND_VERSION = ("memory.max", "memory.current", "")
_FIRST_VERSION = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_")
"""Names of the limit and of what is used, and how those of cached files begin."""
_CACHED = ("inactive", "active")


def measuring_bytes(config: RunConfig) -> int:
    """Estimate the most that the measures of one checkpoint, or its grids, take.

    One block without LayerNorm keeps only the neurons of the network; with others the
    last neurons come in two more copies while their spectra are taken. Grids are copied
    beside everything that a full pass keeps.
    """
    p, neurons = config.p, config.p**2 * config.d_mlp
    widths = config.d_mlp + 2 * config.d_model + 3 * config.n_heads
    kept = config.n_layers * p**2 * widths
    if config.n_layers == 1 and not config.layer_norm:
        most = neurons + p**2 * config.d_model + _LOGIT_COPIES * p**3
    else:
        spectra = kept + 2 * neurons + _SPECTRA_COPIES * p**3
        most = max(kept + _LOGIT_COPIES * p**3, spectra)
    if config.grids:
        most = max(most, kept + config.n_layers * neurons + p**3)
    return 4 * (most + _STORED_WEIGHTS * n_weights(config))


def update_bytes(config: RunConfig) -> int:
    """Estimate what one update takes: the training pairs and the weights' state.

    Blocks below the last are computed at the other positions too, of which one or, with
    no causal mask, two depend on both operands.
    """
    lower = (config.n_layers - 1) * (2 if config.causal_mask else 3)
    last = _LAST_NEURONS * config.d_mlp + _CLASSES * config.n_classes
    each = _LOWER_NEURONS * config.d_mlp + _LOWER_RESIDUALS * config.d_model
    pairs = config.n_train * (last + lower * each)
    return 4 * (pairs + _TRAINED_WEIGHTS * n_weights(config))


def measured_at_once(config: RunConfig, threads: int) -> int:
    """Give how many checkpoints the closing analysis measures at a time.

    As many as training had threads, which rest by then, if they are not too large.
    """
    return max(1, min(threads, _MEASURING_AT_ONCE // measuring_bytes(config)))


def _closing_bytes(config: RunConfig, threads: int | None) -> int:
    """Estimate what the closing analysis takes more than training did, at most."""
    threads = default_threads(config) if threads is None else threads
    one = measuring_bytes(config)
    return max(0, min(threads * one, _MEASURING_AT_ONCE) - one)


def footprint(
    configs: Sequence[RunConfig], *, gpu: bool = False, threads: int | None = None
) -> int:
    """Estimate the memory in bytes that runs take which are trained as one model.

    Parameters
    ----------
    configs
        The runs; each measures its checkpoints in a thread of its own.
    gpu
        Whether the updates take the memory of a GPU, which is not counted.
    threads
        How many they train with; None for what is chosen when nobody asks.
    """
    updates = 0 if gpu else sum(map(update_bytes, configs))
    closing = max(_closing_bytes(one, threads) for one in configs)  # in turns
    return _START + updates + sum(map(measuring_bytes, configs)) + closing


def memory_text(
    configs: Sequence[RunConfig], *, gpu: bool = False, threads: int | None = None
) -> str:
    """Say the forecast in a few words."""
    expected = footprint(configs, gpu=gpu, threads=threads)
    return f"memory forecast: about {size(expected)}"


def check_memory(
    configs: Sequence[RunConfig], *, gpu: bool = False, threads: int | None = None
) -> None:
    """Refuse to train what will not fit into memory.

    Parameters
    ----------
    configs, gpu, threads
        See :func:`footprint`.

    Raises
    ------
    NoMemoryError
        If less is available than the forecast says. Nothing is refused where the system
        does not tell what is available.
    """
    available = available_bytes()
    expected = footprint(configs, gpu=gpu, threads=threads)
    if available is None or expected <= available:
        return
    p, count = configs[0].p, len(configs)
    what = f"training {count} runs of p = {p} as one model" if count > 1 else f"p = {p}"
    fewer = " or train fewer at a time (fewer --seeds, a smaller batch of a sweep)"
    largest = _largest_p(configs, available, gpu=gpu, threads=threads)
    remedy = (
        f"choose a smaller p: {largest} is the largest that fits with the other fields "
        "as they are"
        if largest
        else "no smaller p fits with the other fields as they are: free some memory"
    )
    raise NoMemoryError(
        f"p: {what} is expected to take {size(expected)} of memory, but "
        f"{size(available)} are available; {remedy}{fewer if count > 1 else ''}"
    )


def available_bytes() -> int | None:
    """Give the memory that this process may still take; None if nothing tells.

    The least of what the kernel says is available and of what is left in each control
    group that limits the process, as those of containers and batch jobs do. Systems
    other than Linux only tell how much memory is built in, or nothing.
    """
    limits = [*_available_to_all(), *_left_in_groups()]
    return min(limits, default=None)


def _available_to_all() -> Iterator[int]:
    with suppress(AttributeError, OSError, ValueError):  # neither exists everywhere
        yield os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    with suppress(KeyError, OSError, ValueError):
        yield 1024 * _numbers(_PROC / "meminfo")["MemAvailable:"]


def _left_in_groups() -> Iterator[int]:
    """Give what is left below each limit, not counting files that are only cached."""
    try:
        lines = (_PROC / "self" / "cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            top, names = _GROUPS, _SECOND_VERSION
        elif "memory" in controllers.split(","):
            top, names = _GROUPS / "memory", _FIRST_VERSION
        else:
            continue
        own = top / path.lstrip("/")
        for folder in (own, *own.parents):
            if folder.is_relative_to(top):
                yield from _left_in(folder, *names)


def _left_in(folder: Path, limit: str, usage: str, start: str) -> Iterator[int]:
    try:
        most = int((folder / limit).read_text())
        used = int((folder / usage).read_text())
        about = _numbers(folder / "memory.stat")
        cached = [about.get(f"{start}{kind}_file", 0) for kind in _CACHED]
    except (OSError, ValueError):
        return  # no such group, or "max": no limit
    yield max(0, most - used + sum(cached))


def _numbers(path: Path) -> dict[str, int]:
    """Read the names and numbers at the start of every line."""
    lines = map(str.split, path.read_text().splitlines())
    return {words[0]: int(words[1]) for words in lines if len(words) > 1}


def _largest_p(
    configs: Sequence[RunConfig], available: int, *, gpu: bool, threads: int | None
) -> int:
    """Give the largest p that would fit, all else equal; 0 if none does."""
    rule = configs[0].rule
    choices = [
        p
        for p in range(rule.smallest_p, configs[0].p)
        if is_prime(p) or not rule.needs_prime
    ]

    def needed(p: int) -> int:
        smaller = [one.model_copy(update={"p": p}) for one in configs]
        return footprint(smaller, gpu=gpu, threads=threads)

    count = bisect_right(choices, available, key=needed)
    return choices[count - 1] if count else 0
