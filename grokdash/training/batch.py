"""Train several runs: those of equal shape as one model where that is faster.

Each run keeps its folder, lock, checkpoints, status and end; only the updates are made
together. A run that ends, diverges or fails leaves, and the others go on. A batch that
was stopped or killed goes on to the same bits: a kill can catch its runs at most one
checkpoint apart, and the ones ahead then repeat theirs. A run that has meanwhile gone
on alone for longer than that trains on from where it is, and the others without it.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from grokdash.config import RunConfig
from grokdash.errors import (
    ConfigError,
    DivergedError,
    GrokdashError,
    RunLockedError,
)
from grokdash.store import RunWriter, shuffled_pairs
from grokdash.training import forecast, session
from grokdash.training.batch_step import BatchTrainer, optimizer_key
from grokdash.training.batching import plan_batches, recorded_batch
from grokdash.training.device import make_update, pick_device
from grokdash.training.loop import (
    FLUSH_DENORMAL,
    Options,
    Outcome,
    default_threads,
    set_threads,
    train,
)
from grokdash.training.member import Member
from grokdash.training.progress import BatchTick, Rate, Reporter, make_reporter
from grokdash.training.provenance import provenance
from grokdash.training.stopping import stop_on_signals

Teller = Callable[[Outcome], None]


def train_several(
    configs: Sequence[RunConfig],
    options: Options,
    tell: Teller = lambda _outcome: None,
    *,
    batch: int | None = None,
) -> list[Outcome]:
    """Train several runs to their ends, or to a signal; give how each ended.

    Parameters
    ----------
    configs
        What to train.
    options
        Where and how; ``resume`` does not count.
    tell
        Told how each run ended, as soon as it has: also of those that failed, which
        stop no other, and of those that a signal kept from starting.
    batch
        Largest number of runs trained as one model, 1 for none; None leaves it to
        :func:`~grokdash.training.batching.largest_batch`.

    Raises
    ------
    GrokdashError
        If an option cannot be met or the disk has no room; what was begun is stored.
    """
    device = pick_device(options.device)
    if options.new:
        for config in configs:
            session.check_new(options.store, config)
    gpu = device.type == "cuda"
    outcomes: list[Outcome] = []

    def note(outcome: Outcome) -> None:
        outcomes.append(outcome)
        tell(outcome)

    units = plan_batches(configs, options.store, batch, gpu=gpu)
    with stop_on_signals() as stopping:
        for unit in units:
            ids = _batch_ids(unit, options.store)
            if stopping.is_set() or _told_to_stop(options):
                for config in unit:
                    note(_ended(config, "interrupted", "not started"))
            elif ids:
                _train_batch(unit, ids, options, device, note)
            else:
                note(_train_alone(unit[0], options))
    return outcomes


def _told_to_stop(options: Options) -> bool:
    return options.stop_file is not None and options.stop_file.exists()


def _batch_ids(unit: Sequence[RunConfig], store: Path) -> list[str]:
    """Name the batch that a unit is, or is what is left of; none for a run alone."""
    recorded = (recorded_batch(config, store) for config in unit)
    known = next(filter(None, recorded), ())
    if known or len(unit) == 1:
        return list(known)
    return sorted(config.run_id() for config in unit)


def _train_alone(config: RunConfig, options: Options) -> Outcome:
    try:
        return train(config, options)
    except ConfigError:
        raise
    except GrokdashError as error:
        return _failed(config, error)


def _failed(config: RunConfig, error: GrokdashError) -> Outcome:
    """Say why a run could not be trained, or not now."""
    kinds = {DivergedError: "diverged", RunLockedError: "busy"}
    return _ended(config, kinds.get(type(error), "failed"), str(error))


def _ended(config: RunConfig, state: Any, message: str) -> Outcome:
    return Outcome(
        run_id=config.run_id(), state=state, step=0, summary={}, message=message
    )


def _train_batch(
    configs: Sequence[RunConfig],
    ids: list[str],
    options: Options,
    device: torch.device,
    tell: Teller,
) -> None:
    """Train runs of equal shape as one model."""
    report = make_reporter(max(one.epochs for one in configs), quiet=options.quiet)
    ordered = sorted(configs, key=lambda one: (optimizer_key(one), one.run_id()))
    with ExitStack() as stack:
        stack.callback(report.close)
        stack.callback(torch.set_flush_denormal, False)  # noqa: FBT003 - torch's
        stopping = stack.enter_context(stop_on_signals())
        opener = _Opener(ordered, ids, options, device)
        members = opener.open(report, tell)
        for member in members:
            stack.callback(member.close)
        for equal in _same_step(members):
            _Batch(equal, device, report, stopping, options).run(tell)


class _Opener:
    """Opens the runs of a batch, each for itself."""

    def __init__(
        self,
        configs: Sequence[RunConfig],
        ids: list[str],
        options: Options,
        device: torch.device,
    ) -> None:
        self._options, self._device, self._ids = options, device, ids
        self._configs = configs
        self._stored = {
            config: session.find_run(options.store, config.run_id())
            for config in configs
        }
        begun = [one.provenance for one in self._stored.values() if one]
        default = default_threads(configs[0])
        self._threads = set_threads(options.threads, begun[0] if begun else {}, default)

    def open(self, report: Reporter, tell: Teller) -> list[Member]:
        """Begin or resume every run; tell of those that cannot be opened."""
        budget = self._options.disk_budget
        expected = {one: forecast.forecast(one, budget) for one in self._configs}
        fresh = [expected[one] for one, stored in self._stored.items() if not stored]
        forecast.check_room(self._options.store, *fresh)
        total = sum(one.total for one in expected.values()) / forecast.GB
        report.say(
            f"{len(expected)} runs of equal shape train as one model; disk forecast: "
            f"about {total:.2f} GB for all"
        )
        members = []
        for config in self._configs:
            try:
                members.append(Member(self._open(config), expected[config].grids))
            except GrokdashError as error:
                tell(_failed(config, error))
        return members

    def _open(self, config: RunConfig) -> RunWriter:
        store = self._options.store
        if self._stored[config] is not None:
            return RunWriter.resume(store, config.run_id())
        about = provenance(
            config,
            device=self._device,
            threads=self._threads,
            flush_denormal=FLUSH_DENORMAL,
            batch=self._ids,
        )
        return session.begin(store, config, about)


def _same_step(members: Sequence[Member]) -> list[list[Member]]:
    """Sort runs by the epoch they go on from.

    Those that a kill caught one checkpoint ahead go back to the checkpoint that all
    have, and will come to the same bits.
    """
    first = min((member.step for member in members), default=0)
    for member in members:
        if member.step > first:
            member.go_back(first)
    steps = sorted({member.step for member in members})
    return [[one for one in members if one.step == step] for step in steps]


class _Batch:
    """Runs of equal shape at one epoch, until the last of them has ended."""

    def __init__(
        self,
        members: Sequence[Member],
        device: torch.device,
        report: Reporter,
        stopping: threading.Event,
        options: Options,
    ) -> None:
        self._options = options
        self._members = list(members)
        self._device = device
        self._report = report
        self._stopping = stopping
        self._pending: list[Tensor] = []
        self._rate = Rate()
        self._trainer = self._make_trainer()
        saved = [one.latest for one in self._members if one.latest is not None]
        if saved and saved[0].step:
            self._trainer.restore(
                saved[0].step,
                [dict(one.params) for one in saved],
                [dict(one.optimizer) for one in saved],
            )
        self._update = make_update(self._trainer)

    def run(self, tell: Teller) -> None:
        """Step to the end or to a signal, recording on schedule."""
        self._record([member for member in self._members if member.latest is None])
        self._let_go(tell)
        while self._members and not self._stopping.is_set():
            scalars = self._update()
            self._pending.append(scalars)
            if self._due() or self._lost(scalars):
                self._hand_out()
                self._store()
                self._let_go(tell)
            if self._members and self._rate.add(self._trainer.step):
                self._tick()
                self._heed(tell)
        self._stop(tell)

    def _make_trainer(self) -> BatchTrainer:
        configs = [member.config for member in self._members]
        pairs = [shuffled_pairs(config)[: config.n_train] for config in configs]
        return BatchTrainer(configs, pairs, self._device)

    def _due(self) -> list[Member]:
        step = self._trainer.step
        return [member for member in self._members if member.due(step)]

    def _lost(self, scalars: Tensor) -> bool:
        """Say whether a loss is NaN or infinite; a GPU is only asked when due."""
        if self._device.type != "cpu":
            return False
        return not bool(torch.isfinite(scalars[:, 0]).all())

    def _hand_out(self) -> None:
        """Give every run its scalars."""
        if not self._pending:
            return
        scalars = torch.stack(self._pending).double().cpu().numpy()
        self._pending = []
        for place, member in enumerate(self._members):
            member.add(scalars[:, place])

    def _record(self, due: Sequence[Member]) -> None:
        """Store where these runs stand, once all have stored what came before."""
        if not due:
            return
        self._flush()
        trainer = self._trainer
        copies = zip(
            trainer.copy_params(), trainer.copy_optimizer(), trainer.rng, strict=True
        )
        for member, (params, optimizer, rng) in zip(self._members, copies, strict=True):
            if member in due:
                member.attempt(member.record, trainer.step, params, optimizer, rng)

    def _store(self) -> None:
        """Record on schedule; and everyone when a run leaves.

        The others round differently without it, so they must never have to go back to
        a checkpoint from when it was there.
        """
        due = self._members if self._leaving() else self._due()
        self._record([member for member in due if not member.diverged])

    def _leaving(self) -> list[Member]:
        step = self._trainer.step
        return [member for member in self._members if member.leaves(step)]

    def _let_go(self, tell: Teller) -> None:
        """End the runs that are over, once what the others need is stored."""
        leaving = self._leaving()
        if leaving:
            self._flush()
        for member in leaving:
            member.attempt(member.leave, self._trainer.step, self._report)
        self._drop_ended(tell)

    def _flush(self) -> None:
        for member in self._members:
            member.attempt(member.recorder.flush)

    def _drop_ended(self, tell: Teller) -> None:
        """Let go of the runs that have ended, and go on with the others."""
        left = [place for place, one in enumerate(self._members) if not one.outcome]
        if len(left) == len(self._members):
            return
        params, state = self._trainer.copy_params(), self._trainer.copy_optimizer()
        step, members = self._trainer.step, self._members
        self._members = [members[place] for place in left]
        if left:
            self._trainer = self._make_trainer()
            self._trainer.restore(
                step, [params[i] for i in left], [state[i] for i in left]
            )
            self._update = make_update(self._trainer)
        for member in members:
            if member.outcome is not None:
                member.close()
                tell(member.outcome)

    def _heed(self, tell: Teller) -> None:
        """Stop if the stop file is there; let a run go that was asked to stop."""
        if _told_to_stop(self._options):
            self._stopping.set()
        asked = [one for one in self._members if one.writer.asked_to_stop]
        if not asked:
            return
        self._hand_out()
        self._record([member for member in self._members if member.unsaved])
        self._flush()
        for member in asked:
            member.attempt(member.interrupt, self._trainer.step)
        self._drop_ended(tell)

    def _stop(self, tell: Teller) -> None:
        """After a signal: store where every run stands."""
        self._hand_out()
        self._record([member for member in self._members if member.unsaved])
        self._let_go(tell)
        for member in self._members:
            member.attempt(member.interrupt, self._trainer.step)
        self._drop_ended(tell)

    def _tick(self) -> None:
        tick = BatchTick(
            step=self._trainer.step,
            epochs=max(member.config.epochs for member in self._members),
            rate=self._rate.value,
            train_loss=max(member.train_loss for member in self._members),
            summary={},
            summaries=[member.recorder.summary() for member in self._members],
        )
        for member in self._members:
            member.recorder.eta_s = tick.eta_s
        self._report.tick(tick)
