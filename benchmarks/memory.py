"""Peak memory of training beside its forecast, for the nanda sizes and a few p.

Each p is trained for two epochs in a process of its own, with two checkpoints, grids
and the closing analysis. Measured is by how much the peak of its resident memory
exceeds what importing everything has taken. Run: ``python benchmarks/memory.py [p …]``;
p = 211 takes about a minute.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from table import Raw

from grokdash.config import make_config
from grokdash.training.footprint import footprint
from grokdash.training.train import Options, train

DEFAULT = (23, 59, 113, 151)
LEAST, MOST = 0.6, 1.4
MIB = 2**20


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("p", type=int, nargs="*", default=DEFAULT)
    parser.add_argument("--child", action="store_true", help="measure here")
    asked = parser.parse_args()
    for p in asked.p:
        if asked.child:
            print(measured(p))
            continue
        took, expected = beside_forecast(p)
        ratio = took / expected
        verdict = "met" if LEAST <= ratio <= MOST else "MISSED"
        print(
            f"p = {p}: forecast {expected / MIB:,.0f} MiB, measured "
            f"{took / MIB:,.0f} MiB, ratio {ratio:.2f}; {LEAST} to {MOST}: {verdict}",
            flush=True,
        )


def beside_forecast(p: int) -> tuple[int, int]:
    """Measure in a process of its own; give bytes measured and forecast."""
    command = [sys.executable, __file__, "--child", str(p)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return int(done.stdout.split()[-1]), footprint([make_config("nanda", p=p)])


def rows(*, quick: bool) -> list[Raw]:
    """Give the peak of training over its forecast, by p."""
    found: list[Raw] = []
    for p in DEFAULT[1:2] if quick else DEFAULT[:3]:
        took, expected = beside_forecast(p)
        what = f"peak memory of training, p = {p}"
        found += [
            (what, took / 1e6, "MB", None),
            (f"{what}, over its forecast", took / expected, "", MOST),
        ]
    return found


def measured(p: int) -> int:
    """Train here for two epochs; give by how many bytes the peak memory grew."""
    config = make_config(
        "nanda", p=p, epochs=2, dense_every=1, checkpoint_every=1, grids=1
    )
    before = _peak()
    with tempfile.TemporaryDirectory() as store:
        options = Options(store=Path(store), device="cpu", quiet=True, disk_budget=100)
        train(config, options)
    return _peak() - before


def _peak() -> int:
    """Give the peak of the resident memory in bytes; macOS counts in bytes already."""
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
