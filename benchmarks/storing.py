"""Share of a nanda run's CPU time that goes into measuring and storing.

Counts every thread of the process: copying, measures, grids, compression, writing.
Run: ``python benchmarks/storing.py``.
"""

import tempfile
import time
from pathlib import Path

import torch

from grokdash.config import make_config
from grokdash.store import CheckpointData, RunWriter, shuffled_pairs
from grokdash.threads import keep_products_on_one_core
from grokdash.training.curves import Curves
from grokdash.training.forecast import forecast
from grokdash.training.memory import keep_freed_memory
from grokdash.training.recorder import Recorder
from grokdash.training.steppers import alone

BUDGET = 0.10
CHECKPOINTS = 12
GRIDS = 4
EPOCHS = 60


def main() -> None:
    """Measure and print."""
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
    for _ in range(EPOCHS):
        stepper.update()
    epoch = (time.process_time() - start) / EPOCHS

    with (
        tempfile.TemporaryDirectory() as folder,
        RunWriter.create(Path(folder), config) as writer,
        Recorder(writer, frozenset(), Curves()) as recorder,
    ):
        start = time.process_time()
        for step in range(CHECKPOINTS):
            recorder.put(
                CheckpointData(
                    step=step,
                    params=stepper.copy_params()[0],
                    optimizer=stepper.copy_optimizer()[0],
                    rng={"torch": torch.get_rng_state().numpy()},
                )
            )
        recorder.flush()
        checkpoint = (time.process_time() - start) / CHECKPOINTS
        start = time.process_time()
        for step in range(GRIDS):
            recorder.put_grids(step, stepper.copy_params()[0])
        recorder.flush()
        grid = (time.process_time() - start) / GRIDS
        writer.finish("interrupted")

    expected = forecast(config, 1.0)
    training = config.epochs * epoch
    storing = expected.checkpoints * checkpoint + expected.grids * grid
    share = storing / (training + storing)
    print(
        f"epoch {epoch * 1e3:.1f} ms CPU, checkpoint {checkpoint * 1e3:.0f} ms, "
        f"grids {grid * 1e3:.0f} ms"
    )
    print(
        f"{config.epochs:,} epochs: {training:.0f} s training, {storing:.0f} s storing "
        f"({expected.checkpoints} checkpoints, {expected.grids} with grids)"
    )
    verdict = "met" if share <= BUDGET else "MISSED"
    print(f"storing share {share:.3f}; budget {BUDGET}: {verdict}")


if __name__ == "__main__":
    main()
