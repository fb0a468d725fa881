"""The processes that train sweeps, which pages start, stop and watch.

Starting a sweep stores its plan and goes on with it, which is what going on with a
stopped one does too. It is stopped by a request in its folder.
"""

import threading
from dataclasses import dataclass
from functools import partial

from grokdash.app.few import MOST_SWEEPS, check_few
from grokdash.app.processes import Process, last_word, start_apart
from grokdash.app.trainers import ENDING_S, Trainers
from grokdash.contract.sweep_start import SweepDriver
from grokdash.errors import ConfigError, RunLockedError
from grokdash.store import Store
from grokdash.store.log import read_log
from grokdash.store.sweeps import (
    SweepRecord,
    cancel_sweep,
    drive_folder,
    progress,
    read_sweep_record,
    write_plan,
)
from grokdash.sweeps.plan import Sweep
from grokdash.training.launch import own_command


@dataclass(frozen=True, slots=True)
class _Left:
    """What of a sweep is not trained, and whether any of it can be."""

    failed: int
    open: int


class Sweepers:
    """Start, stop and watch what trains the sweeps of one store; thread-safe."""

    def __init__(self, store: Store, trainers: Trainers) -> None:
        self._store = store
        self._trainers = trainers
        self._processes: dict[str, Process] = {}
        self._begun: set[str] = set()
        self._lock = threading.RLock()

    def why_not(self) -> str:
        """Say why nothing can be started or stopped here; empty if it can."""
        return self._trainers.why_not()

    def busy(self) -> str:
        """Say that every core has a run already; empty if one is free."""
        return self._trainers.busy()

    def start(self, sweep: Sweep) -> None:
        """Store the plan of a sweep and begin to train it, or go on with it.

        Raises
        ------
        ConfigError, RunLockedError, StoreError
            If nothing may be started here, nothing is left to train, it is being
            trained, or the store cannot be written.
        """
        self._check_allowed()
        write_plan(self._store.path, sweep.id, sweep.plan())
        self.resume(sweep.id)

    def resume(self, sweep_id: str) -> None:
        """Go on with a sweep of the store.

        Raises
        ------
        NotStoredError, ConfigError, RunLockedError, StoreError
            If there is none, nothing is left to train, or it is being trained.
        """
        self._check_allowed()
        record = self._record(sweep_id)
        if not self._left(record).open:
            raise ConfigError(f"{sweep_id}: every run of it has ended")
        before = self._processes.get(sweep_id)
        if before is not None and self._ending(record):
            before.let_end(ENDING_S)
        with self._lock:
            if record.driver is not None or self._runs(sweep_id):
                raise RunLockedError(f"{sweep_id}: is being trained already")
            at_work = sum(one.code is None for one in self._processes.values())
            check_few(at_work, MOST_SWEEPS, "sweeps")
            self._begun.discard(sweep_id)
            words = ["sweep", "resume", sweep_id]
            place = ["--exit-zero-on-stop", "--store", str(self._store.path.resolve())]
            self._processes[sweep_id] = start_apart(
                own_command([*words, *place]),
                drive_folder(self._store.path, sweep_id),
                ["grokdash", *words],
                partial(_note, self._lock),
            )

    def stop(self, sweep_id: str) -> None:
        """Ask a sweep to store a checkpoint of every run at work, and end.

        Raises
        ------
        ConfigError, NotStoredError
            If it is only being started, or nothing trains it.
        """
        self._check_allowed()
        record = self._record(sweep_id)
        if self._starting(record):
            raise ConfigError(f"{sweep_id}: is only being started; wait a moment")
        cancel_sweep(self._store.path, sweep_id)

    def driver(self, sweep_id: str) -> SweepDriver:
        """Say how the process does that trains a sweep.

        Raises
        ------
        NotStoredError
            If there is no such sweep.
        """
        record = self._record(sweep_id)
        text = read_log(drive_folder(self._store.path, sweep_id))
        starting = self._starting(record)
        driven = self._runs(sweep_id) or record.driver is not None
        left, may = self._left(record), not self.why_not()
        process = self._processes.get(sweep_id)
        failed = process is not None and bool(process.code) and left.open > 0
        return SweepDriver(
            state="is being started" if starting else _state(record, left),
            driven=driven,
            can_stop=may and record.driver is not None,
            can_go_on=may and not driven and left.open > 0,
            message=_why(process, text) if failed and not driven else "",
            text=text,
        )

    def _record(self, sweep_id: str) -> SweepRecord:
        record = read_sweep_record(self._store.path, sweep_id)
        if record.driver is not None:
            self._begun.add(sweep_id)
        return record

    def _left(self, record: SweepRecord) -> _Left:
        counts = progress(record, self._store.summaries())
        ended = counts.finished + counts.failed
        return _Left(failed=counts.failed, open=counts.total - ended)

    def _runs(self, sweep_id: str) -> bool:
        process = self._processes.get(sweep_id)
        return process is not None and process.code is None

    def _starting(self, record: SweepRecord) -> bool:
        """Say whether a process was started that does not train it yet."""
        return self._runs(record.id) and record.id not in self._begun

    def _ending(self, record: SweepRecord) -> bool:
        """Say whether a process has let go of the sweep that is not gone yet."""
        return self._runs(record.id) and record.id in self._begun and not record.driver

    def _check_allowed(self) -> None:
        if why := self.why_not():
            raise ConfigError(why)


def _note(lock: threading.RLock, process: Process, code: int) -> None:
    with lock:
        process.code = code


def _why(process: Process | None, text: str) -> str:
    code = None if process is None else process.code
    return last_word(text) or f"its process ended with exit code {code}"


def _state(record: SweepRecord, left: _Left) -> str:
    if record.driver is not None:
        return f"is being trained by process {record.driver['pid']}"
    if left.open:
        return "is not being trained"
    return f"has ended, {left.failed} of its runs failed" if left.failed else "finished"
