"""Seconds that a run of the nanda preset takes after its last epoch.

The closing analysis measures every checkpoint by the key frequencies, and packing makes
one file of all. Both grow with the checkpoints: short runs of two lengths are closed as
training closes them, and the whole is on the line through both. Wall time, and CPU time
of the process and its children. Run: ``python benchmarks/closing.py``.
"""

import os
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from storing import data
from table import Raw

from grokdash.analysis.measures import checkpoint_measures, key_set
from grokdash.config import RunConfig, make_config
from grokdash.store import RunWriter, open_store, shuffled_pairs, train_mask
from grokdash.threads import keep_products_on_one_core
from grokdash.training.finishing import key_series
from grokdash.training.forecast import forecast
from grokdash.training.memory import keep_freed_memory
from grokdash.training.progress import Quiet
from grokdash.training.recorder import make_grids
from grokdash.training.steppers import alone

BUDGET_S = 20.0
LENGTHS, QUICK_LENGTHS = (13, 65), (3, 13)
"""Checkpoints of the short runs; every 13th has grids, as in a whole one."""
PER_GRID = 13

Cost = np.ndarray
"""Wall and CPU seconds."""


def cost(call: Callable[[], object]) -> Cost:
    """Give the wall and CPU seconds of a call, its child processes included."""
    start = time.perf_counter(), _cpu()
    call()
    return np.array([time.perf_counter() - start[0], _cpu() - start[1]])


def _cpu() -> float:
    both = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def close(config: RunConfig, checkpoints: int) -> tuple[Cost, Cost]:
    """Store a run of so many checkpoints; give what analysis and packing take."""
    pairs = shuffled_pairs(config)[: config.n_train]
    stepper, mask = alone(config, pairs, torch.device("cpu")), train_mask(config)
    measures = checkpoint_measures(stepper.copy_params()[0], config, mask)
    grids = make_grids(stepper.copy_params()[0], config)
    found = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        RunWriter.create(Path(folder), config) as writer,
    ):
        for step in range(checkpoints):
            stepper.update()
            writer.commit(replace(data(stepper, step), measures=measures))
            if step % PER_GRID == 0:
                writer.commit_grids(step, grids)
        writer.flush()
        store = open_store(Path(folder))
        run = store.run(writer.id)
        run.refresh()

        def analyse() -> None:
            key_set(run.params(checkpoints - 1), config, mask)
            found.update(key_series(run, (1, 2, 3, 4, 5), Quiet()))

        analysis = cost(analyse)
        store.close()
        packing = cost(lambda: writer.pack(found, (1, 2, 3, 4, 5)))
        writer.finish("finished")
    return analysis, packing


def measure(*, quick: bool = False) -> tuple[Cost, Cost]:
    """Give what analysis and packing of a whole run take, on two threads at most."""
    keep_products_on_one_core()
    torch.set_num_threads(min(2, os.cpu_count() or 1))
    keep_freed_memory()
    config = make_config("nanda")
    few, many = QUICK_LENGTHS if quick else LENGTHS
    short, long = close(config, few), close(config, many)
    more = (forecast(config, 1.0).checkpoints - many) / (many - few)
    analysis, packing = (
        two + more * (two - one) for one, two in zip(short, long, strict=True)
    )
    return analysis, packing


def rows(*, quick: bool) -> list[Raw]:
    """Give the seconds of both parts, and of both together."""
    analysis, packing = measure(quick=quick)
    wall, cpu = analysis + packing
    return [
        ("closing analysis of nanda, CPU time", analysis[1], "s", None),
        ("packing of nanda, CPU time", packing[1], "s", None),
        ("closing analysis and packing of nanda, CPU time", cpu, "s", None),
        ("closing analysis and packing of nanda", wall, "s", BUDGET_S),
    ]


def main() -> None:
    """Measure and print."""
    for what, value, unit, budget in rows(quick=False):
        told = "" if budget is None else f"; budget {budget:.0f} {unit}"
        print(f"{what}: {value:.1f} {unit}{told}")


if __name__ == "__main__":
    main()
