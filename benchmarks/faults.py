"""Fail every call to the disk in turn, in a run from its first file to its packing.

Each call by which the trainer or its packing process changes a file fails with errors
that such a call can have, and every second one also with all that follow, as on a disk
that is full or has turned read-only; writes are also cut short, and once the process is
killed at exactly this call. Then: the process has ended by itself with a
message and no traceback, everything committed is there and equal, and the same command
on a good disk goes on to the same bits.

Run: ``python benchmarks/faults.py``; ``--every 7`` takes every seventh case, ``--first
500`` only those from the 500th on.
"""

import argparse
import errno
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lost.log import read_log
from lost.nursery import (
    CALLS,
    FAIL,
    FOREVER,
    KILL,
    NOTES,
    SHORT_WRITE,
    Nursery,
    Process,
    errno_name,
    scratch_folder,
)
from lost.trials import (
    Bits,
    final_bits,
    lost,
    run_ids,
    steps_there,
    unfinished,
)

RUN = [
    "--preset=quick",
    "--quiet",
    "--p=5",
    "--d-model=4",
    "--d-mlp=4",
    "--n-heads=1",
    "--epochs=20",
    "--dense-until=0",
    "--checkpoint-every=10",
    "--grids=2",
]
COLUMNS = (
    "cases",
    "ended well",
    "message",
    "killed",
    "crashed",
    "lost",
    "unreadable",
    "different",
    "no resume",
    "left over",
)
ERRORS = {
    "write": (errno.ENOSPC, errno.EIO, errno.EDQUOT),
    "pwrite": (errno.ENOSPC, errno.EIO, errno.EDQUOT),
    "ftruncate": (errno.ENOSPC, errno.EIO),
    "fsync": (errno.EIO, errno.ENOSPC, errno.EDQUOT),
    "open": (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS),
    "link": (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS),
    "rename": (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS),
    "mkdir": (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS),
    "unlink": (errno.EIO, errno.EROFS),
    "utime": (errno.EIO, errno.EROFS),
}
"""What each call may fail with. One from there on is ENOSPC, EIO or EROFS in turn."""
LASTING = (errno.ENOSPC, errno.EIO, errno.EROFS)


@dataclass(frozen=True)
class Case:
    """What is to happen to which call."""

    first: int
    end: int
    action: int
    value: int

    @property
    def name(self) -> str:
        if self.action == KILL:
            return "killed at it"
        if self.action == SHORT_WRITE:
            return "short write"
        lasting = " from there on" if self.end == FOREVER else ""
        return f"{errno_name(self.value)}{lasting}"


def cases(calls: list[str]) -> Iterator[Case]:
    """Give what happens to each call of a run.

    Each fails with two of its errors, in turn. The packing process makes two hundred
    like writes: each of those fails with one, and all else happens to every 20th.
    """
    for place, call in enumerate(calls, start=1):
        errors = ERRORS.get(call, (errno.EIO,))
        like = call == "pwrite" and place % 20
        for turn in range(1 if like else 2):
            value = errors[(place + turn) % len(errors)]
            yield Case(place, place + 1, FAIL, value)
        if like:
            continue
        yield Case(place, place + 1, KILL, 0)
        if place % 2:
            lasting = LASTING[place % len(LASTING)]
            yield Case(place, FOREVER, FAIL, lasting)
        if call in ("write", "pwrite"):
            yield Case(place, place + 1, SHORT_WRITE, 0)


