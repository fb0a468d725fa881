"""What a view sees of a run: arrays by name, stored ones read, others recomputed.

A :class:`RunView` is a run through the eyes of the analysis; a :class:`Snapshot` is one
checkpoint of it. Precision changes here and nowhere else: storage is float32 or
float16, what leaves a snapshot is float32 for activations and float64 for measures.
"""

import copy
import threading
from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float, Int

from grokdash.analysis import embedding, fibres, forward, groups, logits, phases
from grokdash.analysis import progress as measures_of_progress
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
    run
        An open run; it may still be growing.
    cache
        Where recomputed arrays are kept.
    """

    def __init__(self, run: Run, cache: Cache) -> None:
        self.run = run
        self._cache = cache
        self._filler = _Filler(self)
        self._steps: np.ndarray | None = None

    def at_this_moment(self) -> "RunView":
        """Give the run as it is now, the same for as long as one looks at it.

        A running run grows between two questions; whoever asks for its checkpoints and
        then for a series must get arrays of one length.
        """
        for shared in ("canonical", "modulus", "order", "table", "fibres"):
            getattr(self, shared)
        still = copy.copy(self)
        vars(still)["_steps"] = self.run.steps
        return still

    @property
    def id(self) -> str:
        """The run's id."""
        return self.run.id

    @property
    def config(self) -> RunConfig:
        """The run's configuration."""
        return self.run.config

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
        return self.run.steps if self._steps is None else self._steps

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
        return self.run.train_mask()

    @cached_property
    def fibres(self) -> fibres.Fibres:
        """Pairs grouped by answer, in the order of the frame."""
        return fibres.fibres(self.config.rule, self.p, self.train_mask)

    @property
    def keys_final(self) -> bool:
        """Whether the key set was fixed at the end of training."""
        return self.run.key_frequencies is not None

    @property
    def keys(self) -> tuple[int, ...]:
        """Key frequencies: fixed at the final checkpoint, until then the newest's."""
        if self.run.key_frequencies is not None:
            return tuple(self.run.key_frequencies)
        if not len(self.steps) or not self.has("logits/sum_share"):
            return ()
        share = self.run.measure("logits/sum_share", self.last)
        return logits.key_frequencies(np.asarray(share, dtype=float))

    def has(self, measure: str) -> bool:
        """Whether this measure is stored."""
        return measure in self.run.measure_names

    def series(self, name: str) -> np.ndarray:
        """Give one measure at all checkpoints, ``[C, …]``."""
        return np.asarray(self.run.series(name))[: len(self.steps)]

    def grok(self) -> phases.GrokInterval:
        """Say when test accuracy reached 99 % for good, if it did."""
        return phases.grok_interval(
            self.steps, self.series("accuracy/test"), self.config.epochs
        )

    def progress(self, keys: tuple[int, ...]) -> dict[str, np.ndarray]:
        """Give restricted and excluded loss at all checkpoints for one key set.

        Stored values are used for the run's own key set. For another one, or while the
        run goes on, restricted losses come from the stored fibre means; excluded ones
        need a forward pass per checkpoint and are filled in behind the scenes.

        Returns
        -------
        arrays
            ``restricted [C]`` over all pairs, ``excluded [C]`` over training pairs
            (nats, NaN while unknown), ``pending`` the number still to come.
        """
        if keys == self.run.key_frequencies and self.has("loss/restricted"):
            return {
                "restricted": self.series("loss/restricted")[:, 2],
                "excluded": self.series("loss/excluded2d")[:, 0],
                "pending": np.zeros(()),
            }
        return self._filler.losses(keys, self.steps.tolist())

    def at(self, step: int) -> "Snapshot":
        """Give the checkpoint of this epoch, or the nearest one before it."""
        return Snapshot(self, self.run.nearest_step(step))

    def remember(
        self,
        name: str,
        arguments: Sequence[str | int | float | None],
        compute: Callable[[], Arrays],
        *,
        disk: bool = True,
    ) -> dict[str, np.ndarray]:
        """Compute arrays of this run once; ``arguments`` tell the results apart."""
        key = (VERSION, self.run.fingerprint, name, *arguments)
        return self._cache.remember(key, compute, disk=disk)


class _Filler:
    """Computes progress measures of a key set; the newest set asked for comes first."""

    def __init__(self, view: RunView) -> None:
        self._view = view
        self._keys: tuple[int, ...] | None = None
        self._restricted: dict[int, float] = {}
        self._excluded: dict[int, float] = {}
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None

    def losses(self, keys: tuple[int, ...], steps: list[int]) -> dict[str, np.ndarray]:
        with self._lock:
            if keys != self._keys:
                self._keys, self._restricted, self._excluded = keys, {}, {}
            self._fill_restricted(steps)
            restricted = [self._restricted[step] for step in steps]
            excluded = [self._excluded.get(step, np.nan) for step in steps]
            pending = sum(step not in self._excluded for step in steps)
            if pending and (self._worker is None or not self._worker.is_alive()):
                self._worker = threading.Thread(target=self._fill, daemon=True)
                self._worker.start()
        return {
            "restricted": np.array(restricted),
            "excluded": np.array(excluded),
            "pending": np.array(float(pending)),
        }

    def _fill_restricted(self, steps: list[int]) -> None:
        missing = [step for step in steps if step not in self._restricted]
        if not missing or self._keys is None:
            return
        counts = self._view.fibres.counts
        rows = self._view.series("logits/M")[: len(steps)]
        table = dict(zip(steps, rows, strict=True))
        for step in missing:
            losses = measures_of_progress.restricted_losses(
                table[step], counts, self._keys
            )
            self._restricted[step] = float(losses[2])

    def _fill(self) -> None:
        """Work through the checkpoints, a coarse grid first, until none is missing."""
        while True:
            with self._lock:
                keys, done = self._keys, set(self._excluded)
            step = _coarsest_missing(self._view.steps.tolist(), done)
            if step is None or keys is None:
                return
            loss = self._excluded_at(step, keys)
            with self._lock:
                if keys == self._keys:
                    self._excluded[step] = loss

    def _excluded_at(self, step: int, keys: tuple[int, ...]) -> float:
        view = self._view

        def compute() -> Arrays:
            cube = view.at(step).logits
            losses = measures_of_progress.excluded_losses(cube, view.fibres, keys)
            return {"train": losses[:1]}

        return float(view.remember("excluded", (step, *keys), compute)["train"][0])


def _coarsest_missing(steps: list[int], done: set[int]) -> int | None:
    stride = 1
    while stride < len(steps):
        stride *= 2
    while stride:
        for step in (*steps[::stride], steps[-1]):
            if step not in done:
                return step
        stride //= 2
    return None


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
        return self.run.run.param(name, self.step)

    def params(self) -> dict[str, np.ndarray]:
        """Give all parameters, float32."""
        return self.run.remember(
            "params", (self.step,), lambda: self.run.run.params(self.step), disk=False
        )

    def measure(self, name: str) -> np.ndarray:
        """Give one stored measure of this checkpoint."""
        return np.asarray(self.run.run.measure(name, self.step))

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
        stored = self.run.run.grid("neurons", self.step, index=flat)
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
