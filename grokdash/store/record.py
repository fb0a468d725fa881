"""The small JSON files of a run: what it is, how it does, what the user says of it."""

import hashlib
import math
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, cast, get_args

from grokdash.config import RunConfig, validate_config
from grokdash.errors import (
    ConfigError,
    DamagedFileError,
    FormatVersionError,
    NotStoredError,
    StoreError,
)
from grokdash.store import files, machine
from grokdash.store.extensions import Extension, read_extensions
from grokdash.store.safety import check_format
from grokdash.store.schema import (
    EXTENSIONS_FILE,
    FORMAT_VERSION,
    NOTES_FILE,
    RUN_FILE,
    STATUS_FILE,
    is_run_name,
)
from grokdash.store.values import Notes, RunStatus, State
from grokdash.written import duration

_HASH = re.compile(r"-([0-9a-f]{8})$")
STALE_AFTER = 60.0
"""Seconds without a heartbeat after which a run no longer counts as running."""
MAX_TITLE, MAX_TAG, MAX_TAGS, MAX_NOTES = 200, 40, 20, 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """The content of run.json, and what extensions.json adds.

    ``fingerprint`` is a hash of the bytes of run.json. ``config`` has the last epoch of
    the newest extension in place of the one the run was begun with. ``newer`` is the
    format if that is a newer minor one, of which something may have been left out;
    ``notice`` what a user should know of the run, else empty.
    """

    id: str
    config: RunConfig
    provenance: dict[str, Any]
    created: float
    fingerprint: str
    extensions: tuple[Extension, ...] = ()
    newer: str = ""
    notice: str = ""

    def check_ours(self) -> None:
        """Refuse to write into a run of which something may have been left out.

        Raises
        ------
        FormatVersionError
            If a newer grokdash wrote it.
        """
        if self.newer:
            raise FormatVersionError(
                f"{self.id}: written in format {self.newer}, this grokdash writes "
                f"{FORMAT_VERSION[0]}.{FORMAT_VERSION[1]}: it can be looked at, but "
                "not gone on with or packed here; update grokdash for that"
            )


def check_run_id(run_id: str) -> str:
    """Refuse what is no run id: it becomes a folder name.

    Raises
    ------
    NotStoredError
        With the same text for a bad name and for a missing run.
    """
    if not isinstance(run_id, str) or not is_run_name(run_id):
        raise NotStoredError(f"no run {str(run_id)[:80]!r} in this store")
    return run_id


def create_record(folder: Path, config: RunConfig, provenance: dict[str, Any]) -> None:
    """Publish run.json; a run that exists stays as it is.

    Raises
    ------
    StoreError
        If the run exists already.
    """
    values = {
        "format": list(FORMAT_VERSION),
        "id": folder.name,
        "created": time.time(),
        "config": config.model_dump(),
        "config_hash": config.hash(),
        "provenance": provenance,
    }
    try:
        files.write_json(folder / RUN_FILE, values, exclusive=True)
    except FileExistsError:
        raise StoreError(
            f"{folder}: this run exists and is never overwritten: resume it, or change "
            "a field (another seed makes another run)"
        ) from None


def read_record(folder: Path) -> RunRecord:
    """Read and check run.json.

    Raises
    ------
    NotStoredError
        If the folder holds no run.
    FormatVersionError
        If it was written by a newer format.
    DamagedFileError
        If it is not what it must be.
    """
    path = folder / RUN_FILE
    try:
        values = files.read_json(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except FileNotFoundError:
        raise NotStoredError(f"no run {folder.name!r} in this store") from None
    except StoreError:
        raise
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror}") from error
    newer = check_format(path, values.get("format"))
    try:
        config = validate_config(_known(values["config"], newer=bool(newer)))
    except (ConfigError, KeyError, TypeError, ValueError) as error:
        raise DamagedFileError(f"{path}: config: {error}") from None
    provenance = values.get("provenance")
    extensions = _read_extensions(folder, config)
    return RunRecord(
        id=folder.name,
        config=extended(config, extensions),
        extensions=extensions,
        provenance=provenance if isinstance(provenance, dict) else {},
        created=_number(values.get("created")),
        fingerprint=digest,
        newer=newer,
        notice=_notice(folder.name, values, config, newer),
    )


def _known(fields: Mapping[str, Any], *, newer: bool) -> Mapping[str, Any]:
    """Leave out of a newer run's configuration what this grokdash has no field for."""
    if not newer:
        return fields
    return {name: fields[name] for name in RunConfig.model_fields if name in fields}


