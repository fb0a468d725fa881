"""The runs of a sweep as arrays: read once, kept in memory, read on as they grow."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from grokdash.analysis import cross_split, logits
from grokdash.analysis.fibres import Fibres, fibres
from grokdash.config import RunConfig
from grokdash.errors import GrokdashError
from grokdash.patience import AtWork, waiting_for
from grokdash.store import Run, RunSummary, Store
from grokdash.store.listing import WHOLE
from grokdash.store.sweeps import (
    SweepProgress,
    SweepRecord,
    progress,
    read_sweep_record,
)
from grokdash.views.sweep.axes import axis_value, varied_axes

_LOOK_AGAIN = 1.0
_OPEN_STATES = ("running", "interrupted")

NOT_STARTED = "not started"
"""Why a run is not there of which nothing has gone wrong."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRun:
    """One run of a sweep.

    ``values`` are the swept, derived and seed values; ``curves`` the measures of
    :data:`MEASURES` at ``steps [C]``, ``share [nf]`` the logit variance of each
    frequency at the newest checkpoint, ``key_share [C]`` what the key frequencies hold
    of it over training. ``key_rule`` says whether that is what seen and unseen pairs
    share or, in runs that do not store it, the published share; ``memorising`` whether
    the keys show no more than a lookup table has, as far as the former tells; ``null``
    is the published share that memorising alone gives.
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
    key_rule: str
    memorising: bool
    null: float

    @property
    def over_at(self) -> int:
        """Epoch at which the run is over, whether or not it got to the planned one."""
        if self.state in _OPEN_STATES or not len(self.steps):
            return self.config.epochs
        return int(self.steps[-1])

    def last(self, name: str) -> float:
        """Give the newest known value of a curve; NaN without one."""
        values = self.curves.get(name, np.zeros(0))
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
    digest: str = ""
    """Of the newest checkpoint read."""
    steps: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    curves: dict[str, np.ndarray] = field(default_factory=dict)
    shares: np.ndarray | None = None


def _is_of_other(read: _Read, run: Run) -> bool:
    """Say whether the run that was read is no longer the one that is there."""
    if not len(read.steps):
        return False
    newest = int(read.steps[-1])
    return newest not in run.steps or run.digest(newest) != read.digest


class SweepReader:
    """Reads sweeps of one store; what has been read of a run is not read again.

    One thread reads a sweep; others that want it take what was read before.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._lock = threading.Lock()
        self._runs: dict[str, _Read] = {}
        self._sweeps: dict[str, tuple[float, SweepData]] = {}
        self._at_work: dict[str, AtWork] = {}

    def get(self, sweep_id: str) -> SweepData:
        """Read a sweep, or what of it is new.

        Raises
        ------
        NotStoredError, StoreError
            If there is no such sweep or its plan cannot be read.
        NoAnswerError
            If it was not read before, and who reads it does not get on.
        """
        while True:
            with self._lock:
                seen, known = self._sweeps.get(sweep_id, (0.0, None))
                if known is not None and time.monotonic() - seen < _LOOK_AGAIN:
                    return known
                other = self._at_work.get(sweep_id)
                if other is None or other.left_behind:
                    mine = self._at_work[sweep_id] = AtWork()
                    break
            if known is not None:
                return known
            other.wait(sweep_id)
        try:
            return self._look(sweep_id, known)
        finally:
            with self._lock:
                if self._at_work.get(sweep_id) is mine:
                    del self._at_work[sweep_id]
            mine.over.set()

    def _look(self, sweep_id: str, known: SweepData | None) -> SweepData:
        summaries = self._summaries()
        planned = _planned(self._record(sweep_id), summaries)
        if known is None or known.version != planned.version:
            known = self._read(planned, summaries)
        with self._lock:
            self._sweeps[sweep_id] = (time.monotonic(), known)
        return known

    def plan(self, sweep_id: str) -> SweepData:
        """Read what was planned and how far it is, but none of the runs."""
        return _planned(self._record(sweep_id), self._summaries())

    def _record(self, sweep_id: str) -> SweepRecord:
        with waiting_for(WHOLE):
            return read_sweep_record(self.store.path, sweep_id)

    def _summaries(self) -> dict[str, RunSummary]:
        return {one.id: one for one in self.store.summaries()}

    def _read(
        self, planned: SweepData, summaries: Mapping[str, RunSummary]
    ) -> SweepData:
        record, absent = planned.record, dict(planned.absent)
        runs = []
        for run_id, config in zip(record.runs, record.configs, strict=True):
            summary = summaries.get(run_id)
            if summary is None or summary.problem:
                continue
            try:
                runs.append(self._run(summary, config, planned.axes))
            except GrokdashError as error:
                absent[run_id] = str(error)
        return replace(planned, runs=tuple(runs), absent=absent)

    def _run(
        self, summary: RunSummary, config: RunConfig, axes: Mapping[str, str]
    ) -> SweepRun:
        run = self.store.run(summary.id)
        run.refresh()
        read = self._runs.get(summary.id, _Read())
        if read.fingerprint != run.fingerprint or _is_of_other(read, run):
            read = _Read(fingerprint=run.fingerprint)
        steps = np.asarray(run.steps)
        new = steps[len(read.steps) :]
        if len(new):
            # A copy: another thread may read the same run for another sweep.
            read = replace(read, curves=dict(read.curves))
            _read_on(read, run, new)
            read.steps, read.digest = steps, run.digest(int(steps[-1]))
            self._runs[summary.id] = read
        shares = np.zeros((0, 0)) if read.shares is None else read.shares
        share = shares[-1] if len(shares) else np.zeros(0)
        rule = _key_rule(run)
        grouped = fibres(config.rule, config.p, run.train_mask())
        keys = run.key_frequencies
        if keys is None and rule == cross_split.RULE:
            keys = _counted(run, steps, share, grouped)
        elif keys is None:
            keys = logits.key_frequencies(share)
        memorising = rule == cross_split.RULE and (
            summary.memorising or (bool(len(share)) and not keys)
        )
        places = [k - 1 for k in keys if k <= len(share)]
        return SweepRun(
            id=summary.id,
            config=run.config,
            values={name: axis_value(name, config) for name in axes},
            state=summary.state,
            steps=read.steps,
            curves=read.curves,
            share=share,
            keys=tuple(keys),
            key_share=shares[:, places].sum(axis=1),
            key_rule=rule,
            memorising=memorising,
            null=float(cross_split.memorised_shares(grouped.counts).max(initial=0.0)),
        )


