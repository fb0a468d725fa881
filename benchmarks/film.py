"""Time films from the command line, on the cores that there are.

    python benchmarks/film.py

Each film is one command, as somebody types it: Python, server and Chromium start anew,
and nothing of the run has been computed before. A checkpoint that several pictures show
is drawn once: of a film with fewer checkpoints than pictures that is part of the time.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from examples import example_store
from table import Raw

from grokdash.saving.film.formats import FILM_FORMATS
from grokdash.store import open_store

FRAMES = 600
BUDGET_S = 60.0


def seconds(store: Path, run: str, path: Path, *options: str) -> float:
    """Time one film, with an empty cache."""
    command = [sys.executable, "-m", "grokdash", "film", run, "--store", str(store)]
    with tempfile.TemporaryDirectory() as cache:
        start = time.perf_counter()
        subprocess.run(
            [*command, "-o", str(path), "--pace", "epochs", *options],
            check=True,
            stdout=subprocess.DEVNULL,
            env=os.environ | {"GROKDASH_CACHE": cache},
        )
        return time.perf_counter() - start


def rows(*, quick: bool) -> list[Raw]:
    """Give the time of a film of the six panels in every format."""
    frames = FRAMES // 10 if quick else FRAMES
    found: list[Raw] = []
    with example_store(quick=quick) as store, tempfile.TemporaryDirectory() as folder:
        opened = open_store(store)
        run = opened.summaries()[0].id
        checkpoints = len(opened.run(run).steps)
        opened.close()
        for kind in FILM_FORMATS[: 1 if quick else None]:
            path = Path(folder) / f"film.{kind.ending}"
            took = seconds(store, run, path, "--frames", str(frames))
            what = f"{frames} pictures of {checkpoints} checkpoints, 1080p"
            found.append((f"{kind.ending}: {what}", took, "s", BUDGET_S))
            found.append(
                (f"{kind.ending}: size", path.stat().st_size / 1e6, "MB", None)
            )
    return found


def main() -> None:
    for what, value, unit, _ in rows(quick=False):
        print(f"{what:56} {value:12.1f} {unit}")


if __name__ == "__main__":
    main()
