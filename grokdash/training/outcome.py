"""How training a run ended, and how that is said."""

from dataclasses import dataclass
from typing import Any, Literal

from grokdash.analysis.cross_split import MEMORISING
from grokdash.config import RunConfig
from grokdash.errors import DivergedError, GrokdashError, RunLockedError
from grokdash.written import duration, number, percent

State = Literal[
    "finished", "interrupted", "diverged", "already finished", "busy", "failed"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a training command ended; ``message`` says why; times in seconds.

    ``busy`` and ``failed`` are for one of several runs; one alone raises its error.
    """

    run_id: str
    state: State
    step: int
    summary: dict[str, Any]
    training_s: float = 0.0
    finishing_s: float = 0.0
    message: str = ""


def failed(config: RunConfig, error: GrokdashError) -> Outcome:
    """Say why a run could not be trained, or not now."""
    kinds: dict[type[GrokdashError], State] = {
        DivergedError: "diverged",
        RunLockedError: "busy",
    }
    return ended(config, kinds.get(type(error), "failed"), str(error))


def ended(config: RunConfig, state: State, message: str) -> Outcome:
    """Say how a run ended of which nothing was trained."""
    return Outcome(
        run_id=config.run_id(), state=state, step=0, summary={}, message=message
    )


def describe(outcome: Outcome) -> str:
    """Say in a few lines how a run ended."""
    if outcome.message:
        named = outcome.message.startswith(outcome.run_id)
        return outcome.message if named else f"{outcome.run_id}: {outcome.message}"
    if outcome.state == "already finished":
        return (
            f"{outcome.run_id} is finished already ({outcome.step:,} epochs); go on "
            f"past its end with --resume {outcome.run_id} --epochs "
            f"{2 * outcome.step}, or change a field, for example --seed, to train "
            "another run"
        )
    if outcome.state == "interrupted":
        return (
            f"{outcome.run_id}: stopped at epoch {outcome.step:,}, checkpoint written; "
            "the same command goes on from here"
        )
    summary = outcome.summary
    keys = ", ".join(map(str, summary.get("key_frequencies", []))) or "none"
    if summary.get("memorising"):
        keys = f"{keys} ({MEMORISING})"
    return (
        f"{outcome.run_id}: {outcome.step:,} epochs, "
        f"test accuracy {percent(summary['test_accuracy'], 2)}, "
        f"test loss {number(summary['test_loss'])}, key frequencies {keys}; "
        f"phase by its curves: {summary['stand']}; "
        f"trained in {duration(outcome.training_s)}, "
        f"analysed and packed in {duration(outcome.finishing_s)}"
    )
