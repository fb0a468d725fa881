"""Train runs from where the store has them to their ends, and keep every checkpoint.

The order of a run: look it up, check the disk, take the lock, step and record, and at
the end analyse and pack. Whatever stops it, everything committed stays, and the same
command goes on from the newest checkpoint to the same bits. Several runs of equal shape
are trained as one model where that is faster; each keeps its folder, lock, checkpoints,
status and end.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from grokdash.config import RunConfig
from grokdash.errors import ConfigError, DivergedError, GrokdashError
from grokdash.store import RunWriter, shuffled_pairs
from grokdash.store.removal import tidy
from grokdash.training import footprint, forecast, session
from grokdash.training.batching import batch_ids, plan_batches
from grokdash.training.cores import default_threads
from grokdash.training.device import pick_device
from grokdash.training.loop import Loop, Teller, Wishes, same_step
from grokdash.training.member import Member
from grokdash.training.mirrors import Kind, MirrorSet
from grokdash.training.optimisers import optimiser_of
from grokdash.training.outcome import Outcome, ended, failed
from grokdash.training.process import FLUSH_DENORMAL, set_threads
from grokdash.training.progress import Reporter, make_reporter
from grokdash.training.provenance import provenance
from grokdash.training.steppers import Stepper, alone, batched
from grokdash.training.stopping import stop_on_signals
from grokdash.written import size


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to train, as far as it does not change what the run is.

    ``epochs``: with ``resume``, a later end that the run is extended to.
    ``stop_file``: training stops, as after Ctrl-C, once this file exists: for workers
    that no signal reaches. ``threads`` None: two, or one for a small network; a
    resumed run keeps its own. ``mirrors``: where the measures are written as well.
    """

    store: Path
    threads: int | None = None
    device: str = "auto"
    disk_budget: float = 1.0
    resume: str | None = None
    epochs: int | None = None
    new: bool = False
    quiet: bool = False
    stop_file: Path | None = None
    mirrors: tuple[Kind, ...] = ()


def train(config: RunConfig, options: Options) -> Outcome:
    """Train a run to its end, or to a signal.

    Parameters
    ----------
    config
        What to train; with ``options.resume`` the stored configuration counts instead,
        up to ``options.epochs`` if that is later.
    options
        Where and how.

    Raises
    ------
    GrokdashError
        If an option cannot be met, the store cannot be used, the disk is full, or the
        run would not fit on it or into memory.
    DivergedError
        If the loss became NaN or infinite; what was committed stays.
    """
    device = pick_device(options.device)
    stored = _stored(config, options)
    end = 0 if options.resume is None else options.epochs or 0
    if stored is not None and _has_ended(stored, end):
        tidy(options.store / stored.id)
        return _already_ended(stored)
    if stored is not None:
        config = stored.config
        config = config.model_copy(update={"epochs": max(config.epochs, end)})
    outcomes: list[Outcome] = []
    with _told_and_stopped(config.epochs, options) as (report, wishes):
        unit = _Unit([(config, stored)], [], options, device)
        report.say(f"{unit.expected[config].text}; {unit.memory_text}")
        unit.check_room()
        with unit.open(config) as member:
            run = member.writer
            report.say(
                f"going on with {run.id} from epoch {member.step:,}, to epoch "
                f"{config.epochs:,}"
                if member.latest
                else f"training {run.id} in {run.path.parent}"
            )
            Loop([member], unit.make_stepper, report, wishes).run(outcomes.append)
        unit.mirrors.wait()
    if member.error is not None:
        raise member.error
    return outcomes[0]


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
        If an option cannot be met, or disk or memory has no room; what was begun is
        stored.
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
        wishes = Wishes(stopping=stopping, stop_file=options.stop_file)
        for unit in units:
            ids = batch_ids(unit, options.store)
            if wishes.stop():
                for config in unit:
                    note(ended(config, "interrupted", "not started"))
            elif ids:
                _train_batch(unit, ids, options, device, note)
            else:
                note(_train_alone(unit[0], options))
    return outcomes


def _train_batch(
    configs: Sequence[RunConfig],
    ids: list[str],
    options: Options,
    device: torch.device,
    tell: Teller,
) -> None:
    """Train runs of equal shape as one model."""
    key = optimiser_of(configs[0]).key
    ordered = sorted(configs, key=lambda one: (key(one), one.run_id()))
    runs = [(one, session.find_run(options.store, one.run_id())) for one in ordered]
    epochs = max(one.epochs for one in configs)
    with ExitStack() as stack:
        report, wishes = stack.enter_context(_told_and_stopped(epochs, options))
        unit = _Unit(runs, ids, options, device)
        unit.check_room()
        report.say(
            f"{len(ordered)} runs of equal shape train as one model; disk forecast: "
            f"about {size(unit.total)} for all, and {size(unit.packing)} more for the "
            f"moment of packing one; {unit.memory_text}"
        )
        members = []
        for config in ordered:
            try:
                members.append(stack.enter_context(unit.open(config)))
            except GrokdashError as error:
                tell(failed(config, error))
        for equal in same_step(members):
            Loop(equal, unit.make_stepper, report, wishes).run(tell)
        unit.mirrors.wait()


