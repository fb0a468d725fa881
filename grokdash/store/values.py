"""What the store takes and gives besides plain arrays."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from grokdash.written import whole

State = Literal["running", "finished", "interrupted", "diverged", "broken"]


@dataclass(frozen=True, slots=True)
class CheckpointData:
    """Everything stored for one step.

    Attributes
    ----------
    step : int
        Optimiser updates already applied; 0 is the initialisation.
    params : dict of ndarray, float32
        Every parameter of the configuration by name.
    optimizer, rng : dict of ndarray
        What a bit-exact resume needs besides the parameters; any numeric type.
    measures : dict of ndarray
        One value or array per name; names below ``frame/`` are ``[p, p]`` pictures.
    scalars : dict of ndarray, [n]
        One value per update since the checkpoint before, all of one length. The labels
        are ``step − n … step − 1`` (updates applied before the one measured) unless an
        array ``"step"`` says otherwise.
    """

    step: int
    params: dict[str, np.ndarray]
    optimizer: dict[str, np.ndarray] = field(default_factory=dict)
    rng: dict[str, np.ndarray] = field(default_factory=dict)
    measures: dict[str, np.ndarray] = field(default_factory=dict)
    scalars: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStatus:
    """How a run is doing, as its writer last said and a reader can check.

    ``heartbeat`` is in Unix seconds, ``eta_s`` in seconds; ``mark`` tells computers,
    boots and containers of one name apart; ``summary`` is whatever the trainer wants
    the list of runs to show.
    """

    state: State = "interrupted"
    step: int = 0
    epochs: int = 0
    message: str = ""
    pid: int = 0
    host: str = ""
    mark: str = ""
    heartbeat: float = 0.0
    eta_s: float | None = None
    summary: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What the user wrote about a run."""

    title: str = ""
    tags: tuple[str, ...] = ()
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """One row of the list of runs, known without opening an HDF5 file.

    ``problem`` is empty for a usable run, ``notice`` for one whose name, id and
    configuration agree. ``seed`` and the three after it are None where a run that was
    trained elsewhere does not say. The losses (nats) and accuracies (fraction) are
    those of the last checkpoint; ``grok_start`` and ``grok_end`` are epochs;
    ``grok_state`` is that of :class:`~grokdash.analysis.phases.GrokInterval`;
    ``key_rule`` names the rule by which ``key_frequencies`` were counted, empty if they
    were not; ``memorising`` says that they show no more than a lookup table has;
    ``sparkline`` has at most 40 values; ``created`` and ``updated`` are Unix seconds.
    """

    id: str
    problem: str = ""
    notice: str = ""
    title: str = ""
    tags: tuple[str, ...] = ()
    notes: str = ""
    state: State = "broken"
    message: str = ""
    operation: str = ""
    p: int = 0
    seed: int | None = 0
    train_fraction: float | None = 0.0
    weight_decay: float | None = 0.0
    lr: float | None = 0.0
    n_layers: int = 0
    n_heads: int = 0
    d_model: int = 0
    d_mlp: int = 0
    step: int = 0
    epochs: int = 0
    eta_s: float | None = None
    train_loss: float | None = None
    test_loss: float | None = None
    train_accuracy: float | None = None
    test_accuracy: float | None = None
    grok_start: float | None = None
    grok_end: float | None = None
    grok_state: str = ""
    key_frequencies: tuple[int, ...] = ()
    key_rule: str = ""
    memorising: bool = False
    sparkline: tuple[float, ...] = ()
    packed: bool = False
    size_bytes: int = 0
    created: float = 0.0
    updated: float = 0.0

    @property
    def grok_text(self) -> str:
        """Say when it grokked, an interval of evaluated epochs, or that it has not."""
        if self.grok_end is not None:
            by = f"by {whole(self.grok_end)}"
            if self.grok_start is None:
                return by
            return f"after {whole(self.grok_start)}, {by}"
        if self.grok_state == "collapsed":
            return "collapsed"
        if not self.grok_state:
            return ""
        return "not yet" if self.step < self.epochs else f"not within {self.step:,}"
