"""What a store knows of its sweeps: a plan each, and why runs failed.

::

    store/.sweeps/<sweep-id>.json          the plan: written once
    store/.sweeps/<sweep-id>.state.json    why runs failed
    store/.sweeps/<sweep-id>.drive/        lock and lease of the process that drives it,
                                           and what it printed if a page started it
    store/.sweeps/<sweep-id>.drive/cancel  asks that process to stop

Which run is how far is never written here: it is read from the runs themselves, whose
ids follow from their configurations.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grokdash.config import RunConfig, validate_config
from grokdash.errors import (
    ConfigError,
    DamagedFileError,
    NotStoredError,
    RunLockedError,
    StoreError,
)
from grokdash.store import files, json_input
from grokdash.store.file_models import FailuresFile, PlanFile
from grokdash.store.lease import Holder, holder
from grokdash.store.lock import RunLock
from grokdash.store.schema import TEMPORARY
from grokdash.store.values import RunSummary

SWEEPS = ".sweeps"
MAX_PLAN = 2**24
"""Bytes; a plan holds the configuration of every run, ten thousand at most."""
_CANCEL = "cancel"
_PLAN_REMEDY = "delete the file and start the sweep again: its runs are kept"
_STATE_REMEDY = "delete the file: it is written anew when the sweep goes on"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,90}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRecord:
    """A sweep as the store knows it.

    ``points`` holds, for every run in order, the values of the ``axes``; ``failures``
    the reason of every run that failed, by run id; ``driver`` the process that trains
    it at the moment: its ``pid``, ``host`` and for how long it has been silent.
    """

    id: str
    title: str
    question: str
    axes: tuple[str, ...]
    seeds: tuple[int, ...]
    runs: tuple[str, ...]
    points: tuple[dict[str, Any], ...]
    failures: dict[str, str]
    driver: dict[str, Any] | None
    name: str
    engine: dict[str, Any]
    configs: tuple[RunConfig, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepProgress:
    """How many runs of a sweep are where."""

    finished: int
    running: int
    interrupted: int
    failed: int
    waiting: int

    @property
    def total(self) -> int:
        """Number of runs of the sweep."""
        return (
            self.finished + self.running + self.interrupted + self.failed + self.waiting
        )


def write_plan(store: Path, sweep_id: str, plan: Mapping[str, Any]) -> None:
    """Write the plan of a sweep; writing the same again changes nothing.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    try:
        (store / SWEEPS).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise files.failed_write(store, error) from error
    files.write_json(store / SWEEPS / f"{sweep_id}.json", dict(plan))


def write_state(store: Path, sweep_id: str, failures: dict[str, str]) -> None:
    """Say which runs failed, and why."""
    path = store / SWEEPS / f"{sweep_id}.state.json"
    files.write_json(path, {"failures": failures})


def drive(store: Path, sweep_id: str) -> RunLock:
    """Become the one process that drives a sweep, until the lock is closed.

    What a killed driver left half written is removed, and so is its order to stop.

    Raises
    ------
    RunLockedError
        If another one drives it, here or on another computer.
    StoreError
        If the folder cannot be written.
    """
    folder = drive_folder(store, sweep_id)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = RunLock(folder)
    except RunLockedError:
        raise RunLockedError(
            f"{sweep_id}: is driven already by {holder(folder) or 'another process'}; "
            f"look at it with: grokdash sweep status {sweep_id}, stop it with: "
            f"grokdash sweep cancel {sweep_id}"
        ) from None
    except StoreError:
        raise
    except OSError as error:
        raise StoreError(f"{folder}: cannot be written: {error.strerror}") from error
    try:
        files.remove_temporaries(folder)
        for path in folder.parent.glob(f"{TEMPORARY}*-{sweep_id}.*json"):
            if path.name.split("-", 3)[3].startswith(f"{sweep_id}."):
                files.remove(path)
        files.remove(folder / _CANCEL)
    except StoreError:
        lock.close()
        raise
    return lock


def driver_of(store: Path, sweep_id: str) -> Holder | None:
    """Give the process that drives a sweep now, on whichever computer; else None."""
    return holder(drive_folder(store, sweep_id))


def cancel_sweep(store: Path, sweep_id: str) -> Holder:
    """Ask the process that drives a sweep to store checkpoints and end.

    Returns
    -------
    Holder
        The process, which may be one of another computer.

    Raises
    ------
    NotStoredError
        If there is no such sweep, or nothing drives it now.
    """
    read_sweep_record(store, sweep_id)
    driver = driver_of(store, sweep_id)
    if driver is None:
        raise NotStoredError(f"nothing drives {sweep_id} at the moment")
    path = drive_folder(store, sweep_id) / _CANCEL
    try:
        files.touch(path)
    except OSError as error:
        raise files.failed_write(path, error) from error
    return driver


