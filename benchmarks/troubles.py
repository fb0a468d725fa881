"""Wrong clocks, full and read-only disks, slow and absent folders, a lost scheduler.

Each trouble meets a run while it trains. What counts: it goes on or ends with a
message, nothing committed is lost, and the same command on a sound machine comes to the
same bits. A disk that turns read-only is played by the shim, for Linux refuses to
remount one on which a file is open for writing; the full disk is a real one in memory
where this may mount it (as root).

Run: ``python benchmarks/troubles.py``.
"""

import argparse
import ctypes
import errno
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lost.nursery import DELAY, FAIL, FOREVER, Nursery, Process, scratch_folder
from lost.trials import (
    OPTIONS,
    Bits,
    final_bits,
    lost,
    run_ids,
    states,
    steps_there,
    unfinished,
)

LONG = [
    *(one for one in OPTIONS if "epochs" not in one and "checkpoint-every" not in one),
    "--epochs=8000",
    "--checkpoint-every=2000",
]
"""Long enough for the clock to be set, and the heart to beat, while it trains."""
HOUR = 3600 * 10**9
SWEEP = """
preset = "quick"
seeds = [0, 1]
[fields]
{fields}
[engine]
kind = "dask"
address = "{address}"
batch = false
"""
_NEW_MOUNTS = 0x00020000


class Trouble:
    """One trouble: a store of its own, and what was found wrong."""

    def __init__(
        self, nursery: Nursery, store: Path, undisturbed: dict[str, Bits]
    ) -> None:
        self.nursery, self.store, self.undisturbed = nursery, store, undisturbed
        self.wrong: list[str] = []
        self.told: list[str] = []

    def expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.wrong.append(otherwise)

    def train(self, options: list[str], **more: object) -> Process:
        arguments = ["train", *options, "--store", str(self.store)]
        return self.nursery.start(arguments, self.store, **more)

    def ended_by_itself(self, process: Process, *wanted: int) -> None:
        code = process.wait(200)
        said = process.said
        self.told.append(f"exit {code}")
        fits = code in (wanted or (0,))
        self.expect(fits, f"exit {code}, not {wanted}: {said[-500:]}")
        self.expect("Traceback" not in said, f"a traceback: {said[-700:]}")

    def kept(self) -> None:
        """Check that every checkpoint there is, is whole and the same."""
        for run_id, bits in self.undisturbed.items():
            scheduled = {int(k.split()[0]) for k in bits if k[0].isdigit()}
            steps = steps_there(self.store, run_id) & scheduled
            self.wrong += lost(self.store, run_id, steps, bits)
            self.told.append(f"{len(steps)} checkpoints kept")

    def completes(self, options: list[str]) -> None:
        """Give the same command on a sound machine."""
        self.ended_by_itself(self.train(options))
        self.same()

    def same(self) -> None:
        self.wrong += unfinished(self.store, self.undisturbed)
        self.told.append("same bits")


def clock(trouble: Trouble, jump_ns: int) -> None:
    """Set the clock while a run trains; the list must go on saying that it runs."""
    process = trouble.train(LONG)
    process.wait_for_call(40)
    process.disk.clock_ns = jump_ns
    beaten, seen = False, []
    end = time.monotonic() + 8
    while time.monotonic() < end and not process.ended():
        time.sleep(0.1)
        seen.append(shown_at(jump_ns, trouble.store))
        heartbeat = newest_heartbeat(trouble.store)
        beaten = beaten or abs(heartbeat - time.time() - jump_ns / 1e9) < 30
    trouble.expect(beaten, "no heartbeat by the clock as it was set")
    late = [one for one in seen[70:] if one != ["running"]]
    trouble.expect(not late, f"shown as {late[:1]} 7 s after")
    trouble.ended_by_itself(process)
    trouble.same()


def shown_at(jump_ns: int, store: Path) -> list[str]:
    """Give the states that the list shows on this computer, its clock set."""
    right = time.time
    time.time = lambda: right() + jump_ns / 1e9
    try:
        return list(states(store).values())
    finally:
        time.time = right


def newest_heartbeat(store: Path) -> float:
    times = [json.loads(one.read_bytes()) for one in store.glob("*/status.json")]
    return max((one["heartbeat"] for one in times), default=0.0)


