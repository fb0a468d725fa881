"""Hold idle and slow connections to a server and see whether a new client is served.

    python benchmarks/connections.py [COUNT]

For each way of being slow, COUNT (1,200) connections from another process are opened
and held; printed is for how long the list of runs takes beside them (the median and
the longest of 20), and how many of them the server has kept.
"""

import resource
import socket
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

from browsing import free_port, start_server
from table import Raw

HEAD = b"GET /api/runs HTTP/1.1\r\nHost: localhost\r\n"
WAYS = {
    "idle": b"",
    "half a head": HEAD,
    "half a body": b"POST / HTTP/1.1\r\nContent-Length: 99\r\n\r\n{",
    "answer not read": HEAD + b"\r\n",
}
QUESTIONS = 20


def held(port: int, count: int, said: bytes) -> list[socket.socket]:
    """Open connections that say something and then nothing more."""
    found = []
    for _ in range(count):
        one = socket.create_connection(("127.0.0.1", port), timeout=20)
        one.sendall(said)
        found.append(one)
    return found


def still_open(one: socket.socket) -> bool:
    one.settimeout(0)
    try:
        while data := one.recv(1 << 16):
            del data
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


@dataclass(frozen=True, slots=True)
class Found:
    """What a new client met beside connections that are slow in one way."""

    way: str
    times: list[float]
    failed: int
    kept: int


def measure(count: int) -> Iterator[Found]:
    """Hold connections in each way of being slow, and ask beside them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + 100
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    with tempfile.TemporaryDirectory() as store:
        port = free_port()
        server, _ = start_server(store, port)
        address = f"http://127.0.0.1:{port}/api/runs"
        try:
            for way, said in WAYS.items():
                sockets = held(port, count, said)
                times, failed = asked(address)
                kept = sum(map(still_open, sockets))
                for one in sockets:
                    one.close()
                yield Found(way, times, failed, kept)
        finally:
            server.terminate()
            server.wait()


def asked(address: str) -> tuple[list[float], int]:
    """Ask some times; give the milliseconds and how often there was no answer."""
    times, failed = [], 0
    for _ in range(QUESTIONS):
        started = time.perf_counter()
        try:
            urllib.request.urlopen(address, timeout=10).read()
        except OSError:
            failed += 1
        times.append(1000 * (time.perf_counter() - started))
    return times, failed


def rows(*, quick: bool) -> list[Raw]:
    """Give how long a client waits beside slow ones; none may go without an answer."""
    count = 200 if quick else 1200
    found: list[Raw] = []
    for one in measure(count):
        what = f"list of runs beside {count:,} connections, {one.way}"
        found.append((f"{what}, median", statistics.median(one.times), "ms", None))
        found.append((f"{what}, unanswered", one.failed, "", 0.0))
    return found


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1200
    print(f"| {count:,} connections | median | longest | failed | kept |")
    print("|---|--:|--:|--:|--:|")
    for one in measure(count):
        print(
            f"| {one.way} | {statistics.median(one.times):.0f} ms "
            f"| {max(one.times):.0f} ms | {one.failed} of {QUESTIONS} | {one.kept} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
