"""The stored arrays of a run: what there is, and the numbers of one of them.

Nothing is read but what is shown: of the list a row of the newest checkpoint for each
array, of an array at most :data:`MOST_NUMBERS`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from grokdash.contract.addresses import store_path
from grokdash.course.tables import KEY_MEASURES
from grokdash.course.tables import MEASURES as DESCRIBED
from grokdash.errors import ConfigError, DamagedFileError, NotStoredError
from grokdash.saving.number_formats import Along, Numbers
from grokdash.store import Run
from grokdash.store.axes import GRID_STEP, STEP, UPDATE, axes, meaning
from grokdash.store.checkpoint import suggestion
from grokdash.store.labelled import labels
from grokdash.store.schema import grid_shapes, param_shapes
from grokdash.written import number

MOST_NUMBERS = 1_000_000
"""Numbers of one answer; a map of every neuron at p = 113 has six times as many."""
_SHOWN = 4
"""First values of an array that the list shows."""

_WHAT = {
    "W_E": "embedding of every token; the last row is =",
    "W_pos": "embedding of the three positions a, b, =",
    "W_Q": "queries of every head",
    "W_K": "keys of every head",
    "W_V": "values of every head",
    "W_O": "what every head writes into the residual stream",
    "W_in": "from the residual stream to the neurons",
    "b_in": "bias of the neurons",
    "W_out": "from the neurons to the residual stream",
    "b_out": "bias of what the neurons write",
    "ln1_w": "scale of the LayerNorm before attention",
    "ln1_b": "shift of the LayerNorm before attention",
    "ln2_w": "scale of the LayerNorm before the neurons",
    "ln2_b": "shift of the LayerNorm before the neurons",
    "W_U": "from the residual stream to the logits",
    "neurons": "activation of every neuron for every pair (a, b)",
    "attention": "where the last position of every head looks, for every pair (a, b)",
    "correct_logit": "logit of the right answer for every pair (a, b)",
    "loss": "loss for every pair (a, b)",
    "step": "updates applied before the one measured",
    "train_loss": "training loss of the weights before every update",
    "grad_norm": "length of the gradient at those weights",
    "update_norm": "length of what every update added to the weights",
    "float32_collapse": "share of the training pairs whose softmax is 1 in float32",
    "float32_zero_gradient": "share of those whose gradient is 0 in float32",
    "sumsq": "sum of squared weights before every update",
}
"""What parameters, grids and scalars are; of measures the course says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArray:
    """One array of a run.

    Attributes
    ----------
    name
        As in run.h5.
    axes, shape
        Over the whole run; the first axis counts checkpoints or updates.
    type, unit, what
        Of its numbers, in words; empty where there is none.
    first
        Its first values at the newest checkpoint that has it.
    checked
        What became of checking the bytes that these were read from.
    damaged
        Whether that failed.
    whole
        Whether all of it fits into one answer.
    """

    name: str
    axes: tuple[str, ...]
    shape: tuple[int, ...]
    type: str
    unit: str
    what: str
    first: str
    checked: str
    damaged: bool
    whole: bool


def stored_arrays(run: Run) -> list[StoredArray]:
    """List every array of a run but the optimiser state, which only training reads.

    Raises
    ------
    NotStoredError
        If no checkpoint is stored yet.
    """
    if not len(run.steps):
        raise NotStoredError(f"{run.id}: has no checkpoint yet")
    return [_listed(run, name) for name in _names(run)]


def array_numbers(run: Run, name: str, query: Mapping[str, str]) -> Numbers:
    """Read an array: ``e`` picks a checkpoint, else all; ``i`` one place of a grid.

    Raises
    ------
    NotStoredError
        If there is no such array, or a checkpoint has no grids.
    ConfigError
        If it is too much for one answer, or a number is none.
    """
    if name not in (known := _names(run)):
        raise NotStoredError(
            f"{run.id}: no array {name!r}{suggestion(name, known)}; "
            f"{store_path(run.id)} lists them"
        )
    group, _, rest = name.partition("/")
    if group == "steps":
        steps, values = run.scalars(rest)
        return _numbers(run, name, values, (UPDATE,), {UPDATE: steps})
    if group == "grids":
        return _grid(run, rest, query)
    shape = _shape(run, name)
    if "e" in query:
        epoch = run.at(_whole(query, "e", int(run.steps[-1]))).epoch
        _check_size(name, shape)
        values = run.at(epoch)[rest]
        return _numbers(run, name, values, axes(name, values.shape), {}, epoch)
    _check_size(name, (len(run.steps), *shape))
    steps = run.steps
    if group == "params":
        values = np.stack([run.param(rest, step) for step in steps.tolist()])
    else:
        values = run.series(rest, steps)
    names = ("epoch", *axes(name, values.shape[1:]))
    return _numbers(run, name, values, names, {"epoch": steps})


