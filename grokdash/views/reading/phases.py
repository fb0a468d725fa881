"""What the phases of training are called, what they are, and how they are dated."""

from dataclasses import dataclass

from grokdash.analysis.phases import PhaseName
from grokdash.written import whole


@dataclass(frozen=True, slots=True)
class PhaseWords:
    """The words of one phase: its name, a short one, what it is, what dates it."""

    title: str
    short: str
    what: str
    dated: str


_ACCOUNT = "in the account of Nanda et al. (2023)"

PHASE_WORDS: dict[PhaseName, PhaseWords] = {
    "memorisation": PhaseWords(
        "memorisation",
        "memorise",
        f"{_ACCOUNT}, the training pairs are learned one by one",
        "It ends where the test loss is highest, with the training pairs learned.",
    ),
    "unsettled": PhaseWords(
        "unsettled",
        "unsettled",
        "training pairs that were learned are lost again and learned anew",
        "It ends where they stay learned.",
    ),
    "circuit formation": PhaseWords(
        "circuit formation",
        "circuit",
        f"{_ACCOUNT}, the circuit grows while the answers still come from memory",
        "It ends where the test loss comes to stay below ln p, the loss of a uniform "
        "guess.",
    ),
    "cleanup": PhaseWords(
        "cleanup",
        "cleanup",
        f"{_ACCOUNT}, weight decay removes what was memorised",
        "It ends where the test loss comes to stay below 10⁻⁴ nats.",
    ),
    "stable": PhaseWords(
        "stable",
        "stable",
        "the test loss stays below 10⁻⁴ nats",
        "It lasts as far as the run goes.",
    ),
    "collapsed": PhaseWords(
        "collapsed",
        "lost",
        "the training pairs are lost and not learned again",
        "It begins at the first checkpoint without them.",
    ),
}
_OURS = "The paper drew its lines by eye; this rule is ours."


def about_phase(name: PhaseName, start: int, end: int) -> str:
    """Say of one phase of a run when and what it is, and how it was dated."""
    words = PHASE_WORDS[name]
    title = words.title.capitalize()
    when = f"epochs {whole(start)} to {whole(end)}"
    return f"{title}, {when}: {words.what}. {words.dated} {_OURS}"