def clock_of_the_lock(trouble: Trouble, jump_ns: int) -> None:
    """A second trainer whose clock is wrong takes no run from the first."""
    first = trouble.train(LONG)
    first.wait_for_call(40)
    second = trouble.train(LONG, clock_s=jump_ns / 1e9)
    trouble.ended_by_itself(second, 1)
    trouble.expect("is being written by" in second.said, second.said[-300:])
    trouble.ended_by_itself(first)
    trouble.same()


def read_only(trouble: Trouble) -> None:
    """From a commit on every change is refused, as after an error of the disk."""
    for call in (25, 60, 95, 120):
        process = trouble.train(OPTIONS, fault=(call, FOREVER, FAIL, errno.EROFS))
        trouble.ended_by_itself(process, 1, 2)
        trouble.expect("Read-only file system" in process.said, process.said[-300:])
        trouble.kept()
    trouble.completes(OPTIONS)


def full(trouble: Trouble) -> None:
    """A real disk of so few bytes that the run does not fit, and then of more."""
    trouble.store.mkdir()
    mount("-t", "tmpfs", "-o", "size=160k", "none", str(trouble.store))
    try:
        process = trouble.train([*OPTIONS, "--disk-budget", "0.0001"])
        code = process.wait(60)
        trouble.told.append(f"exit {code}: {process.said.strip()[:90]}…")
        trouble.expect("Traceback" not in process.said, process.said[-700:])
        trouble.expect(code in (2, 75), f"exit {code}: {process.said[-300:]}")
        mount("-o", "remount,size=64m", str(trouble.store))
        filler = trouble.store / "filler"
        process = trouble.train(OPTIONS)
        process.wait_for_call(60)
        with suppress(OSError), filler.open("wb") as file:
            while True:
                file.write(bytes(2**16))
        code = process.wait(60)
        trouble.told.append(f"then filled up: exit {code}")
        trouble.expect("Traceback" not in process.said, process.said[-700:])
        trouble.expect(code in (0, 75), f"exit {code}: {process.said[-300:]}")
        trouble.kept()
        filler.unlink()
        trouble.completes(OPTIONS)
    finally:
        subprocess.run(["umount", str(trouble.store)], check=False)


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def slow(trouble: Trouble) -> None:
    """Every call takes 20 ms; then one takes three seconds."""
    trouble.ended_by_itself(trouble.train(OPTIONS, fault=(1, FOREVER, DELAY, 20_000)))
    trouble.same()
    trouble.store = trouble.store.with_name(trouble.store.name + "-stalled")
    trouble.ended_by_itself(trouble.train(OPTIONS, fault=(60, 61, DELAY, 3_000_000)))
    trouble.same()


def away(trouble: Trouble, call: int) -> None:
    """The store is renamed after a call, and back three seconds later."""
    process = trouble.train(OPTIONS)
    process.wait_for_call(call)
    elsewhere = trouble.store.with_name(trouble.store.name + "-away")
    trouble.store.rename(elsewhere)
    time.sleep(3)
    elsewhere.rename(trouble.store)
    code = process.wait(100)
    trouble.told.append(f"after call {call}: exit {code}")
    trouble.expect("Traceback" not in process.said, process.said[-700:])
    trouble.kept()
    trouble.completes(OPTIONS)


def scheduler(trouble: Trouble) -> None:
    """A dask scheduler is killed in the middle of a sweep and started again."""
    with dask(trouble.store.parent) as site:
        path = trouble.store.parent / "far.toml"
        lines = "\n".join(
            one.removeprefix("--").replace("-", "_") for one in LONG if "=" in one
        )
        path.write_text(SWEEP.format(fields=lines, address=site.address))
        command = ["sweep", "run", str(path), "--store", str(trouble.store)]
        process = trouble.nursery.start(command, trouble.store)
        while not any(trouble.store.glob("*/checkpoints/step-00002000.h5")):
            time.sleep(0.02)
        site.restart()
        code = process.wait(200)
        trouble.told.append(f"driver: exit {code}")
        trouble.expect(code != 0, "the driver did not notice")
        trouble.expect("Traceback" not in process.said, process.said[-700:])
        trouble.expect("the dask scheduler" in process.said, process.said[-500:])
        trouble.kept()
        again = trouble.nursery.start(command, trouble.store)
        trouble.ended_by_itself(again)
    trouble.same()


