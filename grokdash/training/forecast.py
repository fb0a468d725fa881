"""How much disk a run will take, and how many grids fit into the budget."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from grokdash.config import RunConfig
from grokdash.errors import ConfigError, NoRoomError
from grokdash.store.schema import KEPT_STATES, n_weights
from grokdash.training.schedule import checkpoint_steps
from grokdash.written import size

GB = 1e9

_PICTURE_RATIO = 0.75
"""Compressed over raw size of float16 pictures; they are noise before grokking."""
_PACKED_OVERHEAD = 50_000
"""Bytes of HDF5 structure in run.h5 besides what each checkpoint has of it."""
_PER_EPOCH = 7 * 8
"""Bytes of the losses and norms of one update, and its number."""
_FILE_OVERHEAD = 27_000
"""Bytes of HDF5 structure, hashes and small measures in one checkpoint file."""
_HASH = 4
"""Bytes of the hash of one picture; of other arrays they are counted as overhead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Sizes in bytes: of a checkpoint, of the grids of one, and of the whole run.

    ``packing`` is what run.h5 takes beside the pieces that it is made of, until these
    are removed: at the end of the run, or of what an extension adds.
    """

    checkpoints: int
    grids: int
    asked_grids: int
    checkpoint_bytes: int
    grid_bytes: int
    state_bytes: int
    series_bytes: int
    packing: int

    @property
    def total(self) -> int:
        """Bytes of the whole run."""
        return (
            self.checkpoints * self.checkpoint_bytes
            + self.grids * self.grid_bytes
            + self.series_bytes
            + self.state_bytes
        )

    @property
    def text(self) -> str:
        """Say it in one line."""
        line = (
            f"disk forecast: about {size(self.total)} for "
            f"{self.checkpoints} checkpoints, {self.grids} of them with grids, and "
            f"{size(self.packing)} more for the moment of packing them"
        )
        if self.grids < self.asked_grids:
            line += (
                f" (instead of {self.asked_grids}, to stay within --disk-budget; "
                "the app computes any other on demand)"
            )
        return line


def forecast(config: RunConfig, budget_gb: float, *, after: int = -1) -> Forecast:
    """Estimate the disk space of a run and fit its grids into the budget.

    Parameters
    ----------
    config
        The run.
    budget_gb
        Limit for the whole run, in GB (10⁹ bytes). Checkpoints are never left out:
        only grids, which can be computed again from them.
    after
        Count only what comes after this step: what an extension adds.

    Raises
    ------
    ConfigError
        If the budget is not a positive number.
    """
    if not budget_gb > 0:
        raise ConfigError(
            f"--disk-budget: expected a positive number of GB; got {budget_gb}"
        )
    p, weights = config.p, n_weights(config)
    measures = 3 * 4 * p * p + 2 * p * p + 3 * 8 * config.d_mlp * config.n_layers
    checkpoint = 4 * weights + int(_PICTURE_RATIO * measures) + _FILE_OVERHEAD
    # Losses are float32, and so is attention while it hardly varies.
    pictures = config.n_layers * (config.d_mlp + 2 * 3 * config.n_heads) + 3
    grid = int(_PICTURE_RATIO * 2 * p * p * pictures) + _HASH * pictures
    count = int((checkpoint_steps(config) > after).sum())
    state = KEPT_STATES * 8 * weights
    series = _PER_EPOCH * (config.epochs - max(after, 0))
    room = budget_gb * GB - count * checkpoint - state - series
    asked = min(config.grids, count)
    grids = max(0, min(asked, int(room // grid)))
    before = len(checkpoint_steps(config)) - count
    return Forecast(
        checkpoints=count,
        grids=grids,
        asked_grids=asked,
        checkpoint_bytes=checkpoint,
        grid_bytes=grid,
        state_bytes=state,
        series_bytes=series,
        packing=_PACKED_OVERHEAD
        + _PER_EPOCH * config.epochs
        + (count + before) * checkpoint
        + (grids + min(config.grids, before)) * grid,
    )


def check_room(store: Path, *expected: Forecast, at_a_time: int = 1) -> None:
    """Refuse to start runs that will not fit on the disk.

    Parameters
    ----------
    store
        Where the runs will be.
    expected
        What each will take.
    at_a_time
        How many may be packed at the same moment.

    Raises
    ------
    NoRoomError
        If less is free than the forecast says.
    """
    folder = store
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    largest = sorted((one.packing for one in expected), reverse=True)
    total = sum(one.total for one in expected) + sum(largest[:at_a_time])
    if free < total:
        what = "the run is" if len(expected) == 1 else f"{len(expected)} runs are"
        raise NoRoomError(
            f"The disk of the store has {size(free)} free, but {what} expected to take "
            f"{size(total)} until packed: free some space, store less (checkpoints "
            "farther apart, fewer grids) or choose a store on another disk"
        )
