"""Time one exact frame from the store: p50 and p95, live pieces and packed file.

    python benchmarks/frames.py [n_checkpoints]

A synthetic run of the default size (p = 113, 512 neurons) is written, read, packed and
read again. "warm" reads random steps again and again; "first" opens a store anew for
every read, so it contains the safety checks.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from table import Raw

from grokdash.config import RunConfig, make_config
from grokdash.store import CheckpointData, RunWriter, open_store, pack_run
from grokdash.store.schema import grid_shapes, param_shapes


def checkpoint(
    config: RunConfig, step: int, rng: np.random.Generator
) -> CheckpointData:
    q, p = config.p // 2, config.p
    scalars = {
        f"{k}/{s}": rng.random()
        for k in ("loss", "accuracy")
        for s in ("train", "test", "all")
    }
    arrays = {
        "embed/power": rng.random(p),
        "logits/M": rng.random((p, p)).astype("f4"),
        "logits/G": rng.random((p, p)).astype("f4"),
        "loss/excluded2d_by_k": rng.random((q, 3)),
        "neuron/freq": np.arange(config.d_mlp, dtype="i4"),
        "neuron/frac": rng.random(config.d_mlp).astype("f4"),
        "attention/score": rng.random((4, p)).astype("f4"),
        "frame/correct_logit": rng.random((p, p)).astype("f4"),
        "frame/loss": rng.random((p, p)).astype("f4"),
    }
    params = {
        name: rng.standard_normal(shape, dtype=np.float32)
        for name, shape in param_shapes(config).items()
    }
    moments = {f"{n}.{m}": v for n, v in params.items() for m in ("exp_avg", "sq")}
    steps = {"train_loss": rng.random(100), "grad_norm": rng.random(100)}
    return CheckpointData(
        step=step,
        params=params,
        optimizer=moments,
        measures={k: np.asarray(v) for k, v in (scalars | arrays).items()},
        scalars=steps if step else {},
    )


def grids(config: RunConfig, rng: np.random.Generator) -> dict[str, np.ndarray]:
    p = config.p
    a, b = np.meshgrid(np.arange(p), np.arange(p), indexing="ij")
    found = {}
    for name, shape in grid_shapes(config).items():
        waves = rng.integers(1, p // 2, size=shape[:-2])[..., None, None]
        wave = np.cos(2 * np.pi * waves * (a + b) / p)
        found[name] = np.maximum(wave + 0.05 * rng.standard_normal(shape), 0)
    return found


Times = dict[str, tuple[float, float]]
"""Median and 95th percentile in ms, by what was timed."""

BUDGET_MS = 5.0


def timed(action: Callable[[], object], n: int = 400) -> tuple[float, float]:
    for _ in range(5):
        action()
    times = []
    for _ in range(n):
        start = time.perf_counter()
        action()
        times.append(1e3 * (time.perf_counter() - start))
    p50, p95 = np.percentile(times, [50, 95])
    return float(p50), float(p95)


def measure(store_path: Path, run_id: str, label: str) -> Times:
    found: Times = {}
    rng = np.random.default_rng(1)
    store = open_store(store_path)
    run = store.run(run_id)
    reads: dict[str, Callable[[int], object]] = {
        "one neuron": lambda s: run.grid("neurons", s, int(rng.integers(512))),
        "one head": lambda s: run.grid("attention", s, (1, 0)),
        "W_E": lambda s: run.param("W_E", s),
        "all parameters": run.params,
        "logits/M": lambda s: run.measure("logits/M", s),
        "frame/loss": lambda s: run.measure("frame/loss", s),
        "neuron/frac": lambda s: run.measure("neuron/frac", s),
    }
    for name, read in reads.items():
        steps = run.grid_steps if name.startswith("one") else run.steps
        found[f"{label}: {name}, warm"] = timed(
            lambda r=read, s=steps: r(int(rng.choice(s)))
        )
    found[f"{label}: series loss/test"] = timed(lambda: run.series("loss/test"), 50)
    found[f"{label}: refresh"] = timed(run.refresh, 50)
    step = int(run.grid_steps[-1])

    def first() -> None:
        fresh = open_store(store_path)
        fresh.run(run_id).grid("neurons", step, 7)
        fresh.close()

    found[f"{label}: store, run and one neuron, first"] = timed(first, 30)
    start = time.perf_counter()
    fresh = open_store(store_path)
    fresh.run(run_id).series("loss/test")
    found[f"{label}: first curve"] = (1e3 * (time.perf_counter() - start),) * 2
    fresh.close()
    store.close()
    return found


def both(n: int) -> Times:
    """Write a run of so many checkpoints; measure its pieces and its packed file."""
    config = make_config(epochs=100 * n)
    rng = np.random.default_rng(0)
    pictures = grids(config, rng)
    with tempfile.TemporaryDirectory() as folder:
        store_path = Path(folder)
        start = time.perf_counter()
        with RunWriter.create(store_path, config) as writer:
            for step in range(0, 100 * n, 100):
                writer.commit(checkpoint(config, step, rng))
                if step % 1000 == 0:
                    writer.commit_grids(step, pictures)
            writer.finish()
        took = time.perf_counter() - start
        said = f"{n} checkpoints, {(n + 9) // 10} grids written in {took:.1f} s"
        print(said, file=sys.stderr)
        found = measure(store_path, config.run_id(), "pieces")
        start = time.perf_counter()
        packed = pack_run(store_path / config.run_id())
        took = time.perf_counter() - start
        size = packed.stat().st_size / 2**20
        print(f"packed in {took:.1f} s: {size:.0f} MiB", file=sys.stderr)
        return found | measure(store_path, config.run_id(), "packed")


def rows(*, quick: bool) -> list[Raw]:
    """Give the 95th percentile of every read; those that are warm have a budget."""
    return [
        (f"{what}, p95", p95, "ms", BUDGET_MS if what.endswith("warm") else None)
        for what, (_, p95) in both(20 if quick else 100).items()
    ]


def main() -> None:
    for what, (p50, p95) in both(int(sys.argv[1]) if sys.argv[1:] else 100).items():
        print(f"{what:44s} p50 {p50:7.3f} ms   p95 {p95:7.3f} ms")


if __name__ == "__main__":
    main()
