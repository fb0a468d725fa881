"""How costs grow: of an epoch with p, layers and runs, of reading with checkpoints.

    python benchmarks/growth.py

Each cost is the least of some rounds in which the sizes take turns, so that what else
the machine does falls on all; CPU time of one thread, but for reading, which waits for
the disk as well. The exponent is that of the power of the size that fits best.
"""

import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import numpy as np
import torch
from batched import on_one_thread, several
from table import Growth, Report

from grokdash.config import RunConfig, make_config
from grokdash.store import (
    CheckpointData,
    RunWriter,
    open_store,
    pack_run,
    shuffled_pairs,
)
from grokdash.store.schema import param_shapes
from grokdash.training.steppers import alone, batched

CPU = torch.device("cpu")
ROUNDS = 4
AT_LEAST_S = 0.1
SMALL: dict[str, Any] = {"p": 11, "d_model": 16, "d_mlp": 24, "n_heads": 2}


def least(
    actions: dict[int, Callable[[], object]], clock: Callable[[], float], rounds: int
) -> dict[int, float]:
    """Give the least milliseconds of each action, taking turns."""
    found = {}
    counts = {}
    for size, action in actions.items():
        action()
        took = timed(action, 1, clock)
        counts[size] = max(1, round(AT_LEAST_S / max(took, 1e-6)))
        found[size] = took
    for _ in range(rounds):
        for size, action in actions.items():
            found[size] = min(found[size], timed(action, counts[size], clock))
    return {size: 1e3 * took for size, took in found.items()}


def timed(
    action: Callable[[], object], count: int, clock: Callable[[], float]
) -> float:
    start = clock()
    for _ in range(count):
        action()
    return (clock() - start) / count


def update(configs: list[RunConfig]) -> Callable[[], object]:
    """Make one update of a run, or of several as one model."""
    pairs = [shuffled_pairs(config)[: config.n_train] for config in configs]
    if len(configs) == 1:
        return alone(configs[0], pairs[0], CPU).update
    return batched(configs, pairs, CPU).update


def training(rounds: int, *, quick: bool) -> list[Growth]:
    """Measure one epoch by p, by layers and by runs of a batch."""
    on_one_thread()
    cases: dict[tuple[str, str], dict[int, list[RunConfig]]] = {
        ("epoch of nanda, CPU time", "p"): {
            p: [make_config("nanda", p=p)]
            for p in ((23, 59, 113) if quick else (23, 59, 113, 197))
        },
        ("epoch of nanda at p = 59, CPU time", "layers"): {
            n: [make_config("nanda", p=59, n_layers=n)] for n in (1, 2, 3)
        },
        ("epoch of quick at p = 23, CPU time", "runs in a batch"): {
            n: several("quick", {"p": 23}, n) for n in (1, 2, 5, 10)
        },
    }
    found = []
    for (what, along), sizes in cases.items():
        actions = {size: update(configs) for size, configs in sizes.items()}
        costs = least(actions, time.process_time, rounds)
        found.append(grown(what, along, costs))
    return found


def grown(what: str, along: str, costs: dict[int, float]) -> Growth:
    return Growth(
        what=what,
        unit="ms",
        along=along,
        sizes=tuple(map(float, costs)),
        costs=tuple(costs.values()),
    )


def write_run(store: Path, count: int, *, packed: bool) -> str:
    """Write a run of so many checkpoints; give its id."""
    config = make_config("quick", SMALL, epochs=count)
    rng = np.random.default_rng(0)
    params = {
        name: rng.standard_normal(shape).astype("f4")
        for name, shape in param_shapes(config).items()
    }
    values = {
        f"{what}/{s}": np.array(0.5)
        for what in ("loss", "accuracy")
        for s in ("train", "test")
    }
    with RunWriter.create(store, config) as writer:
        for step in range(count):
            writer.commit(CheckpointData(step=step, params=params, measures=values))
        writer.finish()
    if packed:
        pack_run(store / config.run_id())
    return config.run_id()


def reading(rounds: int, *, quick: bool) -> list[Growth]:
    """Measure opening, listing and one frame of runs of more and more checkpoints."""
    counts = (10, 40, 160) if quick else (25, 100, 400, 1600)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("pieces", "packed"):
            ids = {}
            for count in counts:
                store = Path(folder, kind, str(count))
                store.mkdir(parents=True)
                ids[count] = write_run(store, count, packed=kind == "packed")
            for what, make in READS.items():
                # Files that stay open make closing others slower.
                with ExitStack() as opened:
                    actions = {
                        n: make(Path(folder, kind, str(n)), ids[n], opened)
                        for n in counts
                    }
                    costs = least(actions, time.perf_counter, rounds)
                found.append(grown(f"{what}, {kind}", "checkpoints", costs))
    return found


def opening(path: Path, run_id: str, _opened: ExitStack) -> Callable[[], object]:
    """Open a store anew and read one whole curve."""

    def action() -> None:
        store = open_store(path)
        store.run(run_id).series("loss/test")
        store.close()

    return action


def listing(path: Path, _run_id: str, _opened: ExitStack) -> Callable[[], object]:
    """List the store anew, without a catalogue that is kept."""

    def action() -> None:
        store = open_store(path)
        store.summaries()
        store.close()

    return action


def frame(path: Path, run_id: str, opened: ExitStack) -> Callable[[], object]:
    """Read the parameters of random checkpoints of a run that is open."""
    run = opened.enter_context(closing(open_store(path))).run(run_id)
    rng = np.random.default_rng(0)
    steps = run.steps
    return lambda: run.params(int(rng.choice(steps)))


READS = {"first curve of a run": opening, "list": listing, "one frame": frame}


def growth(*, quick: bool) -> list[Growth]:
    """Measure everything."""
    rounds = 2 if quick else ROUNDS
    # Reading first: training sets the threads of the process.
    read = reading(rounds, quick=quick)
    return [*training(rounds, quick=quick), *read]


def main() -> None:
    Report(growths=growth(quick=False)).show()


if __name__ == "__main__":
    main()
