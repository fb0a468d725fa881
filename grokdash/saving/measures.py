"""All that is known of runs at every checkpoint, as one table of numbers.

Missing values are None: a checkpoint without the measure, a number that is not finite,
a loss by key frequencies before these are fixed.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import numpy as np

from grokdash.analysis import cross_split, phases
from grokdash.cache import Cache
from grokdash.errors import NotStoredError
from grokdash.saving.measure_columns import (
    MATRICES,
    OF_CHECKPOINT,
    OF_RUN,
    ORDER,
    columns_of,
    describe,
    is_short,
)
from grokdash.snapshot import RunView
from grokdash.store import Run, RunSummary, Store
from grokdash.store.sweeps import SweepRecord

Columns = dict[str, list[Any]]
Row = dict[str, Any]

_TRAINED_S = "trained_s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """A table, and what it is of.

    Parameters
    ----------
    values
        Columns of equal length by name: numbers, words, truth values, lists of key
        frequencies; None where there is none.
    known
        Units and meanings of those that are no stored measures.
    runs
        What is known of each run as a whole.
    sweep
        The sweep that they are of; empty if of none.
    """

    values: Columns
    known: dict[str, tuple[str, str]]
    runs: Sequence[Row]
    sweep: Mapping[str, Any]

    def csv(self) -> bytes:
        """Write the table with one line of titles; a missing value is empty."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.values)
        for row in zip(*self.values.values(), strict=True):
            writer.writerow(map(_cell, row))
        return out.getvalue().encode()

    def json(self) -> bytes:
        """Write the table with units, and what is known of the runs."""
        columns = [asdict(describe(name, self.known)) for name in self.values]
        told = {
            "made_by": f"grokdash {version('grokdash')}",
            **({"sweep": self.sweep} if self.sweep else {}),
            "runs": self.runs,
            "columns": columns,
            "values": self.values,
        }
        return f"{json.dumps(told, allow_nan=False, ensure_ascii=False)}\n".encode()


def _cell(value: Any) -> Any:
    # A list in brackets stays a text, also where it has one number.
    return json.dumps(value) if isinstance(value, list) else value


def run_measures(run: Run, *, full: bool = False, per_run: bool = False) -> Measures:
    """Give the table of one run: a row per checkpoint, or one row for all of it.

    Parameters
    ----------
    run
        The run.
    full
        Whether to add the values of every frequency, head and neuron.
    per_run
        Whether to give one row, with what is known of the run and its last checkpoint.

    Raises
    ------
    NotStoredError
        If no checkpoint is stored.
    """
    view = RunView(run, Cache(), patience_s=None).at_this_moment()
    values = _of_checkpoints(view, full=full)
    facts = _facts(view, values)
    if per_run:
        values = {name: [value] for name, value in _whole(facts, values).items()}
    known = OF_RUN if per_run else OF_CHECKPOINT
    return Measures(values=values, known=known, runs=[_told(run, facts)], sweep={})


def sweep_measures(
    store: Store, record: SweepRecord, *, full: bool = False, per_run: bool = False
) -> Measures:
    """Give the table of a sweep: a row per run and checkpoint, or per run.

    Each row begins with the settings that vary and the seed. A run without a checkpoint
    has no row of its own, unless there is a row per run.
    """
    summaries = {one.id: one for one in store.summaries()}
    tables: list[Columns] = []
    runs: list[Row] = []
    for run_id, config in zip(record.runs, record.configs, strict=True):
        summary = summaries.get(run_id)
        varied = {name: getattr(config, name) for name in (*record.axes, "seed")}
        if summary is None or summary.problem or not _has_checkpoints(store, run_id):
            facts = _without_checkpoint(record, run_id, summary)
            runs.append(facts | {"config": config.model_dump()})
            row = facts | config.model_dump() if per_run else {}
            table = {name: [value] for name, value in row.items()}
        else:
            one = run_measures(store.run(run_id), full=full, per_run=per_run)
            runs += one.runs
            table = one.values
        n_rows = len(table.get("run", []))
        tables.append({name: [v] * n_rows for name, v in varied.items()} | table)
    return Measures(
        values=_stacked(tables),
        known=OF_RUN if per_run else OF_CHECKPOINT,
        runs=runs,
        sweep={
            name: getattr(record, name) for name in ("id", "title", "question", "axes")
        },
    )


def _has_checkpoints(store: Store, run_id: str) -> bool:
    return bool(len(store.run(run_id).steps))


def _without_checkpoint(
    record: SweepRecord, run_id: str, summary: RunSummary | None
) -> Row:
    reason = record.failures.get(run_id, "")
    if summary is None:
        return {
            "run": run_id,
            "state": "failed" if reason else "waiting",
            "message": reason,
        }
    why = summary.problem or summary.message
    return {"run": run_id, "state": summary.state, "message": why}


def _stacked(tables: Iterable[Columns]) -> Columns:
    """Put tables below one another; a column that one lacks is empty there."""
    stacked: Columns = {}
    count = 0
    for table in tables:
        n_rows = len(table.get("run", []))
        for name in table:
            stacked.setdefault(name, [None] * count)
        for name, column in stacked.items():
            column.extend(table.get(name, [None] * n_rows))
        count += n_rows
    return stacked


