"""Serve the app: choose a port, print the address, run waitress."""

import errno
import logging
import secrets
import select
import socket
import threading
import webbrowser
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import dash
from waitress.server import create_server

from grokdash.app.connections import (
    IDLE_S,
    MOST_QUEUED_BYTES,
    Channel,
    connections_allowed,
)
from grokdash.app.factory import create_app
from grokdash.app.memory import return_freed_memory, trim_for_ever
from grokdash.app.mount import checked_base_path
from grokdash.app.names import WILDCARDS, in_address, is_this_computer
from grokdash.app.posture import Access
from grokdash.cache import Cache
from grokdash.errors import ConfigError
from grokdash.store import open_store
from grokdash.threads import keep_products_on_one_core

_PORTS_TRIED = 20
_LAST_PORT = 65535
_THREADS = 64
"""Most wait for others: for a disk, or for their turn to compute."""

_log = logging.getLogger(__name__)


def serve(  # noqa: PLR0913 - one per option of the command
    store: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8050,
    open_browser: bool = False,
    token: str = "",
    cache: Path | None = None,
    read_only: bool = False,
    allow_hosts: Sequence[str] = (),
    allow_frames: Sequence[str] = (),
    embed_in: Sequence[str] = (),
    base_path: str = "",
    memory_gb: float = 1.0,
    say: Callable[[str], None] = _log.info,
    path: str = "/",
) -> None:
    """Serve a store until interrupted.

    Parameters
    ----------
    store, cache
        Folder of the runs, and folder of recomputed arrays.
    host, port
        Address to bind; when the port is taken the next free one is used. Any host
        but this computer needs a token, which is made when none is given.
    open_browser, path
        Whether to open a browser, and on which page.
    read_only
        Whether no page may start, stop, name or delete a run.
    allow_hosts, allow_frames, embed_in, base_path
        Other names of the server, origins that may frame it or a panel of it, and the
        path below which a proxy serves it: see :class:`~grokdash.app.posture.Access`.
    memory_gb
        What the computations of pictures may take together.
    say
        Called with the lines meant for the user.

    Raises
    ------
    ConfigError
        If no port near the one asked for is free, or an option of access is wrong.
    UnusableFolderError
        If the store is no folder or cannot be listed.
    """
    return_freed_memory()
    trim_for_ever()
    keep_products_on_one_core()
    opened = open_store(store, cache=cache)
    there = opened.summaries()  # what can never be a store is refused here
    open_to_others = not is_this_computer(host)
    if open_to_others and not token:
        token = secrets.token_urlsafe(16)
    app = create_app(
        opened,
        Cache(cache / "arrays" if cache else None),
        access=Access(
            hosts=(*allow_hosts, *([] if host in WILDCARDS else [host])),
            token=token,
            frames=allow_frames,
            embedders=embed_in,
            base_path=base_path,
        ),
        read_only=read_only or opened.read_only,
        most_bytes=int(memory_gb * 1e9),
    )
    listener = _listen(host, port)
    if port not in (0, listener.getsockname()[1]):
        say(f"port {port} is taken on {host}: this is the next free one")
    path = checked_base_path(base_path) + path
    if token:
        path += f"?token={quote(token, safe='')}"
    port = listener.getsockname()[1]
    addresses = [f"http://{in_address(one)}:{port}{path}" for one in _reached_by(host)]
    say(f"store   {opened.name}")
    for address in addresses:
        say(f"serving {address}")
    if not there:
        say("no runs here yet: the first page shows one, before you train one")
    if open_to_others:
        say("Everyone who can reach this computer and knows the token can read it.")
    if open_browser:
        threading.Timer(0.3, webbrowser.open, (addresses[0],)).start()
    server = make_server(app, listener)
    try:
        server.run()
    finally:
        server.close()


def make_server(app: dash.Dash, listener: socket.socket) -> Any:
    """Make the server of an app that answers what comes to a bound socket."""
    # A queue of a few requests is what a browser does, not what a user must read.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    most = connections_allowed()
    server: Any = create_server(
        app.server,
        sockets=[listener],
        threads=_THREADS,
        # Room is made before this is reached: then nobody would be let in.
        connection_limit=2 * most + 16,
        channel_timeout=IDLE_S,
        cleanup_interval=5,
        asyncore_use_poll=hasattr(select, "poll"),
        outbuf_high_watermark=MOST_QUEUED_BYTES,
        max_request_header_size=1 << 16,
        max_request_body_size=1 << 20,
        ident="grokdash",
    )
    server.channel_class, server.most_connections = Channel, most
    return server


def _reached_by(host: str) -> list[str]:
    """Give the names by which browsers reach a server bound to a host: here, there."""
    if host not in WILDCARDS:
        return [host]
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    far = "2001:db8::1" if family == socket.AF_INET6 else "192.0.2.1"
    found = ["::1" if family == socket.AF_INET6 else "127.0.0.1"]
    # Connecting a datagram socket sends nothing; it chooses the address to send from.
    with socket.socket(family, socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect((far, 9))
        found.append(probe.getsockname()[0])
    return found


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    end = min(port + _PORTS_TRIED, _LAST_PORT + 1)
    for candidate in range(port, end):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen()  # two may bind one port at a time, but not both listen
        except OSError as error:
            listener.close()
            if error.errno != errno.EADDRINUSE:
                raise ConfigError(_no_port(host, candidate, error)) from error
            continue
        return listener
    tried = f"{port} to {end - 1} are" if end - port > 1 else f"{port} is"
    raise ConfigError(f"port: {tried} taken on {host}; choose another with --port")


def _no_port(host: str, port: int, error: OSError) -> str:
    """Say why it is not that the port is taken."""
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"port: {port} is not permitted here; choose one above 1023 with --port"
    return f"host: {host!r} is no address here: {error.strerror}"
