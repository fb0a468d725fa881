"""The last step: what pictures look like where there is little to be seen."""

import numpy as np

from grokdash.story.facts import Facts
from grokdash.story.inside import listing_epoch
from grokdash.story.outside import epoch
from grokdash.story.telling import Away, Go, Paragraph, Step, says
from grokdash.written import number, percent


def wrong(facts: Facts) -> Step:
    """Show what pictures look like where there is nothing to be seen."""
    k, last, listing = facts.k, facts.last, listing_epoch(facts)
    first = facts.circle(k, 0)
    here, there = (Go(epoch(one), one, picks={"k": k}) for one in (listing, last))
    return Step(
        views=("embedding-circle", "neuron-grid"),
        start={"e": listing, "k": k, "n": facts.neuron},
        waiting=facts.growing,
        paragraphs=(
            says(
                "It helps to know how little is there before. At [] the training pairs "
                "are known by heart, and the frequency and the neuron that you have "
                "seen look like this. Compare [].",
                here,
                there,
            ),
            *_no_key(facts),
            says(
                "And a trap: the shape alone says little. At [], before any training, "
                f"already {percent(1 - first.residual, 0)} of the points’ spread is "
                "ring, because we look along the very two directions that show it "
                "best. Only what grows far beyond that means something. Press “?” on "
                "any panel to read what it looks like when all is well, and when not.",
                Go(epoch(0), 0, picks={"k": k}),
            ),
            says(
                "That was the tour. From here: all about this run in [], where dots "
                "below the loss chart say what happened when; the ideas in order in "
                "the []; or all networks kept here on the page [].",
                Away("Explore", "run"),
                Away("Guide", "guide"),
                Away("Runs", "runs"),
            ),
        ),
    )


def _no_key(facts: Facts) -> list[Paragraph]:
    """Compare the clock with the strongest frequency that is none."""
    k, last, other = facts.k, facts.last, facts.other
    if other is None or not facts.keys:
        return []
    small, large = (_reach(facts, one) for one in (other, k))
    return [
        says(
            "At the end, too, not every frequency is a clock. The strongest that is no "
            f"key is []: read the axes, its points reach out to {number(small, 2)}, "
            f"those of [] to {number(large, 2)}.",
            Go(f"k = {other}", last, picks={"k": other}),
            Go(f"k = {k}", last, picks={"k": k}),
        )
    ]


def _reach(facts: Facts, k: int) -> float:
    """Give how far from the middle the points of a frequency lie at the end."""
    found = facts.circle(k, facts.last)
    return float(np.hypot(found.x - found.x.mean(), found.y - found.y.mean()).max())