def _notice(name: str, values: dict[str, Any], config: RunConfig, newer: str) -> str:
    """Say where name, id, configuration and hash of a run disagree."""
    said = str(values.get("config_hash", ""))[:80]
    own = str(values.get("id", ""))[:200]
    hashed = config.hash()
    whole = not newer or values["config"].keys() <= RunConfig.model_fields.keys()
    if whole and said and said != hashed:
        return (
            f"run.json gives the hash of its configuration as {said}, but it hashes to "
            f"{hashed}: it was changed after training had begun, and what is "
            "stored may not be what it says"
        )
    ending = _HASH.search(own)
    if whole and ending and ending[1] != hashed:
        return (
            f"run.json calls this run {own}, but its configuration hashes to {hashed}: "
            "one of them was changed after training had begun"
        )
    if own and own != name:
        return f"under another name: run.json calls this run {own}"
    return ""


def extended(config: RunConfig, extensions: Sequence[Extension]) -> RunConfig:
    """Give a configuration the last epoch of its newest extension."""
    if not extensions:
        return config
    return config.model_copy(update={"epochs": extensions[-1].epochs})


def _read_extensions(folder: Path, config: RunConfig) -> tuple[Extension, ...]:
    try:
        return read_extensions(folder, config.epochs)
    except StoreError:
        raise
    except OSError as error:
        raise StoreError(
            f"{folder / EXTENSIONS_FILE}: cannot be read: {error.strerror}"
        ) from error


def write_status(folder: Path, status: RunStatus) -> None:
    """Replace status.json."""
    files.write_json(folder / STATUS_FILE, asdict(status))


def read_status(folder: Path) -> RunStatus:
    """Read status.json; a missing or unreadable one says "interrupted".

    The heartbeat of a writer on another computer is the time of the file, so it is one
    of the file server's clock.
    """
    path = folder / STATUS_FILE
    try:
        values = files.read_json(path)
        written = path.stat().st_mtime
    except FileNotFoundError:
        return RunStatus(message="there is no status.json")
    except OSError as error:
        return RunStatus(message=f"status.json cannot be read: {error}")
    state = values.get("state")
    summary = values.get("summary")
    host, mark = str(values.get("host", ""))[:200], str(values.get("mark", ""))[:80]
    here = machine.is_here(host, mark)
    return RunStatus(
        state=cast(State, state) if state in get_args(State) else "interrupted",
        step=int(_number(values.get("step"))),
        epochs=int(_number(values.get("epochs"))),
        message=str(values.get("message", ""))[:2000],
        pid=int(_number(values.get("pid"))),
        host=host,
        mark=mark,
        heartbeat=_number(values.get("heartbeat")) if here else written,
        eta_s=_number(values["eta_s"]) if values.get("eta_s") is not None else None,
        summary=summary if isinstance(summary, dict) else {},
    )


def observed(status: RunStatus, folder: Path) -> RunStatus:
    """Correct "running" for a process that died without saying so.

    Parameters
    ----------
    status
        What status.json says.
    folder
        A folder of the same file system, for its clock.
    """
    if status.state != "running":
        return status
    here = machine.is_here(status.host, status.mark)
    silent = (time.time() if here else machine.file_time(folder)) - status.heartbeat
    if here and not machine.alive(status.pid):
        reason = f"process {status.pid} ended without finishing"
    elif silent > STALE_AFTER:
        place = "" if here else f" of process {status.pid} on {status.host}"
        reason = f"no sign of life{place} for {duration(silent)}"
    else:
        return status
    return replace(
        status,
        state="interrupted",
        message=f"{reason}; everything up to the last checkpoint is here: resume it",
        eta_s=None,
    )


def read_notes(folder: Path) -> Notes:
    """Read notes.json; missing or damaged notes are empty notes."""
    try:
        values = files.read_json(folder / NOTES_FILE)
    except OSError:
        return Notes()
    tags = values.get("tags", [])
    return Notes(
        title=str(values.get("title", ""))[:MAX_TITLE],
        tags=tuple(str(tag)[:MAX_TAG] for tag in tags[:MAX_TAGS])
        if isinstance(tags, list)
        else (),
        notes=str(values.get("notes", ""))[:MAX_NOTES],
    )


def write_notes(folder: Path, notes: Notes) -> None:
    """Replace notes.json.

    Raises
    ------
    ConfigError
        If something is too long.
    """
    for name, text, limit in (
        ("title", notes.title, MAX_TITLE),
        ("notes", notes.notes, MAX_NOTES),
        *(("tag", tag, MAX_TAG) for tag in notes.tags),
    ):
        if len(text) > limit:
            raise ConfigError(f"{name}: at most {limit} characters; got {len(text)}")
    if len(notes.tags) > MAX_TAGS:
        raise ConfigError(f"tags: at most {MAX_TAGS}; got {len(notes.tags)}")
    files.write_json(folder / NOTES_FILE, asdict(notes))


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return float(value) if math.isfinite(value) else 0.0
