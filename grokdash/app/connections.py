"""Connections: idle and slow ones never keep others out.

A connection costs little; what must not happen is that a thousand of them which say
nothing fill the server, so that the next is not accepted. So a new one always is: when
there are too many, the one that has asked for nothing for longest is closed. Browsers
open such a connection again by themselves.
"""

import contextlib
import sys
import time
from typing import Any

from waitress.channel import HTTPChannel

MOST_CONNECTIONS = 1000
REQUEST_S = 30.0
"""How long the head and body of one request may take to come, together."""
IDLE_S = 30
"""After how long a connection that says and takes nothing is closed."""
MOST_QUEUED_BYTES = 1 << 30
"""Of one answer: what its reader has not taken yet lies on disk beyond a megabyte, and
no thread waits for a slow reader."""
_FILES_BESIDE = 256
"""File numbers kept for files of runs and for threads."""


class Channel(HTTPChannel):
    """A connection that knows for how long it has asked for nothing."""

    asked_at = 0.0
    """When a request of it was complete last, or it was opened."""
    began_at: float | None = None
    """When the request began that is still coming."""

    def __init__(
        self,
        server: Any,
        sock: Any,
        addr: Any,
        adj: Any,
        map: Any = None,  # noqa: A002
    ) -> None:
        super().__init__(server, sock, addr, adj, map)
        self.asked_at = time.monotonic()
        make_room(server.active_channels, server.most_connections, self)

    def received(self, data: bytes) -> bool:
        """Take bytes of a request; notes when it began and when it was complete."""
        taken = super().received(data)
        now = time.monotonic()
        if self.request is None:
            self.asked_at, self.began_at = now, None
        elif self.began_at is None:
            self.began_at = now
        return taken

    def readable(self) -> bool:
        """Say whether more may come; a request that takes too long is given up."""
        if self.began_at is not None and time.monotonic() - self.began_at > REQUEST_S:
            self.will_close = True
        return super().readable()


def make_room(channels: dict[int, Any], most: int, new: Any) -> None:
    """Close the connections that have asked for nothing for longest.

    Only those are closed for which no request is being answered. It is called by the
    thread that accepts, once per connection, so it closes one at a time.
    """
    if len(channels) <= most:
        return
    idle = [one for one in channels.values() if one is not new and not one.requests]
    if idle:
        min(idle, key=lambda one: one.asked_at).handle_close()


def connections_allowed() -> int:
    """Ask the system for as many file numbers as it gives; say how many may connect."""
    if sys.platform == "win32":
        return MOST_CONNECTIONS
    import resource  # noqa: PLC0415 - not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + _FILES_BESIDE
    if soft != resource.RLIM_INFINITY and soft < wanted:
        given = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (given, hard))
            soft = given
    if soft == resource.RLIM_INFINITY:
        return MOST_CONNECTIONS
    return max(16, min(MOST_CONNECTIONS, soft - _FILES_BESIDE))
