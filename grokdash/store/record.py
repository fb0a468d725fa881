"""The small JSON files of a run: what it is, how it does, what the user says of it."""

import hashlib
import math
import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, cast, get_args

from pydantic import ValidationError

from grokdash.config import RunConfig, validate_config
from grokdash.errors import (
    ConfigError,
    DamagedFileError,
    FormatVersionError,
    NotStoredError,
    StoreError,
)
from grokdash.store import files, json_input, machine
from grokdash.store.extensions import Extension, read_extensions
from grokdash.store.file_models import NotesFile, RunFile, StatusFile
from grokdash.store.imported import Imported
from grokdash.store.safety import check_format
from grokdash.store.schema import (
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
REMEDY = "put back the run.json that the run was written with"
_STATUS_REMEDY = "it is written anew as soon as the run goes on, or delete it"
_NOTES_REMEDY = "name the run anew, or delete the file"
STATES = get_args(State)
_MOST_MESSAGE = 2000
_MOST_WRONG = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """The content of run.json, and what extensions.json adds.

    ``fingerprint`` is a hash of the bytes of run.json. ``config`` has the last epoch of
    the newest extension in place of the one the run was begun with. ``newer`` is the
    format if that is a newer minor one, of which something may have been left out;
    ``notice`` what a user should know of the run, else empty; ``imported`` where it
    comes from if it was trained elsewhere.
    """

    id: str
    config: RunConfig
    provenance: dict[str, Any]
    created: float
    fingerprint: str
    extensions: tuple[Extension, ...] = ()
    newer: str = ""
    notice: str = ""
    imported: Imported | None = None

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


def create_record(
    folder: Path,
    config: RunConfig,
    provenance: dict[str, Any],
    imported: Imported | None = None,
) -> None:
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
    } | ({} if imported is None else {"imported": imported.values()})
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
        data = json_input.read_bytes(path)
    except FileNotFoundError:
        raise NotStoredError(f"no run {folder.name!r} in this store") from None
    values = json_input.parse_object(path, data)
    newer = check_format(path, values.get("format"))
    file = json_input.check(path, values, RunFile, remedy=REMEDY)
    try:
        config = validate_config(_known(file.config, newer=bool(newer)), strict=True)
    except ConfigError as error:
        lines = "; ".join(str(error).splitlines()[:_MOST_WRONG])
        raise DamagedFileError(f"{path}: config: {lines[:2000]}; {REMEDY}") from None
    try:
        origin = file.imported and Imported.of(file.imported, config.p)
    except ValueError as error:
        raise DamagedFileError(f"{path}: {error}; {REMEDY}") from None
    extensions = read_extensions(folder, config.epochs)
    return RunRecord(
        id=folder.name,
        config=extended(config, extensions),
        extensions=extensions,
        provenance=file.provenance.model_dump(exclude_unset=True),
        created=file.created,
        fingerprint=hashlib.sha256(data).hexdigest()[:16],
        newer=newer,
        notice=_notice(folder.name, file, config, newer),
        imported=origin,
    )


def _known(fields: Mapping[str, Any], *, newer: bool) -> Mapping[str, Any]:
    """Leave out of a newer run's configuration what this grokdash has no field for."""
    if not newer:
        return fields
    return {name: fields[name] for name in RunConfig.model_fields if name in fields}


def _notice(name: str, file: RunFile, config: RunConfig, newer: str) -> str:
    """Say where name, id, configuration and hash of a run disagree."""
    said, own, hashed = file.config_hash, file.id, config.hash()
    whole = not newer or file.config.keys() <= RunConfig.model_fields.keys()
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


def write_status(folder: Path, status: RunStatus) -> None:
    """Replace status.json; a loss that is no number becomes none."""
    values = asdict(replace(status, message=status.message[:_MOST_MESSAGE]))
    files.write_json(folder / STATUS_FILE, _without_nan(values))


def _without_nan(value: Any) -> Any:
    """Write what is no finite number as null, which every reader knows."""
    if isinstance(value, dict):
        return {name: _without_nan(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def read_status(folder: Path) -> RunStatus:
    """Read status.json; a missing or unreadable one says "interrupted".

    The heartbeat of a writer on another computer is the time of the file, so it is one
    of the file server's clock.
    """
    return look_at_status(folder)[0]


def look_at_status(folder: Path) -> tuple[RunStatus, str]:
    """Read status.json, and say what is wrong with it; it is only advice."""
    path = folder / STATUS_FILE
    try:
        file = json_input.read_file(path, StatusFile, remedy=_STATUS_REMEDY)
        written = path.stat().st_mtime
    except FileNotFoundError:
        return RunStatus(message="there is no status.json"), ""
    except OSError as error:
        text = _inside(folder, error)
        return RunStatus(message=text[:_MOST_MESSAGE]), text
    here = machine.is_here(file.host, file.mark)
    values = file.model_dump(exclude={"state", "summary", "heartbeat", "message"})
    status = RunStatus(
        **values,
        # A newer grokdash may know more states.
        state=cast(State, file.state) if file.state in STATES else "interrupted",
        message=file.message[:_MOST_MESSAGE],
        heartbeat=file.heartbeat if here else written,
        summary=file.summary.model_dump(exclude_unset=True),
    )
    return status, ""


def _inside(folder: Path, error: OSError) -> str:
    """Say what is wrong with a file of a run without the place where it lies."""
    return str(error).replace(f"{folder}{os.sep}", "")


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
    return look_at_notes(folder)[0]


def look_at_notes(folder: Path) -> tuple[Notes, str]:
    """Read notes.json, and say what is wrong with it; the run is none the worse."""
    try:
        file = json_input.read_file(
            folder / NOTES_FILE, NotesFile, remedy=_NOTES_REMEDY
        )
    except FileNotFoundError:
        return Notes(), ""
    except OSError as error:
        return Notes(), _inside(folder, error)
    return Notes(title=file.title, tags=tuple(file.tags), notes=file.notes), ""


def write_notes(folder: Path, notes: Notes) -> None:
    """Replace notes.json.

    Raises
    ------
    ConfigError
        If something is too long.
    """
    values = asdict(notes) | {"tags": list(notes.tags)}
    try:
        NotesFile.model_validate(values)
    except ValidationError as error:
        raise ConfigError(json_input.wrong(error)) from None
    files.write_json(folder / NOTES_FILE, values)
