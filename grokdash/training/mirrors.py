"""Mirrors: what a run measures, written to TensorBoard or Weights & Biases as well.

A mirror only listens. Each has a thread of its own and a queue before it, so the
training never waits for one; whatever goes wrong in it (a full disk, a network that is
gone) is said once, and the training goes on without it.
"""

import os
import queue
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Any, Protocol

import numpy as np

from grokdash.config import RunConfig
from grokdash.course.tables import KEY_MEASURES
from grokdash.errors import ConfigError
from grokdash.listed import listed
from grokdash.saving.measure_columns import MATRICES, columns_of, is_short
from grokdash.store import RunWriter, open_store
from grokdash.terminal import say
from grokdash.written import whole

VARIABLE = "GROKDASH_LOG"
"""Environment variable that names mirrors, for whatever trains without options."""

WAIT_S = 60.0
"""How long the end of a training waits for mirrors to write what they have."""

MOST_WAITING = 10_000
"""Checkpoints that wait for a mirror; those after are left out of it."""

Numbers = Mapping[str, float]
Measures = Mapping[str, np.ndarray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirrored:
    """A run that is mirrored, and the epoch that its first row is of."""

    run_id: str
    config: RunConfig
    store: Path
    first: int


class Sink(Protocol):
    """Something that takes numbers; used by one thread, and may raise anything."""

    def row(self, epoch: int, numbers: Numbers) -> None:
        """Take the numbers of one epoch; not always in their order."""

    def end(self, facts: Mapping[str, Any]) -> None:
        """Take what is known at the end, and write what is not written yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of mirror: its name, the package it needs, and how to begin one.

    ``module`` is what Python imports of ``package``; ``check`` raises a ConfigError if
    a mirror could not begin.
    """

    name: str
    package: str
    module: str
    begin: Callable[[Mirrored], Sink]
    check: Callable[[], None] = lambda: None


class TensorBoard:
    """An event file in ``<store>/.tensorboard/<run id>``."""

    def __init__(self, run: Mirrored) -> None:
        from tensorboardX.event_file_writer import (  # noqa: PLC0415 - an extra
            EventsWriter,
        )
        from tensorboardX.proto import event_pb2  # noqa: PLC0415 - an extra
        from tensorboardX.summary import text  # noqa: PLC0415 - an extra

        folder = run.store / ".tensorboard" / run.run_id
        folder.mkdir(parents=True, exist_ok=True)
        self._made: Any = event_pb2  # whose names are there at run time only
        # Another session of the same second must not write over this file.
        self._writer = EventsWriter(str(folder / "events"), f".{time.time_ns()}")
        session = self._made.SessionLog
        # What an earlier session wrote from here on is shown no more.
        self._write(run.first, session_log=session(status=session.START))
        fields = run.config.model_dump().items()
        lines = "".join(f"| {name} | {value} |\n" for name, value in fields)
        table = f"| field | value |\n| --- | --- |\n{lines}"
        self._write(run.first, summary=text("configuration", table))

    def row(self, epoch: int, numbers: Numbers) -> None:
        """Write one event with all numbers of an epoch."""
        values = [
            {"tag": name, "simple_value": number} for name, number in numbers.items()
        ]
        self._write(epoch, summary={"value": values})
        self._writer.flush()

    def end(self, facts: Mapping[str, Any]) -> None:
        """Close the file; TensorBoard has no place for facts."""
        del facts
        self._writer.close()

    def _write(self, epoch: int, **content: Any) -> None:
        event = self._made.Event(wall_time=time.time(), step=epoch, **content)
        self._writer.write_event(event)


class WeightsAndBiases:
    """A run of wandb with the id of the run, in the project grokdash."""

    def __init__(self, run: Mirrored, mode: str | None) -> None:
        wandb: Any = import_module("wandb")  # an extra
        folder = os.environ.get("WANDB_DIR") or run.store / ".wandb"
        Path(folder).mkdir(parents=True, exist_ok=True)
        mode = mode or os.environ.get("WANDB_MODE") or "online"
        self._run: Any = wandb.init(
            project=os.environ.get("WANDB_PROJECT") or "grokdash",
            id=run.run_id,
            name=run.run_id,
            config=run.config.model_dump(),
            dir=str(folder),
            mode=mode,
            resume="allow" if mode == "online" else None,
            reinit="create_new",
            settings=wandb.Settings(
                console="off", silent=True, disable_git=True, save_code=False
            ),
        )
        self._run.define_metric("epoch")
        self._run.define_metric("*", step_metric="epoch")

    def row(self, epoch: int, numbers: Numbers) -> None:
        """Log the numbers of an epoch, which is their axis."""
        self._run.log({"epoch": epoch, **numbers})

    def end(self, facts: Mapping[str, Any]) -> None:
        """Put the facts into the summary and finish."""
        self._run.summary.update(dict(facts))
        self._run.finish(exit_code=0)


def _check_login() -> None:
    """Refuse to begin where wandb would stop and ask for a key."""
    wandb: Any = import_module("wandb")  # an extra
    online = (os.environ.get("WANDB_MODE") or "online") == "online"
    if online and not wandb.login(prompt=False):
        raise ConfigError(
            "--log wandb: wandb has no key for its server: type wandb login, or write "
            "to a folder with --log wandb-offline"
        )


KINDS = (
    Kind(
        name="tensorboard",
        package="tensorboardX",
        module="tensorboardX",
        begin=TensorBoard,
    ),
    Kind(
        name="wandb",
        package="wandb",
        module="wandb",
        begin=lambda run: WeightsAndBiases(run, None),
        check=_check_login,
    ),
    Kind(
        name="wandb-offline",
        package="wandb",
        module="wandb",
        begin=lambda run: WeightsAndBiases(run, "offline"),
    ),
)
"""Every kind of mirror."""


def parse_mirrors(text: str | None) -> tuple[Kind, ...]:
    """Read names such as ``tensorboard,wandb``, and see whether they can begin.

    Raises
    ------
    ConfigError
        If a name is not known, or what it needs is missing.
    """
    known = {kind.name: kind for kind in KINDS}
    names = listed(text)
    for name in names:
        if name not in known:
            raise ConfigError(f"--log: expected {', '.join(known)}; got {name[:40]!r}")
    kinds = tuple(known[name] for name in names)
    for kind in kinds:
        if find_spec(kind.module) is None:
            raise ConfigError(
                f"--log {kind.name}: needs a package that is not installed: "
                f"pip install {kind.package}"
            )
        kind.check()
    return kinds


class Mirrors:
    """The mirrors of one run; without any, nothing happens."""

    def __init__(self, kinds: Sequence[Kind], run: Mirrored) -> None:
        self._lines = [_Line(kind, run) for kind in kinds]

    def put(self, epoch: int, measures: Measures) -> None:
        """Hand over the measures of a checkpoint; returns at once."""
        if self._lines:
            short = {
                n: v for n, v in measures.items() if is_short(n) and n not in MATRICES
            }
            for line in self._lines:
                line.put(epoch, short)

    def end(self, facts: Mapping[str, Any], *, packed: bool = False) -> None:
        """Say that no more comes, and what is known of the run; returns at once.

        ``packed``: the store has what depends on the key frequencies, which is sent
        too. The second time nothing happens.
        """
        for line in self._lines:
            line.end(dict(facts), packed=packed)

    def wait(self, until: float) -> None:
        """Wait for what is handed over to be written, up to a monotonic time."""
        for line in self._lines:
            line.wait(until)


class MirrorSet:
    """The mirrors of all runs that are trained together."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self._kinds = kinds
        self._all: list[Mirrors] = []

    def of(self, writer: RunWriter, first: int) -> Mirrors:
        """Begin the mirrors of a run whose first row will be of this epoch."""
        run = Mirrored(
            run_id=writer.id,
            config=writer.config,
            store=writer.path.parent,
            first=first,
        )
        self._all.append(Mirrors(self._kinds, run))
        return self._all[-1]

    def wait(self) -> None:
        """Wait for all that has been handed over, but not for ever."""
        until = time.monotonic() + WAIT_S
        for mirrors in self._all:
            mirrors.end({})
            mirrors.wait(until)


class _Line:
    """A mirror, its queue and its thread."""

    def __init__(self, kind: Kind, run: Mirrored) -> None:
        self._kind, self._run = kind, run
        self._jobs: queue.SimpleQueue[Callable[[Sink], None] | None] = (
            queue.SimpleQueue()
        )
        self._ended = self._failed = False
        self._thread = Thread(
            target=self._work, name=f"grokdash-{kind.name}", daemon=True
        )
        self._thread.start()

    def put(self, epoch: int, measures: Measures) -> None:
        if self._jobs.qsize() >= MOST_WAITING:
            self._fail(f"is {whole(MOST_WAITING)} checkpoints behind")
        if not self._failed:
            self._jobs.put(
                lambda sink: sink.row(epoch, _numbers(measures, self._run.config))
            )

    def end(self, facts: Mapping[str, Any], *, packed: bool) -> None:
        if self._ended:
            return
        self._ended = True

        def finish(sink: Sink) -> None:
            if packed:
                for epoch, numbers in _by_keys(self._run):
                    sink.row(epoch, numbers)
            sink.end(facts)

        self._jobs.put(finish)
        self._jobs.put(None)

    def wait(self, until: float) -> None:
        self._thread.join(max(0.0, until - time.monotonic()))
        if self._thread.is_alive():
            self._fail(f"has not ended within {whole(WAIT_S)} seconds")

    def _work(self) -> None:
        try:
            sink = self._kind.begin(self._run)
            while (job := self._jobs.get()) is not None:
                if self._failed:
                    return
                job(sink)
        except BaseException as error:  # noqa: BLE001 - never that of the training
            self._fail(f"{type(error).__name__}: {error}")

    def _fail(self, why: str) -> None:
        """Say once that this mirror gets no more."""
        if not self._failed:
            self._failed = True
            say(
                f"{self._run.run_id}: no more is written to {self._kind.name}: {why}; "
                "the training goes on, and the store has everything",
                to_errors=True,
            )


def _numbers(measures: Measures, config: RunConfig) -> dict[str, float]:
    """Give numbers under the names that the table of measures has for them."""
    return {
        title: float(values[place])
        for name, values in measures.items()
        for title, place in columns_of(name, np.shape(values), config)
    }


def _by_keys(run: Mirrored) -> list[tuple[int, dict[str, float]]]:
    """Read what was measured by the key frequencies once they were fixed."""
    store = open_store(run.store)
    try:
        stored = store.run(run.run_id)
        names = [name for row in KEY_MEASURES for name in row.names.split()]
        series = {n: stored.series(n) for n in names if n in stored.measure_names}
        return [
            (step, _numbers({n: v[i] for n, v in series.items()}, run.config))
            for i, step in enumerate(stored.steps.tolist())
        ]
    finally:
        store.close()
