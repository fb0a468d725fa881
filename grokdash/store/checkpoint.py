"""One checkpoint of a run, its arrays by name: what ``Run.at`` gives."""

import difflib
from collections.abc import Iterator, Sequence
from html import escape
from typing import Protocol

import numpy as np

from grokdash.config import RunConfig
from grokdash.errors import ConfigError, NotStoredError
from grokdash.store.axes import meaning
from grokdash.store.schema import GRIDS, grid_shapes, param_shapes
from grokdash.written import number, whole


class Stored(Protocol):
    """What this needs of a run."""

    steps: np.ndarray
    grid_steps: np.ndarray

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def config(self) -> RunConfig: ...  # noqa: D102
    @property
    def measure_names(self) -> tuple[str, ...]: ...  # noqa: D102
    def param(self, name: str, step: int) -> np.ndarray: ...  # noqa: D102
    def measure(self, name: str, step: int) -> np.ndarray: ...  # noqa: D102
    def grid(self, name: str, step: int) -> np.ndarray | None: ...  # noqa: D102


class Checkpoint:
    """One stored checkpoint; ``checkpoint["W_E"]`` reads an array by its name.

    Parameters
    ----------
    run
        The run.
    epoch : int
        A stored epoch of it.

    Attributes
    ----------
    epoch : int
        The epoch that these arrays belong to.
    """

    def __init__(self, run: Stored, epoch: int) -> None:
        self.run = run
        self.epoch = epoch

    @property
    def params(self) -> tuple[str, ...]:
        """Names of the parameters, in order of the forward pass."""
        return tuple(param_shapes(self.run.config))

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of the measures, sorted."""
        return self.run.measure_names

    @property
    def grids(self) -> tuple[str, ...]:
        """Names of the activation grids that are stored at this epoch."""
        if self.epoch not in self.run.grid_steps:
            return ()
        return tuple(f"{GRIDS}/{name}" for name in grid_shapes(self.run.config))

    def keys(self) -> tuple[str, ...]:
        """Give every name: parameters, measures, grids."""
        return (*self.params, *self.measures, *self.grids)

    def __getitem__(self, name: str) -> np.ndarray:
        """Read one array.

        Raises
        ------
        NotStoredError
            If there is none of this name here; the message names those there are.
        DamagedFileError
            If its bytes are not what was written.
        """
        if name in self.params:
            return self.run.param(name, self.epoch)
        if name in self.measures:
            return self.run.measure(name, self.epoch)
        found = None
        if name in self.grids:
            found = self.run.grid(name.removeprefix(f"{GRIDS}/"), self.epoch)
        if found is None:
            raise NotStoredError(
                f"{self.run.id}: no array {name!r} at epoch {self.epoch}"
                f"{suggestion(name, self.keys())}; it has {', '.join(self.keys())}"
            )
        return found

    def __contains__(self, name: object) -> bool:
        return name in self.keys()

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def __repr__(self) -> str:
        kinds = (
            (len(self.params), "parameters"),
            (len(self.measures), "measures"),
            (len(self.grids), "grids"),
        )
        counts = ", ".join(f"{count} {kind}" for count, kind in kinds if count)
        return f"<epoch {whole(self.epoch)} of {self.run.id}: {counts}>"

    def _repr_html_(self) -> str:
        shapes = param_shapes(self.run.config)
        rows = [(name, _shape(shapes[name])) for name in self.params]
        rows += [(name, self._measured(name)) for name in self.measures]
        grids = grid_shapes(self.run.config)
        rows += [(name, _shape(grids[name.partition("/")[2]])) for name in self.grids]
        return html_table(f"Epoch {whole(self.epoch)} of {self.run.id}", rows)

    def _measured(self, name: str) -> str:
        """Give a measure of one number; of others what their axes are called."""
        known = meaning(f"measures/{name}")
        if known is None or known.axes:
            return "array" if known is None else f"[{', '.join(known.axes)}]"
        text = number(float(self.run.measure(name, self.epoch)))
        return f"{text} {known.unit}".strip()


def stored_epoch(steps: np.ndarray, epoch: int | None, run: str) -> int:
    """Give the stored epoch nearest to any, the earlier of two; None is the newest.

    Raises
    ------
    ConfigError
        If it is no epoch.
    NotStoredError
        If no checkpoint is stored yet.
    """
    if not len(steps):
        raise NotStoredError(f"{run}: has no checkpoint yet")
    if epoch is None:
        return int(steps[-1])
    if isinstance(epoch, bool) or not isinstance(epoch, int | np.integer) or epoch < 0:
        raise ConfigError(
            f"epoch: expected a whole number from 0, got {str(epoch)[:80]!r}; stored "
            f"are {len(steps)} epochs from {steps[0]} to {steps[-1]} (run.steps)"
        )
    return int(steps[np.abs(steps - int(epoch)).argmin()])


def suggestion(name: object, known: Sequence[str]) -> str:
    """Say which name may have been meant; nothing if none is like it."""
    text = str(name).casefold()
    plain = {one: one.casefold() for one in known}
    like = [one for one in known if text in (plain[one], plain[one].rpartition("/")[2])]
    if not like:
        close = difflib.get_close_matches(text, plain.values(), n=1)
        like = [one for one in known if plain[one] in close]
    return f" (perhaps {', '.join(like)})" if like else ""


def html_table(title: str, rows: Sequence[tuple[str, str]]) -> str:
    """Write what a notebook shows of a value: a title and pairs of name and text."""
    lines = "".join(
        f'<tr><th style="text-align:left">{escape(name)}</th>'
        f'<td style="text-align:left">{escape(text)}</td></tr>'
        for name, text in rows
    )
    return f"<table><caption>{escape(title)}</caption>{lines}</table>"


def _shape(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))
