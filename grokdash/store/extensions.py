"""Extensions: that a run was trained past the end it was begun with.

``run.json`` says what was begun and never changes; ``extensions.json`` beside it lists
what was added, oldest first. The run keeps its id, which names the configuration it was
begun with, and its checkpoints: only its last epoch moves.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from grokdash.errors import DamagedFileError
from grokdash.store import files, json_input
from grokdash.store.file_models import ExtensionsFile
from grokdash.store.safety import check_format
from grokdash.store.schema import EXTENSIONS_FILE, FORMAT_VERSION

REMEDY = "put back the file that the run was written with"


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
    StoreError
        If it cannot be read.
    """
    path = folder / EXTENSIONS_FILE
    try:
        values = json_input.read_object(path)
    except FileNotFoundError:
        return ()
    check_format(path, values.get("format"))
    file = json_input.check(path, values, ExtensionsFile, remedy=REMEDY)
    found: list[Extension] = []
    for row in file.extensions:
        before = found[-1].epochs if found else epochs
        if not row.step <= row.before == before < row.epochs:
            raise DamagedFileError(
                f"{path}: extensions: expected each from the end before, here epoch "
                f"{before:,}, to a later one; got {row.before:,} to {row.epochs:,}, "
                f"gone on with from {row.step:,}; {REMEDY}"
            )
        found.append(
            Extension(
                epochs=row.epochs,
                before=row.before,
                step=row.step,
                created=row.created,
                provenance=row.provenance.model_dump(exclude_unset=True),
            )
        )
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
