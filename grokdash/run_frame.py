"""What follows from the configuration of a run alone: its frame, table and pairs.

And how much memory may be used to compute more.
"""

from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Bool, Int

from grokdash.allowed import MemoryBudget
from grokdash.analysis import fibres, groups
from grokdash.config import RunConfig
from grokdash.store import Run


class RunFrame:
    """The frame in which a run is read.

    Parameters
    ----------
    stored
        The run as the store has it.
    """

    memory = MemoryBudget()  # of the server; as much as is needed where there is none

    def __init__(self, stored: Run) -> None:
        self.stored = stored

    @property
    def most_bytes(self) -> int | None:
        """What one computation may take; None for as many bytes as it needs."""
        return self.memory.most

    @most_bytes.setter
    def most_bytes(self, most: int | None) -> None:
        self.memory = MemoryBudget(most)

    @property
    def config(self) -> RunConfig:
        """The run's configuration."""
        return self.stored.config

    @property
    def p(self) -> int:
        """The modulus."""
        return self.config.p

    @cached_property
    def canonical(self) -> groups.Canonical | None:
        """The frame in which the operation is an addition; None if there is none."""
        return groups.canonical(self.config.rule, self.p)

    @cached_property
    def modulus(self) -> int:
        """Modulus q of the frame the run is read in; p without a canonical frame."""
        return self.canonical.modulus if self.canonical else self.p

    @property
    def n_frequencies(self) -> int:
        """Number of folded frequencies of the frame."""
        return self.modulus // 2

    @cached_property
    def order(self) -> Int[np.ndarray, " q"]:
        """Tokens of the first operand in the order of the frame."""
        return self.canonical.a_order if self.canonical else np.arange(self.p)

    @cached_property
    def table(self) -> Int[np.ndarray, "p p"]:
        """Answers c of every pair (a, b); −1 where undefined."""
        return self.config.rule.table(self.p)

    @cached_property
    def train_mask(self) -> Bool[np.ndarray, "p p"]:
        """Which pairs are trained on."""
        return self.stored.train_mask()

    @property
    def fields(self) -> dict[str, Any]:
        """The configuration by field, with None where nothing is known of one."""
        origin = self.stored.imported
        unknown = () if origin is None else origin.unknown
        known = self.config.model_dump()
        return {name: None if name in unknown else known[name] for name in known}

    @property
    def split_known(self) -> bool:
        """Whether it is known which pairs the run was trained on."""
        return bool(self.train_mask.any())

    @cached_property
    def fibres(self) -> fibres.Fibres:
        """Pairs grouped by answer, in the order of the frame."""
        return fibres.fibres(self.config.rule, self.p, self.train_mask)
