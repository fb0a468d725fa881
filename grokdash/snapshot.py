"""What a view sees of a run: arrays by name, stored ones read, others recomputed.

A :class:`RunView` is a run through the eyes of the analysis; a :class:`Snapshot` is one
checkpoint of it. Precision changes here and nowhere else: storage is float32 or
float16, what leaves a snapshot is float32 for activations and float64 for measures.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

import numpy as np
from jaxtyping import Float, Int

from grokdash.analysis import (
    cross_split,
    embedding,
    forward,
    needs,
    phases,
    pieces,
    progress,
)
from grokdash.analysis.logits import band, sum_shares
from grokdash.backlog import PATIENCE_S, Backlog, Gathered, Topic, gathered
from grokdash.cache import Arrays, Cache
from grokdash.errors import NotStoredError
from grokdash.run_frame import RunFrame
from grokdash.store import Run
from grokdash.store.finite import finite_steps

VERSION = 1
"""Part of every cache key: raise it when a recomputation here changes its result."""


class RunView(RunFrame):
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
        super().__init__(stored)
        self._cache = cache
        self._backlog = Backlog(patience_s=patience_s)
        self._steps: np.ndarray | None = None
        self._content: str | None = None
        self._series: dict[str, np.ndarray] | None = None  # of a moment

    def at_this_moment(self) -> "RunView":
        """Give the run as it is now, the same for as long as one looks at it.

        A running run grows between two questions; whoever asks for its checkpoints and
        then for a series must get arrays of one length.
        """
        for shared in ("canonical", "modulus", "order", "table", "fibres"):
            getattr(self, shared)
        still = copy.copy(self)
        vars(still)["_steps"] = finite_steps(self.stored)
        vars(still)["_content"] = None
        vars(still)["_series"] = {}
        return still

    @property
    def content(self) -> str:
        """What tells these checkpoints from any others; one for a moment's length."""
        if self._steps is None:
            return self.stored.all_digests(self.steps.tolist())
        if self._content is None:
            self._content = self.stored.all_digests(self._steps.tolist())
        return self._content

    @property
    def id(self) -> str:
        """The run's id."""
        return self.stored.id

    @property
    def title(self) -> str:
        """What the run is called: as somebody named it, else by what it is."""
        return self.stored.notes.title or self.config.title

    @property
    def steps(self) -> Int[np.ndarray, " C"]:
        """Epochs of the stored checkpoints with finite numbers, ascending."""
        return finite_steps(self.stored) if self._steps is None else self._steps

    @property
    def last(self) -> int:
        """Epoch of the newest checkpoint."""
        if not len(self.steps):
            raise NotStoredError(
                f"{self.id}: no checkpoint is stored yet; wait for the first, or "
                "start the training again to resume it"
            )
        return int(self.steps[-1])

    @property
    def keys_final(self) -> bool:
        """Whether the key set was fixed at the end of training."""
        return self.stored.key_frequencies is not None

    @property
    def keys(self) -> tuple[int, ...]:
        """Key frequencies: fixed at the final checkpoint, until then the newest's.

        A run whose keys were counted by the published rule gets them anew, from what
        seen and unseen pairs share.
        """
        stored = self.stored.key_frequencies
        if stored is not None and self.has("logits/cross_split_share"):
            return tuple(stored)
        if not len(self.steps):
            return ()
        found = self.at(self.last).key_shares
        share, published = found["cross_split"], found["published"]
        return cross_split.key_frequencies(share, published, self.fibres)

    def has(self, measure: str) -> bool:
        """Whether this measure is stored."""
        return measure in self.stored.measure_names

    def series(self, name: str) -> np.ndarray:
        """Give one measure at all checkpoints, ``[C, …]``."""
        found = None if self._series is None else self._series.get(name)
        if found is None:
            found = np.asarray(self.stored.series(name))[: len(self.steps)]
            if self._series is not None:
                self._series[name] = found
        return found

    def grok(self) -> phases.GrokInterval:
        """Say when test accuracy reached 99 % for good, if it did."""
        return phases.grok_interval(
            self.steps, self.series("accuracy/test"), self.config.epochs
        )

    def progress(self, keys: tuple[int, ...]) -> Gathered:
        """Give restricted and excluded loss at all checkpoints for one key set.

        Stored values are used for the run's own key set; else they are filled in behind
        the scenes, excluded losses by a forward pass per checkpoint.

        Returns
        -------
        Gathered
            What :meth:`restricted` gives and ``excluded [C, 3]`` over training, test
            and all pairs; nats, NaN while unknown.
        """

        def excluded(at: Snapshot) -> np.ndarray:
            if at.fits:
                return progress.excluded_losses(at.logits, self.fibres, keys)
            return at.without_waves(keys).loss

        found = self._by_keys("excluded", "loss/excluded2d", keys, excluded)
        return self.restricted(keys).beside(found)

    def restricted(self, keys: tuple[int, ...]) -> Gathered:
        """Give the published and the cross-split restricted loss in nats.

        Returns
        -------
        Gathered
            ``restricted [C, 3]`` over training, test and all pairs; ``cross_split
            [C]`` over seen pairs, answered by the waves of the unseen ones.
        """

        def published(at: Snapshot) -> np.ndarray:
            M, counts = at.measure("logits/M"), self.fibres.counts
            return progress.restricted_losses(M, counts, keys)

        def honest(at: Snapshot) -> np.ndarray:
            return np.array(cross_split.loss(at.split_means, keys))

        found = self._by_keys("cross_split", "loss/cross_split", keys, honest)
        return self._by_keys("restricted", "loss/restricted", keys, published).beside(
            found
        )

    def _by_keys(
        self,
        name: str,
        measure: str,
        keys: tuple[int, ...],
        compute: Callable[["Snapshot"], np.ndarray],
    ) -> Gathered:
        """Give the measure stored for the run's own key set, or gather it for these."""
        if keys == self.stored.key_frequencies and self.has(measure):
            return Gathered({name: self.series(measure)}, 0)
        unknown = np.array(np.nan) if name == "cross_split" else np.full(3, np.nan)
        return self.gather(
            (measure, *keys),
            self.steps,
            lambda step: {name: compute(self.at(step))},
            {name: unknown},
        )

    def gather(
        self,
        topic: Topic,
        steps: Int[np.ndarray, " S"],
        compute: Callable[[int], Arrays],
        unknown: Arrays,
    ) -> Gathered:
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
            key = (step, *arguments)
            return self.remember(str(name), key, lambda: compute(step), step=step)

        wanted = steps.tolist()
        return gathered(wanted, self._backlog.collect(topic, wanted, kept), unknown)

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
        step: int | None = None,
    ) -> dict[str, np.ndarray]:
        """Compute arrays of this run once; ``arguments`` tell the results apart.

        They are kept by the content of checkpoint ``step``, or of all without one.
        """
        content = self.content if step is None else self.stored.digest(step)
        # By place as well: what a copy has measured may be another.
        run = (self.stored.fingerprint, self.stored.place, content)
        key = (VERSION, *run, name, *arguments)
        return self._cache.remember(key, compute, disk=disk)


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
        at, read = self.step, self.run.stored.params
        return self.run.remember("params", (at,), lambda: read(at), disk=False, step=at)

    def measure(self, name: str) -> np.ndarray:
        """Give one stored measure of this checkpoint."""
        return np.asarray(self.run.stored.measure(name, self.step))

    @property
    def cross_split_share(self) -> Float[np.ndarray, " nf"]:
        """Logit variance of each frequency that seen and unseen pairs share."""
        return self.key_shares["cross_split"]

    @property
    def key_shares(self) -> Arrays:
        """Cross-split and published share of each frequency, stored or computed."""
        names = ("logits/cross_split_share", "logits/sum_share")
        split, published = map(self._stored_here, names)
        if split is not None and published is not None:
            return {"cross_split": split.astype(np.float64), "published": published}

        def compute() -> Arrays:
            found, sizes = self._logit_means, self.run.fibres.sizes
            split = cross_split.shares(self.split_means, found.energy)
            published = sum_shares(found.M, found.energy, sizes)
            return {"cross_split": split, "published": published}

        return self.run.remember("key_shares", (), compute, step=self.step)

    @property
    def split_means(self) -> cross_split.SplitMeans:
        """Mean logits of every answer over seen and unseen pairs, stored or not."""
        M, M_unseen = map(self._stored_here, ("logits/M", "logits/M_unseen"))
        if M is None or M_unseen is None:
            M, M_unseen = self._logit_means.M, self._logit_means.M_unseen
        return cross_split.split_means(M, M_unseen, self.run.fibres.seen_counts)

    @cached_property
    def _logit_means(self) -> pieces.LogitMeans:
        """Mean logits of every answer; of many pairs some first operands at a time."""
        if self.fits:
            return pieces.means_of_all(self.logits, self.run.fibres)
        return pieces.means_of_blocks(self.logit_blocks(), self.run.fibres, self.run.p)

    @property
    def mean_logits(self) -> Float[np.ndarray, "q q"]:
        """Mean logits of every answer (rows), in the order of the frame."""
        return self._logit_means.M

    @property
    def fits(self) -> bool:
        """Whether the logits of all pairs may be held at once."""
        return needs.logits_bytes(self.run.config) <= needs.at_once(self.run.most_bytes)

    def logit_blocks(self) -> Iterator[pieces.Block]:
        """Give the logits of some first operands after the other."""
        run, most = self.run, needs.BLOCK_BYTES
        with run.memory.reserved(needs.taken_by_pieces(run.most_bytes), run.p):
            yield from needs.logit_blocks(self.params(), run.config, most)

    def without_waves(self, keys: tuple[int, ...]) -> pieces.WithoutWaves:
        """Take the key frequencies' waves from the logits; see :mod:`pieces`."""
        run = self.run
        if self.fits:
            return pieces.without_waves_of_all(self.logits, run.fibres, keys)
        waves = band(self.mean_logits, keys)
        return pieces.without_waves(self.logit_blocks(), run.fibres, waves, run.p)

    def _stored_here(self, name: str) -> np.ndarray | None:
        """Give a measure, or None where this checkpoint was stored without it."""
        values = self.measure(name) if self.run.has(name) else np.array(np.nan)
        return values if np.isfinite(values).any() else None

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
        needed = needs.pattern_bytes(self.run.config, layer)
        return self._held("pattern", needed, forward.attention_pattern, layer)

    def neuron(self, layer: int, index: int) -> Float[np.ndarray, "p p"]:
        """Give one neuron's activation over the grid of inputs."""
        flat = layer * self.run.config.d_mlp + index
        stored = self.run.stored.grid("neurons", self.step, index=flat)
        if stored is not None:
            return np.asarray(stored, dtype=np.float32)
        return forward.neuron_grid(self.params(), self.run.config, layer, index)

    def neurons(self, layer: int) -> Float[np.ndarray, "m p p"]:
        """Give every neuron's activation over the grid of inputs."""
        needed = needs.neurons_bytes(self.run.config)
        return self._held("neurons", needed, forward.neurons, layer)

    @property
    def logits(self) -> Float[np.ndarray, "p p p"]:
        """Logits over (a, b, c), the = class dropped, float32."""
        needed = needs.logits_bytes(self.run.config)
        return self._held("logits", needed, forward.logits)

    def _held(
        self, name: str, needed: int, compute: Callable[..., np.ndarray], *of: int
    ) -> np.ndarray:
        """Compute an array over all pairs, if it may take these bytes, and keep it."""

        def allowed() -> Arrays:
            with self.run.memory.reserved(needed, self.run.p):
                return {name: compute(self.params(), self.run.config, *of)}

        at = self.step
        return self.run.remember(name, of, allowed, disk=False, step=at)[name]
