"""Extensions: that a run was trained past the end it was begun with.

``run.json`` says what was begun and never changes; ``extensions.json`` beside it lists
what was added, oldest first. The run keeps its id, which names the configuration it was
begun with, and its checkpoints: only its last epoch moves.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from grokdash.errors import DamagedFileError
from grokdash.store import files
from grokdash.store.safety import check_format
from grokdash.store.schema import EXTENSIONS_FILE, FORMAT_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """One extension of a run.

    ``epochs`` is the new last epoch, ``before`` the last one until then, ``step`` the
    newest checkpoint when it was made, where the training went on; ``created`` is in
    Unix seconds, ``provenance`` what went on with it.
    """

    epochs: int
    before: int
    step: int
    created: float
    provenance: dict[str, Any]


def read_extensions(folder: Path, epochs: int) -> tuple[Extension, ...]:
    """Read the extensions of a run that was begun for so many epochs, oldest first.

    Raises
    ------
    FormatVersionError
        If they were written by a newer format.
    DamagedFileError
        If the file is not what it must be.
    OSError
        If it cannot be read.
    """
    path = folder / EXTENSIONS_FILE
    try:
        values = files.read_json(path)
    except FileNotFoundError:
        return ()
    check_format(path, values.get("format"))
    found: list[Extension] = []
    rows = values.get("extensions")
    for row in rows if isinstance(rows, list) else [None]:
        one = _extension(row)
        before = found[-1].epochs if found else epochs
        if one is None or not one.step <= one.before == before < one.epochs:
            raise DamagedFileError(
                f"{path}: expected a list of extensions, each from the end before to a "
                f"later one; got {str(row)[:200]}"
            )
        found.append(one)
    return tuple(found)


def add_extension(
    folder: Path,
    known: Sequence[Extension],
    extension: Extension,
) -> None:
    """Write one more extension, while the run's lock is held."""
    rows = [asdict(one) for one in (*known, extension)]
    values = {"format": list(FORMAT_VERSION), "extensions": rows}
    files.write_json(folder / EXTENSIONS_FILE, values)


def make_extension(
    epochs: int, before: int, step: int, provenance: dict[str, Any]
) -> Extension:
    """Make an extension of this moment."""
    return Extension(
        epochs=epochs,
        before=before,
        step=step,
        created=time.time(),
        provenance=provenance,
    )


def _extension(row: Any) -> Extension | None:
    """Read one row; None if it is none."""
    if not isinstance(row, dict):
        return None
    steps = {name: row.get(name) for name in ("epochs", "before", "step")}
    created, provenance = row.get("created"), row.get("provenance")
    if not all(type(number) is int and number >= 0 for number in steps.values()):
        return None
    return Extension(
        **cast(dict[str, int], steps),
        created=float(created) if isinstance(created, int | float) else 0.0,
        provenance=provenance if isinstance(provenance, dict) else {},
    )
