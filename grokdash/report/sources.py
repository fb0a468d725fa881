"""Where pictures are drawn from: a store, as it is now or as it was then."""

from collections.abc import Callable, Sequence

from grokdash.report.earlier import as_it_was
from grokdash.report.history import sweep_content
from grokdash.report.picture import Sources
from grokdash.snapshot import RunView
from grokdash.store.report_models import RunThen
from grokdash.views.sweep.data import SweepData, SweepReader


def sources_of(run: Callable[[str], RunView], reader: SweepReader) -> Sources:
    """Draw from the store as it is now.

    Parameters
    ----------
    run
        Opens a run by its id.
    """

    def sweep(sweep_id: str) -> tuple[SweepData, str]:
        summaries = {one.id: one for one in reader.store.summaries()}
        data = reader.get(sweep_id)
        return data, sweep_content(data.record, summaries)

    return Sources(run, sweep)


def as_of(sources: Sources, runs: Sequence[RunThen]) -> Sources:
    """Draw runs that have gone on as they were when a picture of them was frozen."""
    epochs = {one.run: one.epoch for one in runs}

    def run(run_id: str) -> RunView:
        found = sources.run(run_id)
        return as_it_was(found, epochs[run_id]) if run_id in epochs else found

    return Sources(run, sources.sweep)
