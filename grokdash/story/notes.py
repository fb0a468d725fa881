"""Notes on the loss curve: what happened at the epochs that matter, by the data.

A note states what holds at its epoch, or from it on to the end of the run so far.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from grokdash.analysis import cross_split
from grokdash.analysis.phases import CLEAN_NATS
from grokdash.snapshot import RunView
from grokdash.story.facts import Facts
from grokdash.story.moments import showing_share
from grokdash.story.outside import SUMSQ
from grokdash.views.reading.epochs import phases_of
from grokdash.views.reading.frequencies import list_frequencies
from grokdash.written import number, percent, whole


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be said at an epoch."""

    epoch: int
    text: str


def notes(run: RunView) -> list[Note]:
    """Write the notes of a run, by epoch; those of one epoch are one note.

    Where its training pairs are not known, only what can be said without them.
    """
    if not len(run.steps):
        return []
    facts = Facts(run)
    found: dict[int, list[str]] = {}
    parts = (_answers, _losses, _circles, _keys, _weights)
    for part in parts if run.split_known else (_circles, _weights):
        for note in part(facts):
            found.setdefault(note.epoch, []).append(note.text)
    return [Note(epoch, " ".join(texts)) for epoch, texts in sorted(found.items())]


def _answers(facts: Facts) -> Iterator[Note]:
    when = facts.moments
    if when.learned is not None:
        train, test = (
            percent(facts.value(f"accuracy/{split}", when.learned))
            for split in ("train", "test")
        )
        yield Note(
            when.learned,
            f"The training pairs are known: {train} are right, and {test} of all "
            "others.",
        )
    if when.showing is not None and when.showing != when.grokked:
        least = percent(showing_share(facts.run.p), 0)
        first = _first_circle(facts)
        told = ""
        if first is not None and facts.round_since[first] < when.showing:
            since = whole(facts.round_since[first])
            told = f"; the circle of k = {first} has been round since {since}"
        yield Note(
            when.showing,
            f"Test accuracy begins to rise: from here on it is above {least}{told}.",
        )
    if when.grokked is not None:
        yield Note(
            when.grokked,
            "Grokked: from here on at least 99 % of the pairs that were not trained "
            "on are right.",
        )


def _losses(facts: Facts) -> Iterator[Note]:
    run, peak = facts.run, facts.moments.peak
    highest, guess = facts.value("loss/test", peak), float(np.log(run.p))
    if 0 < peak < facts.last and highest > guess:
        yield Note(
            peak,
            f"The test loss is highest here: {number(highest)} nats, where guessing "
            f"costs {number(guess)}.",
        )
    clean = phases_of(run).clean
    if clean is not None:
        yield Note(
            clean,
            "Clean-up is over: from here on the test loss is below "
            f"{number(CLEAN_NATS)} nats.",
        )


def _first_circle(facts: Facts) -> int | None:
    """Give the key whose circle became round first; at the start it is by chance."""
    since = {k: epoch for k, epoch in facts.round_since.items() if epoch > 0}
    return min(since, key=lambda k: since[k], default=None)


def _circles(facts: Facts) -> Iterator[Note]:
    """Say when the first circle is round, and when the last of several is."""
    since, first = facts.round_since, _first_circle(facts)
    if first is None:
        return
    more = len(since) > 1
    yield Note(
        since[first],
        f"The circle of k = {first} is round from here on"
        f"{f', the first of {len(since)}' if more else ''}.",
    )
    last = max(since.values())
    if more and last > since[first]:
        names = list_frequencies(sorted(since))
        yield Note(last, f"The circles of k = {names} are round from here on.")


def _keys(facts: Facts) -> Iterator[Note]:
    """Say since when the key frequencies are what they are in the end."""
    settled = _settled(facts)
    if settled is not None and settled > 0:
        names = list_frequencies(facts.keys)
        few = "frequency is" if len(facts.keys) == 1 else "frequencies are"
        yield Note(settled, f"The key {few} {names} from here on.")


def _settled(facts: Facts) -> int | None:
    run, names = facts.run, ("logits/cross_split_share", "logits/sum_share")
    if not facts.keys or not run.keys_final or not all(map(run.has, names)):
        return None
    shares, published = map(run.series, names)
    for place in range(len(run.steps) - 1, -1, -1):
        share = shares[place].astype(np.float64)
        known = bool(np.isfinite(share).any())
        if not known or not _are(facts, share, published[place]):
            after = place + 1
            return int(run.steps[after]) if after < len(run.steps) else None
    return int(run.steps[0])


def _are(facts: Facts, share: np.ndarray, published: np.ndarray) -> bool:
    found = cross_split.key_frequencies(share, published, facts.run.fibres)
    return tuple(sorted(found)) == facts.keys


def _weights(facts: Facts) -> Iterator[Note]:
    if not facts.run.has(SUMSQ):
        return
    heavy = facts.heaviest()
    if 0 < heavy < facts.last:
        most, now = (facts.value(SUMSQ, one) for one in (heavy, facts.last))
        yield Note(
            heavy,
            f"The weights are largest here: their squares add up to {whole(most)}, "
            f"and to {whole(now)} at epoch {whole(facts.last)}.",
        )