def _counted(
    run: Any, steps: np.ndarray, share: np.ndarray, grouped: Fibres
) -> tuple[int, ...]:
    """Count the keys of the newest checkpoint of a run that has not ended."""
    if not len(steps):
        return ()
    published = run.measure("logits/sum_share", int(steps[-1]))
    return cross_split.key_frequencies(share, published, grouped)


def _read_on(read: _Read, run: Any, new: np.ndarray) -> None:
    for name, measure in MEASURES.items():
        more = _series(run, measure, new)
        before = read.curves.get(name, np.zeros(0))
        read.curves[name] = np.concatenate([before, more])
    share = _SHARES[_key_rule(run)]
    if share in run.measure_names:
        more = np.asarray(run.series(share, new), dtype=float)
        kept = read.shares
        read.shares = more if kept is None else np.concatenate([kept, more])


_SHARES = {
    cross_split.RULE: "logits/cross_split_share",
    cross_split.PUBLISHED: "logits/sum_share",
}
"""The share of a frequency by the rule that reads it."""


def _key_rule(run: Any) -> str:
    known = _SHARES[cross_split.RULE] in run.measure_names
    return cross_split.RULE if known else cross_split.PUBLISHED


def _series(run: Any, measure: str, steps: np.ndarray) -> np.ndarray:
    if measure not in run.measure_names:
        return np.full(len(steps), np.nan)
    return np.asarray(run.series(measure, steps), dtype=float)


def _planned(record: SweepRecord, summaries: Mapping[str, RunSummary]) -> SweepData:
    return SweepData(
        record=record,
        runs=(),
        axes=varied_axes(record),
        absent=absent_runs(record, summaries),
        progress=progress(record, list(summaries.values())),
        version=_version(record, summaries),
    )


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
            absent[run_id] = NOT_STARTED
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
