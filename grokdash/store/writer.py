"""Commit checkpoints so that a kill, a power cut or a full disk loses none of them.

The trainer's thread only copies arrays; one writer thread builds each file in memory
and publishes it (:mod:`~grokdash.store.files`). State goes before its checkpoint, so a
checkpoint that is there can be resumed from; grids come last and may be missing.
"""

import logging
import os
import queue
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from threading import RLock, Thread
from types import TracebackType
from typing import Any, Self

import numpy as np

from grokdash.config import RunConfig, validate_config
from grokdash.errors import ConfigError, DamagedFileError, NotStoredError, StoreError
from grokdash.store import files, image, machine, record
from grokdash.store.checks import check_checkpoint, check_grids
from grokdash.store.extensions import add_extension, make_extension
from grokdash.store.imported import Imported, known_mask
from grokdash.store.lease import GONE_S
from grokdash.store.lock import RunLock
from grokdash.store.pack import pack_locked
from grokdash.store.pool import FilePool
from grokdash.store.reader import Run
from grokdash.store.schema import (
    CHECKPOINTS,
    GRIDS,
    KEPT_STATES,
    PACKED_FILE,
    STATE,
    STOP_FILE,
    step_file,
)
from grokdash.store.stop_request import remove_request
from grokdash.store.trust import trust
from grokdash.store.values import CheckpointData, RunStatus, State

logger = logging.getLogger(__name__)

HEARTBEAT_S = 5.0
_QUEUE_LENGTH = 3


