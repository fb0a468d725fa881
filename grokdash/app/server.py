"""Serve the app: choose a port, print the address, run waitress."""

import logging
import secrets
import socket
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path

from waitress.server import create_server

from grokdash.app.factory import create_app
from grokdash.app.memory import return_freed_memory, trim_for_ever
from grokdash.cache import Cache
from grokdash.errors import ConfigError
from grokdash.store import open_store
from grokdash.threads import keep_products_on_one_core

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PORTS_TRIED = 20
_THREADS = 8

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
    say
        Called with the lines meant for the user.

    Raises
    ------
    ConfigError
        If no port near the one asked for is free.
    UnusableFolderError
        If the store is no folder or cannot be listed.
    """
    return_freed_memory()
    trim_for_ever()
    keep_products_on_one_core()
    opened = open_store(store, cache=cache)
    opened.run_ids()  # what can never be a store is refused before a page opens
    open_to_others = host not in LOOPBACK
    if open_to_others and not token:
        token = secrets.token_urlsafe(16)
    app = create_app(
        opened,
        Cache(cache / "arrays" if cache else None),
        hosts=(host, socket.gethostname()) if open_to_others else (),
        token=token,
        read_only=read_only or opened.read_only,
    )
    listener = _listen(host, port)
    address = f"http://{_shown(host)}:{listener.getsockname()[1]}{path}"
    if token:
        address += f"?token={token}"
    say(f"store   {opened.name}")
    say(f"serving {address}")
    if open_to_others:
        say("Everyone who can reach this computer and knows the token can read it.")
    if open_browser:
        threading.Timer(0.3, webbrowser.open, (address,)).start()
    # A queue of a few requests is what a browser does, not what a user must read.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = create_server(
        app.server,
        sockets=[listener],
        threads=_THREADS,
        connection_limit=1000,
        channel_timeout=30,
        max_request_body_size=1 << 20,
        ident="grokdash",
    )
    try:
        server.run()
    finally:
        server.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, port + _PORTS_TRIED):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
        except OSError as error:
            listener.close()
            if isinstance(error, socket.gaierror):
                raise ConfigError(f"host: {host!r} is no address here") from error
            continue
        return listener
    raise ConfigError(
        f"port: {port} to {port + _PORTS_TRIED - 1} are taken on {host}; "
        "choose another with --port"
    )


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
