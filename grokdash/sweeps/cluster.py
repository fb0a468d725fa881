"""A dask cluster: several processes here, or many computers through a scheduler."""

import os
import threading
import time
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from grokdash.config import RunConfig
from grokdash.errors import ConfigError
from grokdash.store.sweeps import SWEEPS
from grokdash.sweeps.engines import POLL_S, RETRIES, Event, Listener, train_unit
from grokdash.training.batching import plan_batches


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
        Name of a dask-jobqueue cluster, such as ``SLURM`` or ``PBS``, with its options.
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

    def run(
        self,
        configs: Sequence[RunConfig],
        store: Path,
        listener: Listener,
        stop: threading.Event,
    ) -> None:
        """Train every configuration; see :class:`~grokdash.sweeps.engines.Engine`."""
        distributed = _distributed()
        stop_file = store.resolve() / SWEEPS / f".stop-{os.getpid()}"
        with self._client(distributed) as client:
            workers = max(self.workers, len(client.nthreads()))
            futures = {
                client.submit(
                    train_unit,
                    [config.model_dump() for config in unit],
                    str(store.resolve()),
                    self.threads,
                    str(stop_file),
                    key=f"grokdash-{len(unit)}-from-{unit[0].run_id()}",
                    retries=RETRIES,
                    pure=False,
                ): [config.run_id() for config in unit]
                for unit in plan_batches(configs, store, self.batch, workers=workers)
            }
            for run_id in chain.from_iterable(futures.values()):
                listener(Event(run_id, "started"))
            try:
                _collect(futures, listener, stop, stop_file)
            finally:
                stop_file.unlink(missing_ok=True)

    def _client(self, distributed: Any) -> Any:
        if self.address:
            try:
                return distributed.Client(self.address, timeout="10s")
            except (OSError, TimeoutError) as error:
                raise ConfigError(
                    f"engine: no dask scheduler answers at {self.address}: {error}; "
                    'start one, or use the engine "local"'
                ) from error
        return distributed.Client(self._cluster(distributed))

    def _cluster(self, distributed: Any) -> Any:
        if not self.queue:
            return distributed.LocalCluster(
                n_workers=self.workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address=None,
                **self.options,
            )
        try:
            import dask_jobqueue  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise ConfigError(_install("dask-jobqueue")) from error
        made = getattr(dask_jobqueue, f"{self.queue.upper()}Cluster", None)
        if made is None:
            raise ConfigError(f"engine: dask-jobqueue knows no queue {self.queue!r}")
        cluster = made(**self.options)
        cluster.scale(jobs=self.workers)
        return cluster


def _collect(
    futures: dict[Any, list[str]],
    listener: Listener,
    stop: threading.Event,
    stop_file: Path,
) -> None:
    """Report every future as it ends; on a stop, tell the workers through a file."""
    left = dict(futures)
    while left:
        if stop.is_set():
            stop_file.touch()
        for future in [one for one in left if one.done()]:
            run_ids = left.pop(future)
            if future.status == "finished":
                ended = future.result()
            else:
                reason = repr(future.exception())
                ended = [Event(run_id, "failed", reason) for run_id in run_ids]
            for event in ended:
                listener(event)
        time.sleep(POLL_S)


def _distributed() -> Any:
    try:
        import distributed  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigError(_install("dask.distributed")) from error
    return distributed


def _install(what: str) -> str:
    return (
        f'engine: {what} is not installed: pip install "grokdash[cluster]", or use '
        'the engine "local"'
    )
