"""The runs of a sweep as arrays: read once, kept in memory, read on as they grow."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

from grokdash.analysis import logits
from grokdash.config import RunConfig
from grokdash.errors import GrokdashError
from grokdash.store import RunSummary, Store
from grokdash.store.schema import param_shapes
from grokdash.store.sweeps import (
    SweepProgress,
    SweepRecord,
    progress,
    read_sweep_record,
)

_LOOK_AGAIN = 1.0
_OPEN_STATES = ("running", "interrupted")

MEASURES: dict[str, str] = {
    "train_accuracy": "accuracy/train",
    "test_accuracy": "accuracy/test",
    "train_loss": "loss/train",
    "test_loss": "loss/test",
    "gini": "gini/wl",
    "gini_embed": "gini/embed",
    "sumsq": "weights/sumsq_total",
}
"""Curves of a run by the names used here, and the measures they come from."""

TITLES: dict[str, str] = {
    "weight_decay": "weight decay",
    "lr": "learning rate",
    "train_fraction": "train fraction",
    "p": "modulus p",
    "n_heads": "heads",
    "n_layers": "layers",
    "d_model": "d_model",
    "d_mlp": "d_mlp",
    "mlp_bias": "MLP bias",
    "layer_norm": "LayerNorm",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A quantity that follows from fields.

    It gets an axis when it varies and two of its fields do, or one of ``alone``. Runs
    that differ in a field of ``apart`` are not compared as if they differed in it only.
    """

    title: str
    fields: tuple[str, ...]
    alone: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    value: Callable[[RunConfig], float | int]


