"""Where the runs of a sweep are trained: what every engine takes and reports.

An engine takes configurations and reports events; it knows nothing of sweeps. A run
whose worker is lost is tried again and goes on from its folder, and the lock in that
folder keeps two workers from training one run.
"""

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from grokdash.config import RunConfig, validate_config
from grokdash.errors import GrokdashError

RETRIES = 3
POLL_S = 0.5


Kind = Literal["started", "finished", "stopped", "failed", "lost", "busy"]
_KINDS: dict[str, Kind] = {
    "finished": "finished",
    "already finished": "finished",
    "interrupted": "stopped",
    "diverged": "failed",
    "busy": "busy",
    "failed": "failed",
}


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to one run; ``reason`` says where it is, or why it failed.

    ``lost``: its worker died and it is tried again; ``busy``: another process writes
    it at the moment.
    """

    run_id: str
    kind: Kind
    reason: str = ""


Listener = Callable[[Event], None]


@runtime_checkable
class Engine(Protocol):
    """Trains configurations into a store."""

    def check(self) -> None:
        """Raise if the engine cannot be used; called before anything is written.

        Raises
        ------
        ConfigError
            If an option is wrong or the machines cannot be reached.
        """
        ...

    def run(
        self,
        configs: Sequence[RunConfig],
        store: Path,
        listener: Listener,
        stop: threading.Event,
    ) -> None:
        """Train every configuration; return when all ended or ``stop`` was obeyed."""
        ...


def train_unit(
    values: Sequence[dict[str, Any]],
    store: str,
    threads: int,
    stop_file: str = "",
    tell: Listener | None = None,
) -> list[Event]:
    """Train one run, or several of equal shape as one model, or go on with them.

    Parameters
    ----------
    values
        The configurations.
    store, threads, stop_file
        See :class:`~grokdash.training.train.Options`.
    tell
        Told of every run as soon as it has ended.

    Returns
    -------
    list of Event
        One per run: ``finished``, ``stopped``, ``failed`` or ``busy``.
    """
    # Only a worker needs torch; the driver and the app import this module too.
    from grokdash.training.mirrors import VARIABLE, parse_mirrors  # noqa: PLC0415
    from grokdash.training.outcome import Outcome  # noqa: PLC0415
    from grokdash.training.train import Options, train_several  # noqa: PLC0415

    configs = [validate_config(one) for one in values]
    events: list[Event] = []

    def note(event: Event) -> None:
        events.append(event)
        if tell is not None:
            tell(event)

    def ended(outcome: Outcome) -> None:
        reason = outcome.message
        if outcome.state == "interrupted":
            reason = reason or f"stopped at epoch {outcome.step}"
        note(Event(outcome.run_id, _KINDS[outcome.state], reason))

    try:
        options = Options(
            store=Path(store),
            threads=threads,
            quiet=True,
            stop_file=Path(stop_file) if stop_file else None,
            mirrors=parse_mirrors(os.environ.get(VARIABLE)),
        )
        train_several(configs, options, ended, batch=len(configs))
    except GrokdashError as error:
        told = {event.run_id for event in events}
        for config in configs:
            if config.run_id() not in told:
                note(Event(config.run_id(), "failed", str(error)))
    return events
