"""Many readers at once: scripted sessions on one server, for a minute.

    python benchmarks/sessions.py [STORE] [--sessions 200] [--seconds 60]

Every session opens a run as the player does: the list and its manifest, then every
2 seconds a stretch of frames of one of the panels of Explore, which it scrubs through,
and now and then the exact frame where it settles, and what is new of the run and of the
list. The sessions are sockets of one thread in a process of its own, with one
connection each, and begin spread over 2 seconds. Printed are the errors, the times by
kind of request, the processor time that server and sessions take, and the server's
resident memory. Last, the processor time of each kind of request in one process,
without a network.
"""

import argparse
import io
import json
import multiprocessing
import os
import random
import selectors
import socket
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from browsing import cpu_ms, free_port, start_server

from grokdash.app import create_app
from grokdash.config import make_config
from grokdash.store import open_store
from grokdash.training.train import Options, train

PANELS = (
    *("embedding-circles", "embedding-spectrum", "attention-heads"),
    *("neuron-grid", "neuron-clusters", "correct-logit"),
)
STRETCH = 8
"""Checkpoints of one request for frames."""
EVERY_S = 2.0
PATIENCE_S = 30.0
BUDGET_MS = 100.0
MB = 1e6
Asked = tuple[str, str]
"""The kind of a request and its path."""


@dataclass(frozen=True)
class About:
    """What sessions know of the server and of the run that all look at."""

    port: int
    run: str
    steps: list[int]
    version: str
    token: str

    @classmethod
    def ask(cls, port: int) -> "About":
        def get(path: str) -> Any:
            return json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}{path}"))

        listed = get("/api/runs/changes")
        row = next(one for one in listed["rows"] if not one["problem"])
        run = f"/api/run/{quote(row['id'])}"
        told = get(f"{run}/manifest")
        return cls(port, run, told["steps"], told["fingerprint"], listed["token"])


def turns(about: About, chance: random.Random) -> Iterator[list[Asked]]:
    """Give what a reader asks for, turn by turn."""
    run, steps = about.run, about.steps
    yield [("list", "/api/runs/changes"), ("manifest", f"{run}/manifest")]
    turn = chance.randrange(30)
    while True:
        view = chance.choice(PANELS)
        at = chance.randrange(max(1, len(steps) - STRETCH))
        stretch = ",".join(map(str, steps[at : at + STRETCH]))
        asked = [("frames", f"{run}/frames/{view}?v={about.version}&steps={stretch}")]
        if turn % 3 == 2:
            exact = f"{run}/exact/{view}?v={about.version}&e={steps[at]}"
            asked += [("exact", exact), ("live", f"{run}/live?have={len(steps)}")]
        if turn % 5 == 4:
            asked.append(("news", f"/api/runs/changes?since={about.token}"))
        turn += 1
        yield asked


