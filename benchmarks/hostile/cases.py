"""A run on disk, one file of which is damaged or forged, read, and judged."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from grokdash.config import RunConfig, make_config
from grokdash.errors import GrokdashError
from grokdash.store import CheckpointData, Run, RunWriter, open_store, pack_run
from grokdash.store.schema import GRID_NAMES, grid_shapes, param_shapes
from hostile.forging import Block, blocks, forge, forge_values

KINDS = ("checkpoint", "state", "grids", "run")
FILES = {
    "checkpoint": "checkpoints/step-00000004.h5",
    "state": "state/step-00000004.h5",
    "grids": "grids/step-00000004.h5",
    "run": "run.h5",
}
STEPS = (0, 4)
PATTERN = 0xA5
FOREIGN = (bytes([PATTERN]) * 4, bytes([PATTERN ^ 0xFF]) * 4)
PAGE = 512

Values = dict[str, Any]


def config() -> RunConfig:
    return make_config(
        p=5,
        d_model=4,
        d_mlp=4,
        n_heads=1,
        train_fraction=0.5,
        epochs=4,
        layer_norm=True,
    )


def checkpoint(step: int) -> CheckpointData:
    """Make arrays that are functions of the step, without a zero among them."""
    rng = np.random.default_rng(step)

    def some(shape: tuple[int, ...], kind: str = "f4") -> np.ndarray:
        return (1 + rng.random(shape)).astype(kind)

    params = {name: some(shape) for name, shape in param_shapes(config()).items()}
    measures = {f"loss/{n}": some((), "f8") for n in ("train", "test", "all")}
    measures |= {f"many/m{n}": some((5,)) for n in range(10)}
    measures |= {"frame/loss": some((50, 50)), "logits/M": some((50, 50))}
    scalars = {f"scalar_{n}": some((step,), "f8") for n in range(10)} if step else {}
    return CheckpointData(
        step=step,
        params=params,
        optimizer={f"{name}.exp_avg": 2 * value for name, value in params.items()},
        rng={"torch": rng.integers(1, 256, 5056).astype(np.uint8)},
        measures=measures,
        scalars=scalars,
    )


def write(root: Path, *, packed: bool) -> Path:
    rng = np.random.default_rng(9)
    with RunWriter.create(root, config()) as writer:
        for step in STEPS:
            writer.commit(checkpoint(step))
            shapes = grid_shapes(config()).items()
            grids = {n: (1 + rng.random(s)).astype("f4") for n, s in shapes}
            writer.commit_grids(step, grids)
        writer.finish()
    folder = root / config().run_id()
    if packed:
        pack_run(folder)
    return folder


def reads(run: Run, kind: str) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Name everything that is read, and how."""
    step = STEPS[-1]
    if kind == "state":
        yield "state", lambda: run.state(step)
        return
    if kind in ("grids", "run"):
        for name in GRID_NAMES:
            yield f"grid {name}", lambda name=name: run.grid(name, step)
    if kind in ("checkpoint", "run"):
        for name in param_shapes(config()):
            yield f"param {name}", lambda name=name: run.param(name, step)
        for name in sorted(checkpoint(step).measures):
            yield f"measure {name}", lambda name=name: run.measure(name, step)
            yield f"series {name}", lambda name=name: run.series(name)
        for n in range(10):
            yield f"scalar {n}", lambda n=n: run.scalars(f"scalar_{n}")


def read_all(root: Path, kind: str) -> tuple[Values, list[str]]:
    """Read everything; what is refused is missing, with the reason."""
    store, found, reasons = open_store(root), {}, []
    try:
        run = store.run(config().run_id())
        for name, read in reads(run, kind):
            try:
                found[name] = read()
            except GrokdashError as error:
                reasons.append(str(error))
        reasons += run.damaged.values()
    except GrokdashError as error:
        reasons.append(str(error))
    finally:
        store.close()
    return found, reasons