def cancel_requested(store: Path, sweep_id: str) -> bool:
    """Say whether the process that drives a sweep is to stop."""
    return (drive_folder(store, sweep_id) / _CANCEL).exists()


def drive_folder(store: Path, sweep_id: str) -> Path:
    """Give the folder that the process which drives a sweep writes into."""
    return store / SWEEPS / f"{sweep_id}.drive"


def read_sweep_record(store: Path, sweep_id: str) -> SweepRecord:
    """Read a sweep by its id.

    Raises
    ------
    NotStoredError
        If the store has no such sweep; the message lists those it has.
    """
    known = sweep_ids(store)
    if not _ID.fullmatch(sweep_id) or sweep_id not in known:
        has = ", ".join(known) or "none"
        raise NotStoredError(f"no sweep {sweep_id[:80]!r} in this store; it has {has}")
    plan, failures = _read_plan(store, sweep_id), _read_failures(store, sweep_id)
    driver = driver_of(store, sweep_id)
    return SweepRecord(
        id=sweep_id,
        title=plan.title or sweep_id,
        question=plan.question,
        axes=tuple(plan.axes),
        seeds=tuple(plan.seeds),
        runs=tuple(plan.runs),
        points=tuple(plan.points),
        failures=failures,
        driver=None if driver is None else _described(driver),
        name=plan.name or sweep_id,
        engine=plan.engine,
        configs=_configs(store / SWEEPS / f"{sweep_id}.json", plan),
    )


def sweep_records(store: Path) -> tuple[list[SweepRecord], dict[str, str]]:
    """Read every sweep of a store that can be read, and give why the others cannot.

    Returns
    -------
    records : list of SweepRecord
        In order of their ids.
    problems : dict of str
        By id of what cannot be used.
    """
    records, problems = [], {}
    for sweep_id in sweep_ids(store):
        try:
            records.append(read_sweep_record(store, sweep_id))
        except (StoreError, NotStoredError) as error:
            problems[sweep_id] = str(error)
    return records, problems


def sweep_ids(store: Path) -> list[str]:
    """List the sweeps of a store, by id."""
    names = (path.name for path in (store / SWEEPS).glob("*.json"))
    return sorted(
        name.removesuffix(".json")
        for name in names
        if not name.endswith(".state.json")
        and _ID.fullmatch(name.removesuffix(".json"))
    )


def progress(record: SweepRecord, summaries: Sequence[RunSummary]) -> SweepProgress:
    """Count the runs of a sweep by what the store says of them now."""
    found = {summary.id: summary for summary in summaries}
    states = [found[run].state if run in found else "waiting" for run in record.runs]
    for place, run in enumerate(record.runs):
        if states[place] == "waiting" and run in record.failures:
            states[place] = "failed"
    finished = states.count("finished")
    failed = sum(state in ("diverged", "broken", "failed") for state in states)
    running, interrupted = states.count("running"), states.count("interrupted")
    return SweepProgress(
        finished=finished,
        running=running,
        interrupted=interrupted,
        failed=failed,
        waiting=len(states) - finished - failed - running - interrupted,
    )


def _described(driver: Holder) -> dict[str, Any]:
    silent = round(driver.silent_s, 1)
    return {"pid": driver.pid, "host": driver.host, "silent_s": silent}


def _read_plan(store: Path, sweep_id: str) -> PlanFile:
    path = store / SWEEPS / f"{sweep_id}.json"
    try:
        return json_input.read_file(path, PlanFile, MAX_PLAN, remedy=_PLAN_REMEDY)
    except FileNotFoundError:
        raise NotStoredError(f"no sweep {sweep_id!r} in this store") from None


def _read_failures(store: Path, sweep_id: str) -> dict[str, str]:
    path = store / SWEEPS / f"{sweep_id}.state.json"
    try:
        file = json_input.read_file(path, FailuresFile, MAX_PLAN, remedy=_STATE_REMEDY)
    except FileNotFoundError:
        return {}
    return file.failures


def _configs(path: Path, plan: PlanFile) -> tuple[RunConfig, ...]:
    found = []
    for place, values in enumerate(plan.configs):
        try:
            found.append(validate_config(values, strict=True))
        except ConfigError as error:
            line = str(error).splitlines()[0][:500]
            raise DamagedFileError(
                f"{path}: configs.{place}: {line}; {_PLAN_REMEDY}"
            ) from None
    return tuple(found)