@dataclass
class Heard:
    """What all sessions met."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)


class Session:
    """One reader: a connection, what is still to be asked, and the answer so far."""

    def __init__(self, about: About, seed: int, heard: Heard, now: float) -> None:
        chance = random.Random(seed)
        self.turns = turns(about, chance)
        self.port, self.heard = about.port, heard
        self.asked: list[Asked] = []
        self.next_turn = now + chance.random() * EVERY_S
        self.link: socket.socket | None = None
        self.kind, self.since = "", 0.0
        self.answer, self.wanted = bytearray(), -1

    def begin(self, now: float, chosen: selectors.BaseSelector) -> None:
        """Begin a turn, or the next request of it."""
        if not self.asked:
            self.asked = next(self.turns)
            self.next_turn = now + EVERY_S
        if self.link is None:
            self.link = socket.create_connection(("127.0.0.1", self.port), 5)
            chosen.register(self.link, selectors.EVENT_READ, self)
        self.kind, path = self.asked.pop(0)
        self.since, self.wanted = now, -1
        self.answer.clear()
        self.link.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())

    def hear(self, chosen: selectors.BaseSelector) -> bool:
        """Take bytes; say whether the answer is complete."""
        assert self.link is not None
        more = self.link.recv(1 << 18)
        if not more:
            self.fail("closed", chosen)
            return True
        self.answer += more
        if self.wanted < 0 and (end := self.answer.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.answer[:end]).lower()
            length = head.partition(b"content-length:")[2].split(b"\r\n")[0]
            self.wanted = end + 4 + int(length)
        if self.wanted < 0 or len(self.answer) < self.wanted:
            return False
        if not self.answer.startswith(b"HTTP/1.1 200"):
            self.heard.errors.append(f"{self.kind}: {bytes(self.answer[:300])!r}")
        spent = 1000 * (time.perf_counter() - self.since)
        self.heard.times[self.kind].append(spent)
        return True

    def fail(self, why: str, chosen: selectors.BaseSelector) -> None:
        """Note an error and hang up."""
        self.heard.errors.append(f"{self.kind}: {why}")
        self.asked = []
        if self.link is not None:
            chosen.unregister(self.link)
            self.link.close()
            self.link = None


def sessions(about: About, count: int, seconds: float, told: Any) -> None:
    """Run all sessions here and tell what they met."""
    heard, chosen = Heard(), selectors.DefaultSelector()
    now, busy = time.perf_counter(), set()
    end = now + seconds
    found = [Session(about, seed, heard, now) for seed in range(count)]
    while now < end or busy:
        for one in found:
            due = one.next_turn <= now < end or one.asked
            if due and one not in busy:
                one.begin(now, chosen)
                busy.add(one)
        for key, _ in chosen.select(0.005):
            if key.data.hear(chosen):
                busy.discard(key.data)
        now = time.perf_counter()
        for one in [one for one in busy if now - one.since > PATIENCE_S]:
            one.fail(f"no answer within {PATIENCE_S:.0f} s", chosen)
            busy.discard(one)
    told.put((dict(heard.times), heard.errors, 1000 * time.process_time()))


def resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024 / MB
    return 0.0


Row = tuple[str, float, str, float | None]


def crowd(store: str, count: int, seconds: float) -> list[Row]:
    """Let all sessions at a server of their own; give what was measured."""
    port = free_port()
    server, _ = start_server(store, port)
    told: Any = multiprocessing.Queue()
    about = About.ask(port)
    arguments = (about, count, seconds, told)
    readers = multiprocessing.Process(target=sessions, args=arguments)
    memory, before = [resident(server.pid)], cpu_ms(server.pid)
    try:
        readers.start()
        while told.empty() and readers.is_alive():
            memory.append(resident(server.pid))
            time.sleep(0.5)
        times, errors, own = told.get(timeout=10)
        spent = cpu_ms(server.pid) - before
        readers.join()
    finally:
        server.terminate()
        server.wait()
    for text in errors[:5]:
        print("  " + text)
    asked = sum(map(len, times.values()))
    found: list[Row] = [(f"errors of {asked:,} requests", len(errors), "", 0)]
    for kind, those in sorted(times.items()):
        those.sort()
        middle, high = those[len(those) // 2], those[int(0.95 * (len(those) - 1))]
        budget = BUDGET_MS if kind == "frames" else None
        found += [
            (f"{kind} ({len(those):,}): median", round(middle, 1), "ms", None),
            (f"{kind}: p95", round(high, 1), "ms", budget),
            (f"{kind}: longest", round(those[-1], 1), "ms", None),
        ]
    return [
        *found,
        (
            "processor time of the server, a request",
            round(spent / asked, 2),
            "ms",
            None,
        ),
        (
            "processor time of the sessions, a request",
            round(own / asked, 2),
            "ms",
            None,
        ),
        ("server's resident memory at first", round(memory[0]), "MB", None),
        ("server's resident memory at most", round(max(memory)), "MB", 500),
        ("server's resident memory in the end", round(memory[-1]), "MB", None),
    ]


def in_one_process(store: str) -> list[Row]:
    """Give the processor time of each kind of request, without a network."""
    opened = open_store(store)
    app = create_app(opened).server
    client = app.test_client()
    run_id = opened.run_ids()[0]
    run = f"/api/run/{quote(run_id)}"
    told = client.get(f"{run}/manifest").get_json()
    token = client.get("/api/runs/changes").get_json()["token"]
    about = About(0, run, told["steps"], told["fingerprint"], token)
    kinds: dict[str, list[str]] = defaultdict(list)
    reader = turns(about, random.Random(0))
    for _ in range(60):
        for kind, path in next(reader):
            kinds[kind].append(path)
    found: list[Row] = []
    for kind, paths in kinds.items():
        first = _cpu(app.wsgi_app, paths)
        again = min(_cpu(app.wsgi_app, paths) for _ in range(3))
        what = f"{kind}: processor time in one process"
        found += [(what, again, "ms", None), (f"{what}, first", first, "ms", None)]
    opened.close()
    return found


def _cpu(app: Callable[..., Any], paths: list[str]) -> float:
    """Ask an app as a server does; give the mean processor time in ms."""
    before = time.process_time()
    for path in paths:
        place, _, query = path.partition("?")
        statuses: list[str] = []
        asked = _PLAIN | {"PATH_INFO": place, "QUERY_STRING": query}
        asked["wsgi.input"] = io.BytesIO()
        b"".join(app(asked, lambda status, *_: statuses.append(status)))  # noqa: B023
        assert statuses[0].startswith("200"), (path, statuses)
    return round(1000 * (time.process_time() - before) / len(paths), 2)


_PLAIN: dict[str, Any] = {
    "REQUEST_METHOD": "GET",
    "SCRIPT_NAME": "",
    "SERVER_NAME": "127.0.0.1",
    "SERVER_PORT": "80",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "HTTP_HOST": "127.0.0.1",
    "REMOTE_ADDR": "127.0.0.1",
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "http",
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}


@contextmanager
def a_store(named: str = "") -> Iterator[str]:
    """Give the store that was named, or one with a run of 111 checkpoints (p = 23)."""
    if named:
        yield named
        return
    config = make_config("quick", p=23, epochs=1100, dense_every=10, grids=12)
    with tempfile.TemporaryDirectory() as folder:
        train(config, Options(store=Path(folder), threads=1, device="cpu", quiet=True))
        yield folder


def measured(named: str, count: int, seconds: float) -> list[Row]:
    with a_store(named) as store, tempfile.TemporaryDirectory() as cache:
        os.environ["GROKDASH_CACHE"] = cache
        return [*crowd(store, count, seconds), *in_one_process(store)]


def rows(*, quick: bool) -> list[Row]:
    """Give what was measured for the table of all benchmarks."""
    return measured("", 200, 15 if quick else 60)


def main() -> None:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("store", nargs="?", default="")
    reader.add_argument("--sessions", type=int, default=200)
    reader.add_argument("--seconds", type=float, default=60)
    asked = reader.parse_args()
    print(f"{asked.sessions} sessions, {asked.seconds:.0f} s")
    for what, value, unit, budget in measured(
        asked.store, asked.sessions, asked.seconds
    ):
        limit = "" if budget is None else f"  (at most {budget:g})"
        print(f"  {what:<48}{value:10,.6g} {unit}{limit}", flush=True)


if __name__ == "__main__":
    main()
