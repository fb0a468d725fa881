"""Training processes that pages start, stop and watch.

Nothing a trainer does can take the server down. It is stopped by a request in its run's
folder.
"""

import contextlib
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from grokdash.app.few import MOST_TRAINERS, check_few
from grokdash.app.posture import READ_ONLY
from grokdash.app.processes import Process, last_word, start_apart
from grokdash.app.start_form import chosen_config
from grokdash.config import RunConfig, as_options
from grokdash.contract.codes import RowState
from grokdash.contract.listing import RunRow
from grokdash.contract.rows import run_row
from grokdash.contract.training import Log
from grokdash.contract.words import STATES
from grokdash.errors import ConfigError, NotStoredError, RunLockedError
from grokdash.patience import waiting_for
from grokdash.store import RunStatus, RunSummary, Store
from grokdash.store.log import read_log
from grokdash.store.record import check_run_id, observed, read_status
from grokdash.store.schema import LOG_FILE, RUN_FILE
from grokdash.store.stop_request import ask_to_stop
from grokdash.training.footprint import check_memory
from grokdash.training.forecast import check_room, forecast
from grokdash.training.launch import trainer_command

DISK_BUDGET_GB = 1.0
"""What ``grokdash train`` allows a run by default."""
_HERE = ("--exit-zero-on-stop",)
"""How a page's trainer differs: Stop is a button beside it, and no failure."""
ENDING_S = 10.0
"""How long a trainer that said it stopped may take to end."""


@dataclass(slots=True)
class _Launch:
    """One started process.

    ``began`` once it ended if there was a run then, else ``text`` keeps what it
    printed.
    """

    config: RunConfig
    process: Process
    began: bool = False
    text: str = ""

    @property
    def code(self) -> int | None:
        """Its exit code, once it ended."""
        return self.process.code


