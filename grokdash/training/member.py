"""One run that is trained: its folder, its lock, its checkpoints and its end.

What happens to it happens to no other run that is trained with it.
"""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import numpy as np

from grokdash.errors import DivergedError, GrokdashError
from grokdash.store import CheckpointData, RunWriter
from grokdash.training import schedule
from grokdash.training.curves import Curves, stored_curves
from grokdash.training.finishing import finish
from grokdash.training.mirrors import MirrorSet
from grokdash.training.outcome import Outcome, State
from grokdash.training.pace import trained_s
from grokdash.training.progress import Reporter
from grokdash.training.recorder import Recorder
from grokdash.training.steppers import SCALARS, Arrays


class Member:
    """One run between its lock and its end; a context manager.

    Parameters
    ----------
    writer
        The open run, whose lock is held.
    n_grids
        How many checkpoints store grids: of all, or of those an extension adds.
    mirrors
        What is told of its measures as well.
    """

    def __init__(
        self, writer: RunWriter, n_grids: int, mirrors: MirrorSet | None = None
    ) -> None:
        self.writer = writer
        self.config = writer.config
        self.latest = writer.latest()
        self.outcome: Outcome | None = None
        self.error: GrokdashError | None = None
        self.train_loss = float("nan")
        self.diverged = False
        self.started = time.monotonic()
        steps = schedule.checkpoint_steps(self.config)
        self._due = frozenset(steps.tolist())
        added = steps[steps > writer.extended_from]
        self._grids = frozenset(schedule.grid_steps(added, n_grids).tolist())
        curves = stored_curves(writer.path, self.step) if self.latest else Curves()
        before = trained_s(writer.status)
        first = self.step + 1 if self.latest else 0
        self._mirrors = (mirrors or MirrorSet(())).of(writer, first)
        tell = self._mirrors.put
        self.recorder = Recorder(writer, self._grids, curves, before, tell)
        self._scalars: list[np.ndarray] = []

    @property
    def step(self) -> int:
        """Epoch of the newest checkpoint, where the run goes on."""
        return self.latest.step if self.latest else 0

    @property
    def unsaved(self) -> bool:
        """Whether there are good updates after the last checkpoint."""
        return bool(self._scalars) and not self.diverged

    def repeats_from(self, step: int, beside: int) -> bool:
        """Say whether the run comes to its newest checkpoint again from an earlier one.

        It does from the one before, if as many runs as ``beside`` trained together
        then: another number of them rounds differently.
        """
        if self.latest is None or self.step == step:
            return True
        earlier = self.writer.latest(at_most=self.step - 1)
        then = int(self.latest.optimizer.get("runs", beside))
        return then == beside and (earlier.step if earlier else 0) == step

    def go_back(self, step: int) -> None:
        """Go on from an earlier checkpoint."""
        if self.step > step:
            self.latest = self.writer.latest(at_most=step)

    def due(self, step: int) -> bool:
        """Say whether a step is on the run's schedule."""
        return step in self._due

    def attempt(self, act: Callable[..., object], *arguments: object) -> None:
        """Do something for this run; what goes wrong ends it, and only it."""
        if self.outcome is not None:
            return
        try:
            act(*arguments)
        except GrokdashError as error:
            self._fail("failed", self.writer.status.step, error)
            self.close(error)

    def add(self, scalars: np.ndarray) -> None:
        """Take the scalars ``[S, 6]`` of some updates, unless a loss is not finite."""
        self.train_loss = float(scalars[-1, 0])
        self.diverged = not np.isfinite(scalars[:, 0]).all()
        if not self.diverged:
            self._scalars.append(scalars)

    def leaves(self, step: int) -> bool:
        """Say whether the run is over: at its last epoch, or diverged."""
        return self.diverged or step >= self.config.epochs

    def record(
        self, step: int, params: Arrays, optimizer: Arrays, rng: np.ndarray
    ) -> None:
        """Hand a copy of everything to the recorder."""
        rows = np.concatenate([np.zeros((0, len(SCALARS))), *self._scalars])
        self._scalars = []
        self.recorder.put(
            CheckpointData(
                step=step,
                params=params,
                optimizer=optimizer,
                rng={"torch": rng},
                scalars={
                    name: np.ascontiguousarray(column)
                    for name, column in zip(SCALARS, rows.T, strict=True)
                },
            )
        )

    def leave(self, step: int, report: Reporter) -> None:
        """End the run: as diverged, or analysed and packed."""
        self.recorder.flush()
        if self.diverged:
            self._diverge(step)
            return
        trained = time.monotonic()
        summary = finish(self.writer, self.recorder, self._grids, report)
        self._end(
            "finished",
            self.config.epochs,
            summary=summary,
            training_s=trained - self.started,
            finishing_s=time.monotonic() - trained,
        )

    def interrupt(self, step: int) -> None:
        """Let go of the run where it stands, to go on from there."""
        self.recorder.flush()
        message = f"stopped at epoch {step:,}; the same command goes on"
        self.writer.finish("interrupted", message)
        self._end("interrupted", step, summary=self.recorder.summary())

    def close(self, error: BaseException | None = None) -> None:
        """Stop storing and let go of the lock; the second time nothing happens."""
        self.recorder.close()
        if error is None:
            self.writer.close()
        else:
            self.writer.__exit__(type(error), error, error.__traceback__)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close(error)

    def _diverge(self, step: int) -> None:
        message = (
            f"the training loss was no finite number by epoch {step:,}; "
            f"checkpoints up to epoch {self.writer.committed or 0:,} are kept"
        )
        self.writer.finish("diverged", message)
        self._fail("diverged", step, DivergedError(f"{self.writer.id}: {message}"))

    def _fail(self, state: State, step: int, error: GrokdashError) -> None:
        self.error = error
        self._end(state, step, message=str(error))

    def _end(self, state: State, step: int, **more: Any) -> None:
        told = {"run_id": self.writer.id, "state": state, "step": step, "summary": {}}
        self.outcome = Outcome(**(told | more))
        facts = {n: v for n, v in self.outcome.summary.items() if n != "sparkline"}
        finished = state == "finished"
        self._mirrors.end(facts | {"state": state, "epoch": step}, packed=finished)
