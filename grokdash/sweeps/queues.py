"""Clusters that are made for one sweep: processes here, or jobs of a batch queue."""

import inspect
import shutil
from collections.abc import Callable, Mapping
from typing import Any

from grokdash.errors import ConfigError

_JOB_DEFAULTS = {"processes": 1, "memory": "4 GiB"}
"""What a job asks for unless the sweep file says otherwise; cores are its threads."""


def local_cluster(workers: int, options: Mapping[str, Any]) -> Any:
    """Start a scheduler and worker processes on this computer."""
    distributed = import_distributed()
    settings = {
        "n_workers": workers,
        "threads_per_worker": 1,
        "processes": True,
        "dashboard_address": None,
    } | dict(options)
    return _made(distributed.LocalCluster, settings)


def queue_cluster(queue: str, threads: int, options: Mapping[str, Any]) -> Any:
    """Start a scheduler here whose workers are jobs of a batch queue; none yet.

    Parameters
    ----------
    queue
        Name of a dask-jobqueue cluster, in any case: ``slurm``, ``pbs``, ``sge``, …
    threads
        Cores of a job, unless the options say otherwise.
    options
        Passed to the cluster.

    Raises
    ------
    ConfigError
        If there is no such queue, or an option has a bad value.
    """
    settings: dict[str, Any] = {"cores": threads, **_JOB_DEFAULTS, **options}
    quiet = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}
    settings["scheduler_options"] = quiet | dict(settings.get("scheduler_options", {}))
    # One run at a time in each process, however many cores it has; the last one counts.
    extra = list(settings.get("worker_extra_args") or [])
    settings["worker_extra_args"] = ["--nthreads", "1", *extra]
    return _made(queue_class(queue), settings)


def check_cluster(kind: str, options: Mapping[str, Any]) -> None:
    """Refuse a cluster that cannot be started, before anything is.

    Raises
    ------
    ConfigError
        If an option is unknown, or the command that submits jobs is not on this
        computer.
    """
    if kind == "dask":
        made = import_distributed().LocalCluster
        known = _parameters(made.__init__)
    else:
        made = queue_class(kind)
        known = {
            name
            for one in (*made.__mro__, *made.job_cls.__mro__)
            if "__init__" in vars(one)
            for name in _parameters(one.__init__)
        }
    for name in options:
        if name not in known:
            raise ConfigError(
                f"engine: options: unknown option {name!r} of {made.__name__}; "
                f"expected one of {', '.join(sorted(known))}"
            )
    if kind != "dask":
        _check_command(kind, made.job_cls.submit_command.split()[0])


def _check_command(kind: str, command: str) -> None:
    if shutil.which(command) is None:
        raise ConfigError(
            f"engine: kind {kind!r} needs the command {command}, which is not on this "
            "computer: run the sweep where jobs are submitted, a login node say, or "
            'use the engine "local"'
        )


def queue_class(queue: str) -> Any:
    """Find the cluster class of dask-jobqueue for a queue.

    Raises
    ------
    ConfigError
        If dask-jobqueue is not installed, or knows no such queue.
    """
    try:
        import dask_jobqueue  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigError(not_installed("dask-jobqueue")) from error
    classes = {
        name.removesuffix("Cluster").lower(): getattr(dask_jobqueue, name)
        for name in dir(dask_jobqueue)
        if name.endswith("Cluster") and name not in ("JobQueueCluster", "LocalCluster")
    }
    found = classes.get(queue.lower())
    if found is None:
        raise ConfigError(
            f"engine: kind: unknown engine {queue!r}; expected local, dask or a queue "
            f"of dask-jobqueue: {', '.join(sorted(classes))}"
        )
    return found


def import_distributed() -> Any:
    """Import dask.distributed, or say how to install it."""
    try:
        import distributed  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigError(not_installed("dask.distributed")) from error
    return distributed


def not_installed(what: str) -> str:
    """Say how to get a package of the cluster extra."""
    return (
        f"engine: {what} is not installed: pip install distributed dask-jobqueue, or "
        'use the engine "local"'
    )


def _parameters(function: Callable[..., Any]) -> set[str]:
    plain = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    found = inspect.signature(function).parameters.values()
    return {one.name for one in found if one.kind in plain} - {"self", "job_cls"}


def _made(kind: Callable[..., Any], settings: Mapping[str, Any]) -> Any:
    try:
        return kind(**settings)
    except (TypeError, ValueError, OSError, RuntimeError) as error:
        raise ConfigError(f"engine: options: {error}") from error
