"""Worker processes on this computer."""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from grokdash.config import RunConfig
from grokdash.streams import Output
from grokdash.sweeps.engines import POLL_S, RETRIES, Event, Listener, train_unit
from grokdash.training.batching import plan_batches


@dataclass(slots=True)
class _Worker:
    """A process, and the runs it has been given that have not ended, by id."""

    process: BaseProcess
    pipe: Connection
    runs: dict[str, RunConfig]


class LocalEngine:
    """Worker processes on this computer, one run or one batch at a time each.

    Parameters
    ----------
    workers
        Number of processes; one per core by default.
    threads
        Threads of each run.
    batch
        Largest number of runs trained as one model; None leaves it to the rule.
    """

    def __init__(
        self, workers: int | None = None, threads: int = 1, batch: int | None = None
    ) -> None:
        self.workers = workers or os.cpu_count() or 1
        self.threads = threads
        self.batch = batch

    def check(self) -> None:
        """See :meth:`~grokdash.sweeps.engines.Engine.check`; it can always be used."""

    def run(
        self,
        configs: Sequence[RunConfig],
        store: Path,
        listener: Listener,
        stop: threading.Event,
    ) -> None:
        """Train every configuration; see :class:`~grokdash.sweeps.engines.Engine`."""
        units = plan_batches(configs, store, self.batch, workers=self.workers)
        team = _Team(units, store, self.threads, listener)
        try:
            while team.busy or (team.waiting and not stop.is_set()):
                if stop.is_set():
                    team.terminate()
                else:
                    team.fill(self.workers)
                team.collect(stopping=stop.is_set())
        finally:
            team.close()


class _Team:
    """The processes of one call, the runs they work on, and those still waiting."""

    def __init__(
        self,
        units: Sequence[Sequence[RunConfig]],
        store: Path,
        threads: int,
        listener: Listener,
    ) -> None:
        self.waiting = deque(units)
        self.busy: list[_Worker] = []
        self._idle: list[_Worker] = []
        self._attempts: Counter[str] = Counter()
        self._store, self._threads, self._tell = str(store), threads, listener
        self._context = multiprocessing.get_context("spawn")

    def fill(self, size: int) -> None:
        """Give every free place a run or a batch."""
        while self.waiting and len(self.busy) < size:
            unit = self.waiting.popleft()
            worker = self._idle.pop() if self._idle else self._spawn()
            worker.runs = {config.run_id(): config for config in unit}
            values = [config.model_dump() for config in unit]
            worker.pipe.send((values, self._store, self._threads))
            self.busy.append(worker)
            for run_id in worker.runs:
                self._tell(Event(run_id, "started"))

    def collect(self, *, stopping: bool) -> None:
        """Wait a moment for results, and take those there are."""
        watched = [o for w in self.busy for o in (w.pipe, w.process.sentinel)]
        ready = wait(watched, timeout=POLL_S)
        for worker in list(self.busy):
            if worker.pipe in ready or worker.process.sentinel in ready:
                self._take(worker, stopping=stopping)

    def terminate(self) -> None:
        """Ask every process to store a checkpoint and end."""
        for worker in self.busy:
            if worker.process.is_alive():
                worker.process.terminate()

    def close(self) -> None:
        """End the processes that wait for work, and any that did not listen."""
        for worker in (*self._idle, *self.busy):
            worker.pipe.close()
            worker.process.join(timeout=30)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()

    def _spawn(self) -> _Worker:
        here, there = self._context.Pipe()
        process = self._context.Process(target=_work, args=(there,))
        process.start()
        there.close()
        return _Worker(process, here, {})

    def _take(self, worker: _Worker, *, stopping: bool) -> None:
        """Pass on what a worker has said; look after its runs if it is no more."""
        try:
            while worker.pipe.poll():
                event = worker.pipe.recv()
                if event is None:
                    self.busy.remove(worker)
                    self._idle.append(worker)
                    return
                worker.runs.pop(event.run_id)
                self._tell(event)
        except (EOFError, ConnectionError):
            pass
        else:
            if worker.process.is_alive():
                return
        self.busy.remove(worker)
        worker.process.join()
        worker.pipe.close()
        reason = f"its process ended with code {worker.process.exitcode}"
        self._lose(worker.runs, reason, stopping=stopping)

    def _lose(self, runs: dict[str, RunConfig], reason: str, *, stopping: bool) -> None:
        """Have runs tried again; the last time alone, for one may have cost all."""
        again: list[RunConfig] = []
        for run_id, config in runs.items():
            self._attempts[run_id] += 1
            tries = self._attempts[run_id]
            if stopping:
                self._tell(Event(run_id, "stopped", reason))
            elif tries >= RETRIES:
                self._tell(Event(run_id, "failed", f"{reason}, {tries} times"))
            elif tries == RETRIES - 1:
                self._tell(Event(run_id, "lost", reason))
                self.waiting.append([config])
            else:
                self._tell(Event(run_id, "lost", reason))
                again.append(config)
        if again:
            self.waiting.append(again)


def _work(pipe: Connection) -> None:
    """Train what comes through the pipe until it closes; the body of a process."""
    for name in ("SIGINT", "SIGHUP"):  # meant for all; the process that drives decides
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    Output()

    def tell(event: Event | None) -> None:
        # A driver that was killed hears nothing; the store tells the next one.
        with contextlib.suppress(OSError):
            pipe.send(event)

    while True:
        try:
            values, store, threads = pipe.recv()
        except (EOFError, OSError):
            return
        train_unit(values, store, threads, tell=tell)
        tell(None)
