"""Throughput of runs trained as one model against the same runs one after another.

Updates alone, without storing, on one thread: run · epochs per second of CPU time,
which other work on the machine disturbs least. The ways take turns in one process, so
that what noise there is hits all, and the best round of each counts. Run:
``python benchmarks/batched.py``.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any

import torch
from table import Raw

from grokdash.config import RunConfig, make_config
from grokdash.store import shuffled_pairs
from grokdash.training.batching import (
    WORTH_BATCHING,
    WORTH_BATCHING_PLAIN,
    largest_batch,
)
from grokdash.training.memory import keep_freed_memory
from grokdash.training.process import FLUSH_DENORMAL
from grokdash.training.steppers import alone, batched

CPU = torch.device("cpu")
RUNS = 10
SMALL: dict[str, Any] = {"d_model": 32, "n_heads": 2, "d_mlp": 128}
CASES: list[tuple[str, str, dict[str, Any]]] = [
    *(("quick", "quick", {"p": p}) for p in (13, 23, 31, 43, 59)),
    *(("small", "quick", {"p": p} | SMALL) for p in (13, 23, 31, 43, 59)),
    *(("nanda", "nanda", {"p": p}) for p in (13, 23, 31, 43, 59, 83, 113)),
    *(("quick, 2 layers", "quick", {"p": p, "n_layers": 2}) for p in (13, 31, 43)),
    *(("quick, 3 layers", "quick", {"p": p, "n_layers": 3}) for p in (13, 31)),
]
ROUND_S = 0.25


def several(preset: str, fields: dict[str, Any], count: int = RUNS) -> list[RunConfig]:
    """Give so many seeds of one configuration."""
    return [
        make_config(preset, fields, seed=seed, split_seed=seed) for seed in range(count)
    ]


def make_steps(
    configs: list[RunConfig],
) -> dict[str, tuple[Callable[[], object], int]]:
    """Make one update of one run, and one of all; and how many runs each advances."""
    pairs = [shuffled_pairs(config)[: config.n_train] for config in configs]
    half = len(configs) // 2
    return {
        "alone": (alone(configs[0], pairs[0], CPU).update, 1),
        "half": (batched(configs[:half], pairs[:half], CPU).update, half),
        "batch": (batched(configs, pairs, CPU).update, len(configs)),
    }


def seconds(step: Callable[[], object], count: int) -> float:
    """Give the CPU seconds of so many updates."""
    start = time.process_time()
    for _ in range(count):
        step()
    return time.process_time() - start


def measure(configs: list[RunConfig], rounds: int) -> dict[str, float]:
    """Give run · epochs per second of each way, the best of some rounds."""
    steps = make_steps(configs)
    counts = {}
    for name, (step, _) in steps.items():
        seconds(step, 3)
        counts[name] = max(2, round(ROUND_S / seconds(step, 1)))
    best = dict.fromkeys(steps, 0.0)
    for _ in range(rounds):
        for name, (step, runs) in steps.items():
            rate = counts[name] * runs / seconds(step, counts[name])
            best[name] = max(best[name], rate)
    return best


def on_one_thread() -> None:
    """Set this process as training on one thread does."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(FLUSH_DENORMAL)
    keep_freed_memory()


def rows(*, quick: bool) -> list[Raw]:
    """Give the gain of ten runs as one model, where the rule says that they are one."""
    on_one_thread()
    found: list[Raw] = []
    for name, preset, fields in CASES[5:8] if quick else CASES:
        configs = several(preset, fields)
        batch = largest_batch(configs[0], None, gpu=False) > 1
        best = measure(configs, 3 if quick else 8)
        what = f"ten runs as one model, {name}, p = {configs[0].p}"
        gain = best["batch"] / best["alone"]
        found.append((what, gain, "×", 1.0 if batch else None))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=8, help="rounds of each way")
    rounds = parser.parse_args().rounds
    on_one_thread()
    print(
        f"{RUNS} seeds, one thread; run · epochs per second of CPU time: one after "
        "another, five as one model, ten as one model"
    )
    for name, preset, fields in CASES:
        configs = several(preset, fields)
        config = configs[0]
        best = measure(configs, rounds)
        rule = "yes" if largest_batch(config, None, gpu=False) > 1 else "no"
        print(
            f"{name:15} p={config.p:<4} "
            f"{config.n_train * config.d_mlp * config.n_layers:>9,} "
            f"pairs × neurons × layers: {best['alone']:7.1f} {best['half']:7.1f} "
            f"{best['batch']:7.1f}  gain × {best['half'] / best['alone']:.2f} "
            f"× {best['batch'] / best['alone']:.2f}  batched: {rule}",
            flush=True,
        )
    print(
        f"rule: a batch up to {WORTH_BATCHING:,} training pairs × neurons × layers "
        f"({WORTH_BATCHING_PLAIN:,} with one layer and no LayerNorm), larger networks "
        "one after another"
    )


if __name__ == "__main__":
    main()
