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

from scrub import free_port, start_server

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


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1200
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + 100
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    with tempfile.TemporaryDirectory() as store:
        port = free_port()
        server, _ = start_server(store, port)
        address = f"http://127.0.0.1:{port}/api/runs"
        print(f"| {count:,} connections | median | longest | failed | kept |")
        print("|---|--:|--:|--:|--:|")
        try:
            for way, said in WAYS.items():
                sockets = held(port, count, said)
                times, failed = [], 0
                for _ in range(QUESTIONS):
                    started = time.perf_counter()
                    try:
                        urllib.request.urlopen(address, timeout=10).read()
                    except OSError:
                        failed += 1
                    times.append(1000 * (time.perf_counter() - started))
                kept = sum(map(still_open, sockets))
                for one in sockets:
                    one.close()
                print(
                    f"| {way} | {statistics.median(times):.0f} ms "
                    f"| {max(times):.0f} ms | {failed} of {QUESTIONS} | {kept} |",
                    flush=True,
                )
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
