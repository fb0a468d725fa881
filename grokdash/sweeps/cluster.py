"""A dask cluster: several processes here, or many computers through a scheduler."""

import importlib
import logging
import os
import queue
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from grokdash.config import RunConfig
from grokdash.errors import ConfigError, EngineLostError
from grokdash.store.sweeps import SWEEPS
from grokdash.sweeps.engines import POLL_S, RETRIES, Event, Listener
from grokdash.sweeps.queues import (
    check_cluster,
    import_distributed,
    local_cluster,
    queue_cluster,
)
from grokdash.sweeps.remote import grokdash_version
from grokdash.training.batching import plan_batches

logger = logging.getLogger(__name__)

WORK = "grokdash.sweeps.remote"
CONNECT_S = 10.0
OLD_SIGN_S = 30 * 86400.0
NO_WORKER_S = 60.0
"""Seconds without any worker after which the driver says so."""


class DaskEngine:
    """A dask cluster: an embedded one, one at an address, or one of a job queue.

    Parameters
    ----------
    address
        Address of a scheduler, such as ``tcp://node:8786``; empty for a cluster of
        processes on this computer.
    workers, threads
        Size of the embedded cluster or the job queue, and threads of each run.
    queue
        Name of a dask-jobqueue cluster, such as ``slurm`` or ``pbs``, with its options.
    batch
        Largest number of runs trained as one model; None leaves it to the rule.
    """

    def __init__(
        self,
        *,
        address: str = "",
        workers: int | None = None,
        threads: int = 1,
        queue: str = "",
        options: dict[str, Any] | None = None,
        batch: int | None = None,
    ) -> None:
        self.address = address
        self.workers = workers or os.cpu_count() or 1
        self.threads = threads
        self.queue = queue
        self.options = options or {}
        self.batch = batch

    def check(self) -> None:
        """See :meth:`~grokdash.sweeps.engines.Engine.check`."""
        if self.address:
            self._connect(self.address).close()
        else:
            check_cluster(self.queue or "dask", self.options)

    def run(
        self,
        configs: Sequence[RunConfig],
        store: Path,
        listener: Listener,
        stop: threading.Event,
    ) -> None:
        """Train every configuration; see :class:`~grokdash.sweeps.engines.Engine`."""
        if not configs:
            return
        folder = store.resolve()
        with self._client(len(configs)) as client, _signs(folder) as driver:
            told: queue.SimpleQueue[Any] = queue.SimpleQueue()
            client.subscribe_topic(driver["topic"], told.put)
            workers = max(self.workers, len(client.nthreads()))
            units = plan_batches(configs, folder, self.batch, workers=workers)
            futures = {
                client.submit(
                    # By value: where grokdash cannot be imported, the name of a
                    # function of ours would end the worker and not the task.
                    lambda *task: importlib.import_module(WORK).train_there(*task),
                    driver,
                    [config.model_dump() for config in unit],
                    str(folder),
                    self.threads,
                    key=f"grokdash-{unit[0].run_id()}-{driver['topic']}",
                    retries=RETRIES,
                    pure=False,
                ): [config.run_id() for config in unit]
                for unit in units
            }
            watch = _Watch(client, futures, told, listener)
            while watch.left:
                if stop.is_set():
                    Path(driver["stop"]).touch()
                watch.look(stopping=stop.is_set())
                time.sleep(POLL_S)
            if watch.cut_off:
                # Workers go on with the run they have; nobody would hear of its end.
                Path(driver["stop"]).touch()
        if watch.cut_off:
            raise EngineLostError(
                f"engine: the dask scheduler at {watch.address} is gone; "
                f"{watch.cut_off} runs had not ended. Their checkpoints are kept: go "
                "on with grokdash sweep resume once a scheduler answers, or with "
                "--engine local"
            )

    @contextmanager
    def _client(self, n_runs: int) -> Iterator[Any]:
        """Connect to the cluster, or start one that ends with the block."""
        if self.address:
            client = self._connect(self.address)
            # A scheduler that goes away is reported by us, without its traceback.
            logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
            try:
                yield client
            finally:
                client.close(timeout=CONNECT_S)
            return
        with (
            self._cluster(n_runs) as cluster,
            import_distributed().Client(cluster) as client,
        ):
            yield client

    def _connect(self, address: str) -> Any:
        distributed = import_distributed()
        try:
            return distributed.Client(address, timeout=CONNECT_S)
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"engine: no dask scheduler answers at {address}: {error}; start one "
                'there with: dask scheduler, or use the engine "local"'
            ) from error

    def _cluster(self, n_runs: int) -> Any:
        workers = min(self.workers, n_runs)
        if not self.queue:
            return local_cluster(workers, self.options)
        cluster = queue_cluster(self.queue, self.threads, self.options)
        cluster.adapt(minimum_jobs=workers, maximum_jobs=workers)
        return cluster


