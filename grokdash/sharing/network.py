"""The weights of a file to share: folded, rounded, and what rounding has changed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from grokdash.sharing.collected import BITS
from grokdash.sharing.folded import (
    Answers,
    Folded,
    answers,
    attention_scores,
    fold,
    neuron_rows,
)
from grokdash.sharing.rounded import Rounded, round_to
from grokdash.snapshot import RunView

_FINE = 15
"""Bits of what is small anyway."""


def finite_steps(run: RunView, steps: Sequence[int]) -> tuple[int, ...]:
    """Leave out checkpoints whose weights are not all numbers."""
    return tuple(
        step
        for step in steps
        if all(np.isfinite(one).all() for one in run.at(step).params().values())
    )


def series(
    run: RunView, steps: Sequence[int], neuron: int, tell: Callable[[], None]
) -> dict[str, Rounded]:
    """Give what is there of every epoch: all scores, and the rows of one neuron."""
    scores, rows = [], []
    for step in steps:
        params = run.at(step).params()
        scores.append(attention_scores(params, run.config))
        rows.append(neuron_rows(params, run.config, neuron))
        tell()
    return {
        "scores": round_to(np.stack(scores), BITS, each=True),
        "rows": round_to(np.stack(rows), BITS, each=True),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """One checkpoint, folded, with the scores as the page has them."""

    step: int
    folded: Folded
    scores: np.ndarray

    def rounded(self, bits: int) -> dict[str, Rounded]:
        """Round what there is beside the scores."""
        one = self.folded
        return {
            "left": round_to(one.left, bits, each=True),
            "right": round_to(one.right, bits, each=True),
            "read_left": round_to(one.read_left, bits),
            "read_right": round_to(one.read_right, bits),
            "own": round_to(one.own, _FINE),
        }

    def answers(self, run: RunView, rounded: Mapping[str, Rounded]) -> Answers:
        """Compare what the page computes with the network itself."""
        values = {name: one.values for name, one in rounded.items()}
        own = values.pop("own")
        page = Folded(scores=self.scores, own=own, **values)
        return answers(page, run.at(self.step).logits)


def weights_of(
    run: RunView,
    steps: Sequence[int],
    all_steps: Sequence[int],
    scores: Rounded,
    tell: Callable[[], None],
) -> list[Weights]:
    """Fold the weights of some checkpoints."""
    found = []
    for step in steps:
        folded = fold(run.at(step).params(), run.config)
        place = all_steps.index(step)
        found.append(Weights(step=step, folded=folded, scores=scores.values[place]))
        tell()
    return found
