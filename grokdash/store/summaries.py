"""The list of the runs of a store, kept in a small rebuildable SQLite file.

It is made from run.json, status.json and notes.json alone; no HDF5 file is opened for
it. The SQLite file only saves reading them again: it is checked against the files'
times and sizes on every listing, thrown away when damaged, and kept in memory when the
cache folder cannot be written.
"""

import contextlib
import hashlib
import json
import logging
import math
import os
import sqlite3
import stat
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from grokdash.errors import (
    NotStoredError,
    StoreError,
    UnusableFolderError,
)
from grokdash.store import record
from grokdash.store.files import folder_bytes
from grokdash.store.schema import (
    CHECKPOINTS,
    EXTENSIONS_FILE,
    GRIDS,
    NOTES_FILE,
    PACKED_FILE,
    RUN_FILE,
    STATUS_FILE,
    is_run_name,
)
from grokdash.store.values import RunStatus, RunSummary

logger = logging.getLogger(__name__)

CATALOG_VERSION = 7
_WATCHED = (
    *(RUN_FILE, EXTENSIONS_FILE, STATUS_FILE, NOTES_FILE, PACKED_FILE),
    *(CHECKPOINTS, GRIDS),
)
_SIGNS = (RUN_FILE, PACKED_FILE, CHECKPOINTS)
"""A folder with none of these is no run and none of our business."""
_FROM_CONFIG = (
    "operation", "p", "seed", "train_fraction", "weight_decay", "lr", "n_layers",
    "n_heads", "d_model", "d_mlp", "epochs",
)  # fmt: skip
_FROM_SUMMARY = (
    "train_loss", "test_loss", "train_accuracy", "test_accuracy", "grok_start",
    "grok_end",
)  # fmt: skip
_SUMMARY, _STATUS = TypeAdapter(RunSummary), TypeAdapter(RunStatus)
"""The database is ours, but a file like any other: its values are checked too."""
_MAX_SPARKLINE = 40
_MAX_WORD = 40
_MAX_KEYS = 500

Row = tuple[str, RunSummary, RunStatus]
"""Signature of the files that a summary was made from, the summary, and the status."""


class Summaries:
    """Summaries by run id, each with the signature of the files it was made from."""

    def __init__(self, cache: Path | None, root: Path) -> None:
        self._path = None
        if cache is not None:
            name = f"catalog-{hashlib.sha256(str(root).encode()).hexdigest()[:16]}"
            self._path = cache / f"{name}.sqlite"
        self._rows: dict[str, Row] = {}
        self._database = self._connect()

    def _connect(self) -> sqlite3.Connection | None:
        if self._path is None:
            return None
        for _ in range(2):
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                database = sqlite3.connect(
                    self._path, check_same_thread=False, timeout=1
                )
                self._load(database)
            except (sqlite3.Error, ValueError) as error:
                logger.warning("%s: rebuilt: %s", self._path, error)
                self._rows.clear()
                with contextlib.suppress(OSError):
                    self._path.unlink(missing_ok=True)
            except OSError as error:
                logger.warning("%s: kept in memory: %s", self._path, error)
                return None
            else:
                return database
        return None

    def _load(self, database: sqlite3.Connection) -> None:
        database.execute(
            "CREATE TABLE IF NOT EXISTS runs (id TEXT PRIMARY KEY, version INTEGER, "
            "signature TEXT, summary TEXT, status TEXT)"
        )
        query = "SELECT id, signature, summary, status FROM runs WHERE version = ?"
        for run_id, signature, summary, status in database.execute(
            query, (CATALOG_VERSION,)
        ):
            self._rows[run_id] = (
                signature,
                _SUMMARY.validate_json(summary, strict=True),
                _STATUS.validate_json(status, strict=True),
            )

    def known(self, run_id: str) -> str:
        """Give the signature that a run's row was made from; empty if there is none."""
        row = self._rows.get(run_id)
        return "" if row is None else row[0]

    def update(
        self, looked: Mapping[str, "Looked"], silent: Collection[str] = ()
    ) -> list[Row]:
        """Take what was seen of each run and give their rows.

        Parameters
        ----------
        looked
            By run id, what :func:`look` saw.
        silent
            Runs that could not be looked at: they keep the row that they had.
        """
        rows = {name: one for name, one in looked.items() if one.signature}
        changed = [name for name, one in rows.items() if one.row is not None]
        for run_id in changed:
            signature, row = rows[run_id].signature, rows[run_id].row
            if row is not None:
                self._rows[run_id] = (signature, *row)
        gone = self._rows.keys() - rows.keys() - set(silent)
        for run_id in gone:
            del self._rows[run_id]
        if changed or gone:
            self._save(changed, gone)
        there = sorted(rows.keys() | (self._rows.keys() & set(silent)))
        return [self._rows[run_id] for run_id in there]

    def _save(self, changed: list[str], gone: set[str]) -> None:
        if self._database is None:
            return
        try:
            with self._database:
                self._database.executemany(
                    "DELETE FROM runs WHERE id = ?", [(run_id,) for run_id in gone]
                )
                self._database.executemany(
                    "INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?)",
                    [self._row(run_id) for run_id in changed],
                )
        except sqlite3.Error as error:
            logger.warning("%s: not saved: %s", self._path, error)

    def _row(self, run_id: str) -> tuple[str, int, str, str, str]:
        signature, summary, status = self._rows[run_id]
        return (
            run_id,
            CATALOG_VERSION,
            signature,
            json.dumps(asdict(summary)),
            json.dumps(asdict(status)),
        )

    def close(self) -> None:
        """Close the database."""
        if self._database is not None:
            self._database.close()
            self._database = None