class RunWriter:
    """Write one run; use as a context manager, which holds the run's lock.

    Make one with :meth:`create` or :meth:`resume`. A failure in the writer thread is
    raised by the next :meth:`commit`, :meth:`commit_grids` or :meth:`flush`, and every
    later one: nothing after it was stored.
    """

    def __init__(self, folder: Path, lock: RunLock) -> None:
        self.path = folder
        self._lock = lock
        self._record = record.read_record(folder)
        self._record.check_ours()
        self._failure: BaseException | None = None
        self._jobs: queue.Queue[Callable[[], None] | None] = queue.Queue(_QUEUE_LENGTH)
        self._status_lock = RLock()
        self._warned = ""
        before = record.read_status(folder)
        self._status = replace(
            before,
            state="running",
            message="",
            epochs=self.config.epochs,
            pid=os.getpid(),
            host=machine.HOST,
            mark=machine.MARK,
            eta_s=None,
        )
        self._committed: int | None = None
        self._beaten = time.monotonic()
        self._packed_steps = _packed_steps(folder)
        self._thread = Thread(target=self._work, name="grokdash-writer", daemon=True)

    @classmethod
    def create(
        cls,
        store_path: str | Path,
        config: RunConfig,
        provenance: Mapping[str, Any] | None = None,
        *,
        name: str | None = None,
        imported: Imported | None = None,
    ) -> "RunWriter":
        """Start a new run in a store, which is made if there is none.

        One that was trained elsewhere has a name of its own: its configuration alone
        does not tell it from others.

        Raises
        ------
        StoreError
            If the run exists or the folder cannot be written.
        RunLockedError
            If another process is writing it.
        """
        folder = Path(store_path) / (name or config.run_id())
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise files.failed_write(folder, error) from error
        files.sync_folder(folder.parent)
        lock = RunLock(folder)
        try:
            record.create_record(folder, config, dict(provenance or {}), imported)
            return cls._open(folder, lock)
        except BaseException:
            lock.close()
            raise

    @classmethod
    def resume(cls, store_path: str | Path, run_id: str) -> "RunWriter":
        """Go on with a run; :meth:`latest` says from where.

        Raises
        ------
        NotStoredError
            If there is no such run.
        RunLockedError
            If another process is writing it.
        FormatVersionError
            If a newer grokdash wrote it.
        """
        folder = Path(store_path) / record.check_run_id(run_id)
        record.read_record(folder).check_ours()
        lock = RunLock(folder)
        try:
            return cls._open(folder, lock)
        except BaseException:
            lock.close()
            raise

    @classmethod
    def extend(
        cls,
        store_path: str | Path,
        run_id: str,
        epochs: int,
        provenance: Mapping[str, Any] | None = None,
    ) -> "RunWriter":
        """Go on with a run to a later end than it has; see :meth:`resume`.

        Raises
        ------
        ConfigError
            If the run has no earlier end.
        StoreError
            If the newest checkpoint has no optimiser state to go on from.
        """
        folder = Path(store_path) / record.check_run_id(run_id)
        record.read_record(folder).check_ours()
        lock = RunLock(folder)
        try:
            _extend(folder, epochs, dict(provenance or {}))
            return cls._open(folder, lock)
        except BaseException:
            lock.close()
            raise

    @classmethod
    def _open(cls, folder: Path, lock: RunLock) -> "RunWriter":
        try:
            for name in (CHECKPOINTS, STATE, GRIDS):
                (folder / name).mkdir(exist_ok=True)
        except OSError as error:
            raise files.failed_write(folder, error) from error
        files.remove_temporaries(folder)
        files.sync_folder(folder)
        remove_request(folder)
        writer = cls(folder, lock)
        writer.set_status()
        writer._thread.start()
        return writer

    @property
    def id(self) -> str:
        """Name of the run and of its folder."""
        return self._record.id

    @property
    def config(self) -> RunConfig:
        """What the run computes."""
        return self._record.config

    @property
    def train_mask(self) -> np.ndarray:
        """Which pairs the run is trained on, ``[p, p]``; see ``Run.train_mask``."""
        return known_mask(self.config, self._record.imported)

    @property
    def extended_from(self) -> int:
        """Checkpoint that the newest extension went on from; −1 without one."""
        added = self._record.extensions
        return added[-1].step if added else -1

    @property
    def committed(self) -> int | None:
        """Newest step this writer has committed; safe from here on."""
        return self._committed

    @property
    def asked_to_stop(self) -> bool:
        """Whether someone has asked that this run stops; see ``ask_to_stop``."""
        return (self.path / STOP_FILE).exists()

    @property
    def status(self) -> RunStatus:
        """What status.json says."""
        return self._status

    def commit(self, data: CheckpointData) -> None:
        """Copy a checkpoint and have it committed in the background.

        Raises
        ------
        StoreError
            If an array has a wrong name or shape, or an earlier commit failed.
        """
        self._raise_failure()
        check_checkpoint(data, self.config)
        copy = CheckpointData(
            step=int(data.step),
            params=_owned(data.params, np.float32),
            optimizer=_owned(data.optimizer),
            rng=_owned(data.rng),
            measures=_owned(data.measures),
            scalars=_owned(data.scalars),
        )
        self._jobs.put(lambda: self._commit(copy))

    def commit_grids(
        self, step: int, grids: Mapping[str, np.ndarray], *, give: bool = False
    ) -> None:
        """Copy the activation grids of a committed step and store them.

        With ``give`` they are not copied: nobody may change them any more.
        """
        self._raise_failure()
        check_grids(grids, self.config)
        owned = dict(grids) if give else _owned(grids)
        self._jobs.put(lambda: self._commit_grids(int(step), owned))

    def flush(self) -> None:
        """Wait until everything handed over is committed; raise what went wrong."""
        self._jobs.join()
        self._raise_failure()

    def set_status(
        self,
        state: State | None = None,
        *,
        step: int | None = None,
        message: str | None = None,
        eta_s: float | None = None,
        summary: Mapping[str, Any] | None = None,
    ) -> None:
        """Change what status.json says; never fails, for it is only advice.

        Parameters
        ----------
        state, step, message, summary
            None leaves each as it is.
        eta_s : float, optional
            Seconds to go; None means unknown.
        summary : mapping, optional
            For the list of runs: train_loss, test_loss, train_accuracy, test_accuracy,
            grok_start, grok_end, sparkline.
        """
        with self._status_lock:
            now = self._status
            self._status = replace(
                now,
                state=now.state if state is None else state,
                step=now.step if step is None else int(step),
                message=now.message if message is None else message,
                eta_s=eta_s,
                summary=now.summary if summary is None else dict(summary),
            )
            self._write_status()

    def latest(self, at_most: int | None = None) -> CheckpointData | None:
        """Read back the newest checkpoint that can be resumed from.

        With ``at_most`` none that is later counts. What cannot be read is set aside
        under another name, so that it is written anew; None means the run starts from
        its initialisation.
        """
        self.flush()
        pool = FilePool(self.path.parent)
        with Run(self.path, pool) as run:
            for step in sorted(files.list_steps(self.path / STATE), reverse=True):
                if at_most is not None and step > at_most:
                    continue
                found = self._resumable(run, step)
                if found is not None:
                    return found
        return None

    def pack(
        self,
        extra_measures: Mapping[str, np.ndarray] | None = None,
        key_frequencies: tuple[int, ...] | None = None,
    ) -> Path:
        """Merge the run into run.h5 while holding its lock; see ``pack_run``."""
        self.flush()
        self._lock.check(GONE_S)
        packed = pack_locked(self.path, extra_measures, key_frequencies)
        self._packed_steps = _packed_steps(self.path)
        return packed

    def finish(self, state: State = "finished", message: str = "") -> None:
        """Commit everything and say how the run ended."""
        self.flush()
        self.set_status(state, message=message)

    def close(self) -> None:
        """Commit what is queued, stop the thread and let go of the lock."""
        if self._thread.is_alive():
            self._jobs.put(None)
            self._thread.join()
        if self._status.state == "running":
            reason = self._failure or self._status.message
            why = f": {reason}" if reason else ""
            self.set_status("interrupted", message=f"stopped before its end{why}")
        remove_request(self.path)
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None and self._failure is None:
            self._status = replace(self._status, message=str(error)[:500])
        self.close()
        if error is None:
            self._raise_failure()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _work(self) -> None:
        while True:
            try:
                job = self._jobs.get(timeout=HEARTBEAT_S / 2)
            except queue.Empty:
                self._beat()
                continue
            try:
                if job is None:
                    return
                if self._failure is None:
                    job()
            except StoreError as error:
                self._failure = error
            except OSError as error:
                self._failure = files.failed_write(self.path, error)
            except Exception as error:  # noqa: BLE001 - raised again by commit and flush
                self._failure = _ours(error, self.path)
            finally:
                self._jobs.task_done()
            self._beat()

    def _beat(self) -> None:
        with self._status_lock:
            if time.monotonic() - self._beaten >= HEARTBEAT_S:
                self._write_status()

    def _write_status(self) -> None:
        self._status = replace(self._status, heartbeat=time.time())
        self._beaten = time.monotonic()  # no clock that is set stops the beat
        try:
            self._lock.check()  # what another computer took over, it speaks for
            record.write_status(self.path, self._status)
        except OSError as error:
            if str(error) != self._warned:
                logger.warning("status.json: %s", error)
            self._warned = str(error)

    def _commit(self, data: CheckpointData) -> None:
        self._lock.check(GONE_S)
        run = self._record.fingerprint
        name = step_file(data.step)
        if data.step in self._packed_steps:
            self._check_same(data)
            return
        state = self.path / STATE / name
        self._publish(state, image.state_image(data, run), lambda: None)
        self._publish(
            self.path / CHECKPOINTS / name,
            image.checkpoint_image(data, run),
            lambda: self._check_same(data),
        )
        self._committed = data.step
        with self._status_lock:
            self._status = replace(self._status, step=max(self._status.step, data.step))
        for step in sorted(files.list_steps(state.parent))[:-KEPT_STATES]:
            files.remove(state.parent / step_file(step))

    def _publish(self, path: Path, data: bytes, if_there: Callable[[], None]) -> None:
        try:
            files.publish(path, data)
        except FileExistsError:
            if path.read_bytes() != data:
                if_there()
                return
        except StoreError:
            if self.path.exists():
                raise
            # It went away in the middle: all of the file is written again.
            self._lock.check(GONE_S)
            self._publish(path, data, if_there)
            return
        trust(path)

    def _check_same(self, data: CheckpointData) -> None:
        with Run(self.path, FilePool(self.path.parent)) as run:
            stored = run.params(data.step)
        for name, values in data.params.items():
            if not np.array_equal(stored[name], values, equal_nan=True):
                raise StoreError(
                    f"{self.id}: epoch {data.step} is committed already with other "
                    f"weights ({name}): this machine or thread count does not repeat "
                    "the run; resume it where it was started"
                )

    def _commit_grids(self, step: int, grids: dict[str, np.ndarray]) -> None:
        self._lock.check(GONE_S)
        path = self.path / GRIDS / step_file(step)
        self._publish(
            path,
            image.grids_image(step, grids, self._record.fingerprint),
            lambda: None,
        )

    def _resumable(self, run: Run, step: int) -> CheckpointData | None:
        path = self.path / STATE / step_file(step)
        if step not in run.steps:
            # Written just before a kill: its checkpoint never followed.
            files.remove(path)
            return None
        try:
            state = run.state(step)
        except (DamagedFileError, NotStoredError) as error:
            _set_aside(path, error)
            return None
        try:
            return replace(run.checkpoint(step), **state)
        except DamagedFileError as error:
            _set_aside(self.path / CHECKPOINTS / step_file(step), error)
            files.remove(path)
            return None


