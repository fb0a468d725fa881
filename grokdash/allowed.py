"""What pictures may take of the memory of the computer that makes them."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from grokdash.errors import NoMemoryError
from grokdash.written import size


def check_allowed(needed: int, most: int | None, p: int) -> None:
    """Refuse a computation that would take more bytes than one may.

    Parameters
    ----------
    needed, most
        Bytes that are needed, and that may be taken; None for as many as are needed.
    p
        The modulus, which decides it.

    Raises
    ------
    NoMemoryError
        If they are more.
    """
    if most is not None and needed > most:
        raise NoMemoryError(
            f"needs about {size(needed)} of memory at p = {p}, and this server allows "
            f"a picture {size(most)}: grokdash serve --memory {-(-needed // 10**9)}"
        )


class MemoryBudget:
    """Bytes that all computations of a server may take together.

    A computation that alone would fit waits until others have given back enough, in
    the order of asking. One that is begun inside another waits for none: whoever has
    something never waits, so those who wait are always served in the end.

    Parameters
    ----------
    most
        How many bytes; None for as many as are needed.
    """

    def __init__(self, most: int | None = None) -> None:
        self.most = most
        self._taken = 0
        self._waiting: deque[object] = deque()
        self._changed = threading.Condition()
        self._mine = threading.local()

    @contextmanager
    def reserved(self, needed: int, p: int) -> Iterator[None]:
        """Take bytes while something is computed.

        Raises
        ------
        NoMemoryError
            If they are more than all there are.
        """
        check_allowed(needed, self.most, p)
        inside = getattr(self._mine, "depth", 0)
        if not inside:
            self._wait_for(needed)
        self._mine.depth = inside + 1
        try:
            yield
        finally:
            self._mine.depth = inside
            if not inside:
                with self._changed:
                    self._taken -= needed
                    self._changed.notify_all()

    def _wait_for(self, needed: int) -> None:
        ticket = object()
        with self._changed:
            self._waiting.append(ticket)
            try:
                while self._waiting[0] is not ticket or not self._fits(needed):
                    self._changed.wait()
                self._taken += needed
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()

    def _fits(self, needed: int) -> bool:
        return self.most is None or self._taken + needed <= self.most
