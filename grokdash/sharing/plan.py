"""Which epochs a file to share has, and how exact it can be within its size."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from grokdash.errors import ConfigError
from grokdash.snapshot import RunView
from grokdash.views.reading.epochs import marks
from grokdash.written import size as written_size


@dataclass(frozen=True, slots=True)
class Rung:
    """One way to be exact: bits of the weights, and which levels pictures take."""

    bits: int
    every: int


RUNGS = (
    Rung(15, 1),
    Rung(14, 1),
    Rung(13, 1),
    Rung(12, 1),
    Rung(11, 1),
    Rung(10, 1),
    Rung(10, 2),
    Rung(9, 2),
    Rung(9, 4),
    Rung(8, 4),
    Rung(7, 4),
    Rung(7, 8),
    Rung(6, 8),
)
"""From the most exact one down."""


def even(steps: Sequence[int], most: int, kept: Iterable[int] = ()) -> tuple[int, ...]:
    """Choose checkpoints evenly, the first and the last among them, and those kept."""
    if len(steps) <= most:
        return tuple(steps)
    ends = {steps[0], steps[-1]}
    chosen = ends | set(sorted({*kept} & {*steps})[: max(0, most - len(ends))])
    others = [step for step in steps if step not in chosen]
    wanted = most - len(chosen)
    places = np.linspace(-0.5, len(others) - 0.5, wanted + 1)
    middles = (places[:-1] + places[1:]) / 2
    return tuple(sorted(chosen | {others[round(place)] for place in middles}))


def chosen_steps(
    run: RunView, checkpoints: int, weights: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Choose the epochs of a file, and those whose weights it has.

    The epochs that have a name are among both: memorised, grokked and so on.
    """
    named = [step for step in marks(run).values() if step is not None]
    kept = [run.stored.nearest_step(step) for step in named if len(run.steps)]
    steps = even([int(step) for step in run.steps], checkpoints, kept)
    return steps, even(steps, weights, kept) if weights else ()


def fitting(
    most_bytes: int, size: Callable[[Rung], int], rungs: Sequence[Rung]
) -> Rung:
    """Choose the most exact way that fits.

    Raises
    ------
    ConfigError
        If none does.
    """
    taken = 0
    for rung in rungs:
        taken = size(rung)
        if taken <= most_bytes:
            return rung
    raise ConfigError(
        f"--max-size: this file takes {written_size(taken)} at its least exact, more "
        f"than the {written_size(most_bytes)} that it may take: ask for fewer "
        "--checkpoints, fewer --weights, fewer --views, or a larger --max-size"
    )
