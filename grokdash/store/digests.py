"""What tells two trainings apart: a digest of the parameters of every checkpoint.

It is made of the hashes in the file, so it is the same in a checkpoint's own file and
in run.h5, and no parameter is read for it. A file of an earlier format has no hashes:
there the identity of the file stands for what is in it.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

from grokdash.store.safety import Identity, SafeFile, identity

Opened = Callable[[], tuple[SafeFile, int, int]]
"""Gives the open file, the row of the checkpoint in it, and how many rows it has."""


class Digests:
    """Digests by step, each with the file that it was made from."""

    def __init__(self, names: list[str]) -> None:
        self._names = sorted(f"params/{name}" for name in names)
        self._known: dict[int, tuple[Path, Identity, str]] = {}

    def get(self, step: int, path: Path, now: Identity | None = None) -> str | None:
        """Give what is known, if it is of the file that is there.

        Raises
        ------
        FileNotFoundError
            If no file is there.
        """
        known = self._known.get(step)
        if known is None or known[0] != path:
            return None
        return known[2] if known[1] == (now or identity(path)) else None

    def is_known(self, step: int) -> bool:
        """Say whether a digest was ever made of this step."""
        return step in self._known

    def add(self, step: int, file: SafeFile, row: int, rows: int) -> str:
        """Make the digest of a checkpoint and remember it.

        Raises
        ------
        DamagedFileError
            If the file has no hashes though it should.
        """
        of_params = file.hashes.digest(self._names, row, rows)
        if of_params is None:
            text = f"{file.identity} {step}"
            of_params = hashlib.sha256(text.encode()).digest()
        found = of_params.hex()[:32]
        self._known[step] = file.path, file.identity, found
        return found
