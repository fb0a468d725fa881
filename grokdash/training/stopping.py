"""Ctrl-C and SIGTERM ask the training to stop; they do not end it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


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
    """Set an event on the first Ctrl-C or SIGTERM; a second Ctrl-C ends at once."""
    handler = _Handler()
    if threading.current_thread() is not threading.main_thread():
        yield handler.stopping
        return
    before = {number: signal.signal(number, handler) for number in _SIGNALS}
    around = before[signal.SIGTERM]
    handler.around = around if isinstance(around, _Handler) else None
    try:
        yield handler.stopping
    finally:
        for number, former in before.items():
            signal.signal(number, former)