DERIVED: dict[str, Derived] = {
    "decay_rate": Derived(
        title="weight decay × learning rate",
        fields=("weight_decay", "lr"),
        value=lambda config: float(f"{config.weight_decay * config.lr:.6g}"),
    ),
    "d_head": Derived(
        title="d_head",
        fields=("d_model", "n_heads"),
        value=lambda config: config.d_head,
    ),
    "parameters": Derived(
        title="parameters",
        fields=("p", "n_layers", "n_heads", "d_model", "d_mlp"),
        alone=("p", "n_layers", "d_model", "d_mlp"),
        apart=("p",),
        value=lambda config: sum(prod(one) for one in param_shapes(config).values()),
    ),
    "train_pairs": Derived(
        title="train pairs",
        fields=("p", "train_fraction"),
        alone=("p",),
        value=lambda config: config.n_train,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRun:
    """One run of a sweep.

    ``values`` are the swept, derived and seed values; ``curves`` the measures of
    :data:`MEASURES` at ``steps [C]``, ``share [nf]`` the logit variance of each
    frequency at the newest checkpoint, ``key_share [C]`` what the key frequencies hold
    of it over training.
    """

    id: str
    config: RunConfig
    values: dict[str, Any]
    state: str
    steps: np.ndarray
    curves: dict[str, np.ndarray]
    share: np.ndarray
    keys: tuple[int, ...]
    key_share: np.ndarray

    @property
    def over_at(self) -> int:
        """Epoch at which the run is over, whether or not it got to the planned one."""
        if self.state in _OPEN_STATES or not len(self.steps):
            return self.config.epochs
        return int(self.steps[-1])

    def last(self, name: str) -> float:
        """Give the newest known value of a curve; NaN without one."""
        values = self.curves[name]
        known = values[np.isfinite(values)]
        return float(known[-1]) if len(known) else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepData:
    """A sweep as the store has it now.

    ``axes`` are the titles of all quantities that vary, by name; ``absent`` the runs
    that are not there or have a problem, and why.
    """

    record: SweepRecord
    runs: tuple[SweepRun, ...]
    axes: dict[str, str]
    absent: dict[str, str]
    progress: SweepProgress
    version: str


@dataclass(slots=True)
class _Read:
    """What has been read of one run."""

    fingerprint: str = ""
    steps: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    curves: dict[str, np.ndarray] = field(default_factory=dict)
    shares: np.ndarray | None = None


class SweepReader:
    """Reads sweeps of one store; what has been read of a run is not read again."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._lock = threading.Lock()
        self._runs: dict[str, _Read] = {}
        self._sweeps: dict[str, tuple[float, SweepData]] = {}

    def get(self, sweep_id: str) -> SweepData:
        """Read a sweep, or what of it is new.

        Raises
        ------
        NotStoredError, StoreError
            If there is no such sweep or its plan cannot be read.
        """
        with self._lock:
            seen, known = self._sweeps.get(sweep_id, (0.0, None))
            if known is not None and time.monotonic() - seen < _LOOK_AGAIN:
                return known
            record = read_sweep_record(self.store.path, sweep_id)
            summaries = {one.id: one for one in self.store.summaries()}
            version = _version(record, summaries)
            if known is None or known.version != version:
                known = self._read(record, summaries, version)
            self._sweeps[sweep_id] = (time.monotonic(), known)
            return known

    def plan(self, sweep_id: str) -> SweepData:
        """Read what was planned and how far it is, but none of the runs."""
        record = read_sweep_record(self.store.path, sweep_id)
        summaries = {one.id: one for one in self.store.summaries()}
        return SweepData(
            record=record,
            runs=(),
            axes=varied_axes(record),
            absent=absent_runs(record, summaries),
            progress=progress(record, list(summaries.values())),
            version=_version(record, summaries),
        )

    def _read(
        self, record: SweepRecord, summaries: Mapping[str, RunSummary], version: str
    ) -> SweepData:
        absent = absent_runs(record, summaries)
        axes = varied_axes(record)
        runs = []
        for run_id, config in zip(record.runs, record.configs, strict=True):
            summary = summaries.get(run_id)
            if summary is None or summary.problem:
                continue
            try:
                runs.append(self._run(summary, config, axes))
            except GrokdashError as error:
                absent[run_id] = str(error)
        return SweepData(
            record=record,
            runs=tuple(runs),
            axes=axes,
            absent=absent,
            progress=progress(record, list(summaries.values())),
            version=version,
        )

    def _run(
        self, summary: RunSummary, config: RunConfig, axes: Mapping[str, str]
    ) -> SweepRun:
        run = self.store.run(summary.id)
        run.refresh()
        read = self._runs.setdefault(summary.id, _Read())
        if read.fingerprint != run.fingerprint:
            read = self._runs[summary.id] = _Read(fingerprint=run.fingerprint)
        steps = np.asarray(run.steps)
        new = steps[len(read.steps) :]
        if len(new):
            _read_on(read, run, new)
            read.steps = steps
        shares = np.zeros((0, 0)) if read.shares is None else read.shares
        share = shares[-1] if len(shares) else np.zeros(0)
        keys = run.key_frequencies
        if keys is None:
            keys = logits.key_frequencies(share) if len(share) else ()
        places = [k - 1 for k in keys if k <= len(share)]
        return SweepRun(
            id=summary.id,
            config=config,
            values={name: axis_value(name, config) for name in axes},
            state=summary.state,
            steps=read.steps,
            curves=read.curves,
            share=share,
            keys=tuple(keys),
            key_share=shares[:, places].sum(axis=1),
        )


def _read_on(read: _Read, run: Any, new: np.ndarray) -> None:
    for name, measure in MEASURES.items():
        more = _series(run, measure, new)
        before = read.curves.get(name, np.zeros(0))
        read.curves[name] = np.concatenate([before, more])
    if "logits/sum_share" in run.measure_names:
        more = np.asarray(run.series("logits/sum_share", new), dtype=float)
        kept = read.shares
        read.shares = more if kept is None else np.concatenate([kept, more])


def _series(run: Any, measure: str, steps: np.ndarray) -> np.ndarray:
    if measure not in run.measure_names:
        return np.full(len(steps), np.nan)
    return np.asarray(run.series(measure, steps), dtype=float)


def axis_value(name: str, config: RunConfig) -> Any:
    """Give a run's value on an axis, be it a field or derived from fields."""
    derived = DERIVED.get(name)
    return getattr(config, name) if derived is None else derived.value(config)


def varied_axes(record: SweepRecord) -> dict[str, str]:
    """Give names and titles of all quantities that vary in a sweep."""
    fields = [*record.axes]
    if len({config.seed for config in record.configs}) > 1 and "seed" not in fields:
        fields.append("seed")
    found = {
        name: TITLES.get(name, name.replace("_", " "))
        for name in fields
        if len({getattr(config, name) for config in record.configs}) > 1
    }
    if not found:
        found["seed"] = "seed"
    for name, derived in DERIVED.items():
        values = {derived.value(config) for config in record.configs}
        varied = [one for one in derived.fields if one in found]
        telling = len(varied) > 1 or any(one in derived.alone for one in varied)
        if len(values) > 1 and telling:
            found[name] = derived.title
    return found


def absent_runs(
    record: SweepRecord, summaries: Mapping[str, RunSummary]
) -> dict[str, str]:
    """Name the runs of a sweep that are missing or went wrong, each with the reason."""
    absent = {}
    for run_id in record.runs:
        summary = summaries.get(run_id)
        if summary is not None and summary.state == "finished":
            continue
        if summary is not None and summary.problem:
            absent[run_id] = summary.problem
        elif summary is not None and summary.state == "diverged":
            absent[run_id] = f"diverged: {summary.message or 'a loss is not a number'}"
        elif run_id in record.failures:
            absent[run_id] = f"failed: {record.failures[run_id]}"
        elif summary is None:
            absent[run_id] = "not started"
        elif summary.state == "interrupted":
            absent[run_id] = f"interrupted at epoch {summary.step:,}"
    return absent


def _version(record: SweepRecord, summaries: Mapping[str, RunSummary]) -> str:
    parts = [repr(sorted(record.failures.items()))]
    for run_id in record.runs:
        one = summaries.get(run_id)
        if one is not None:
            parts.append(f"{run_id} {one.state} {one.step} {one.packed} {one.problem}")
    return str(hash(tuple(parts)))
