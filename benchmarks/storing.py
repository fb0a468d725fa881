"""Share of a nanda run's CPU time that goes into measuring and storing.

Counts every thread of the process: copying, measures, grids, compression, writing.
Run: ``python benchmarks/storing.py``.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from table import Raw

from grokdash.config import RunConfig, make_config
from grokdash.store import CheckpointData, RunWriter, shuffled_pairs
from grokdash.threads import keep_products_on_one_core
from grokdash.training.curves import Curves
from grokdash.training.forecast import forecast
from grokdash.training.memory import keep_freed_memory
from grokdash.training.recorder import Recorder
from grokdash.training.steppers import Stepper, alone

BUDGET = 0.05
CHECKPOINTS = 12
GRIDS = 4
EPOCHS = 60


@dataclass(frozen=True, slots=True)
class Costs:
    """CPU seconds of an epoch, of storing a checkpoint and of the grids of one."""

    config: RunConfig
    epoch: float
    checkpoint: float
    grid: float

    @property
    def training(self) -> float:
        """Give the seconds of all updates of the run."""
        return self.config.epochs * self.epoch

    @property
    def storing(self) -> float:
        """Give the seconds of all that the run stores."""
        expected = forecast(self.config, 1.0)
        return expected.checkpoints * self.checkpoint + expected.grids * self.grid

    @property
    def share(self) -> float:
        """Give what storing is of both."""
        return self.storing / (self.training + self.storing)


def data(stepper: Stepper, step: int) -> CheckpointData:
    """Copy what a checkpoint holds."""
    return CheckpointData(
        step=step,
        params=stepper.copy_params()[0],
        optimizer=stepper.copy_optimizer()[0],
        rng={"torch": torch.get_rng_state().numpy()},
    )


def seconds(recorder: Recorder, put: Callable[[int], object], steps: range) -> float:
    """Give the CPU time of one of these steps, until all of them are on the disk."""
    start = time.process_time()
    for step in steps:
        put(step)
    recorder.flush()
    return (time.process_time() - start) / len(steps)


def measure(*, quick: bool = False) -> Costs:
    """Measure in this process, which it sets to one thread."""
    times = 3 if quick else 1
    checkpoints, grids, epochs = CHECKPOINTS // times, GRIDS // 2, EPOCHS // times
    keep_products_on_one_core()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    keep_freed_memory()
    config = make_config("nanda")
    pairs = shuffled_pairs(config)[: config.n_train]
    stepper = alone(config, pairs, torch.device("cpu"))
    for _ in range(5):
        stepper.update()
    start = time.process_time()
    for _ in range(epochs):
        stepper.update()
    epoch = (time.process_time() - start) / epochs

    with (
        tempfile.TemporaryDirectory() as folder,
        RunWriter.create(Path(folder), config) as writer,
        Recorder(writer, frozenset(), Curves()) as recorder,
    ):
        # What the first one takes besides, a run has once.
        seconds(recorder, lambda step: recorder.put(data(stepper, step)), range(1))
        checkpoint = seconds(
            recorder,
            lambda step: recorder.put(data(stepper, step)),
            range(1, checkpoints + 1),
        )
        grid = seconds(
            recorder,
            lambda step: recorder.put_grids(step, stepper.copy_params()[0]),
            range(grids),
        )
        writer.finish("interrupted")
    return Costs(config, epoch, checkpoint, grid)


def rows(*, quick: bool) -> list[Raw]:
    """Give what a checkpoint and its grids cost, and the share of a whole run."""
    costs = measure(quick=quick)
    return [
        ("epoch of nanda, CPU time", 1e3 * costs.epoch, "ms", None),
        (
            "checkpoint measured and stored, CPU time",
            1e3 * costs.checkpoint,
            "ms",
            None,
        ),
        ("grids of a checkpoint, CPU time", 1e3 * costs.grid, "ms", None),
        ("storing, share of the CPU time of a nanda run", costs.share, "", BUDGET),
    ]


def main() -> None:
    """Measure and print."""
    costs = measure()
    expected = forecast(costs.config, 1.0)
    print(
        f"epoch {costs.epoch * 1e3:.1f} ms CPU, checkpoint "
        f"{costs.checkpoint * 1e3:.0f} ms, grids {costs.grid * 1e3:.0f} ms"
    )
    print(
        f"{costs.config.epochs:,} epochs: {costs.training:.0f} s training, "
        f"{costs.storing:.0f} s storing ({expected.checkpoints} checkpoints, "
        f"{expected.grids} with grids)"
    )
    verdict = "met" if costs.share <= BUDGET else "MISSED"
    print(f"storing share {costs.share:.3f}; budget {BUDGET}: {verdict}")


if __name__ == "__main__":
    main()
