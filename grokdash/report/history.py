"""What became of a run or a sweep since a picture of it was frozen."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from grokdash.errors import GrokdashError
from grokdash.snapshot import RunView
from grokdash.store import Run, RunSummary, Store
from grokdash.store.report_models import ReportItem, RunThen
from grokdash.store.sweeps import SweepRecord, read_sweep_record
from grokdash.written import whole

Since = Literal["same", "grown", "anew", "gone"]
"""Nothing happened; it goes on; another training has its name; it is not there."""


@dataclass(frozen=True, slots=True)
class Told:
    """What happened, and a sentence about it; empty if nothing did."""

    since: Since
    words: str = ""


def run_then(run: RunView) -> RunThen:
    """Take down what tells a run from any other, and how far it was."""
    return RunThen(
        run=run.id,
        config=run.config.hash(),
        fingerprint=run.stored.fingerprint,
        epoch=run.last,
        digest=run.stored.digest(run.last),
    )


def run_since(then: RunThen, open_run: Callable[[str], Run]) -> Told:
    """Say what became of a run.

    Parameters
    ----------
    open_run
        Opens a run of the store by its id.
    """
    try:
        run = open_run(then.run)
        steps = run.steps
        known = then.epoch in steps
        same = known and run.digest(then.epoch) == then.digest
    except GrokdashError as error:
        return Told("gone", _named(then.run, error))
    if run.fingerprint != then.fingerprint or not same:
        return Told(
            "anew",
            f"{then.run} was trained anew since: this picture is of the training "
            "before it",
        )
    if int(steps[-1]) != then.epoch:
        return Told(
            "grown",
            f"{then.run} has gone on since, from epoch {whole(then.epoch)} to "
            f"{whole(int(steps[-1]))}",
        )
    return Told("same")


def sweep_content(record: SweepRecord, summaries: Mapping[str, RunSummary]) -> str:
    """Sum up which runs of a sweep are there and how far each is."""
    lines = [
        f"{run_id} {one.created} {one.step}"
        for run_id in record.runs
        if (one := summaries.get(run_id)) is not None
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def item_since(item: ReportItem, store: Store) -> Told:
    """Say what became of everything that a picture shows; the worst counts."""
    if item.kind == "text":
        return Told("same")
    if item.kind == "sweep":
        return _sweep_since(item, store)
    told = [run_since(one, store.run) for one in item.runs]
    order: tuple[Since, ...] = ("gone", "anew", "grown", "same")
    found = [one for since in order for one in told if one.since == since]
    worst = found[0].since if found else "same"
    return Told(worst, "; ".join(one.words for one in found if one.words))


def _sweep_since(item: ReportItem, store: Store) -> Told:
    try:
        record = read_sweep_record(store.path, item.of)
    except GrokdashError as error:
        return Told("gone", _named(item.of, error))
    summaries = {one.id: one for one in store.summaries()}
    if sweep_content(record, summaries) == item.content:
        return Told("same")
    return Told("grown", f"the runs of {item.of} have changed since")


def _named(what: str, error: GrokdashError) -> str:
    """Say why something cannot be read, and what if the reason does not."""
    return str(error) if what in str(error) else f"{what}: {error}"
