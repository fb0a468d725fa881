"""What a view sees of a run: arrays by name, stored ones read, others recomputed.

A :class:`RunView` is a run through the eyes of the analysis; a :class:`Snapshot` is one
checkpoint of it. Precision changes here and nowhere else: storage is float32 or
float16, what leaves a snapshot is float32 for activations and float64 for measures.
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float, Int

from grokdash.analysis import embedding, fibres, forward, groups, logits, phases
from grokdash.analysis import progress as measures_of_progress
from grokdash.backlog import PATIENCE_S, Backlog, Topic
from grokdash.cache import Arrays, Cache
from grokdash.config import RunConfig
from grokdash.errors import NotStoredError
from grokdash.store import Run

VERSION = 1
"""Part of every cache key: raise it when a recomputation here changes its result."""


class RunView:
    """A run, its canonical frame and its key frequencies.

    Parameters
    ----------
    stored
        The run as the store has it; it may still be growing.
    cache
        Where recomputed arrays are kept.
    patience_s
        How long a view of all of training waits to be complete before it is shown in
        outline; None for as long as it takes.
    """

    def __init__(
        self, stored: Run, cache: Cache, *, patience_s: float | None = PATIENCE_S
    ) -> None:
        self.stored = stored
        self._cache = cache
        self._backlog = Backlog(patience_s=patience_s)
        self._steps: np.ndarray | None = None

    def at_this_moment(self) -> "RunView":
        """Give the run as it is now, the same for as long as one looks at it.

        A running run grows between two questions; whoever asks for its checkpoints and
        then for a series must get arrays of one length.
        """
        for shared in ("canonical", "modulus", "order", "table", "fibres"):
            getattr(self, shared)
        still = copy.copy(self)
        vars(still)["_steps"] = self.stored.steps
        return still

    @property
    def id(self) -> str:
        """The run's id."""
        return self.stored.id

    @property
    def config(self) -> RunConfig:
        """The run's configuration."""
        return self.stored.config

    @property
    def p(self) -> int:
        """The modulus."""
        return self.config.p

    @property
    def title(self) -> str:
        """Say in a few words what the run is."""
        config = self.config
        return (
            f"{config.rule.title} mod {config.p}, weight decay "
            f"{config.weight_decay:g}, seed {config.seed}"
        )

    @property
    def steps(self) -> Int[np.ndarray, " C"]:
        """Epochs of the stored checkpoints, ascending."""
        return self.stored.steps if self._steps is None else self._steps

    @property
    def last(self) -> int:
        """Epoch of the newest checkpoint."""
        if not len(self.steps):
            raise NotStoredError(
                f"{self.id}: no checkpoint is stored yet; wait for the first, or "
                "start the training again to resume it"
            )
        return int(self.steps[-1])

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

    @cached_property
    def fibres(self) -> fibres.Fibres:
        """Pairs grouped by answer, in the order of the frame."""
        return fibres.fibres(self.config.rule, self.p, self.train_mask)

    @property
    def keys_final(self) -> bool:
        """Whether the key set was fixed at the end of training."""
        return self.stored.key_frequencies is not None

    @property
    def keys(self) -> tuple[int, ...]:
        """Key frequencies: fixed at the final checkpoint, until then the newest's."""
        if self.stored.key_frequencies is not None:
            return tuple(self.stored.key_frequencies)
        if not len(self.steps) or not self.has("logits/sum_share"):
            return ()
        share = self.stored.measure("logits/sum_share", self.last)
        return logits.key_frequencies(np.asarray(share, dtype=float))

    def has(self, measure: str) -> bool:
        """Whether this measure is stored."""
        return measure in self.stored.measure_names

    def series(self, name: str) -> np.ndarray:
        """Give one measure at all checkpoints, ``[C, …]``."""
        return np.asarray(self.stored.series(name))[: len(self.steps)]

    def grok(self) -> phases.GrokInterval:
        """Say when test accuracy reached 99 % for good, if it did."""
        return phases.grok_interval(
            self.steps, self.series("accuracy/test"), self.config.epochs
        )

    def progress(self, keys: tuple[int, ...]) -> "Gathered":
        """Give restricted and excluded loss at all checkpoints for one key set.

        Stored values are used for the run's own key set. For another one, or while the
        run goes on, restricted losses come from the stored fibre means; excluded ones
        need a forward pass per checkpoint. Both are filled in behind the scenes.

        Returns
        -------
        Gathered
            ``restricted [C, 3]`` over training, test and all pairs, ``excluded [C]``
            over training pairs; nats, NaN while unknown.
        """
        restricted = self.restricted(keys)
        if keys == self.stored.key_frequencies and self.has("loss/excluded2d"):
            excluded = {"excluded": self.series("loss/excluded2d")[:, 0]}
            return Gathered({**restricted.arrays, **excluded}, restricted.pending)

        def compute(step: int) -> Arrays:
            cube = self.at(step).logits
            losses = measures_of_progress.excluded_losses(cube, self.fibres, keys)
            return {"excluded": np.array(losses[0])}

        unknown = {"excluded": np.array(np.nan)}
        found = self.gather(("excluded", *keys), self.steps, compute, unknown)
        return Gathered(
            {**restricted.arrays, **found.arrays},
            max(found.pending, restricted.pending),
        )

    def restricted(self, keys: tuple[int, ...]) -> "Gathered":
        """Give ``restricted [C, 3]`` over training, test and all pairs, in nats."""
        if keys == self.stored.key_frequencies and self.has("loss/restricted"):
            return Gathered({"restricted": self.series("loss/restricted")}, 0)

        def compute(step: int) -> Arrays:
            losses = measures_of_progress.restricted_losses(
                self.at(step).measure("logits/M"), self.fibres.counts, keys
            )
            return {"restricted": losses}

        unknown = {"restricted": np.full(3, np.nan)}
        return self.gather(("restricted", *keys), self.steps, compute, unknown)

    def gather(
        self,
        topic: Topic,
        steps: Int[np.ndarray, " S"],
        compute: Callable[[int], Arrays],
        unknown: Arrays,
    ) -> "Gathered":
        """Compute the same small arrays at many checkpoints, in part in the background.

        Parameters
        ----------
        topic
            A name, and everything but the step that the result depends on.
        steps
            Where it is wanted.
        compute
            Makes the arrays of one step.
        unknown
            What stands for the arrays of a step that is still to come.
        """
        name, *arguments = topic

        def kept(step: int) -> Arrays:
            return self.remember(str(name), (step, *arguments), lambda: compute(step))

        wanted = steps.tolist()
        found = self._backlog.collect(topic, wanted, kept)
        rows = [found.get(step, unknown) for step in wanted]
        return Gathered(
            {name: np.array([row[name] for row in rows]) for name in unknown},
            len(wanted) - len(found),
        )

    def at(self, step: int) -> "Snapshot":
        """Give the checkpoint of this epoch, or the nearest one before it."""
        return Snapshot(self, self.stored.nearest_step(step))

    def remember(
        self,
        name: str,
        arguments: Sequence[str | int | float | None],
        compute: Callable[[], Arrays],
        *,
        disk: bool = True,
    ) -> dict[str, np.ndarray]:
        """Compute arrays of this run once; ``arguments`` tell the results apart."""
        key = (VERSION, self.stored.fingerprint, name, *arguments)
        return self._cache.remember(key, compute, disk=disk)


