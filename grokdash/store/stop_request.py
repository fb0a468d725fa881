"""Asking a run's trainer to stop, by a file in the run's folder.

The trainer looks for the file a few times a second, stores a checkpoint, ends, and
removes it. Nothing is signalled, so no process is ever mistaken for the trainer, and a
trainer on another computer that shares the folder hears it as well.
"""

import contextlib
from pathlib import Path

from grokdash.store import files
from grokdash.store.schema import STOP_FILE


def ask_to_stop(folder: Path) -> None:
    """Ask whoever writes this run to store a checkpoint and stop.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    try:
        files.touch(folder / STOP_FILE)
    except OSError as error:
        raise files.failed_write(folder / STOP_FILE, error) from error


def remove_request(folder: Path) -> None:
    """Forget a request; one that cannot be removed stops the run once more."""
    with contextlib.suppress(OSError):
        (folder / STOP_FILE).unlink(missing_ok=True)
