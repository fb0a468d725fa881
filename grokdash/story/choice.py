"""Which run the story is told on: a small one of addition that groks, soonest first."""

from collections.abc import Iterable

from grokdash.config import RunConfig, make_config
from grokdash.example import example_id
from grokdash.store import RunSummary

STORY_PRESET = "quick"
"""What is trained for the story where no run fits it."""

ROOMY = 23
"""From this modulus on a wave has room to be seen; smaller ones come last."""

_ALIKE = ("p", "train_fraction", "weight_decay", "lr", "n_heads", "d_model", "d_mlp")


def story_run(summaries: Iterable[RunSummary]) -> RunSummary | None:
    """Choose the run that shows grokking best, known from the list of runs alone.

    It adds modulo p with one layer and has grokked on key frequencies, or it is a run
    of the quick preset that is still being trained. Of several, one trained here comes
    before the one that comes with grokdash, one that has grokked first, then one whose
    modulus is not tiny, then the smallest and shortest.
    """
    fit = [one for one in summaries if _adds(one) and (_grokked(one) or _growing(one))]
    return min(fit, key=_rank, default=None)


def why_no_story(config: RunConfig) -> str:
    """Say why the story cannot be told on a run of this configuration; empty if it can.

    A run that does not grok can: its story says what did not happen.
    """
    if config.rule.name != "add":
        return (
            "The tour is told on runs that learn a + b mod p; this one learns "
            f"{config.rule.title} mod {config.p}."
        )
    if config.n_layers != 1:
        return (
            "The tour is told on networks of one layer; this one has "
            f"{config.n_layers}."
        )
    return ""


def _adds(run: RunSummary) -> bool:
    return not run.problem and run.operation == "add" and run.n_layers == 1


def _grokked(run: RunSummary) -> bool:
    """Say whether it ended generalising, and is known to do so by waves."""
    told = bool(run.key_frequencies) and not run.memorising
    return run.state == "finished" and run.grok_end is not None and told


def _growing(run: RunSummary) -> bool:
    quick = make_config(STORY_PRESET)
    alike = all(getattr(run, name) == getattr(quick, name) for name in _ALIKE)
    return run.state == "running" and alike


def _rank(run: RunSummary) -> tuple[bool, bool, bool, int, float, int, str]:
    grokked = run.grok_end if run.grok_end is not None else float("inf")
    return (
        run.id == example_id(),
        not _grokked(run),
        run.p < ROOMY,
        run.p,
        grokked,
        run.size_bytes,
        run.id,
    )
