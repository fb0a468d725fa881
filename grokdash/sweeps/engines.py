"""Where the runs of a sweep are trained: what every engine takes and reports.

An engine takes configurations and reports events; it knows nothing of sweeps. A run
whose worker is lost is tried again and goes on from its folder, and the lock in that
folder keeps two workers from training one run.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from grokdash.config import RunConfig, validate_config
from grokdash.errors import GrokdashError

RETRIES = 3
POLL_S = 0.5


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to one run; ``reason`` says why a run failed or is tried again."""

    run_id: str
    kind: Literal["started", "finished", "stopped", "failed", "lost"]
    reason: str = ""


Listener = Callable[[Event], None]


@runtime_checkable
class Engine(Protocol):
    """Trains configurations into a store."""

    def run(
        self,
        configs: Sequence[RunConfig],
        store: Path,
        listener: Listener,
        stop: threading.Event,
    ) -> None:
        """Train every configuration; return when all ended or ``stop`` was obeyed."""
        ...


def train_one(
    values: dict[str, Any], store: str, threads: int, stop_file: str = ""
) -> tuple[str, str]:
    """Train one configuration in this process, or go on with it.

    Returns
    -------
    kind, reason
        ``finished``, ``stopped`` or ``failed``, and why.
    """
    # Only a worker needs torch; the driver and the app import this module too.
    from grokdash.training.loop import Options, train  # noqa: PLC0415

    config = validate_config(values)
    options = Options(
        store=Path(store),
        threads=threads,
        quiet=True,
        stop_file=Path(stop_file) if stop_file else None,
    )
    try:
        outcome = train(config, options)
    except GrokdashError as error:
        return "failed", str(error)
    if outcome.state == "interrupted":
        return "stopped", f"stopped at epoch {outcome.step}"
    return "finished", ""
