"""What is said of a key set, and of what lies between two restricted losses."""

import numpy as np

from grokdash.analysis import cross_split
from grokdash.analysis.cross_split import MEMORISING
from grokdash.snapshot import RunView
from grokdash.written import number, percent


def no_keys(run: RunView) -> str:
    """Say why there is no key frequency, as the beginning of a sentence."""
    if not run.split_known:
        return "No key frequency: none has 1 % of the logit variance"
    if cross_split.key_threshold(run.fibres) >= 1:
        return "No key frequency: so few pairs cannot be told from chance"
    return f"No key frequency: {MEMORISING}"


def told_honestly(
    run: RunView, keys: tuple[int, ...], published: float, honest: float
) -> str:
    """Say what is left of a restricted loss when no pair is judged by its own logits.

    The apparent circuit is what the published loss saves against guessing, ln q; what
    the cross-split loss does not save of it is memorised answers.
    """
    if not np.isfinite(honest):
        return "a loss not yet computed with no pair judged by its own logits"
    told = f"{number(honest)} with no pair judged by its own logits"
    if cross_split.is_memorising(keys, honest, run.modulus):
        return f"{told} ({MEMORISING})"
    guessing = float(np.log(run.modulus))
    part = max(honest - published, 0) / max(guessing - published, honest - published)
    return f"{told} ({percent(part, 0)} of what it seems to save are memorised answers)"


def keys_cell(run: RunView) -> str:
    """Write a run's key set, and if it shows no more than a lookup table has."""
    loss = float("nan")
    if run.keys == run.stored.key_frequencies and run.has("loss/cross_split"):
        loss = float(run.series("loss/cross_split")[-1])
    memorising = cross_split.is_memorising(run.keys, loss, run.modulus)
    rule = cross_split.RULE if run.split_known else cross_split.PUBLISHED
    return cross_split.keys_text(run.keys, rule, memorising=memorising)
