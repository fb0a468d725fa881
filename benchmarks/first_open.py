"""What it costs that a child process opens a file first.

For a checkpoint of the size of a nanda run and for a packed run: the first open without
and with an examination, the next one, and the first one after a restart. Also what it
takes to start the child, which happens when the first file is examined and never when a
server starts or a list is shown.

Run: ``python benchmarks/first_open.py``. Prints a table for docs/reliability.md.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from grokdash.config import RunConfig, make_config
from grokdash.store import CheckpointData, Run, RunWriter, examiner, pack_run
from grokdash.store.examiner import Examiner
from grokdash.store.passes import _known
from grokdash.store.pool import FilePool
from grokdash.store.safety import TRUSTED
from grokdash.store.schema import grid_shapes, param_shapes
from grokdash.written import size

CHECKPOINTS, GRIDS, REPEATS = 150, 12, 20


def write(root: Path, config: RunConfig) -> Path:
    """Write a run of the size of a real one, with smooth pictures."""
    rng = np.random.default_rng(0)
    params = {
        name: rng.standard_normal(shape).astype("f4")
        for name, shape in param_shapes(config).items()
    }
    angle = np.arange(config.p) * 2 * np.pi / config.p
    picture = np.cos(3 * angle)[:, None] * np.cos(3 * angle)[None, :]
    measures = {f"loss/{name}": np.array(0.5) for name in ("train", "test")}
    measures |= {f"frame/{name}": picture for name in ("loss", "correct_logit")}
    grids = {
        name: np.broadcast_to(picture, shape).astype("f4")
        for name, shape in grid_shapes(config).items()
    }
    with RunWriter.create(root, config) as writer:
        for step in range(CHECKPOINTS):
            writer.commit(CheckpointData(step=step, params=params, measures=measures))
            if step < GRIDS:
                writer.commit_grids(step, grids)
        writer.finish()
    return root / config.run_id()


def timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return 1e3 * (time.perf_counter() - start)


def read(folder: Path, examine: Callable[..., object] | None, step: int) -> None:
    """Open a run and read a matrix of one checkpoint."""
    pool = FilePool(folder.parent, examine=examine)
    with Run(folder, pool) as run:
        run.param("W_E", step)


def rows(folder: Path, cache: Path, path: Path, step: int) -> list[str]:
    """Measure one file: without, with, again, and after a restart."""
    found: dict[str, list[float]] = {}

    def measure(name: str, examine: Callable[..., object]) -> None:
        took = timed(lambda: read(folder, examine, step))
        found.setdefault(name, []).append(took)

    for _ in range(REPEATS):
        examiner._written.clear()  # noqa: SLF001 - as if another process had written it
        _known.clear()
        path.touch()
        measure("without", lambda *_: TRUSTED)
        measure("first", Examiner(cache))
        measure("again", Examiner(cache))
        _known.clear()
        measure("restart", Examiner(cache))
        (cache / "examined.sqlite").unlink()
    return [f"{statistics.median(values):.1f}" for values in found.values()]


def main() -> None:
    config = make_config("nanda", epochs=CHECKPOINTS)
    with tempfile.TemporaryDirectory() as place:
        folder = write(Path(place) / "store", config)
        start = timed(lambda: examiner._Child().end())  # noqa: SLF001 - timed alone
        print(f"starting the child: {start:.0f} ms, once")
        print("| file | size | not examined | first open | again | after a restart |")
        print("|---|---:|---:|---:|---:|---:|")
        piece = folder / "checkpoints" / f"step-{CHECKPOINTS - 1:08d}.h5"
        for name in ("checkpoint", "packed run"):
            if name == "packed run":
                piece = pack_run(folder)
            read(folder, Examiner(), CHECKPOINTS - 1)  # starts the child
            told = rows(folder, Path(place) / name, piece, CHECKPOINTS - 1)
            cells = " ms | ".join(told)
            print(f"| {name} | {size(piece.stat().st_size)} | {cells} ms |")


if __name__ == "__main__":
    main()