@dataclass(frozen=True, slots=True)
class Gathered:
    """Arrays over checkpoints, first axis the checkpoint; NaN where still pending.

    ``pending`` is the number of checkpoints still to come.
    """

    arrays: Arrays
    pending: int


class Snapshot:
    """One checkpoint of a run."""

    def __init__(self, run: RunView, step: int) -> None:
        self.run = run
        self.step = step

    @property
    def index(self) -> int:
        """Place of this checkpoint among all of the run."""
        return int(np.searchsorted(self.run.steps, self.step))

    def param(self, name: str) -> np.ndarray:
        """Give one parameter by name, float32."""
        return self.run.stored.param(name, self.step)

    def params(self) -> dict[str, np.ndarray]:
        """Give all parameters, float32."""
        return self.run.remember(
            "params",
            (self.step,),
            lambda: self.run.stored.params(self.step),
            disk=False,
        )

    def measure(self, name: str) -> np.ndarray:
        """Give one stored measure of this checkpoint."""
        return np.asarray(self.run.stored.measure(name, self.step))

    @property
    def W_E(self) -> Float[np.ndarray, "p d_model"]:
        """Embeddings of the number tokens, natural order."""
        return self.param("W_E")[: self.run.p]

    @property
    def W_E_canonical(self) -> Float[np.ndarray, "q d_model"]:
        """Embeddings of the number tokens in the order of the run's frame."""
        return self.W_E[self.run.order]

    def circle(self, k: int) -> embedding.Circle:
        """Project the embeddings on the two directions of frequency k."""
        return embedding.circle(self.W_E_canonical, k)

    def pattern(self, layer: int) -> Float[np.ndarray, "H 3 p p"]:
        """Attention of the last position: head, source position, a, b."""

        def compute() -> Arrays:
            config = self.run.config
            pattern = forward.attention_pattern(self.params(), config, layer)
            return {"pattern": pattern.astype(np.float32)}

        return self.run.remember("pattern", (self.step, layer), compute, disk=False)[
            "pattern"
        ]

    def neuron(self, layer: int, index: int) -> Float[np.ndarray, "p p"]:
        """Give one neuron's activation over the grid of inputs."""
        flat = layer * self.run.config.d_mlp + index
        stored = self.run.stored.grid("neurons", self.step, index=flat)
        if stored is not None:
            return np.asarray(stored, dtype=np.float32)
        config = self.run.config
        return forward.neuron_grid(self.params(), config, layer, index)

    def neurons(self, layer: int) -> Float[np.ndarray, "m p p"]:
        """Give every neuron's activation over the grid of inputs."""

        def compute() -> Arrays:
            config = self.run.config
            return {"neurons": forward.neurons(self.params(), config, layer)}

        return self.run.remember("neurons", (self.step, layer), compute, disk=False)[
            "neurons"
        ]

    @property
    def logits(self) -> Float[np.ndarray, "p p p"]:
        """Logits over (a, b, c), the = class dropped, float32."""

        def compute() -> Arrays:
            return {"logits": forward.logits(self.params(), self.run.config)}

        return self.run.remember("logits", (self.step,), compute, disk=False)["logits"]
