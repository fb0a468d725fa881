"""Worker processes on this computer."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from grokdash.config import RunConfig
from grokdash.sweeps.engines import POLL_S, RETRIES, Event, Listener, train_one


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    pipe: Connection
    config: RunConfig


class LocalEngine:
    """Worker processes on this computer, one run at a time each.

    Parameters
    ----------
    workers
        Number of processes; one per core by default.
    threads
        Threads of each run.
    """

    def __init__(self, workers: int | None = None, threads: int = 1) -> None:
        self.workers = workers or os.cpu_count() or 1
        self.threads = threads

    def run(
        self,
        configs: Sequence[RunConfig],
        store: Path,
        listener: Listener,
        stop: threading.Event,
    ) -> None:
        """Train every configuration; see :class:`~grokdash.sweeps.engines.Engine`."""
        team = _Team(configs, store, self.threads, listener)
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
        configs: Sequence[RunConfig],
        store: Path,
        threads: int,
        listener: Listener,
    ) -> None:
        self.waiting = deque(configs)
        self.busy: list[_Worker] = []
        self._idle: list[_Worker] = []
        self._attempts: dict[str, int] = {}
        self._store, self._threads, self._tell = str(store), threads, listener
        self._context = multiprocessing.get_context("spawn")

    def fill(self, size: int) -> None:
        """Give every free place a run."""
        while self.waiting and len(self.busy) < size:
            config = self.waiting.popleft()
            worker = self._idle.pop() if self._idle else self._spawn(config)
            worker.config = config
            worker.pipe.send((config.model_dump(), self._store, self._threads))
            self.busy.append(worker)
            self._tell(Event(config.run_id(), "started"))

    def collect(self, *, stopping: bool) -> None:
        """Wait a moment for results, and take those there are."""
        watched = [o for w in self.busy for o in (w.pipe, w.process.sentinel)]
        ready = wait(watched, timeout=POLL_S)
        for worker in list(self.busy):
            if worker.pipe in ready or worker.process.sentinel in ready:
                self.busy.remove(worker)
                self._tell(self._settle(worker, stopping=stopping))

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

    def _spawn(self, config: RunConfig) -> _Worker:
        here, there = self._context.Pipe()
        process = self._context.Process(target=_work, args=(there,))
        process.start()
        there.close()
        return _Worker(process, here, config)

    def _settle(self, worker: _Worker, *, stopping: bool) -> Event:
        event = _result(worker)
        if event.kind != "lost":
            self._idle.append(worker)
            return event
        if stopping:
            return Event(event.run_id, "stopped", event.reason)
        tries = self._attempts[event.run_id] = self._attempts.get(event.run_id, 0) + 1
        if tries >= RETRIES:
            return Event(event.run_id, "failed", f"{event.reason}, {tries} times")
        self.waiting.append(worker.config)
        return event


def _work(pipe: Connection) -> None:
    """Train what comes through the pipe until it closes; the body of a process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            values, store, threads = pipe.recv()
        except EOFError:
            return
        pipe.send(train_one(values, store, threads))


def _result(worker: _Worker) -> Event:
    run_id = worker.config.run_id()
    try:
        if worker.pipe.poll():
            kind, reason = worker.pipe.recv()
            return Event(run_id, kind, reason)
    except (EOFError, ConnectionError):
        pass
    worker.process.join()
    worker.pipe.close()
    code = worker.process.exitcode
    return Event(run_id, "lost", f"its process ended with code {code}")
