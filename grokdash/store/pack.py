"""Make one file, run.h5, of a run; a crash at any moment of it loses nothing.

A child process (:mod:`~grokdash.store.merge`) builds and verifies a scratch file;
it is synced and published under its name; only then do the pieces go. Readers take the
union of both, so every state in between shows the same run.
"""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from grokdash.errors import DamagedFileError, DiskFullError, StoreError
from grokdash.store import files, image, record
from grokdash.store.examiner import Examiner
from grokdash.store.expected import Expected
from grokdash.store.files import list_steps
from grokdash.store.lock import RunLock
from grokdash.store.pool import FilePool
from grokdash.store.reader import Run
from grokdash.store.schema import (
    CHECKPOINTS,
    GRIDS,
    PACKED_FILE,
    STATE,
    is_name,
    step_file,
)
from grokdash.store.trust import is_trusted, trust

_SAID = re.compile(r"error message = '([^']+)'")
"""How HDF5 gives the reason of the operating system."""
_FULL = ("No space", "File too large", "quota")


def pack_run(
    path: str | Path,
    extra_measures: Mapping[str, np.ndarray] | None = None,
    key_frequencies: tuple[int, ...] | None = None,
) -> Path:
    """Merge the pieces of a run into run.h5 and delete them.

    Parameters
    ----------
    path : path
        The run's folder.
    extra_measures : mapping of ndarray, [C, …], optional
        Measures to add or replace, one row per stored step.
    key_frequencies : tuple of int, optional
        The key set those measures were made with.

    Returns
    -------
    Path
        The packed file.

    Raises
    ------
    RunLockedError
        If the run is still being written.
    DamagedFileError
        If a piece cannot be read; all files stay as they are.
    DiskFullError
        If there is no room for the packed file beside the pieces.
    """
    folder = Path(path)
    record.check_run_id(folder.name)
    record.read_record(folder).check_ours()
    with RunLock(folder):
        return pack_locked(folder, extra_measures, key_frequencies)


def pack_locked(
    folder: Path,
    extra_measures: Mapping[str, np.ndarray] | None = None,
    key_frequencies: tuple[int, ...] | None = None,
) -> Path:
    """Do what ``pack_run`` says while the caller holds the run's lock."""
    target = folder / PACKED_FILE
    files.remove_temporaries(folder)
    with Run(folder, FilePool(folder.parent)) as run:
        if not len(run.steps):
            raise StoreError(f"{folder.name}: has no checkpoint to pack")
        _check_extra(run, extra_measures or {})
        expected = run.expected
        packed = set(run.packed_steps)
        pieces = set(run.steps.tolist()) - packed
        new = bool(pieces or run.unpacked_grids)
        complete = int(run.steps[-1]) >= run.config.epochs
    if new or extra_measures or key_frequencies is not None or not target.exists():
        _examine(folder, expected)
        ours = all(is_trusted(path) for path in _sources(folder))
        scratch = _build(folder, extra_measures or {}, key_frequencies)
        _publish(scratch, target)
        if ours:
            trust(target)
    _remove_pieces(folder, complete=complete)
    return target


def _examine(folder: Path, expected: Expected) -> None:
    """Have every piece that is not ours opened first where it can do no harm.

    Raises
    ------
    DamagedFileError
        If one is damaged, a crash, an endless loop or a bomb; the message says which.
    """
    examine = Examiner()
    pieces = [
        (kind, folder / place / step_file(step))
        for kind, place in (("checkpoint", CHECKPOINTS), ("grids", GRIDS))
        for step in sorted(list_steps(folder / place))
    ]
    for kind, path in (*pieces, ("run", folder / PACKED_FILE)):
        try:
            examine(path, folder, kind, expected)
        except FileNotFoundError:
            continue
        except DamagedFileError as error:
            raise DamagedFileError(f"{_failed(folder)}{error}") from error


def _failed(folder: Path) -> str:
    return f"{folder.name}: packing failed; every checkpoint is intact: "