def summarise(folder: Path) -> tuple[RunSummary, RunStatus]:
    """Make the row of one run from its JSON files."""
    status, status_wrong = record.look_at_status(folder)
    notes, notes_wrong = record.look_at_notes(folder)
    try:
        about = record.read_record(folder)
    except NotStoredError:
        problem = f"{folder}: run.json is missing, so nothing says what was trained"
        return RunSummary(id=folder.name, problem=problem, title=notes.title), status
    except StoreError as error:
        return (
            RunSummary(id=folder.name, problem=str(error), title=notes.title),
            status,
        )
    values: dict[str, Any] = {
        "id": folder.name,
        "notice": "; ".join(filter(None, (about.notice, status_wrong, notes_wrong))),
        **asdict(notes),
        **{name: _field(about, name) for name in _FROM_CONFIG},
        **{name: _finite(status.summary.get(name)) for name in _FROM_SUMMARY},
        "grok_state": _word(status.summary.get("grok_state")),
        **_keys(status.summary),
        "sparkline": _sparkline(status.summary.get("sparkline")),
        "state": status.state,
        "message": status.message,
        "step": status.step,
        "packed": (folder / PACKED_FILE).exists(),
        "size_bytes": folder_bytes(folder),
        "created": about.created,
        "updated": status.heartbeat or about.created,
    }
    return RunSummary(**values), status


def _field(about: record.RunRecord, name: str) -> Any:
    """Give a field of the configuration; None if nothing is known of it."""
    unknown = about.imported is not None and name in about.imported.unknown
    return None if unknown else getattr(about.config, name)


def _sparkline(line: Any) -> tuple[float, ...]:
    """Read it to four digits: it is drawn a few pixels high."""
    values = map(_finite, line[:_MAX_SPARKLINE]) if isinstance(line, list) else ()
    return tuple(float(f"{value:.4g}") for value in values if value is not None)


def _keys(summary: dict[str, Any]) -> dict[str, Any]:
    """Read the key set; runs that name no rule counted by the published one."""
    keys = summary.get("key_frequencies")
    if not isinstance(keys, list):
        return {}
    return {
        "key_frequencies": tuple(k for k in keys[:_MAX_KEYS] if type(k) is int),
        "key_rule": _word(summary.get("key_rule")) or "published",
        "memorising": summary.get("memorising") is True,
    }


def _word(value: Any) -> str:
    return value[:_MAX_WORD] if isinstance(value, str) else ""


def _finite(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look at an entry of a store saw.

    ``signature`` is empty unless it is or should be a run; ``row`` is there if the row
    known is not of this signature; ``unusable`` says what is wrong with its name or
    with what it leads to, else nothing.
    """

    signature: str = ""
    row: tuple[RunSummary, RunStatus] | None = None
    unusable: RunSummary | None = None


def look(entry: os.DirEntry[str], known: str) -> Looked:
    """Look at one entry of a store, which may take for ever if its disk is gone.

    Parameters
    ----------
    entry
        A folder, a link, or anything else.
    known
        The signature that its row was made from, if there is one.
    """
    if not _may_be_folder(entry):
        return Looked()
    named = is_run_name(entry.name)
    why = "" if named and not entry.is_symlink() else _why_unusable(entry)
    unusable = RunSummary(id=printable(entry.name), problem=why) if why else None
    if not named:
        return Looked(unusable=unusable)
    text = signature(entry.path)
    if text == known:
        return Looked(text, unusable=unusable)
    if _is_nothing(text):
        return Looked(unusable=unusable)
    return Looked(text, summarise(Path(entry.path)), unusable)


def entries(store: Path) -> list[os.DirEntry[str]]:
    """List what a store holds, but for what is hidden."""
    try:
        is_run = (store / RUN_FILE).is_file()
        with os.scandir(store) as listed:
            found = [entry for entry in listed if not entry.name.startswith(".")]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UnusableFolderError(
            f"{store}: cannot be listed: {error.strerror}; a store is a folder of "
            "runs: name another, or one that does not exist yet"
        ) from error
    if is_run:
        raise UnusableFolderError(
            f"{store}: is a run, and a store is a folder of runs: name the folder that "
            "it lies in"
        )
    return found


def _may_be_folder(entry: os.DirEntry[str]) -> bool:
    with contextlib.suppress(OSError):
        return entry.is_dir() or (entry.is_symlink() and not entry.is_file())
    return True


def _why_unusable(entry: os.DirEntry[str]) -> str:
    try:
        mode = Path(entry.path).stat().st_mode
    except OSError as error:
        if not entry.is_symlink():
            return ""
        target = printable(str(Path(entry.path).readlink()))
        return f"is a link to {target}, which cannot be reached: {error.strerror}"
    if not stat.S_ISDIR(mode) or is_run_name(entry.name):
        return ""
    if _is_nothing(signature(entry.path)):
        return ""
    return (
        "the name of this folder holds characters that cannot be shown or sent: "
        "rename it"
    )


def printable(name: str) -> str:
    """Write a name with what cannot be shown escaped."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in name)


def _is_nothing(signature: str) -> bool:
    """Say whether none of the files that make a folder a run is there."""
    parts = dict(zip(_WATCHED, signature.split(","), strict=True))
    return all(parts[name] == "-" for name in _SIGNS)


def signature(folder: Path | str) -> str:
    """Give a text that changes when any watched file of a run does."""
    parts = []
    for name in _WATCHED:
        try:
            info = os.lstat(f"{folder}/{name}")
            # The time of the change tells permissions that were taken or given.
            times = f"{info.st_mtime_ns}.{info.st_ctime_ns}"
            parts.append(f"{info.st_ino}.{times}.{info.st_size}")
        except (FileNotFoundError, NotADirectoryError):
            parts.append("-")
        except OSError as error:  # listed with this reason, not taken for nothing
            parts.append(f"!{error.errno}")
    return ",".join(parts)
