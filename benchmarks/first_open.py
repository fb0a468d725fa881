"""What it costs that a child process opens a file first.

For a checkpoint of the size of a nanda run and for a packed run: the first open without
and with an examination, the next one, and the first one after a restart. Also what it
takes to start the child, which happens when the first file is examined and never when a
server starts or a list is shown; and the first curve of 300 checkpoints that are not
packed, examined one at a time and some at once, in turns.

Run: ``python benchmarks/first_open.py``. Prints a table for docs/reliability.md.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from grokdash.config import RunConfig, make_config
from grokdash.store import (
    CheckpointData,
    Run,
    RunWriter,
    examiner,
    pack_run,
    trust,
)
from grokdash.store.examiner import Examiner
from grokdash.store.passes import _NAME, _known
from grokdash.store.pool import FilePool
from grokdash.store.safety import TRUSTED
from grokdash.store.schema import grid_shapes, param_shapes

CHECKPOINTS, GRIDS, REPEATS = 300, 12, 20
BUDGETS = {"packed run, first open": 150.0}
Row = tuple[str, float, str, float | None]


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
        for step in range(config.epochs):
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


def opened(folder: Path, cache: Path, path: Path, step: int) -> dict[str, float]:
    """Measure one file: without, with, again, and after a restart."""
    found: dict[str, list[float]] = {}

    def measure(name: str, examine: Callable[..., object]) -> None:
        took = timed(lambda: read(folder, examine, step))
        found.setdefault(name, []).append(took)

    for _ in range(REPEATS):
        forget()
        path.touch()
        measure("not examined", lambda *_: TRUSTED)
        measure("first open", Examiner(cache))
        measure("again", Examiner(cache))
        _known.clear()
        measure("after a restart", Examiner(cache))
        (cache / _NAME).unlink()
    return {name: statistics.median(values) for name, values in found.items()}


def forget() -> None:
    """Go on as if another process had written all files."""
    trust.forget()
    _known.clear()


def curve(folder: Path, *, at_once: bool) -> float:
    """Read the test loss of every checkpoint of a run that nobody has examined."""
    forget()
    worth_it = examiner.WORTH_IT
    examiner.WORTH_IT = worth_it if at_once else 10**9
    try:
        with Run(folder, FilePool(folder.parent, examine=Examiner())) as run:
            return timed(lambda: run.series("loss/test"))
    finally:
        examiner.WORTH_IT = worth_it


def curves(folder: Path) -> Iterator[Row]:
    found: dict[bool, list[float]] = {False: [], True: []}
    for _ in range(3):
        for at_once, those in found.items():
            those.append(curve(folder, at_once=at_once))
    for at_once, those in found.items():
        how = "some at once" if at_once else "one at a time"
        what = f"first curve of an unpacked run, {how}"
        yield what, round(statistics.median(those)), "ms", None


def measured(checkpoints: int) -> Iterator[Row]:
    config = make_config("nanda", epochs=checkpoints)
    with tempfile.TemporaryDirectory() as place:
        folder = write(Path(place) / "store", config)
        start = timed(lambda: examiner._Child().end())  # noqa: SLF001 - timed alone
        yield "starting the child, once", round(start), "ms", None
        yield from curves(folder)
        piece = folder / "checkpoints" / f"step-{checkpoints - 1:08d}.h5"
        for name in ("checkpoint", "packed run"):
            if name == "packed run":
                piece = pack_run(folder)
            read(folder, Examiner(), checkpoints - 1)  # starts the child
            yield f"{name}, size", round(piece.stat().st_size / 1e6, 1), "MB", None
            found = opened(folder, Path(place) / name, piece, checkpoints - 1)
            for how, took in found.items():
                what = f"{name}, {how}"
                yield what, round(took, 1), "ms", BUDGETS.get(what)


def rows(*, quick: bool) -> list[Row]:
    """Give what was measured for the table of all benchmarks."""
    return list(measured(40 if quick else CHECKPOINTS))


def main() -> None:
    print("| what | measured |")
    print("|---|---:|")
    for what, value, unit, _budget in measured(CHECKPOINTS):
        print(f"| {what} | {value:,g} {unit} |", flush=True)


if __name__ == "__main__":
    main()
