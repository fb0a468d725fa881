"""Time pictures, films and numbers from the command line.

    python benchmarks/exports.py

Each file is one command, as somebody types it: Python and Chromium start anew for every
picture. The 30 figures of the budget are worked out from as many as are drawn here.
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
FIGURES = 30
BUDGET_S = 10.0
FRAMES = 60


def seconds(store: Path, *arguments: str) -> float:
    """Time one command."""
    command = [sys.executable, "-m", "grokdash", "export", *arguments]
    start = time.perf_counter()
    subprocess.run(
        [*command, "--store", str(store)], check=True, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - start


def rows(*, quick: bool) -> list[Raw]:
    """Give the time of pictures, of a film and of numbers."""
    chosen = VIEWS[: 2 if quick else None]
    frames = FRAMES // 6 if quick else FRAMES
    with example_store(quick=quick) as store, tempfile.TemporaryDirectory() as folder:
        opened = open_store(store)
        run = opened.summaries()[0].id
        opened.close()
        place = Path(folder)
        pictures = [
            seconds(store, run, view, str(place / f"{view}.png")) for view in chosen
        ]
        numbers = seconds(store, run, VIEWS[0], str(place / "numbers.csv"))
        film = seconds(
            store, run, VIEWS[0], str(place / "film.gif"), "--frames", str(frames)
        )
    each = sum(pictures) / len(pictures)
    return [
        ("one figure from the command line, PNG", each, "s", None),
        (f"{FIGURES} figures, one command each", FIGURES * each, "s", BUDGET_S),
        ("one file of numbers from the command line, CSV", numbers, "s", None),
        (f"film of one view, {frames} pictures, GIF", film, "s", None),
    ]


def main() -> None:
    for what, value, unit, _ in rows(quick=False):
        print(f"{what:48} {value:8.1f} {unit}")


if __name__ == "__main__":
    main()
