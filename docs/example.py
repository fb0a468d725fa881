"""Train the run that comes with grokdash anew: all that lies in grokdash/example/runs.

    python docs/example.py

The configuration is grokdash/example/example.toml; training takes some seconds. The
same versions on the same processor give the same bits, others the same up to rounding.
"""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from grokdash.example import PLACE, example_config, example_id
from grokdash.store import Notes
from grokdash.store.files import folder_bytes
from grokdash.store.record import read_status, write_notes, write_status
from grokdash.training.outcome import describe
from grokdash.training.train import Options, train

KEPT = ("run.json", "run.h5", "status.json", "notes.json", "state")
"""What a copy needs; the others belong to the process that trained."""
NOTES = Notes(
    title="Example: a network that has grokked",
    tags=("example",),
    notes="Comes with grokdash. What you write here stays.",
)


def main() -> None:
    """Train the run, and put it in the place of the one that is there."""
    with tempfile.TemporaryDirectory() as store:
        options = Options(store=Path(store), threads=1, device="cpu", quiet=True)
        print(describe(train(example_config(), options)))
        run = Path(store) / example_id()
        write_status(run, replace(read_status(run), pid=0, host="", mark=""))
        write_notes(run, NOTES)
        if PLACE.exists():
            shutil.rmtree(PLACE)
        shutil.copytree(run, PLACE / run.name, ignore=_passing)
    print(f"{PLACE}: {folder_bytes(PLACE) / 1e6:.2f} MB")


def _passing(folder: str, names: list[str]) -> list[str]:
    """Name what is not kept of a run."""
    whole = Path(folder).name == example_id()
    return [name for name in names if whole and name not in KEPT]


if __name__ == "__main__":
    main()
