"""What the user sees while a run trains: a live bar, or a line every few seconds."""

import contextlib
import io
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TextIO, runtime_checkable

from rich.console import Group
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from grokdash.terminal import Terminal
from grokdash.written import duration, number, percent, whole

REFRESH_S = 0.25
LINE_EVERY_S = 5.0
_RATE_WINDOW_S = 5.0
CLOSING = "closing analysis"
_ABOUT = {CLOSING: "restricted and excluded loss by key frequency"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Where the training stands.

    ``train_loss`` is the newest, of several runs the largest; ``summaries`` has the
    losses and accuracies of each run's last checkpoint.
    """

    step: int
    epochs: int
    rate: float
    train_loss: float
    summaries: list[dict[str, Any]]

    @property
    def eta_s(self) -> float | None:
        """Seconds to the last epoch at the present rate."""
        return (self.epochs - self.step) / self.rate if self.rate > 0 else None

    @property
    def text(self) -> str:
        """Rate, losses and accuracies in one line: phase of one run, range of more."""
        return self._several if len(self.summaries) > 1 else self._one

    @property
    def _one(self) -> str:
        parts = [
            f"{whole(self.rate)} epochs/s",
            f"train loss {number(self.train_loss)}",
        ]
        for summary in self.summaries:
            if "test_loss" in summary:
                parts += [
                    f"test loss {number(summary['test_loss'])}",
                    f"accuracy {percent(summary['train_accuracy'])} train",
                    f"{percent(summary['test_accuracy'])} test",
                    str(summary["phase"]),
                ]
        return " · ".join(parts)

    @property
    def _several(self) -> str:
        known = [one for one in self.summaries if "test_loss" in one]
        parts = [f"{len(self.summaries)} runs · {whole(self.rate)} epochs/s each"]
        if known:
            parts += [
                f"train loss {_span(known, 'train_loss', number)}",
                f"test loss {_span(known, 'test_loss', number)}",
                f"test accuracy {_span(known, 'test_accuracy', percent)}",
                f"{sum(one['grok_end'] is not None for one in known)} grokked",
            ]
        return " · ".join(parts)


def _span(
    summaries: list[dict[str, Any]], name: str, write: Callable[[float], str]
) -> str:
    values = [one[name] for one in summaries]
    return f"{write(min(values))} to {write(max(values))}"


@runtime_checkable
class Reporter(Protocol):
    """Something that is told how the training goes."""

    def say(self, text: str) -> None:
        """Show one line that stays."""

    def tick(self, tick: Tick) -> None:
        """Show where the training stands; called often, returns at once."""

    def finishing(self, done: int, total: int, what: str = CLOSING) -> None:
        """Show how far the closing analysis, or what else is done, is."""

    def close(self) -> None:
        """Leave the terminal as it was."""


class Quiet:
    """Show nothing but what must be said."""

    def say(self, text: str) -> None:
        """Show nothing."""

    def tick(self, tick: Tick) -> None:
        """Show nothing."""

    def finishing(self, done: int, total: int, what: str = CLOSING) -> None:
        """Show nothing."""

    def close(self) -> None:
        """Do nothing."""


class _Above(io.TextIOBase):
    """Standard error while a bar is drawn: whole lines appear above it."""

    def __init__(self, console: Terminal, stream: TextIO) -> None:
        self._console = console
        self._begun = ""
        self.rich_proxied_file = getattr(stream, "rich_proxied_file", stream)

    def write(self, text: str, /) -> int:
        """Print the lines that are whole."""
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            self._console.print(line, soft_wrap=True)
        return len(text)

    def close(self) -> None:
        """Print what has no end yet."""
        if not self.closed and self._begun:
            self.write("\n")
        super().close()


class Bar:
    """A live bar on a terminal, with a line of figures under it."""

    def __init__(self, console: Terminal, epochs: int) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            expand=True,
        )
        self._task = self._progress.add_task("epochs", total=epochs)
        # rich would read escape sequences in what is printed meanwhile as colours.
        self._live = Live(
            self._progress,
            console=console,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._next = 0.0
        self._live.start()
        self._printed = contextlib.redirect_stderr(_Above(console, sys.stderr))
        self._printed.__enter__()

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        self._live.console.print(text, highlight=False)

    def tick(self, tick: Tick) -> None:
        """Redraw at most every quarter of a second."""
        self._progress.update(
            self._task, completed=tick.step, total=tick.epochs, description="epochs"
        )
        self._draw(tick.text, last=tick.step >= tick.epochs)

    def finishing(self, done: int, total: int, what: str = CLOSING) -> None:
        """Show the closing analysis on the same bar."""
        self._progress.update(self._task, completed=done, total=total, description=what)
        self._draw(_ABOUT.get(what, ""), last=done == total)

    def close(self) -> None:
        """Stop drawing."""
        self._printed.__exit__(None, None, None)
        self._live.stop()

    def _draw(self, text: str, *, last: bool) -> None:
        now = time.monotonic()
        if now < self._next and not last:
            return
        self._next = now + REFRESH_S
        line = Text(text, style="dim", no_wrap=True, overflow="ellipsis")
        self._live.update(Group(self._progress, line), refresh=True)


class Lines:
    """One line every few seconds, for logs and pipes."""

    def __init__(self, console: Terminal) -> None:
        self._console = console
        self._next = 0.0

    def say(self, text: str) -> None:
        """Print a line."""
        self._console.print(text, highlight=False, soft_wrap=True)

    def tick(self, tick: Tick) -> None:
        """Print a line if the last one is some seconds old."""
        if self._due(last=tick.step >= tick.epochs):
            eta = "" if tick.eta_s is None else f" · {duration(tick.eta_s)} to go"
            self.say(f"epoch {tick.step:,} of {tick.epochs:,} · {tick.text}{eta}")

    def finishing(self, done: int, total: int, what: str = CLOSING) -> None:
        """Print a line if the last one is some seconds old."""
        if self._due(last=done == total):
            self.say(f"{what}: {done:,} of {total:,} checkpoints")

    def close(self) -> None:
        """Do nothing."""

    def _due(self, *, last: bool) -> bool:
        now = time.monotonic()
        if now < self._next and not last:
            return False
        self._next = now + LINE_EVERY_S
        return True


class Rate:
    """Epochs per second over the last few seconds, looked at a few times a second."""

    def __init__(self) -> None:
        self.value = 0.0
        self._seen: list[tuple[float, int]] = []
        self._next = 0.0

    def add(self, step: int) -> bool:
        """Take note of a step; say whether it is time to show something."""
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + 0.2
        self._seen = [s for s in self._seen if now - s[0] < _RATE_WINDOW_S]
        self._seen.append((now, step))
        (then, before), (now, after) = self._seen[0], self._seen[-1]
        if now > then:
            self.value = (after - before) / (now - then)
        return True


def make_reporter(epochs: int, *, quiet: bool) -> Reporter:
    """Choose how to show progress on standard error."""
    if quiet:
        return Quiet()
    console = Terminal(stderr=True)
    return Bar(console, epochs) if console.is_terminal else Lines(console)