class Trainers:
    """Start, stop and watch the trainers of one store; all methods are thread-safe."""

    def __init__(self, store: Store, *, read_only: bool = False) -> None:
        self._store = store
        self._read_only = read_only
        self._launches: dict[str, _Launch] = {}
        self._lock = threading.RLock()

    def why_not(self) -> str:
        """Say why nothing can be started or stopped here; empty if it can."""
        if self._read_only:
            return READ_ONLY
        folder = self._store.path
        if not isinstance(folder, Path):
            return f"{folder} is not a folder of this computer"
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        if not os.access(folder, os.W_OK):
            return f"{folder} cannot be written by this server"
        return ""

    def start(self, preset: str, fields: Mapping[str, Any]) -> str:
        """Begin a run, or go on with one that was interrupted; give its id.

        Raises
        ------
        BusyError
            If as many trainers are at work as pages may start.
        ConfigError
            If a field is wrong, or the run is over already.
        NoRoomError, NoMemoryError
            If the run would not fit on the disk, or into memory.
        RunLockedError
            If it is being trained.
        """
        self._check_allowed()
        config = chosen_config(preset, fields)
        run_id = config.run_id()
        if (self._store.path / run_id / RUN_FILE).exists():
            self.resume(run_id)
            return run_id
        check_room(self._store.path, forecast(config, DISK_BUDGET_GB))
        self._launch(config, as_options(config, preset), run_id)
        return run_id

    def resume(self, run_id: str) -> None:
        """Go on with an interrupted run.

        Raises
        ------
        NotStoredError, ConfigError, RunLockedError, NoMemoryError
            If there is none, it is over, it is being trained, or does not fit.
        """
        self._check_allowed()
        run = self._store.run(run_id)
        state = self._status(run_id).state
        if state == "running":
            raise RunLockedError(f"{run_id}: is being trained already")
        if state != "interrupted":
            further = (
                f"; train it further with: grokdash train --resume {run_id} --epochs "
                f"{2 * run.config.epochs}; or"
            )
            raise ConfigError(
                f"{run_id}: is {state}{further if state == 'finished' else ';'} change "
                "a field, for example the seed, to train another run"
            )
        self._let_end(run_id)
        self._launch(run.config, [f"--resume={run_id}"], run_id)

    def stop(self, run_id: str) -> None:
        """Ask a running run to store a checkpoint and stop.

        Raises
        ------
        NotStoredError, ConfigError
            If there is no such run, or it does not run.
        """
        self._check_allowed()
        status = self._status(run_id)
        if status.state != "running":
            raise ConfigError(f"{run_id}: is {status.state}; there is nothing to stop")
        ask_to_stop(self._store.path / run_id)

    def log(self, run_id: str) -> Log:
        """Give what a run's trainer printed last, and how it ended.

        Raises
        ------
        NotStoredError
            If there is no such run and none is being started.
        """
        folder = self._store.path / check_run_id(run_id)
        launch = self._launches.get(run_id)
        if launch is not None and self._is_no_run(run_id, launch):
            state, message = _launch_state(launch), ""
            text = launch.text or read_log(folder)
        else:
            with waiting_for(run_id):
                status, text = self._status(run_id), read_log(folder)
            state, message = status.state, status.message
        return Log(
            text=text,
            state=state,
            label=STATES[state],
            message=message,
            exit=None if launch is None else launch.code,
        )

    def launches(self) -> list[RunRow]:
        """List the starts that are no run yet, or failed to become one."""
        with self._lock:
            known = list(self._launches.items())
        return [
            _as_row(run_id, launch)
            for run_id, launch in known
            if self._is_no_run(run_id, launch)
        ]

    def dismiss(self, run_id: str) -> None:
        """Forget a start that failed."""
        with self._lock:
            launch = self._launches.get(run_id)
            if launch is not None and launch.code is not None:
                del self._launches[run_id]

    def busy(self) -> str:
        """Say that every core has a run already; empty if one is free."""
        cores = os.cpu_count() or 1
        running = {one.id for one in self._store.summaries() if one.state == "running"}
        with self._lock:
            running |= {i for i, one in self._launches.items() if one.code is None}
        if len(running) < cores:
            return ""
        return (
            f"{len(running)} runs are being trained on {cores} cores; "
            "another one slows them all"
        )

    def _is_no_run(self, run_id: str, launch: _Launch) -> bool:
        return not launch.began and not (self._store.path / run_id / RUN_FILE).exists()

    def _let_end(self, run_id: str) -> None:
        """Wait for a trainer that has stored its last word to be gone."""
        launch = self._launches.get(run_id)
        if launch is not None:
            launch.process.let_end(ENDING_S)

    def _check_allowed(self) -> None:
        if why := self.why_not():
            raise ConfigError(why)

    def _status(self, run_id: str) -> RunStatus:
        folder = self._store.path / check_run_id(run_id)
        with waiting_for(run_id):
            return self._status_of(run_id, folder)

    def _status_of(self, run_id: str, folder: Path) -> RunStatus:
        if not (folder / RUN_FILE).exists():
            launch = self._launches.get(run_id)
            if launch is not None and launch.code is None:
                raise ConfigError(f"{run_id}: is only being started; wait a moment")
            raise NotStoredError(f"no run {run_id!r} in this store")
        return observed(read_status(folder), folder.parent)

    def _launch(self, config: RunConfig, arguments: Sequence[str], run_id: str) -> None:
        check_memory([config])
        place = str(self._store.path.resolve())
        with self._lock:
            before = self._launches.get(run_id)
            if before is not None and before.code is None:
                raise RunLockedError(f"{run_id}: is being trained already")
            at_work = sum(one.code is None for one in self._launches.values())
            check_few(at_work, MOST_TRAINERS, "trainers")
            self._launches[run_id] = _Launch(
                config,
                start_apart(
                    trainer_command([*arguments, *_HERE, "--store", place]),
                    self._store.path / run_id,
                    ["grokdash", "train", *arguments],
                    partial(self._ended, run_id),
                ),
            )

    def _ended(self, run_id: str, process: Process, code: int) -> None:
        """Note how a process ended; a start that made no run leaves no folder."""
        folder = self._store.path / run_id
        with self._lock:
            launch = self._launches[run_id]
            launch.began = (folder / RUN_FILE).exists()
            if not launch.began:
                launch.text = read_log(folder)
                with contextlib.suppress(OSError):
                    (folder / LOG_FILE).unlink(missing_ok=True)
                    (folder / "lock").unlink(missing_ok=True)
                    folder.rmdir()
            process.code = code


def _launch_state(launch: _Launch) -> RowState:
    return "starting" if launch.code is None else "failed"


def _as_row(run_id: str, launch: _Launch) -> RunRow:
    """Give a start as a row of the list, though it is no run."""
    config = {
        name: getattr(launch.config, name)
        for name in (
            *("operation", "p", "seed", "train_fraction", "weight_decay", "lr"),
            *("n_layers", "n_heads", "d_model", "d_mlp", "epochs"),
        )
    }
    row = run_row(RunSummary(id=run_id, **config))
    row["state"] = _launch_state(launch)
    if launch.code is None:
        return row
    ended = f"the trainer ended with exit code {launch.code}"
    row["message"] = last_word(launch.text) or ended
    return row
