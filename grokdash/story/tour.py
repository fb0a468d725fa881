"""The tour: its steps in order, each told anew from the run it is told on."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from grokdash.snapshot import RunView
from grokdash.story import ending, inside, outside
from grokdash.story.facts import Facts
from grokdash.story.telling import Step

_STEPS: dict[str, Callable[[Facts], Step]] = {
    "Adding on a clock": outside.task,
    "Learning by heart": outside.by_heart,
    "Little happens, then everything": outside.plateau,
    "A few frequencies grow": inside.frequencies,
    "One frequency is one clock": inside.circle,
    "One neuron": inside.neuron,
    "One attention head": inside.head,
    "Why waves can add": inside.angles,
    "All of it on one question": inside.one_question,
    "Clean-up": outside.clean_up,
    "Why the waves win": outside.decay,
    "What nothing looks like": ending.wrong,
}

TITLES = tuple(_STEPS)
"""What the steps are called, in order."""


@dataclass(frozen=True, slots=True)
class Place:
    """A step, what it is called and where it stands, from 1."""

    number: int
    title: str
    step: Step


def nearest_step(text: str) -> int:
    """Read the number of a step; what is none gives the first, too much the last."""
    number = int(text) if text.isascii() and text.isdigit() else 1
    return min(max(number, 1), len(TITLES))


def tell(run: RunView, number: int) -> Place:
    """Tell a step of the tour, 1 to the number of titles, on a run with checkpoints."""
    title, facts = TITLES[number - 1], Facts(run)
    step, (a, b) = _STEPS[title](facts), facts.pair
    # All grids mark the same pair, the one that the story follows.
    start = {**step.start, "a": a, "b": b}
    return Place(number, title, replace(step, start=start))