def _check_extra(run: Run, extra: Mapping[str, np.ndarray]) -> None:
    for name, values in extra.items():
        if not is_name(name) or np.shape(values)[:1] != run.steps.shape:
            raise StoreError(
                f"{name}: expected a plain name and {len(run.steps)} rows, one per "
                f"checkpoint; got shape {np.shape(values)}"
            )


def _build(
    folder: Path, extra: Mapping[str, np.ndarray], keys: tuple[int, ...] | None
) -> Path:
    scratch = files.temporary_name(folder / PACKED_FILE)
    sources = _sources(folder)
    needed = sum(entry.stat().st_size for entry in sources)
    files.check_room(folder, needed // 2)
    passed = None
    try:
        if extra:
            run = record.read_record(folder).fingerprint
            values = {name: np.asarray(array) for name, array in extra.items()}
            passed = files.write_temporary(
                folder / "extra.h5", image.measures_image(values, run)
            )
        job = {
            "folder": str(folder.resolve()),
            "scratch": str(scratch.resolve()),
            "extra": str(passed.resolve()) if passed else None,
            "keys": None if keys is None else [int(key) for key in keys],
            "trusted": all(is_trusted(path) for path in sources),
            "parent": os.getpid(),
        }
        _run_child(folder, job)
        _sync(scratch)
    except BaseException:
        files.discard(scratch)
        raise
    finally:
        if passed is not None:
            files.discard(passed)
    return scratch


def _sources(folder: Path) -> list[Path]:
    """List the files that a packed file is made of."""
    return [
        entry
        for place in (folder / CHECKPOINTS, folder / GRIDS, folder)
        if place.is_dir()
        for entry in place.glob("*.h5")
    ]


def _run_child(folder: Path, job: dict[str, Any]) -> None:
    package_root = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(  # noqa: S603 - our own module, arguments as one JSON text
        [sys.executable, "-m", "grokdash.store.merge", json.dumps(job)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": package_root},
    )
    if done.returncode == 0:
        return
    try:
        told = json.loads(done.stdout)
    except ValueError:
        told = {}
    message = _failed(folder)
    if told.get("kind") == "DamagedFileError":
        raise DamagedFileError(message + str(told.get("message")))
    reason = told.get("message") or done.stderr.strip()[-500:]
    said = _SAID.search(str(told.get("message")) + done.stderr)
    if said is not None and not any(one in said[1] for one in _FULL):
        raise StoreError(f"{message}{said[1]}; pack again once that is mended")
    if any(one in reason for one in _FULL) or files.is_full(folder):
        raise DiskFullError(
            f"{message}the disk is full ({reason[:200] or 'no room is left'}): free "
            "some space and pack again"
        )
    raise StoreError(message + (_ending(done.returncode) or reason))


def _ending(code: int) -> str:
    """Say by which signal the packing process ended; empty if by none."""
    if code >= 0:
        return ""
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    if name == "SIGKILL":
        return (
            "the packing process was killed (SIGKILL), by somebody or because memory "
            "ran out; pack again"
        )
    return (
        f"HDF5 crashed in the packing process ({name}), though the disk has room; "
        "grokdash verify looks for the file that it crashed over"
    )


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    except OSError as error:
        raise files.failed_write(path, error) from error
    finally:
        os.close(descriptor)


def _publish(scratch: Path, target: Path) -> None:
    if target.exists():
        # Only a verified superset of the old file ever takes its place.
        files.rename_temporary(scratch, target)
    else:
        files.publish_temporary(scratch, target)


def _remove_pieces(folder: Path, *, complete: bool) -> None:
    with Run(folder, FilePool(folder.parent)) as run:
        packed = set(run.packed_steps)
        grids = set(run.grid_steps.tolist()) - run.unpacked_grids
    for name, steps in ((CHECKPOINTS, packed), (GRIDS, grids)):
        for step in list_steps(folder / name) & steps:
            files.remove(folder / name / step_file(step))
    if complete:  # the newest stays, so that the run can be extended
        for step in sorted(list_steps(folder / STATE))[:-1]:
            files.remove(folder / STATE / step_file(step))
