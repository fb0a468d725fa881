"""Moments of a run that the texts speak of, as epochs that it has stored."""

from grokdash.course.marks import Moment
from grokdash.snapshot import RunView
from grokdash.views.reading.epochs import phases_of


def epoch_of(run: RunView, moment: Moment) -> int:
    """Give the epoch of a moment; the newest there is for one that has not come yet."""
    first, last = int(run.steps[0]), run.last
    found = {
        "start": first,
        "peak": phases_of(run).peak,
        "grok": run.grok().until,
        "end": last,
    }[moment]
    return last if found is None else run.stored.nearest_step(found)
