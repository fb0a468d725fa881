"""Train one run from where the store has it to its end, and keep every checkpoint.

The order of a run: look it up, check the disk, take the lock, step and record, and at
the end analyse and pack. Whatever stops it, everything committed stays, and the same
command goes on from the newest checkpoint to the same bits.
"""

import math
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from grokdash.config import RunConfig
from grokdash.errors import ConfigError, DivergedError
from grokdash.store import CheckpointData, RunWriter, shuffled_pairs
from grokdash.threads import keep_products_on_one_core
from grokdash.training import forecast, schedule, session
from grokdash.training.curves import Curves, stored_curves
from grokdash.training.device import make_update, pick_device
from grokdash.training.finishing import finish
from grokdash.training.memory import keep_freed_memory
from grokdash.training.progress import (
    Rate,
    Reporter,
    Tick,
    duration,
    make_reporter,
)
from grokdash.training.provenance import provenance
from grokdash.training.recorder import Recorder
from grokdash.training.step import SCALARS, Trainer, named_scalars
from grokdash.training.stopping import stop_on_signals

FLUSH_DENORMAL = True
"""Tiny numbers count as zero: late in a run they would slow every update."""
WORTH_TWO_THREADS = 600_000
"""Training pairs times neurons from which a second thread gains more than it waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to train, as far as it does not change what the run is.

    ``stop_file``: training stops, as after Ctrl-C, once this file exists: for workers
    that no signal reaches. ``threads`` None: two, or one for a small network; a
    resumed run keeps its own.
    """

    store: Path
    threads: int | None = None
    device: str = "auto"
    disk_budget: float = 1.0
    resume: str | None = None
    new: bool = False
    quiet: bool = False
    stop_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a training command ended; ``message`` says why; times in seconds.

    ``busy`` and ``failed`` are for one of several runs; one alone raises its error.
    """

    run_id: str
    state: Literal[
        "finished", "interrupted", "diverged", "already finished", "busy", "failed"
    ]
    step: int
    summary: dict[str, Any]
    training_s: float = 0.0
    finishing_s: float = 0.0
    recording_cpu_s: float = 0.0
    message: str = ""


def train(config: RunConfig, options: Options) -> Outcome:
    """Train a run to its end, or to a signal.

    Parameters
    ----------
    config
        What to train; with ``options.resume`` the stored configuration counts instead.
    options
        Where and how.

    Raises
    ------
    GrokdashError
        If an option cannot be met, the store cannot be used, or the disk is full.
    DivergedError
        If the loss became NaN or infinite; what was committed stays.
    """
    device = pick_device(options.device)
    stored = _stored(config, options)
    if stored is not None and stored.status.state in session.ENDED:
        return _already_ended(stored)
    if stored is not None:
        config = stored.config
    report = make_reporter(config.epochs, quiet=options.quiet)
    try:
        own = {} if stored is None else stored.provenance
        threads = set_threads(options.threads, own, default_threads(config))
        expected = forecast.forecast(config, options.disk_budget)
        report.say(expected.text)
        if stored is None:
            forecast.check_room(options.store, expected)
            about = provenance(
                config, device=device, threads=threads, flush_denormal=FLUSH_DENORMAL
            )
            writer = session.begin(options.store, config, about)
        else:
            writer = RunWriter.resume(options.store, stored.id)
        with writer, stop_on_signals() as stopping:
            run = _Training(writer, device, expected.grids, report, stopping)
            run.stop_file = options.stop_file
            return run.complete()
    finally:
        torch.set_flush_denormal(False)  # the caller's numbers are none of ours
        report.close()


def _stored(config: RunConfig, options: Options) -> session.StoredRun | None:
    if options.resume is not None:
        return session.run_to_resume(options.store, options.resume)
    if options.new:
        session.check_new(options.store, config)
    return session.find_run(options.store, config.run_id())


def _already_ended(stored: session.StoredRun) -> Outcome:
    if stored.status.state == "diverged":
        raise DivergedError(
            f"{stored.id}: {stored.status.message}; it cannot go on: lower the "
            "learning rate, or change the seed, which makes another run"
        )
    return Outcome(
        run_id=stored.id,
        state="already finished",
        step=stored.status.step,
        summary=stored.status.summary,
    )


def set_threads(asked: int | None, own: Mapping[str, Any], default: int) -> int:
    """Set threads, denormals and memory for this process; give the thread count.

    What is asked for counts, then what a run was begun with, then the default.
    """
    threads = own.get("threads", default) if asked is None else asked
    if not 1 <= threads <= 1024:
        raise ConfigError(f"--threads: expected 1 to 1024; got {threads}")
    keep_products_on_one_core()
    torch.set_num_threads(threads)
    torch.set_flush_denormal(FLUSH_DENORMAL)
    keep_freed_memory()
    return threads


def default_threads(config: RunConfig) -> int:
    """Give two threads to a network that keeps them busy, one to a small one."""
    small = config.n_train * config.d_mlp * config.n_layers < WORTH_TWO_THREADS
    return 1 if small else min(2, os.cpu_count() or 1)


class _Training:
    """One run between its lock and its end."""

    def __init__(
        self,
        writer: RunWriter,
        device: torch.device,
        n_grids: int,
        report: Reporter,
        stopping: threading.Event,
    ) -> None:
        self.writer = writer
        self.config = writer.config
        self.report = report
        self.stopping = stopping
        self.stop_file: Path | None = None
        self.steps = schedule.checkpoint_steps(self.config)
        self.grids = frozenset(schedule.grid_steps(self.steps, n_grids).tolist())
        pairs = shuffled_pairs(self.config)[: self.config.n_train]
        self.trainer = Trainer(self.config, pairs, device)
        self.pending: list[Tensor] = []
        self.rate = Rate()
        self.train_loss = math.nan

    def complete(self) -> Outcome:
        """Step to the end and finish the run."""
        curves = self._restore()
        update = make_update(self.trainer)
        start = time.monotonic()
        with Recorder(self.writer, self.grids, curves) as recorder:
            if self.trainer.step == 0 and not curves.steps:
                self._record(recorder)
            self._advance(update, recorder)
            recorder.flush()
            trained = time.monotonic()
            recording = recorder.busy_s
            ended = self.trainer.step >= self.config.epochs
            if ended:
                summary = finish(self.writer, recorder, self.grids, self.report)
            else:
                summary = recorder.summary()
                end_interrupted(self.writer, self.trainer.step)
        return Outcome(
            run_id=self.writer.id,
            state="finished" if ended else "interrupted",
            step=self.trainer.step,
            summary=summary,
            training_s=trained - start,
            finishing_s=time.monotonic() - trained,
            recording_cpu_s=recording,
        )

    def _restore(self) -> Curves:
        latest = self.writer.latest()
        if latest is None:
            self.report.say(f"training {self.writer.id} in {self.writer.path.parent}")
            return Curves()
        self.trainer.restore(latest.step, latest.params, latest.optimizer)
        torch.set_rng_state(torch.from_numpy(latest.rng["torch"].astype(np.uint8)))
        self.report.say(f"going on with {self.writer.id} from epoch {latest.step:,}")
        return stored_curves(self.writer.path, latest.step)

    def _advance(self, update: Callable[[], Tensor], recorder: Recorder) -> None:
        """Make updates up to the last epoch or a signal, recording on schedule."""
        on_cpu = self.trainer.device.type == "cpu"
        due = set(self.steps.tolist())
        while self.trainer.step < self.config.epochs and not self.stopping.is_set():
            scalars = update()
            self.pending.append(scalars)
            if on_cpu:
                self.train_loss = float(scalars[0])
                if not math.isfinite(self.train_loss):
                    self._diverged(recorder)
            if self.trainer.step in due:
                self._record(recorder)
            self._tick(recorder)
        if self.pending:
            self._record(recorder)

    def _record(self, recorder: Recorder) -> None:
        """Hand a copy of everything to the recorder."""
        trainer = self.trainer
        scalars = np.zeros((len(SCALARS), 0))
        if self.pending:
            scalars = torch.stack(self.pending).double().cpu().numpy().T
            if not np.isfinite(scalars[0]).all():
                self._diverged(recorder)
            self.train_loss = float(scalars[0, -1])
        self.pending = []
        recorder.put(
            CheckpointData(
                step=trainer.step,
                params=trainer.copy_params(),
                optimizer=trainer.copy_optimizer(),
                rng={"torch": torch.get_rng_state().numpy().copy()},
                scalars=named_scalars(scalars),
            )
        )

    def _tick(self, recorder: Recorder) -> None:
        if not self.rate.add(self.trainer.step):
            return
        asked = self.stop_file is not None and self.stop_file.exists()
        if asked or self.writer.asked_to_stop:
            self.stopping.set()
        tick = Tick(
            step=self.trainer.step,
            epochs=self.config.epochs,
            rate=self.rate.value,
            train_loss=self.train_loss,
            summary=recorder.summary(),
        )
        recorder.eta_s = tick.eta_s
        self.report.tick(tick)

    def _diverged(self, recorder: Recorder) -> None:
        raise end_diverged(self.writer, recorder, self.trainer.step)


def end_diverged(writer: RunWriter, recorder: Recorder, step: int) -> DivergedError:
    """Commit what is queued, record the divergence, and give the error to raise."""
    recorder.flush()
    message = (
        f"the training loss became NaN or infinite by epoch {step:,}; "
        f"checkpoints up to epoch {writer.committed or 0:,} are kept"
    )
    writer.finish("diverged", message)
    return DivergedError(f"{writer.id}: {message}")


def end_interrupted(writer: RunWriter, step: int) -> None:
    """Record that the run can go on from here."""
    message = f"stopped at epoch {step:,}; the same command goes on"
    writer.finish("interrupted", message)


def describe(outcome: Outcome) -> str:
    """Say in a few lines how a run ended."""
    if outcome.message:
        named = outcome.message.startswith(outcome.run_id)
        return outcome.message if named else f"{outcome.run_id}: {outcome.message}"
    if outcome.state == "already finished":
        return (
            f"{outcome.run_id} is finished already ({outcome.step:,} epochs); change a "
            "field, for example --seed, to train another run"
        )
    if outcome.state == "interrupted":
        return (
            f"{outcome.run_id}: stopped at epoch {outcome.step:,}, checkpoint written; "
            "the same command goes on from here"
        )
    keys = ", ".join(map(str, outcome.summary.get("key_frequencies", []))) or "none"
    return (
        f"{outcome.run_id}: {outcome.step:,} epochs, "
        f"test accuracy {outcome.summary['test_accuracy']:.2%}, "
        f"test loss {outcome.summary['test_loss']:.3g}, key frequencies {keys}; "
        f"trained in {duration(outcome.training_s)}, "
        f"analysed and packed in {duration(outcome.finishing_s)}"
    )
