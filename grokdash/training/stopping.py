"""Ctrl-C, SIGTERM and SIGHUP ask the training to stop; they do not end it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_HANGUP = getattr(signal, "SIGHUP", None)


def heeded() -> list[signal.Signals]:
    """Give the signals that ask this process to stop.

    The terminal is gone at SIGHUP; a process that was started to outlive it, by
    ``nohup``, ignores that.
    """
    found = [signal.SIGINT, signal.SIGTERM]
    if _HANGUP is not None and signal.getsignal(_HANGUP) != signal.SIG_IGN:
        found.append(_HANGUP)
    return found


class _Handler:
    """Sets an event, and those of the blocks around it, on the first signal."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.around: _Handler | None = None

    def __call__(self, *_: object) -> None:
        self.stopping.set()
        if self.around is not None:
            self.around()
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """Set an event on the first signal to stop; a second Ctrl-C ends at once."""
    handler = _Handler()
    if threading.current_thread() is not threading.main_thread():
        yield handler.stopping
        return
    before = {number: signal.signal(number, handler) for number in heeded()}
    around = before[signal.SIGTERM]
    handler.around = around if isinstance(around, _Handler) else None
    try:
        yield handler.stopping
    finally:
        for number, former in before.items():
            signal.signal(number, former)
