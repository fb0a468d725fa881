"""Run a sweep: train what is not trained yet, keep what fails, stop when told to."""

import os
import signal
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from grokdash.errors import ConfigError, NotStoredError
from grokdash.store import open_store
from grokdash.store.sweeps import (
    SweepProgress,
    progress,
    read_sweep_record,
    write_plan,
    write_state,
)
from grokdash.sweeps.cluster import DaskEngine
from grokdash.sweeps.engines import Engine, Event, Listener
from grokdash.sweeps.local import LocalEngine
from grokdash.sweeps.plan import ENGINE_KEYS, Sweep

ENDED = ("finished", "collapsed", "diverged")


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
    a failed one is recorded with its reason and does not stop the others. Ctrl-C and
    SIGTERM store a checkpoint of every running run and return.

    Parameters
    ----------
    sweep, store, engine
        What to train, where to, and with what.
    listener
        Told of every event, in this thread.
    """
    write_plan(store, sweep.id, sweep.plan())
    states = {one.id: one.state for one in open_store(store).summaries()}
    todo = [c for c in sweep.configs if states.get(c.run_id()) not in ENDED]
    failures: dict[str, str] = {}
    write_state(store, sweep.id, failures)

    def note(event: Event) -> None:
        if event.kind == "failed":
            failures[event.run_id] = event.reason
            write_state(store, sweep.id, failures)
        listener(event)

    with _stopping() as stop:
        engine.run(todo, store, note, stop)
    record = read_sweep_record(store, sweep.id)
    return progress(record, open_store(store).summaries())


def cancel_sweep(store: Path, sweep_id: str) -> None:
    """Ask the process that drives a sweep to store checkpoints and end.

    Raises
    ------
    NotStoredError
        If there is no such sweep, or nothing drives it now.
    ConfigError
        If it is driven from another computer.
    """
    driver = read_sweep_record(store, sweep_id).driver or {}
    if driver.get("host") not in (None, socket.gethostname()):
        raise ConfigError(
            f"{sweep_id} is driven by process {driver.get('pid')} on "
            f"{driver.get('host')}: cancel it there"
        )
    try:
        os.kill(int(driver["pid"]), signal.SIGTERM)
    except (KeyError, ProcessLookupError):
        raise NotStoredError(f"nothing drives {sweep_id} at the moment") from None


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """Give an event that Ctrl-C and SIGTERM set, where signals can be caught."""
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: stop.set()) for number in numbers]
    try:
        yield stop
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
