"""How this very program is started again to train; nothing here needs torch."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

_THREADS = {"OPENBLAS_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
"""What the command line would set for itself; saying it now saves a second start."""


def trainer_command(arguments: Sequence[str]) -> list[str]:
    """Give the words of ``grokdash train``, for no shell."""
    return own_command(["train", *arguments])


def own_command(arguments: Sequence[str]) -> list[str]:
    """Give the words of any command of ours; -P: not from this folder."""
    return [sys.executable, "-P", "-m", "grokdash", *arguments]


def environment() -> dict[str, str]:
    """Give the environment in which that finds this package, installed or not."""
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return _THREADS | os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
