"""Run a sweep: train what is not trained yet, keep what fails, stop when told to."""

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from grokdash.errors import ConfigError
from grokdash.store import open_store
from grokdash.store.sweeps import (
    SweepProgress,
    cancel_requested,
    drive,
    progress,
    read_sweep_record,
    write_plan,
    write_state,
)
from grokdash.sweeps.cluster import DaskEngine
from grokdash.sweeps.engines import POLL_S, Engine, Event, Listener
from grokdash.sweeps.local import LocalEngine
from grokdash.sweeps.plan import ENGINE_KEYS, Sweep
from grokdash.training.session import ENDED
from grokdash.training.stopping import heeded

BUSY_POLL_S = 5.0


def make_engine(settings: Mapping[str, Any]) -> Engine:
    """Build the engine of the ``[engine]`` table of a sweep file.

    Parameters
    ----------
    settings
        ``kind`` is ``local``, ``dask`` or a queue of dask-jobqueue such as ``slurm``;
        ``workers`` and ``threads`` are counts; ``batch`` is the largest number of runs
        that train as one model, ``false`` for none and ``true``, the default, for what
        is fastest on a CPU; ``address`` is that of a dask scheduler,
        ``options`` a table passed to the cluster.

    Raises
    ------
    ConfigError
        If a key or a value is wrong.
    """
    for key in settings:
        if key not in ENGINE_KEYS:
            known = ", ".join(ENGINE_KEYS)
            raise ConfigError(f"engine: unknown key {key!r}; expected one of {known}")
    kind = settings.get("kind", "local")
    workers, threads = settings.get("workers"), settings.get("threads", 1)
    if not (workers is None or (type(workers) is int and workers > 0)):
        raise ConfigError(f"engine: workers: expected a count, got {workers!r}")
    if type(threads) is not int or threads < 1:
        raise ConfigError(f"engine: threads: expected a count, got {threads!r}")
    batch = _largest_batch(settings.get("batch", True))
    if kind == "local":
        return LocalEngine(workers, threads, batch)
    return DaskEngine(
        address=str(settings.get("address", "")),
        workers=workers,
        threads=threads,
        queue="" if kind == "dask" else str(kind),
        options=dict(settings.get("options", {})),
        batch=batch,
    )


def _largest_batch(value: object) -> int | None:
    """Read ``batch``: true, false, or a count."""
    if isinstance(value, bool):
        return None if value else 1
    if isinstance(value, int) and value > 0:
        return value
    raise ConfigError(
        "engine: batch: expected true, false or the largest number of runs to train "
        f"as one model, got {value!r}"
    )


def run_sweep(
    sweep: Sweep, store: Path, engine: Engine, listener: Listener
) -> SweepProgress:
    """Train every run of the sweep that has not ended yet.

    Interrupted runs go on from their newest checkpoint, finished ones are left alone,
    a failed one is recorded with its reason and does not stop the others; one that
    another process writes is waited for. Ctrl-C, SIGTERM and ``cancel_sweep`` store a
    checkpoint of every running run and return.

    Parameters
    ----------
    sweep, store, engine
        What to train, where to, and with what.
    listener
        Told of every event, in this thread.

    Raises
    ------
    ConfigError
        If the engine cannot be used; nothing has been written then.
    RunLockedError
        If another process drives this sweep.
    EngineLostError
        If the scheduler went away; every checkpoint is kept.
    """
    engine.check()
    write_plan(store, sweep.id, sweep.plan())
    with drive(store, sweep.id), _stopping(store, sweep.id) as stop:
        _train(sweep, store, engine, listener, stop)
    record = read_sweep_record(store, sweep.id)
    return progress(record, open_store(store).summaries())


def _train(
    sweep: Sweep,
    store: Path,
    engine: Engine,
    listener: Listener,
    stop: threading.Event,
) -> None:
    """Give the engine what has not ended; come back to what others were writing."""
    states = _states(store)
    todo = [c for c in sweep.configs if states.get(c.run_id()) not in ENDED]
    failures: dict[str, str] = {}
    write_state(store, sweep.id, failures)
    busy: set[str] = set()

    def note(event: Event) -> None:
        if event.kind == "failed":
            failures[event.run_id] = event.reason
            write_state(store, sweep.id, failures)
        elif event.kind == "busy":
            busy.add(event.run_id)
        listener(event)

    while todo and not stop.is_set():
        busy.clear()
        engine.run(todo, store, note, stop)
        todo = [config for config in todo if config.run_id() in busy]
        _await_any(busy, store, stop)


def _await_any(runs: set[str], store: Path, stop: threading.Event) -> None:
    """Wait until one of the runs that another process writes no longer runs."""
    while runs and not stop.wait(BUSY_POLL_S):
        states = _states(store)
        if any(states.get(run) != "running" for run in runs):
            return


def _states(store: Path) -> dict[str, str]:
    return {one.id: one.state for one in open_store(store).summaries()}


@contextmanager
def _stopping(store: Path, sweep_id: str) -> Iterator[threading.Event]:
    """Give an event that a cancellation sets, and Ctrl-C and SIGTERM where caught."""
    stop, ended = threading.Event(), threading.Event()

    def watch() -> None:
        while not ended.wait(POLL_S):
            if cancel_requested(store, sweep_id):
                stop.set()

    watcher = threading.Thread(target=watch, name="grokdash-cancel", daemon=True)
    watcher.start()
    try:
        with _catching_signals(stop):
            yield stop
    finally:
        ended.set()
        watcher.join()


@contextmanager
def _catching_signals(stop: threading.Event) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {one: signal.signal(one, lambda *_: stop.set()) for one in heeded()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