def _of_checkpoints(view: RunView, *, full: bool) -> Columns:
    """Give every column of a run, one value per checkpoint."""
    steps = view.steps.tolist()
    if not steps:
        raise NotStoredError(f"{view.id}: has no checkpoint yet")
    keys = _keys_by_checkpoint(view)
    grok, dated = _grok(view), _phases(view)
    stays = grok.until if grok.state == "grokked" else None
    found: Columns = {
        "run": [view.id] * len(steps),
        "epoch": steps,
        "phase": [_phase_at(dated, step) for step in steps],
        "grokked": [stays is not None and step >= stays for step in steps],
        "key_frequencies": keys,
        "n_key_frequencies": list(map(len, keys)),
    }
    for name in ORDER:
        if view.has(name) and name not in MATRICES and (full or is_short(name)):
            values = view.series(name)
            for title, place in columns_of(name, values.shape[1:], view.config):
                found[title] = _plain(values[:, *place])
    return found | _digests(view)


def _digests(view: RunView) -> Columns:
    """Give what sums up arrays that only a full table has."""
    made: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
        "weights/norm": ("weights/sumsq_total", np.sqrt),
        "neuron/clustered": ("neuron/freq", lambda k: _mean(k > 0, k)),
        "neuron/frac/mean": ("neuron/frac", lambda x: _mean(x, x)),
        "neuron/active/mean": ("neuron/active", lambda x: _mean(x, x)),
        "neuron/inert/mean": ("neuron/inert", lambda x: _mean(x, x)),
    }
    return {
        name: _plain(of(view.series(measure)))
        for name, (measure, of) in made.items()
        if view.has(measure)
    }


def _mean(values: np.ndarray, stored: np.ndarray) -> np.ndarray:
    """Average over the neurons; NaN where a checkpoint lacks the measure."""
    lacking = np.isnan(stored.astype(np.float64)).all(axis=1)
    return np.where(lacking, np.nan, values.astype(np.float64).mean(axis=1))


def _plain(values: np.ndarray) -> list[Any]:
    """Give plain numbers, with the digits that their precision has; None for NaN."""
    if values.dtype.kind != "f":
        return values.tolist()
    # Of float32 the shortest text that reads back, not that of its double.
    return [float(str(x)) if np.isfinite(x) else None for x in values]


def _keys_by_checkpoint(view: RunView) -> list[list[int]]:
    """Count the key frequencies of every checkpoint, each by its own logits."""
    steps = view.steps.tolist()
    names = ("logits/cross_split_share", "logits/sum_share")
    stored = [view.series(name) if view.has(name) else None for name in names]
    found: list[list[int]] = []
    for row, step in enumerate(steps):
        here = [one[row] for one in stored if one is not None]
        if len(here) < 2 or not all(np.isfinite(one).any() for one in here):
            shares = view.at(step).key_shares
            here = [shares["cross_split"], shares["published"]]
        split, published = (np.asarray(one, dtype=np.float64) for one in here)
        found.append(list(cross_split.key_frequencies(split, published, view.fibres)))
    return found


def _phase_at(dated: phases.Phases, step: int) -> str:
    return [name for name, start, _ in dated.spans if start <= step][-1]


def _grok(view: RunView) -> phases.GrokInterval:
    return phases.grok_interval(
        view.steps,
        view.series("accuracy/test"),
        view.config.epochs,
        train_accuracy=view.series("accuracy/train"),
    )


def _phases(view: RunView) -> phases.Phases:
    learned = view.series("accuracy/train")
    return phases.phases(view.steps, view.series("loss/test"), learned, view.p)


def _facts(view: RunView, values: Columns) -> Row:
    """Give what is known of a run as a whole."""
    run, summary = view.stored, view.stored.status.summary
    grok, dated = _grok(view), _phases(view)
    keys = list(view.keys)
    fixed = view.keys_final
    return {
        "run": run.id,
        "title": run.notes.title,
        "state": run.status.state,
        "message": run.status.message,
        "checkpoints": len(values["epoch"]),
        "epoch": values["epoch"][-1],
        "trained": summary.get(_TRAINED_S),
        "created": datetime.fromtimestamp(run.created, UTC).isoformat("T", "seconds"),
        "memorised": phases.memorised_at(view.steps, view.series("accuracy/train")),
        "grok_state": grok.state,
        "grok_after": grok.after,
        "grok_until": grok.until,
        "grok_reached": grok.first_reached,
        "phase": dated.now,
        "phase_peak": dated.peak,
        "phase_forming": dated.forming,
        "phase_formed": dated.formed,
        "phase_clean": dated.clean,
        "phase_collapsed": dated.collapsed,
        "key_frequencies": keys,
        "n_key_frequencies": len(keys),
        "key_rule": summary.get("key_rule") if fixed else None,
        "memorising": summary.get("memorising") if fixed else None,
        **view.config.model_dump(),
    }


def _whole(facts: Row, values: Columns) -> Row:
    """Join what is known of a run with the measures of its last checkpoint."""
    return facts | {n: column[-1] for n, column in values.items() if n not in facts}


def _told(run: Run, facts: Row) -> Row:
    """Give the facts as JSON has them: the configuration apart, and the provenance."""
    fields = type(run.config).model_fields
    own = {name: value for name, value in facts.items() if name not in fields}
    return own | {"config": run.config.model_dump(), "provenance": run.provenance}
