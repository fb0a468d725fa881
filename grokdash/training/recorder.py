"""What is written of a checkpoint, measured and stored beside the training.

The training thread only copies arrays; one recorder thread computes the measures and
the grids and hands them to the store. The queue between them is short, so that a slow
disk slows the training down instead of filling the memory.
"""

import queue
import time
from collections.abc import Callable, Mapping
from threading import Lock, Thread
from typing import Any, Self

import numpy as np

from grokdash.analysis import losses
from grokdash.analysis.measures import checkpoint_measures
from grokdash.analysis.outputs import outputs
from grokdash.config import RunConfig
from grokdash.store import CheckpointData, RunWriter
from grokdash.training.curves import Curves
from grokdash.training.pace import TRAINED_S

_QUEUE_LENGTH = 2

Arrays = dict[str, np.ndarray]


class Recorder:
    """Measure and store checkpoints in the background; a context manager.

    A failure (a full disk, say) is raised by the next :meth:`put` or :meth:`flush`.

    Parameters
    ----------
    writer
        The open run.
    grids
        Steps that also store activation grids.
    curves
        What is known of the run so far; grows with every checkpoint.
    trained_s
        Seconds that earlier sessions have trained it for.
    tell
        Told of the measures of every checkpoint that is stored; returns at once.
    """

    def __init__(
        self,
        writer: RunWriter,
        grids: frozenset[int],
        curves: Curves,
        trained_s: float = 0.0,
        tell: Callable[[int, Arrays], None] | None = None,
    ) -> None:
        self.curves = curves
        self._started = time.monotonic() - trained_s
        self.busy_s = 0.0
        self.eta_s: float | None = None
        self._writer = writer
        self._config = writer.config
        self._grids = grids
        self._tell = tell
        self._mask = writer.train_mask
        self._failure: BaseException | None = None
        self._lock = Lock()
        self._jobs: queue.Queue[Callable[[], None] | None] = queue.Queue(_QUEUE_LENGTH)
        self._thread = Thread(target=self._work, name="grokdash-recorder", daemon=True)
        self._thread.start()

    def put(self, data: CheckpointData) -> None:
        """Measure and store one checkpoint, whose measures are still empty."""
        self._raise_failure()
        self._jobs.put(lambda: self._record(data))

    def put_grids(self, step: int, params: Mapping[str, np.ndarray]) -> None:
        """Store the grids of a checkpoint that is committed without them."""
        self._raise_failure()
        self._jobs.put(
            lambda: self._writer.commit_grids(
                step, make_grids(params, self._config), give=True
            )
        )

    def flush(self) -> None:
        """Wait until everything is committed."""
        self._jobs.join()
        self._raise_failure()
        self._writer.flush()

    def summary(self) -> dict[str, Any]:
        """Give what the list of runs shows, and for how long the run was trained."""
        trained_s = round(time.monotonic() - self._started, 1)
        with self._lock:
            return self.curves.summary(self._config) | {TRAINED_S: trained_s}

    def close(self) -> None:
        """Finish what is queued and stop the thread."""
        if self._thread.is_alive():
            self._jobs.put(None)
            self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _record(self, data: CheckpointData) -> None:
        measures = checkpoint_measures(data.params, self._config, self._mask)
        self._writer.commit(
            CheckpointData(
                step=data.step,
                params=data.params,
                optimizer=data.optimizer,
                rng=data.rng,
                measures=measures,
                scalars=data.scalars,
            )
        )
        with self._lock:
            self.curves.append(data.step, measures)
        self._writer.set_status(
            step=data.step, eta_s=self.eta_s, summary=self.summary()
        )
        if self._tell is not None:
            self._tell(data.step, measures)
        if data.step in self._grids:
            self._writer.commit_grids(
                data.step, make_grids(data.params, self._config), give=True
            )

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            start = time.thread_time()
            try:
                if job is None:
                    return
                if self._failure is None:
                    job()
            except Exception as error:  # noqa: BLE001 - raised again by put and flush
                self._failure = error
            finally:
                self.busy_s += time.thread_time() - start
                self._jobs.task_done()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure


def make_grids(params: Mapping[str, np.ndarray], config: RunConfig) -> Arrays:
    """Compute the pictures over all pairs that are too large for every checkpoint.

    Parameters
    ----------
    params
        Arrays by name.
    config
        The run's configuration.

    Returns
    -------
    dict of ndarray
        ``neurons [n_layers · d_mlp, p, p]``, ``attention [n_layers · n_heads, 3, p,
        p]``, ``correct_logit [p, p]`` (class mean subtracted), ``loss [p, p]`` in nats;
        NaN at undefined pairs in the last two.
    """
    active = outputs(params, config)
    table, m = config.rule.table(config.p), config.d_mlp
    shape = (config.n_layers * m, config.p, config.p)
    by_neuron = np.empty(shape, active.logits.dtype)
    for layer, neurons in enumerate(active.neurons):
        for a, of_operand in enumerate(neurons):
            by_neuron[layer * m : (layer + 1) * m, a] = of_operand.T
    return {
        "neurons": by_neuron,
        "attention": np.concatenate(active.patterns),
        "correct_logit": losses.correct_logit_grid(active.logits, table),
        "loss": losses.loss_grid(active.logits, table),
    }
