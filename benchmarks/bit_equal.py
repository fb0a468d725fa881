"""Hashes of everything that short runs store, to compare two commits bit by bit.

Runs alone and batched, of one and more layers, with the options that change the
arithmetic, each straight through and stopped by a signal and gone on with. The hashes
belong to one machine and one set of libraries, so no test can hold them. Run on both
commits: ``python benchmarks/bit_equal.py > before.txt``, then
``python benchmarks/bit_equal.py --against before.txt``.
"""

import argparse
import hashlib
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from table import Raw

from grokdash.config import RunConfig, make_config
from grokdash.errors import NotStoredError
from grokdash.store import Run, open_store
from grokdash.store.schema import GRID_NAMES
from grokdash.sweeps.engines import train_unit
from grokdash.training.steppers import Stepper

TINY = {
    "p": 11,
    "d_model": 16,
    "d_mlp": 24,
    "n_heads": 2,
    "epochs": 60,
    "dense_until": 10,
    "checkpoint_every": 10,
    "grids": 3,
}
ARITHMETIC: dict[str, dict[str, Any]] = {
    "one layer": {},
    "two layers": {"n_layers": 2},
    "LayerNorm": {"n_layers": 2, "layer_norm": True, "causal_mask": False},
    "Adam, no biases": {"optimizer": "adam", "weight_decay": 0.01, "mlp_bias": False},
    "float32 loss, GELU": {"loss_dtype": "float32", "activation": "gelu"},
    "tied, no =": {"tied_unembedding": True, "equals_class": False, "warmup": 0},
    "one layer, wider": {"p": 31, "d_model": 64, "d_mlp": 128, "n_heads": 4},
    "two threads": {"p": 59, "d_model": 64, "d_mlp": 256, "epochs": 20},
}
MEMBERS: list[dict[str, Any]] = [
    {"seed": 0},
    {"seed": 1, "split_seed": 1, "epochs": 44, "lr": 3e-3, "warmup": 3},
    {"seed": 2, "split_seed": 2, "weight_decay": 0.5, "beta2": 0.999},
    {"seed": 3, "operation": "subtract", "eps": 1e-7},
]
STOPPED_AT = 17


def cases() -> Iterator[tuple[str, list[RunConfig], int]]:
    """Give every case: its name, its runs and its threads."""
    for name, fields in ARITHMETIC.items():
        threads = 2 if name == "two threads" else 1
        yield f"alone, {name}", [make_config("quick", TINY, fields)], threads
        if threads == 1:
            members = [make_config("quick", TINY, fields, own) for own in MEMBERS]
            yield f"batch, {name}", members, threads


@contextmanager
def stopping(after: int) -> Iterator[None]:
    """Send this process SIGTERM in the middle of an update."""
    compute, count = Stepper.compute, 0

    def counted(self: Stepper) -> Any:
        nonlocal count
        count += 1
        if count == after:
            signal.raise_signal(signal.SIGTERM)
        return compute(self)

    Stepper.compute = counted
    try:
        yield
    finally:
        Stepper.compute = compute


def train(configs: list[RunConfig], store: Path, threads: int) -> None:
    """Train the runs; anything but an end or a stop is raised."""
    events = train_unit([c.model_dump() for c in configs], str(store), threads)
    wrong = [one for one in events if one.kind not in ("finished", "stopped")]
    if wrong:
        raise SystemExit(f"a run failed: {wrong}")


def stored(run: Run, steps: np.ndarray | None = None) -> Iterator[tuple[str, Any]]:
    """Give parameters, state, measures, scalars and grids by name.

    If ``steps`` are given, of checkpoints, nothing of the others.
    """
    steps = run.steps if steps is None else steps
    yield "steps", steps
    for step in steps.tolist():
        groups = {"params": run.params(step)} | _state(run, step)
        for group, arrays in groups.items():
            for name, values in arrays.items():
                yield f"{step} {group}/{name}", values
    for name in run.measure_names:
        yield name, run.series(name)[np.isin(run.steps, steps)]
    for name in run.scalar_names:
        yield f"{name} and its steps", np.stack(run.scalars(name))
    for step in np.intersect1d(run.grid_steps, steps).tolist():
        for name in GRID_NAMES:
            yield f"{step} {name}", run.grid(name, step)


def digest(run: Run, steps: np.ndarray | None = None) -> str:
    """Hash everything that a run has stored, with names, types and shapes."""
    found = hashlib.sha256()
    for name, values in sorted(stored(run, steps), key=lambda one: one[0]):
        array = np.ascontiguousarray(values)
        found.update(f"{name} {array.dtype} {array.shape} ".encode())
        found.update(array.tobytes())
    return found.hexdigest()[:16]


def _state(run: Run, step: int) -> dict[str, dict[str, np.ndarray]]:
    """Give the optimiser's and the generator's state, as far as it is kept."""
    try:
        return run.state(step)
    except NotStoredError:
        return {}


def digests(configs: list[RunConfig], store: Path, like: Path | None = None) -> str:
    """Hash every run of a case; of checkpoints only those that runs of ``like`` have.

    Who is stopped has stored a checkpoint more.
    """
    opened = open_store(store)
    other = opened if like is None else open_store(like)
    try:
        return " ".join(
            digest(opened.run(config.run_id()), other.run(config.run_id()).steps)
            for config in configs
        )
    finally:
        opened.close()
        other.close()


def states(configs: list[RunConfig], threads: int) -> tuple[str, str, str]:
    """Hash runs that met nothing, were stopped, and were then gone on with.

    The last without the checkpoint of the stop, to be equal to the first.
    """
    with tempfile.TemporaryDirectory() as folder:
        straight, broken = Path(folder, "straight"), Path(folder, "broken")
        train(configs, straight, threads)
        with stopping(STOPPED_AT):
            train(configs, broken, threads)
        stopped = digests(configs, broken)
        train(configs, broken, threads)
        gone_on = digests(configs, broken, like=straight)
        return digests(configs, straight), stopped, gone_on


def lines() -> Iterator[str]:
    """Train every case and give a line for each of its states."""
    for name, configs, threads in cases():
        straight, stopped, gone_on = states(configs, threads)
        yield f"{name}: {straight}"
        yield f"{name}, stopped: {stopped}"
        yield f"{name}, gone on with: {gone_on}"


def rows(*, quick: bool) -> list[Raw]:
    """Give how many cases end with other bits after they were stopped."""
    chosen = list(cases())[: 4 if quick else None]
    differing = 0
    for _, configs, threads in chosen:
        straight, _, gone_on = states(configs, threads)
        differing += straight != gone_on
    what = f"stopped and gone on with, other bits than straight on, of {len(chosen)}"
    return [(what, differing, "", 0)]


def main() -> None:
    """Print the hashes, and compare them if there is something to compare with."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", type=Path, help="what another commit printed")
    against = parser.parse_args().against
    found = []
    for line in lines():
        print(line, flush=True)
        found.append(line)
    if against is None:
        return
    expected = against.read_text(encoding="utf-8").splitlines()
    differing = set(found) ^ set(expected)
    names = sorted({line.partition(": ")[0] for line in differing})
    print(f"{len(found)} lines; differing: {', '.join(names) or 'none'}")
    sys.exit(bool(names))


if __name__ == "__main__":
    main()
