"""What a dask worker does: train one run in a folder that it shares with the driver."""

import socket
import threading
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from grokdash.config import validate_config
from grokdash.sweeps.engines import Event, train_unit

HOST = socket.gethostname()
_one_at_a_time = threading.Lock()
"""A worker may have several threads, but torch's generator and threads are shared."""


def grokdash_version() -> str:
    """Give the version that must be the same everywhere."""
    return version("grokdash")


def train_there(
    driver: dict[str, str], values: Sequence[dict[str, Any]], store: str, threads: int
) -> list[Event]:
    """Train configurations in this worker, or say why this worker cannot.

    Parameters
    ----------
    driver
        ``version`` of the driver's grokdash; ``topic`` that it listens to; ``marker``,
        a file of the store that exists while it drives; ``stop``, one that appears
        when workers shall stop.
    values, store, threads
        The configurations, and as for :func:`~grokdash.sweeps.engines.train_unit`.

    Returns
    -------
    list of Event
        How each of them ended.
    """
    from distributed import get_worker  # noqa: PLC0415 - an extra

    runs = [validate_config(one).run_id() for one in values]
    if (why := _unable(driver, store)) is not None:
        return [Event(run, "failed", why) for run in runs]
    with _one_at_a_time:
        if Path(driver["stop"]).exists():
            return [Event(run, "stopped", "before it began") for run in runs]
        get_worker().log_event(driver["topic"], {"runs": runs, "host": HOST})
        return train_unit(values, store, threads, driver["stop"])


def _unable(driver: dict[str, str], store: str) -> str | None:
    """Say what this worker lacks to train for that driver."""
    ours = grokdash_version()
    if ours != driver["version"]:
        return (
            f"the worker on {HOST} has grokdash {ours}, the driver "
            f"{driver['version']}: install one version on all of them"
        )
    if not Path(driver["marker"]).exists():
        return (
            f"the worker on {HOST} does not see the driver's store {store}: mount the "
            "shared folder there under the same path"
        )
    return None