def _grid(run: Run, rest: str, query: Mapping[str, str]) -> Numbers:
    shape, name = grid_shapes(run.config)[rest], f"grids/{rest}"
    epoch = int(run.grid_steps[-1])
    if "e" in query:
        epoch = run.at(_whole(query, "e", int(run.steps[-1]))).epoch
    names, index = axes(name, shape), None
    if "i" in query and len(shape) > 2:
        index = _whole(query, "i", shape[0] - 1)
        shape, names = shape[1:], names[1:]
    _check_size(name, shape)
    values = run.grid(rest, epoch, index)
    if values is None:
        there = ", ".join(map(str, run.grid_steps[:20]))
        raise NotStoredError(
            f"{run.id}: no grids at epoch {epoch}; those stored begin with {there}"
        )
    return _numbers(run, name, values, names, {}, epoch)


def _whole(query: Mapping[str, str], name: str, most: int) -> int:
    text = query[name][:40]
    if not text.isdecimal() or int(text) > most:
        raise ConfigError(
            f"{name}: expected a whole number from 0 to {most}, got {text!r}"
        )
    return int(text)


def _check_size(name: str, shape: tuple[int, ...]) -> None:
    count = math.prod(shape)
    if count > MOST_NUMBERS:
        raise ConfigError(
            f"{name}: has {count:,} numbers, and one answer at most {MOST_NUMBERS:,}: "
            "add e=EPOCH for one checkpoint and, of a grid, i=INDEX for one place along"
            " its first axis; Python (run.at, run.to_xarray) has no such limit"
        )


def _numbers(  # noqa: PLR0917 - what an array is, and where it is from
    run: Run,
    name: str,
    values: np.ndarray,
    names: tuple[str, ...],
    along: Mapping[str, np.ndarray],
    epoch: int | None = None,
) -> Numbers:
    places = [
        Along(
            title=axis,
            values=[
                one.item() if hasattr(one, "item") else one
                for one in along.get(axis, labels(axis, size, _parameters(run)))
            ],
        )
        for axis, size in zip(names, values.shape, strict=True)
    ]
    known = meaning(name)
    origin: dict[str, Any] = {
        "run": run.id,
        "config": run.config.hash(),
        "array": name,
        "unit": known.unit if known else "",
        "axes": list(names),
    }
    if "epoch" in along:
        origin["epochs"] = along["epoch"].tolist()
    if epoch is not None:
        origin["epoch"] = epoch
    return Numbers(
        arrays={name: np.asarray(values)}, origin=origin, axes={name: places}
    )


def _names(run: Run) -> list[str]:
    names = [f"params/{one}" for one in _parameters(run)]
    names += [f"measures/{one}" for one in run.measure_names]
    if len(run.grid_steps):
        names += [f"grids/{one}" for one in grid_shapes(run.config)]
    return names + [f"steps/{one}" for one in run.scalar_names]


def _parameters(run: Run) -> tuple[str, ...]:
    return tuple(param_shapes(run.config))


def _shape(run: Run, name: str) -> tuple[int, ...]:
    group, _, rest = name.partition("/")
    if group == "params":
        return param_shapes(run.config)[rest]
    return run.measure(rest, int(run.steps[-1])).shape


def _listed(run: Run, name: str) -> StoredArray:
    group, _, rest = name.partition("/")
    known = meaning(name)
    shape, names, kind, first, wrong = (), (), "", "", ""
    try:
        shape, names, kind, values = _looked_at(run, group, rest)
        first = ", ".join(number(one, 4) for one in values.ravel()[:_SHOWN].tolist())
        first += ", …" if values.size > _SHOWN else ""
    except DamagedFileError as error:
        wrong = str(error)
    return StoredArray(
        name=name,
        axes=names,
        shape=shape,
        type=kind,
        unit=known.unit if known else "",
        what=_described(group, rest),
        first=first,
        checked=wrong or _check_of(run, group),
        damaged=bool(wrong),
        whole=math.prod(shape) <= MOST_NUMBERS,
    )


def _looked_at(
    run: Run, group: str, rest: str
) -> tuple[tuple[int, ...], tuple[str, ...], str, np.ndarray]:
    """Read the part of an array that is shown; give shape, axes and type of it all."""
    if group == "steps":
        _, values = run.scalars(rest)
        return values.shape, (UPDATE,), str(values.dtype), values
    if group == "grids":
        step, shape = int(run.grid_steps[-1]), grid_shapes(run.config)[rest]
        values = run.grid(rest, step, 0 if len(shape) > 2 else None)
        found = np.empty(0) if values is None else values
        kind = str(run.grid_type(rest, step))
        names = (GRID_STEP, *axes(f"grids/{rest}", shape))
        return (len(run.grid_steps), *shape), names, kind, found
    step = int(run.steps[-1])
    values = run.param(rest, step) if group == "params" else run.measure(rest, step)
    names = (STEP, *axes(f"{group}/{rest}", values.shape))
    return (len(run.steps), *values.shape), names, str(values.dtype), values


def _check_of(run: Run, group: str) -> str:
    step = int(run.grid_steps[-1] if group == "grids" else run.steps[-1])
    if run.has_hashes(step, grids=group == "grids"):
        return "hash matches"
    return "checksum matches; no hash before format 1.1"


def _described(group: str, rest: str) -> str:
    if group != "measures":
        return _WHAT.get(rest.rpartition("/")[2], "")
    for row in (*DESCRIBED, *KEY_MEASURES):
        if rest in row.names.split():
            return row.what
    return ""