def _ours(error: Exception, path: Path) -> Exception:
    """Say what the file system refused with what to do about it."""
    if isinstance(error, OSError) and not isinstance(error, StoreError):
        return files.failed_write(path, error)
    return error


def _extend(folder: Path, epochs: int, provenance: dict[str, Any]) -> None:
    """Note a later end of a run, whose lock is held."""
    found = record.read_record(folder)
    if found.imported is not None:
        raise ConfigError(
            f"{found.id}: was trained elsewhere and imported without the state of its "
            "optimiser, so it cannot be trained on"
        )
    before = found.config.epochs
    if epochs <= before:
        raise ConfigError(
            f"{found.id}: has {before:,} epochs, and a run is extended, never "
            f"shortened; got {epochs:,}: give more, or look at the run there"
        )
    validate_config(found.config.model_dump() | {"epochs": epochs})
    with Run(folder, FilePool(folder.parent)) as run:
        step = int(run.steps[-1]) if len(run.steps) else 0
        packed = step in run.packed_steps
    if packed and step not in files.list_steps(folder / STATE):
        raise StoreError(
            f"{found.id}: cannot be extended: the optimiser state of epoch {step:,} is "
            "not there (a copy without state/, or packed by an earlier grokdash); "
            f"train it in one go: the same options with --epochs {epochs}"
        )
    added = make_extension(epochs, before, step, provenance)
    add_extension(folder, found.extensions, added)


def _packed_steps(folder: Path) -> frozenset[int]:
    if not (folder / PACKED_FILE).exists():
        return frozenset()
    with Run(folder, FilePool(folder.parent)) as run:
        return frozenset(run.packed_steps)


def _set_aside(path: Path, reason: Exception) -> None:
    logger.warning("set aside as %s.damaged: %s", path, reason)
    if not path.exists():
        return
    try:
        path.replace(path.with_name(path.name + ".damaged"))
    except OSError as error:
        raise files.failed_write(path, error) from error


def _owned(
    arrays: Mapping[str, np.ndarray], dtype: type | None = None
) -> dict[str, np.ndarray]:
    owned = {name: np.array(values, dtype=dtype) for name, values in arrays.items()}
    return {
        name: values.astype(np.uint8) if values.dtype == bool else values
        for name, values in owned.items()
    }
