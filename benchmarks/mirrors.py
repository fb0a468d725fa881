"""What a mirror costs a training: with one and without take turns in one process.

Every checkpoint of the quick preset's dense start, one every 5 epochs, is written to
the mirror: the most that one is asked for. CPU time counts every thread of the process,
from the first update to the packed run, but not the process that wandb starts; the wall
time of the updates alone stands beside it. wandb is measured offline, where it is
installed. Run: ``python benchmarks/mirrors.py``.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from table import Raw

from grokdash.config import make_config
from grokdash.training.mirrors import KINDS, Kind
from grokdash.training.train import Options, train

MOST = 1.05
"""Budget: CPU time of a training with a mirror over that without."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of the updates, of all of the training, and of CPU in all."""

    updates: float
    whole: float
    cpu: float


def timed(epochs: int, kinds: tuple[Kind, ...]) -> Cost:
    """Train the quick preset for some epochs."""
    config = make_config("quick", epochs=epochs, dense_until=epochs, grids=0)
    with tempfile.TemporaryDirectory() as folder:
        options = Options(
            store=Path(folder), threads=1, quiet=True, device="cpu", mirrors=kinds
        )
        cpu, wall = time.process_time(), time.perf_counter()
        outcome = train(config, options)
        return Cost(
            updates=outcome.training_s,
            whole=time.perf_counter() - wall,
            cpu=time.process_time() - cpu,
        )


def rows(*, quick: bool) -> list[Raw]:
    """Measure: what, how much, its unit and its budget, an upper bound, if any."""
    return list(_rows(quick=quick))


def _rows(*, quick: bool) -> Iterator[Raw]:
    epochs, rounds = (200, 2) if quick else (400, 5)
    os.environ["WANDB_MODE"] = "offline"
    kinds = [k for k in KINDS if k.name != "wandb" and find_spec(k.module)]
    choices: dict[str, tuple[Kind, ...]] = {"none": ()}
    choices |= {kind.name: (kind,) for kind in kinds}
    found: dict[str, list[Cost]] = {name: [] for name in choices}
    for name, chosen in choices.items():
        timed(5, chosen)  # what is loaded once
        found[name] = []
    for _ in range(rounds):
        for name, chosen in choices.items():
            found[name].append(timed(epochs, chosen))
    plain = found.pop("none")
    for name, costs in found.items():
        what = f"training, quick, to {name}"
        yield f"{what}: updates / without", _best(costs, plain, "updates"), "×", None
        yield f"{what}: CPU / without", _best(costs, plain, "cpu"), "×", MOST
        late = min(c.whole for c in costs) - min(c.whole for c in plain)
        yield f"{what}: all of it, more", late, "s", None


def _best(costs: list[Cost], plain: list[Cost], name: str) -> float:
    """Compare the best rounds: noise only ever adds."""
    mine, without = (min(getattr(c, name) for c in one) for one in (costs, plain))
    return mine / without


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer epochs")
    for what, value, unit, budget in _rows(quick=parser.parse_args().quick):
        limit = "" if budget is None else f"  (at most {budget})"
        print(f"{what:56} {value:8.3f} {unit}{limit}", flush=True)


if __name__ == "__main__":
    main()