class Trial:
    """One case, from a new store to the end of the run on a good disk."""

    def __init__(
        self, nursery: Nursery, undisturbed: dict[str, Bits], lock: threading.Lock
    ) -> None:
        self._nursery, self._undisturbed, self._lock = nursery, undisturbed, lock

    def run(self, case: Case, store: Path) -> list[str]:
        """Give what went wrong, each by the name of its column."""
        arguments = ["train", *RUN, "--store", str(store)]
        fault = (case.first, case.end, case.action, case.value)
        process = self._start(arguments, store, fault)
        told = self._how_it_ended(process, case)
        (run_id,) = self._undisturbed
        noted = [word.split() for word in read_notes(process)]
        known = {int(step) for _, step in noted}
        if store.exists():
            told += lost(store, run_id, known, self._undisturbed[run_id])
            there = steps_there(store, run_id) - known
            told += lost(store, run_id, there, self._undisturbed[run_id])
        again = self._start(arguments, store, (0, 0, 0, 0))
        if again.code:
            at = process.disk.hit.decode()
            return [*told, f"no resume after {at}: {again.said[-500:]}"]
        return told + [
            one if one.startswith("left") else f"different: {one}"
            for one in unfinished(store, self._undisturbed)
        ]

    def _start(
        self, arguments: list[str], store: Path, fault: tuple[int, int, int, int]
    ) -> Process:
        with self._lock:
            process = self._nursery.start(
                arguments, store, fault=fault, recording=NOTES
            )
        process.wait(100)
        return process

    @staticmethod
    def _how_it_ended(process: Process, case: Case) -> list[str]:
        if not process.disk.hits:
            return ["not reached"]
        said = process.said
        if process.code == -9 and case.action == KILL:
            return ["killed"]
        if process.code == 0 and "Traceback" not in said:
            return ["ended well"]
        if process.code > 0 and "Traceback" not in said and "grokdash: " in said:
            return ["message"]
        at = process.disk.hit.decode()
        return [f"crashed with {process.code} at {at}: {said[-700:]}"]


def read_notes(process: Process) -> list[str]:
    """Give which checkpoints the writer counted as committed."""
    log = Path(process.disk.log.decode())
    entries = read_log(log) if log.exists() else []
    log.unlink(missing_ok=True)
    return [entry.path for entry in entries if entry.call == "note"]


def recorded_calls(nursery: Nursery, store: Path) -> list[str]:
    """Name every call of an undisturbed run."""
    process = nursery.run(
        ["train", *RUN, "--store", str(store)], store, recording=CALLS
    )
    log = read_log(Path(process.disk.log.decode()))
    return [entry.call for entry in log if entry.call != "note"]


def main() -> None:
    """Try every case, and print a row per kind of error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, metavar="N")
    parser.add_argument("--first", type=int, default=0, metavar="CASE")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    wanted = parser.parse_args()
    begun = time.monotonic()
    with Nursery() as nursery, scratch_folder("grokdash-faults-") as place:
        calls = recorded_calls(nursery, place / "good")
        undisturbed = {
            run_id: final_bits(place / "good", run_id)
            for run_id in run_ids(place / "good")
        }
        chosen = list(cases(calls))[wanted.first :: wanted.every]
        print(f"{len(calls)} calls, {len(chosen)} cases")
        trial = Trial(nursery, undisturbed, threading.Lock())
        rows: dict[str, Counter[str]] = {}
        wrong: list[str] = []

        def attempt(numbered: tuple[int, Case]) -> tuple[Case, list[str]]:
            number, case = numbered
            return case, trial.run(case, place / str(number))

        with ThreadPoolExecutor(wanted.jobs) as pool:
            for case, told in pool.map(attempt, enumerate(chosen)):
                row = rows.setdefault(case.name, Counter())
                row["cases"] += 1
                for one in told:
                    column = next((c for c in COLUMNS if one.startswith(c)), "other")
                    row[column] += 1
                    if column not in ("ended well", "message", "killed"):
                        wrong.append(f"{case.name}, call {case.first}: {one}")
                        print(wrong[-1], flush=True)
                done = sum(row["cases"] for row in rows.values())
                if done % 50 == 0:
                    passed = time.monotonic() - begun
                    print(f"{done} cases, {passed:.0f} s", flush=True)
    width = max(map(len, rows), default=0)
    print(" " * width + "".join(f"{name:>12}" for name in COLUMNS))
    for name, row in sorted(rows.items()):
        print(f"{name:{width}}" + "".join(f"{row[one]:12}" for one in COLUMNS))
    total = sum(rows.values(), Counter())
    print(f"{'all':{width}}" + "".join(f"{total[one]:12}" for one in COLUMNS))
    print(f"{time.monotonic() - begun:.0f} s")
    print(f"{len(wrong)} of them wrong" if wrong else "nothing lost")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
