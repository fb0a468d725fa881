"""A store to measure on, made by the trainer itself.

    python benchmarks/examples.py STORE [--quick]

``benchmarks/report.py`` makes one and hands it to every script that it starts, by the
environment; a script that is started alone makes its own in a temporary folder.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from report import STORE

from grokdash.config import RunConfig, make_config
from grokdash.training.train import Options, train


def example_config(*, quick: bool) -> RunConfig:
    """Give the run: 400 checkpoints of the nanda network, or 60 of a smaller one."""
    if quick:
        sizes = {"p": 59, "d_model": 128, "d_mlp": 512}
        return make_config("quick", sizes, epochs=60, **_dense(60), grids=12)
    return make_config("nanda", epochs=400, **_dense(400), grids=64)


def _dense(epochs: int) -> dict[str, int]:
    return {"dense_every": 1, "dense_until": epochs, "checkpoint_every": 1}


def make_example(store: Path, *, quick: bool) -> None:
    """Train the run into a store."""
    options = Options(store=store, threads=1, device="cpu", quiet=True, disk_budget=4)
    train(example_config(quick=quick), options)


@contextmanager
def example_store(*, quick: bool) -> Iterator[Path]:
    """Give a store with one finished run: the one that is there, or a passing one."""
    if there := os.environ.get(STORE):
        yield Path(there)
        return
    with tempfile.TemporaryDirectory() as folder:
        make_example(Path(folder), quick=quick)
        yield Path(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("store", type=Path)
    parser.add_argument("--quick", action="store_true", help="a smaller run")
    asked = parser.parse_args()
    make_example(asked.store, quick=asked.quick)


if __name__ == "__main__":
    main()
