"""What a sweep costs on this computer: runs, time, disk, before any is trained."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from grokdash.config import RunConfig
from grokdash.errors import GrokdashError
from grokdash.store import Store
from grokdash.sweeps.plan import Sweep
from grokdash.training.batching import batch_key, plan_batches
from grokdash.training.footprint import check_memory, footprint
from grokdash.training.forecast import Forecast, check_room, forecast
from grokdash.training.pace import Pace, how, in_words, modelled_s, pace
from grokdash.training.session import ENDED
from grokdash.written import size

DISK_BUDGET_GB = 1.0
"""What a run may take of the disk, as ``grokdash train`` has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What is left to train of a sweep, and what that takes.

    ``seconds`` is until all are trained, ``workers`` at a time, and ``found`` how fast
    this computer is; ``room`` says why it would not fit, empty if it does.
    """

    runs: int
    left: int
    seconds: float
    workers: int
    found: Pace
    total_bytes: int
    room: str

    @property
    def duration(self) -> str:
        """Say how long it takes."""
        return f"about {in_words(self.seconds)}" if self.left else "nothing is left"

    @property
    def basis(self) -> str:
        """Say how that is known."""
        at_a_time = "one run or batch" if self.workers == 1 else f"{self.workers} runs"
        return f"{at_a_time} at a time, {how(self.found)}"

    @property
    def size(self) -> str:
        """Say how much of the disk it takes."""
        return size(self.total_bytes)


def cost(sweep: Sweep, store: Store) -> Cost:
    """Forecast what is left of a sweep, as an engine of this computer trains it."""
    states = {one.id: one.state for one in store.summaries()}
    left = [one for one in sweep.configs if states.get(one.run_id()) not in ENDED]
    workers = sweep.engine.get("workers") or os.cpu_count() or 1
    batch = sweep.engine.get("batch", True)
    most = None if batch is True else int(batch) or 1
    units = plan_batches(left, store.path, most, workers=workers)
    found = pace(store, _median(left)) if left else Pace()
    each = [_unit_s(unit) * found.factor for unit in units]
    sizes = _sizes(left)
    return Cost(
        runs=len(sweep.configs),
        left=len(left),
        seconds=max(sum(each) / workers, max(each, default=0.0)),
        workers=min(workers, max(len(units), 1)),
        found=found,
        total_bytes=sum(one.total for one in sizes),
        room=_lacking_room(store, units, sizes, workers),
    )


def _median(configs: Sequence[RunConfig]) -> RunConfig:
    """Give the run of middling length, by which the pace is looked up."""
    return sorted(configs, key=modelled_s)[len(configs) // 2]


def _unit_s(unit: Sequence[RunConfig]) -> float:
    return sum(modelled_s(config, len(unit)) for config in unit)


def _sizes(configs: Sequence[RunConfig]) -> list[Forecast]:
    """Forecast every run; runs of one shape and schedule take the same."""
    kinds = Counter((batch_key(one), one.epochs, one.grids) for one in configs)
    first = {(batch_key(one), one.epochs, one.grids): one for one in configs}
    return [
        one
        for kind, count in kinds.items()
        for one in [forecast(first[kind], DISK_BUDGET_GB)] * count
    ]


def _lacking_room(
    store: Store,
    units: Sequence[Sequence[RunConfig]],
    sizes: Sequence[Forecast],
    workers: int,
) -> str:
    try:
        if units:
            check_memory(max(units, key=footprint))
        check_room(store.path, *sizes, at_a_time=workers)
    except GrokdashError as error:
        return str(error)
    return ""