@contextmanager
def _signs(store: Path) -> Iterator[dict[str, str]]:
    """Give what workers need to know of this driver, and files to signal with."""
    topic = uuid.uuid4().hex[:16]
    folder = store / SWEEPS
    folder.mkdir(parents=True, exist_ok=True)
    _remove_old_signs(folder)
    marker, stop = folder / f".driven-{topic}", folder / f".stop-{topic}"
    marker.touch()
    try:
        yield {
            "version": grokdash_version(),
            "topic": topic,
            "marker": str(marker),
            "stop": str(stop),
        }
    finally:
        # A stop sign stays: a worker may be about to begin what was taken back.
        marker.unlink(missing_ok=True)


def _remove_old_signs(folder: Path) -> None:
    for path in (*folder.glob(".driven-*"), *folder.glob(".stop-*")):
        if path.stat().st_mtime < time.time() - OLD_SIGN_S:
            path.unlink(missing_ok=True)


class _Watch:
    """The runs handed to a cluster that have not ended, and what is heard of them."""

    def __init__(
        self,
        client: Any,
        futures: dict[Any, list[str]],
        told: "queue.SimpleQueue[Any]",
        listener: Listener,
    ) -> None:
        self.left = dict(futures)
        self.cut_off = 0
        self.address = client.scheduler.address if client.scheduler else ""
        self._client, self._told, self._tell = client, told, listener
        self._started: set[str] = set()
        self._warn_at = time.monotonic() + NO_WORKER_S

    def look(self, *, stopping: bool) -> None:
        """Report which runs were started and which have ended."""
        self._hear()
        for future in [one for one in self.left if one.done()]:
            for event in self._ended(future, self.left.pop(future)):
                self._tell(event)
        if stopping:
            self._drop_waiting()

    def _ended(self, future: Any, runs: list[str]) -> Sequence[Event]:
        """Say how the runs of a future ended."""
        if future.status == "cancelled":
            self.cut_off += len(runs)
            return [Event(run, "stopped", "the scheduler is gone") for run in runs]
        if future.status != "finished":
            reason = _reason(future.exception())
            return [Event(run, "failed", reason) for run in runs]
        return future.result()

    def _hear(self) -> None:
        """Report what workers say of runs that they have begun."""
        while not self._told.empty():
            _, message = self._told.get()
            where = f"on {message['host']}"
            for run in message["runs"]:
                if run in self._started:
                    again = f"its worker was lost; it goes on {where}"
                    self._tell(Event(run, "lost", again))
                else:
                    self._started.add(run)
                    self._tell(Event(run, "started", where))
        if not self._started and time.monotonic() > self._warn_at:
            self._warn_at += 10 * NO_WORKER_S
            logger.warning(
                "no worker has taken a run yet; the scheduler at %s waits for workers: "
                "do they run, and are the jobs of a queue let in?",
                self.address,
            )

    def _drop_waiting(self) -> None:
        """Take back what no worker has begun; the others end by themselves."""
        waiting = [f for f, runs in self.left.items() if runs[0] not in self._started]
        for future in waiting:
            del self.left[future]
        self._client.cancel(waiting)


def _reason(error: BaseException | None) -> str:
    """Say in the words of a user why a worker could not train."""
    if isinstance(error, ImportError | AttributeError):
        return (
            f"a worker cannot load grokdash ({error}): install the same version, and "
            "torch, on every worker"
        )
    if type(error).__name__ == "KilledWorker":
        return "one worker after the other was lost while training it: see their logs"
    return f"{type(error).__name__}: {error}"