class Site:
    """A scheduler at one address, and a worker that comes back to it."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = str(free.getsockname()[1])
        self._folder = folder
        self.address = f"tcp://127.0.0.1:{self._port}"
        self._processes = [self._scheduler(), self._worker()]

    def _start(self, what: str, *options: str) -> "subprocess.Popen[bytes]":
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
        with (self._folder / f"{what}.out").open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{what}", *options],
                cwd=self._folder,
                env=environment,
                stdout=output,
                stderr=output,
            )

    def _scheduler(self) -> "subprocess.Popen[bytes]":
        where = ("--host", "127.0.0.1", "--port", self._port, "--no-dashboard")
        return self._start("dask_scheduler", *where)

    def _worker(self) -> "subprocess.Popen[bytes]":
        options = ("--nthreads", "1", "--no-nanny", "--no-dashboard")
        return self._start("dask_worker", self.address, *options)

    def restart(self) -> None:
        """Kill the scheduler and start it anew; the worker looks for it by itself."""
        self._processes[0].kill()
        self._processes[0].wait()
        time.sleep(1)
        self._processes[0] = self._scheduler()
        # One that has lost its scheduler may have ended: as a job queue would.
        self._processes.append(self._worker())

    def end(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()


@contextmanager
def dask(folder: Path) -> Iterator[Site]:
    site = Site(folder)
    try:
        time.sleep(3)
        yield site
    finally:
        site.end()


def mounts_of_our_own() -> bool:
    """Leave the mounts of this computer alone; say whether we may make some."""
    if os.geteuid() or ctypes.CDLL(None).unshare(_NEW_MOUNTS):
        return False
    return not subprocess.run(["mount", "--make-rprivate", "/"], check=False).returncode


def main() -> None:
    """Meet every trouble, and print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="part of the names of those to meet")
    only = parser.parse_args().only
    begun, wrong = time.monotonic(), []
    mounting = mounts_of_our_own()
    with Nursery() as nursery, scratch_folder("grokdash-troubles-") as place:
        short = undisturbed(nursery, place / "short", OPTIONS)
        long = undisturbed(nursery, place / "long", LONG)
        swept = long | undisturbed(nursery, place / "seed", [*LONG, "--seed=1"])
        troubles = [
            ("clock set back an hour", long, lambda one: clock(one, -HOUR)),
            ("clock set forward an hour", long, lambda one: clock(one, HOUR)),
            ("clock set back 40 days", long, lambda one: clock(one, -960 * HOUR)),
            (
                "second trainer, clock ahead",
                long,
                lambda one: clock_of_the_lock(one, HOUR),
            ),
            ("disk turns read-only", short, read_only),
            ("slow folder", short, slow),
            ("folder away for 3 s, early", short, lambda one: away(one, 40)),
            ("folder away for 3 s, middle", short, lambda one: away(one, 90)),
            ("folder away for 3 s, packing", short, lambda one: away(one, 160)),
            ("dask scheduler restarted", swept, scheduler),
        ]
        if mounting:
            troubles.insert(5, ("disk full, then freed", short, full))
        chosen = [one for one in troubles if only in one[0]]
        for number, (name, bits, meet) in enumerate(chosen):
            trouble = Trouble(nursery, place / f"trouble-{number}", bits)
            try:
                meet(trouble)
            except (OSError, TimeoutError) as error:
                trouble.wrong.append(f"{type(error).__name__}: {error}")
            nursery.reap()
            verdict = "WRONG" if trouble.wrong else "nothing lost"
            print(f"{name:30} {verdict}: {', '.join(trouble.told)}", flush=True)
            wrong += [f"{name}: {one}" for one in trouble.wrong]
    if not mounting:
        print("disk full, then freed: not tried, for this needs root")
    print(f"{time.monotonic() - begun:.0f} s")
    print("\n".join(wrong))
    sys.exit(bool(wrong))


def undisturbed(nursery: Nursery, store: Path, options: list[str]) -> dict[str, Bits]:
    """Train without a trouble and give the bits of every run."""
    process = nursery.run(["train", *options, "--store", str(store)], store)
    if process.code:
        raise SystemExit(process.said)
    return {run_id: final_bits(store, run_id) for run_id in run_ids(store)}


if __name__ == "__main__":
    main()