def _train_alone(config: RunConfig, options: Options) -> Outcome:
    try:
        return train(config, options)
    except ConfigError:
        raise
    except GrokdashError as error:
        return failed(config, error)


@contextmanager
def _told_and_stopped(
    epochs: int, options: Options
) -> Iterator[tuple[Reporter, Wishes]]:
    """Show progress and heed signals; leave terminal and process as they were."""
    report = make_reporter(epochs, quiet=options.quiet)
    try:
        with stop_on_signals() as stopping:
            yield report, Wishes(stopping=stopping, stop_file=options.stop_file)
    finally:
        torch.set_flush_denormal(False)  # the caller's numbers are none of ours
        report.close()


class _Unit:
    """Runs that are trained by one loop: opens each, and makes their steppers."""

    def __init__(
        self,
        runs: Sequence[tuple[RunConfig, session.StoredRun | None]],
        ids: list[str],
        options: Options,
        device: torch.device,
    ) -> None:
        self._stored = dict(runs)
        self._options, self._device, self._ids = options, device, ids
        self._gpu = device.type == "cuda"
        self.mirrors = MirrorSet(options.mirrors)
        begun = [stored.provenance for _, stored in runs if stored is not None]
        default = default_threads(runs[0][0])
        self._threads = set_threads(options.threads, begun[0] if begun else {}, default)
        self.expected = {
            config: forecast.forecast(
                config, options.disk_budget, after=self._extended_from(config)
            )
            for config, _ in runs
        }

    @property
    def total(self) -> int:
        """Bytes that all are expected to take."""
        return sum(one.total for one in self.expected.values())

    @property
    def packing(self) -> int:
        """Bytes that the largest takes more while it is packed."""
        return max(one.packing for one in self.expected.values())

    @property
    def memory_text(self) -> str:
        """Say how much memory all are expected to take."""
        return footprint.memory_text(
            list(self._stored), gpu=self._gpu, threads=self._threads
        )

    def check_room(self) -> None:
        """Refuse to begin what will not fit on the disk, or into memory."""
        footprint.check_memory(list(self._stored), gpu=self._gpu, threads=self._threads)
        fresh = [
            self.expected[one]
            for one, begun in self._stored.items()
            if not begun or self._extends(one)
        ]
        forecast.check_room(self._options.store, *fresh)

    def open(self, config: RunConfig) -> Member:
        """Begin a run, or go on with it."""
        with ExitStack() as stack:
            writer = stack.enter_context(self._open_writer(config))
            member = Member(writer, self.expected[config].grids, self.mirrors)
            stack.pop_all()
        return member

    def make_stepper(self, configs: Sequence[RunConfig]) -> Stepper:
        """Make what updates some of the runs."""
        pairs = [shuffled_pairs(config)[: config.n_train] for config in configs]
        if self._ids:
            return batched(configs, pairs, self._device)
        return alone(configs[0], pairs[0], self._device)

    def _extended_from(self, config: RunConfig) -> int:
        """Give the checkpoint that a run's newest extension went on from, or −1."""
        stored = self._stored[config]
        if stored is None:
            return -1
        return stored.status.step if self._extends(config) else stored.extended_from

    def _extends(self, config: RunConfig) -> bool:
        """Say whether a run is to go on past the end that the store has of it."""
        stored = self._stored[config]
        return stored is not None and config.epochs > stored.config.epochs

    def _open_writer(self, config: RunConfig) -> RunWriter:
        stored, store = self._stored[config], self._options.store
        if stored is not None and not self._extends(config):
            return RunWriter.resume(store, stored.id)
        about = provenance(
            config,
            device=self._device,
            threads=self._threads,
            flush_denormal=FLUSH_DENORMAL,
            batch=self._ids,
        )
        if stored is not None:
            return RunWriter.extend(store, stored.id, config.epochs, about)
        return session.begin(store, config, about)


def _stored(config: RunConfig, options: Options) -> session.StoredRun | None:
    if options.resume is not None:
        return session.run_to_resume(options.store, options.resume)
    if options.new:
        session.check_new(options.store, config)
    return session.find_run(options.store, config.run_id())


def _has_ended(stored: session.StoredRun, end: int) -> bool:
    """Say whether a run is over: a finished one goes on to a later end."""
    status = stored.status
    extends = status.state == "finished" and status.step < max(
        stored.config.epochs, end
    )
    return status.state in session.ENDED and not extends


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