def same(name: str, value: Any, truth: Any) -> bool:
    """Compare; a damaged checkpoint may drop out of what is read over all of them."""
    if value is None:
        return True
    if isinstance(truth, dict):
        return value.keys() == truth.keys() and all(
            same(name, value[key], truth[key]) for key in truth
        )
    if name.startswith("scalar"):
        steps, values = value
        return len(steps) == len(values) and all(
            step in truth[0] and values[i] == truth[1][list(truth[0]).index(step)]
            for i, step in enumerate(steps)
        )
    if name.startswith("series") and len(value) == len(truth):
        kept = [i for i, row in enumerate(value) if not np.isnan(row).all()]
        if np.ndim(value) == 1 or np.shape(value) == np.shape(truth):
            value, truth = np.asarray(value)[kept], np.asarray(truth)[kept]
    return np.shape(value) == np.shape(truth) and np.array_equal(value, truth)


def damage(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    """Do to a file what disks, copies and networks do."""
    changed = bytearray(data)
    kind = rng.choice(("bits", "bytes", "zeros", "swap", "repeat", "cut", "erased"))
    at = rng.randrange(len(data))
    page = at // PAGE * PAGE
    other = rng.randrange(len(data)) // PAGE * PAGE
    size = min(PAGE, len(data) - page, len(data) - other)
    if kind == "bits":
        for _ in range(rng.choice((1, 1, 2, 8))):
            changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif kind == "bytes":
        length = min(rng.choice((1, 2, 4, 8, 64)), len(data) - at)
        changed[at : at + length] = rng.randbytes(length)
    elif kind == "cut":
        del changed[at:]
    elif kind == "swap":
        changed[page : page + size] = data[other : other + size]
        changed[other : other + size] = data[page : page + size]
    elif kind == "repeat":
        changed[page : page + size] = data[other : other + size]
    else:
        end = len(data) if rng.random() < 0.2 else page + size
        value = 0 if kind == "zeros" else 255
        changed[page:end] = bytes([value]) * (end - page)
    return bytes(changed), kind


class Case:
    """One run on disk, of which one file is replaced again and again."""

    def __init__(self, place: Path, kind: str) -> None:
        self.kind = kind
        self.root = place / kind
        self.path = write(self.root, packed=kind == "run") / FILES[kind]
        self.whole = self.path.read_bytes()
        self.blocks: list[Block] = blocks(self.whole)
        self.truth, refused = read_all(self.root, kind)
        if refused:
            raise SystemExit(f"the whole file is refused: {refused}")
        self.copy = place / f"{kind}.h5"
        self.copy.write_bytes(self.whole)

    def changed(self, rng: random.Random, *, forged: bool) -> tuple[bytes, str]:
        while True:
            if not forged:
                data, what = damage(self.whole, rng)
            elif rng.random() < 0.1:
                data, what = forge_values(str(self.copy), self.whole, rng)
            else:
                data, what = forge(self.whole, self.blocks, rng)
            if data != self.whole:
                return data, what

    def put(self, data: bytes) -> None:
        temporary = self.path.with_name(".tmp-fuzz")
        temporary.write_bytes(data)
        temporary.replace(self.path)

    def judge(self) -> tuple[str, str]:
        """Read the file that is there and say what came of it."""
        try:
            found, reasons = read_all(self.root, self.kind)
        except Exception as error:  # noqa: BLE001 - a bug to be counted
            return "traceback", repr(error)[:300]
        wrong = {n: v for n, v in found.items() if not same(n, v, self.truth[n])}
        if any(mark in _bytes(value) for value in wrong.values() for mark in FOREIGN):
            return "foreign bytes", str(sorted(wrong))
        if wrong:
            return "silently wrong", str(sorted(wrong))
        crashed = [reason for reason in reasons if "HDF5 crashed" in reason]
        endless = [reason for reason in reasons if "of computing" in reason]
        if crashed or endless:
            return "child died", (crashed + endless)[0]
        missing = len(found) < len(self.truth) or any(v is None for v in found.values())
        return ("refused", reasons[0] if reasons else "") if missing else ("equal", "")


def _bytes(value: Any) -> bytes:
    if isinstance(value, dict):
        return b"".join(map(_bytes, value.values()))
    if isinstance(value, tuple):
        return b"".join(map(_bytes, value))
    return np.asarray(value).tobytes()
