"""The loop that trains runs: update, record on schedule, let go of those that end.

A run alone is one member. Several runs of equal shape step together, and one that ends,
diverges or fails leaves the others to go on. Runs that were stopped or killed go on to
the same bits: a kill can catch those of a batch at most one checkpoint apart, and the
ones ahead then repeat theirs. A run that has meanwhile gone on without the others
trains on from where it is, and they without it: from then on they round differently.
"""

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from grokdash.config import RunConfig
from grokdash.training.device import make_update
from grokdash.training.member import Member
from grokdash.training.outcome import Outcome
from grokdash.training.progress import Rate, Reporter, Tick
from grokdash.training.steppers import Stepper

MakeStepper = Callable[[Sequence[RunConfig]], Stepper]
Teller = Callable[[Outcome], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What asks the training to stop: a signal, or a file for workers that get none."""

    stopping: threading.Event
    stop_file: Path | None

    def stop(self) -> bool:
        """Say whether everything is to stop, looking for the file as well."""
        if self.stop_file is not None and self.stop_file.exists():
            self.stopping.set()
        return self.stopping.is_set()


def same_step(members: Sequence[Member]) -> list[list[Member]]:
    """Sort runs by the epoch they go on from.

    Those that a kill caught one checkpoint ahead go back to the checkpoint that all
    have, and will come to the same bits; unless one of them would not.
    """
    first = min((member.step for member in members), default=0)
    if all(member.repeats_from(first, len(members)) for member in members):
        for member in members:
            member.go_back(first)
    steps = sorted({member.step for member in members})
    return [[one for one in members if one.step == step] for step in steps]


class Loop:
    """Runs of equal shape at one epoch, until the last of them has ended.

    Parameters
    ----------
    members
        The open runs.
    make_stepper
        Makes what updates them; again when some have left.
    report
        Told how it goes.
    wishes
        What may stop it.
    """

    def __init__(
        self,
        members: Sequence[Member],
        make_stepper: MakeStepper,
        report: Reporter,
        wishes: Wishes,
    ) -> None:
        self._members = list(members)
        self._make_stepper = make_stepper
        self._report = report
        self._wishes = wishes
        self._pending: list[Tensor] = []
        self._rate = Rate()
        self._stepper = make_stepper([member.config for member in members])
        saved = [one.latest for one in members if one.latest is not None]
        if saved and saved[0].step:
            self._stepper.restore(
                saved[0].step,
                [one.params for one in saved],
                [one.optimizer for one in saved],
            )
        self._update = make_update(self._stepper)

    def run(self, tell: Teller) -> None:
        """Step to the end or to a signal, recording on schedule."""
        for member in self._members:
            member.started = time.monotonic()
        self._record([member for member in self._members if member.latest is None])
        self._let_go(tell)
        while self._members and not self._wishes.stopping.is_set():
            scalars = self._update()
            self._pending.append(scalars)
            lost = self._lost(scalars)
            beat = not lost and self._rate.add(self._stepper.step)
            if beat:
                self._tick(scalars)
            if lost or self._due():
                self._hand_out()
                self._store()
                self._let_go(tell)
            if beat:
                self._heed(tell)
        self._interrupt(self._members, tell)

    def _due(self) -> list[Member]:
        step = self._stepper.step
        return [member for member in self._members if member.due(step)]

    def _lost(self, scalars: Tensor) -> bool:
        """Say whether a loss is NaN or infinite; a GPU is only asked when due."""
        if self._stepper.device.type != "cpu":
            return False
        return not all(map(math.isfinite, scalars[:, 0].tolist()))

    def _hand_out(self) -> None:
        """Give every run its scalars."""
        if not self._pending:
            return
        scalars = torch.stack(self._pending).double().cpu().numpy()
        self._pending = []
        for place, member in enumerate(self._members):
            member.add(scalars[:, place])

    def _record(self, due: Sequence[Member]) -> None:
        """Store where these runs stand.

        Of several, none goes ahead before all have stored what came before.
        """
        if not due:
            return
        if len(self._members) > 1:
            self._flush()
        stepper = self._stepper
        copies = zip(
            stepper.copy_params(), stepper.copy_optimizer(), stepper.rng, strict=True
        )
        for member, (params, optimizer, rng) in zip(self._members, copies, strict=True):
            if member in due:
                member.attempt(member.record, stepper.step, params, optimizer, rng)

    def _store(self) -> None:
        """Record on schedule; and everyone when a run leaves.

        The others round differently without it, so they must never have to go back to
        a checkpoint from when it was there.
        """
        due = self._members if self._leaving() else self._due()
        self._record([member for member in due if not member.diverged])

    def _leaving(self) -> list[Member]:
        step = self._stepper.step
        return [member for member in self._members if member.leaves(step)]

    def _let_go(self, tell: Teller) -> None:
        """End the runs that are over, once what the others need is stored."""
        leaving = self._leaving()
        if leaving:
            self._flush()
        for member in leaving:
            member.attempt(member.leave, self._stepper.step, self._report)
        self._drop_ended(tell)

    def _flush(self) -> None:
        for member in self._members:
            member.attempt(member.recorder.flush)

    def _drop_ended(self, tell: Teller) -> None:
        """Let go of the runs that have ended, and go on with the others."""
        members, stepper = self._members, self._stepper
        left = [place for place, one in enumerate(members) if not one.outcome]
        if len(left) == len(members):
            return
        self._members = [members[place] for place in left]
        if left:
            params, state = stepper.copy_params(), stepper.copy_optimizer()
            self._stepper = self._make_stepper([one.config for one in self._members])
            self._stepper.restore(
                stepper.step, [params[i] for i in left], [state[i] for i in left]
            )
            self._update = make_update(self._stepper)
        for member in members:
            if member.outcome is not None:
                member.close()
                tell(member.outcome)

    def _heed(self, tell: Teller) -> None:
        """See whether all are to stop; let a run go that was asked to stop."""
        self._wishes.stop()
        asked = [one for one in self._members if one.writer.asked_to_stop]
        if asked:
            self._interrupt(asked, tell)

    def _interrupt(self, members: Sequence[Member], tell: Teller) -> None:
        """Store where every run stands, and let go of these."""
        self._hand_out()
        self._record([member for member in self._members if member.unsaved])
        self._let_go(tell)
        self._flush()
        for member in members:
            member.attempt(member.interrupt, self._stepper.step)
        self._drop_ended(tell)

    def _tick(self, scalars: Tensor) -> None:
        """Say where the training stands; a GPU is not asked for its losses."""
        losses = [member.train_loss for member in self._members]
        if self._stepper.device.type == "cpu":
            losses = scalars[:, 0].tolist()
        tick = Tick(
            step=self._stepper.step,
            epochs=max(member.config.epochs for member in self._members),
            rate=self._rate.value,
            train_loss=max(losses),
            summaries=[member.recorder.summary() for member in self._members],
        )
        for member in self._members:
            member.recorder.eta_s = tick.eta_s
        self._report.tick(tick)
