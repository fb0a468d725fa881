"""Time pictures and numbers from the command line.

    python benchmarks/exports.py

Each line is one command, as somebody types it: Python and Chromium start anew. What 30
figures take after the start is the time between the first file and the last.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from examples import example_store
from table import Raw

from grokdash.store import open_store

VIEWS = ("embedding-circles", "attention-heads", "neuron-grid", "correct-logit")
EPOCHS = 30 // len(VIEWS) + 1
FIGURES = 30
BUDGET_S = 10.0


def seconds(store: Path, *arguments: str) -> tuple[float, float]:
    """Time one command: all of it, and from the first file to the last."""
    command = [sys.executable, "-m", "grokdash", "export", *arguments]
    start = time.perf_counter()
    first = None
    with subprocess.Popen(
        [*command, "--store", str(store)], stdout=subprocess.PIPE, text=True
    ) as process:
        for _line in process.stdout or ():
            first = first or time.perf_counter()
    end = time.perf_counter()
    if process.returncode or first is None:
        raise SystemExit(f"{' '.join(command)}: ended with {process.returncode}")
    return end - start, end - first


def rows(*, quick: bool) -> list[Raw]:
    """Give the time of one figure, of many, and of numbers."""
    with example_store(quick=quick) as store, tempfile.TemporaryDirectory() as folder:
        opened = open_store(store)
        run = opened.run(opened.summaries()[0].id)
        steps = run.steps[:: max(1, len(run.steps) // EPOCHS)][:EPOCHS].tolist()
        opened.close()
        place = Path(folder)
        one, _ = seconds(store, run.id, VIEWS[0], "-o", str(place / "one.png"))
        numbers, _ = seconds(store, run.id, VIEWS[0], "-o", str(place / "one.csv"))
        epochs = ("--epochs", ",".join(map(str, steps)))
        found: list[Raw] = []
        for ending in ("png",) if quick else ("png", "svg", "pdf"):
            out = ("--format", ending, "-o", str(place / ending))
            whole, after = seconds(store, run.id, *VIEWS, *epochs, *out)
            count = len(list((place / ending).iterdir()))
            each = after / (count - 1)
            found += [
                (f"{count} figures by one command, {ending.upper()}", whole, "s", None),
                (
                    f"{FIGURES} figures after the first, {ending.upper()}",
                    FIGURES * each,
                    "s",
                    BUDGET_S,
                ),
            ]
    return [
        ("one figure from the command line, PNG", one, "s", None),
        *found,
        ("one file of numbers from the command line, CSV", numbers, "s", None),
    ]


def main() -> None:
    for what, value, unit, _ in rows(quick=False):
        print(f"{what:48} {value:8.1f} {unit}")


if __name__ == "__main__":
    main()
