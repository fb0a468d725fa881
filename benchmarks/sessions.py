"""Many readers at once: scripted sessions on one server, for a minute.

    python benchmarks/sessions.py STORE [--sessions 200] [--seconds 60]

Every session opens a run as the player does: its manifest, then every 2 seconds a
stretch of frames of one of the panels of Explore, which it scrubs through, and where it
settles the exact frame; every 5 seconds what is new of the run, and every 10 of the
list. The sessions are threads of a process of its own, with one connection each, and
begin spread over 2 seconds. Printed are the errors, the times by kind of request, and
the server's resident memory.
"""

import argparse
import http.client
import json
import multiprocessing
import random
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import quote

from scrub import free_port, start_server

PANELS = (
    *("embedding-circles", "embedding-spectrum", "attention-heads"),
    *("neuron-grid", "neuron-clusters", "correct-logit"),
)
STRETCH = 8
"""Checkpoints of one request for frames."""
EVERY_S = 2.0
MB = 1e6


class Session:
    """One reader: a connection, and where it is."""

    def __init__(self, port: int, seed: int) -> None:
        self.link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.chance = random.Random(seed)
        self.times: dict[str, list[float]] = defaultdict(list)
        self.errors: list[str] = []

    def ask(self, kind: str, path: str) -> bytes:
        started = time.perf_counter()
        try:
            self.link.request("GET", path)
            answer = self.link.getresponse()
            body = answer.read()
            if answer.status != 200:
                self.errors.append(f"{kind}: {answer.status} {body[:200]!r}")
        except (OSError, http.client.HTTPException) as error:
            self.errors.append(f"{kind}: {type(error).__name__}: {error}")
            self.link.close()
            return b""
        self.times[kind].append(1000 * (time.perf_counter() - started))
        return body

    def run(self, seconds: float) -> None:
        time.sleep(self.chance.random() * EVERY_S)
        end = time.monotonic() + seconds
        runs = json.loads(self.ask("list", "/api/runs/changes"))
        row = self.chance.choice([one for one in runs["rows"] if not one["problem"]])
        base = f"/api/run/{quote(row['id'])}"
        about = json.loads(self.ask("manifest", f"{base}/manifest"))
        steps, version = about["steps"], about["fingerprint"]
        turn, token = 0, runs["token"]
        while time.monotonic() < end:
            began = time.monotonic()
            view = self.chance.choice(PANELS)
            at = self.chance.randrange(max(1, len(steps) - STRETCH))
            asked = ",".join(map(str, steps[at : at + STRETCH]))
            self.ask("frames", f"{base}/frames/{view}?v={version}&steps={asked}")
            if turn % 3 == 2:
                self.ask("exact", f"{base}/exact/{view}?v={version}&e={steps[at]}")
                self.ask("live", f"{base}/live?have={len(steps)}")
            if turn % 5 == 4:
                self.ask("list", f"/api/runs/changes?since={token}")
            turn += 1
            time.sleep(max(0.0, EVERY_S - (time.monotonic() - began)))


def sessions(port: int, count: int, seconds: float, told: Any) -> None:
    """Run all sessions here and tell what they met."""
    found = [Session(port, seed) for seed in range(count)]
    threads = [threading.Thread(target=one.run, args=(seconds,)) for one in found]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    times: dict[str, list[float]] = defaultdict(list)
    for one in found:
        for kind, those in one.times.items():
            times[kind] += those
    told.put((dict(times), [text for one in found for text in one.errors]))


def resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) * 1024 / MB
    return 0.0


def main() -> None:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("store", nargs="?", default="")
    reader.add_argument("--sessions", type=int, default=200)
    reader.add_argument("--seconds", type=float, default=60)
    asked = reader.parse_args()
    if not asked.store:
        print("name a store: python benchmarks/sessions.py STORE")
        return
    port = free_port()
    server, _ = start_server(asked.store, port)
    told: Any = multiprocessing.Queue()
    arguments = (port, asked.sessions, asked.seconds, told)
    readers = multiprocessing.Process(target=sessions, args=arguments)
    memory = [resident(server.pid)]
    try:
        readers.start()
        while told.empty() and readers.is_alive():
            memory.append(resident(server.pid))
            time.sleep(0.5)
        times, errors = told.get(timeout=10)
        readers.join()
    finally:
        server.terminate()
        server.wait()
    print(f"{asked.sessions} sessions, {asked.seconds:.0f} s, {len(errors)} errors")
    print("| request | count | median | p95 | longest |")
    print("|---|--:|--:|--:|--:|")
    for kind, those in sorted(times.items()):
        those.sort()
        middle, high = those[len(those) // 2], those[int(0.95 * (len(those) - 1))]
        print(
            f"| {kind} | {len(those):,} | {middle:.0f} ms | {high:.0f} ms "
            f"| {those[-1]:.0f} ms |"
        )
    print(
        f"resident memory: {memory[0]:.0f} MB at first, {max(memory):.0f} at most, "
        f"{memory[-1]:.0f} in the end"
    )
    for text in errors[:5]:
        print("  " + text)


if __name__ == "__main__":
    main()
