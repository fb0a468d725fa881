"""Kill trainers, batches, sweeps and packing at random moments; count what is lost.

Every command is a process of its own that dies of SIGKILL: half of the time at a random
moment of its life, half of the time within 0.3 ms after a random one of its calls to
the disk, which is where commits and packing are. It is then started again, and again
killed, until it comes to its end. After every kill all checkpoints that could be seen
before are read and compared with those of a run that nobody killed, and the list of
runs must say what is true; at every end all that is stored must be the same bits, with
no temporary file and no lock left behind.

Run: ``python benchmarks/kills.py``; fewer with ``--single 30 --batches 10 …``.
"""

import argparse
import random
import signal
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from os import killpg
from pathlib import Path

from lost.nursery import KILL, Nursery, Process, scratch_folder
from lost.trials import (
    LAST,
    OPTIONS,
    Bits,
    final_bits,
    left_overs,
    lost,
    run_ids,
    states,
    steps_there,
    unfinished,
)

KINDS = {
    "single": 300,
    "batches": 100,
    "workers": 30,
    "batched": 20,
    "drivers": 50,
    "pack": 50,
}
COLUMNS = ("kills", "ends", "lost", "unreadable", "different", "shown", "left", "other")
SEEDS = 2
MOST_RESTARTS = 60
SWEEP = """
preset = "quick"
seeds = [0, 1, 2]
[fields]
{fields}
[engine]
kind = "local"
workers = {workers}
batch = {batch}
"""


@dataclass
class Attack:
    """One kind of command that is killed, and what came of it."""

    name: str
    kills: int
    nursery: Nursery
    place: Path
    dice: random.Random
    counts: Counter[str] = field(default_factory=Counter)
    seen: dict[str, set[int]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def left(self) -> int:
        return self.kills - self.counts["kills"]

    def note(self, problems: list[str]) -> None:
        """Count problems by their first word, which is a column."""
        self.wrong += problems
        for problem in problems:
            word = problem.split()[0].rstrip(":")
            self.counts[word if word in COLUMNS else "other"] += 1

    def store(self) -> Path:
        """Give a store that nothing was written to."""
        self.seen = {}
        self.counts["stores"] += 1
        return self.place / f"{self.name}-{self.counts['stores']}"

    def strike(self, process: Process, calls: int, seconds: float) -> bool:
        """Kill a process at a random moment; False if it had ended before."""
        if self.dice.random() < 0.5:
            there = process.wait_for_call(self.dice.randint(1, calls))
            time.sleep(self.dice.uniform(0, 0.0003))
        else:
            end = time.monotonic() + self.dice.uniform(0.02, seconds)
            while not (there := process.ended()) and time.monotonic() < end:
                time.sleep(0.0005)
            there = not there
        if there and not process.ended():
            process.kill()
        code = process.wait()
        self.counts["kills"] += code == -signal.SIGKILL
        return code == -signal.SIGKILL

    def check(self, store: Path, undisturbed: dict[str, Bits]) -> None:
        """Compare what a killed command has left with what was there before."""
        shown = states(store) if store.exists() else {}
        for run_id in run_ids(store):
            known = self.seen.setdefault(run_id, set())
            self.note(lost(store, run_id, known, undisturbed[run_id]))
            now = steps_there(store, run_id)
            self.note(lost(store, run_id, now - known, undisturbed[run_id]))
            known |= now
        self.note(
            [
                f"shown: {run_id} as {state}"
                for run_id, state in shown.items()
                if state not in ("interrupted", "finished")
                or (state == "finished" and LAST not in self.seen[run_id])
            ]
        )

    def ended(self, process: Process) -> bool:
        """Note a command that did not end well; say whether it did."""
        if process.code == 0:
            self.counts["ends"] += 1
            return True
        self.note([f"resume failed with {process.code}: {process.said[-600:]}"])
        return False


def attack_training(
    attack: Attack, more: list[str], undisturbed: dict[str, Bits]
) -> None:
    """Kill ``grokdash train`` until it gets to its end, in one store after another."""
    calls, seconds = (140, 0.8) if not more else (250, 1.2)
    while attack.left > 0:
        store = attack.store()
        arguments = ["train", *OPTIONS, "--store", str(store), *more]
        for turn in range(MOST_RESTARTS):
            fresh = attack.counts["kills"] % 30 == 29
            process = attack.nursery.start(arguments, store, fresh=fresh)
            spared = attack.left <= 0 or turn == MOST_RESTARTS - 1
            if spared:
                process.wait()
            if spared or not attack.strike(process, calls, seconds + 2 * fresh):
                if attack.ended(process):
                    attack.nursery.reap()
                    attack.note(unfinished(store, undisturbed))
                break
            attack.check(store, undisturbed)


def attack_packing(attack: Attack, undisturbed: dict[str, Bits]) -> None:
    """Kill ``grokdash pack`` on a run that was killed with most of its checkpoints."""
    (run_id,) = undisturbed
    while attack.left > 0:
        store = attack.store()
        training = ["train", *OPTIONS, "--store", str(store)]
        call = attack.dice.randint(110, 160)
        attack.nursery.run(training, store, fault=(call, call + 1, KILL, 0))
        packing = ["pack", run_id, "--store", str(store)]
        for _ in range(MOST_RESTARTS):
            process = attack.nursery.start(packing, store)
            if attack.left <= 0:
                process.wait()
                break
            if not attack.strike(process, 330, 0.6):
                break
            attack.check(store, undisturbed)
        if not attack.ended(process):
            continue
        attack.nursery.reap()
        attack.note([f"left over: {path}" for path in left_overs(store)])
        attack.check(store, undisturbed)
        process = attack.nursery.run(training, store)
        if attack.ended(process):
            attack.nursery.reap()
            attack.note(unfinished(store, undisturbed))


def attack_workers(
    attack: Attack, sweep: list[str], undisturbed: dict[str, Bits], most: int
) -> None:
    """Kill workers of a sweep, so many of each, and have the driver go on.

    After the third a run counts as failed. After the second the runs of a batch are
    tried alone, one by one, where they round differently.
    """
    while attack.left > 0:
        store = attack.store()
        process = attack.nursery.start([*sweep, "--store", str(store)], store)
        for _ in range(most):
            process.wait_for_call(process.disk.counter + attack.dice.randint(1, 500))
            workers = process.children()
            if workers and attack.left > 0:
                with suppress(ProcessLookupError):
                    victim = attack.dice.choice(workers)
                    Process(victim, process.output, process.disk).kill()
                    attack.counts["kills"] += 1
        process.wait(120)
        if attack.ended(process):
            attack.nursery.reap()
            attack.note(unfinished(store, undisturbed))


def attack_drivers(
    attack: Attack, sweep: list[str], undisturbed: dict[str, Bits]
) -> None:
    """Kill what drives a sweep, with its workers or without, and start it again."""
    while attack.left > 0:
        store = attack.store()
        for _ in range(MOST_RESTARTS):
            process = attack.nursery.start([*sweep, "--store", str(store)], store)
            if attack.left <= 0:
                process.wait()
                break
            if not attack.strike(process, 700, 2.0):
                break
            if attack.dice.random() < 0.5:
                with suppress(ProcessLookupError):
                    killpg(process.pid, signal.SIGKILL)
                attack.nursery.reap()
                attack.check(store, undisturbed)
        if attack.ended(process):
            attack.nursery.reap()
            attack.note(unfinished(store, undisturbed))


def undisturbed_run(
    nursery: Nursery, store: Path, arguments: list[str]
) -> dict[str, Bits]:
    """Train without a kill and give the bits of every run."""
    process = nursery.run([*arguments, "--store", str(store)], store)
    if process.code:
        raise SystemExit(process.said)
    return {run_id: final_bits(store, run_id) for run_id in run_ids(store)}


def sweep_file(place: Path, name: str, *, workers: int, batch: bool) -> list[str]:
    """Write a sweep of three runs, and give the command that trains it."""
    fields = [part.removeprefix("--") for part in OPTIONS if "=" in part]
    lines = "\n".join(one.replace("-", "_") for one in fields)
    path = place / f"{name}.toml"
    path.write_text(
        SWEEP.format(fields=lines, workers=workers, batch=str(batch).lower())
    )
    return ["sweep", "run", str(path)]


def main() -> None:
    """Attack, and print a row per kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, number in KINDS.items():
        parser.add_argument(f"--{name}", type=int, default=number, metavar="KILLS")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=1, help="kills of each batch")
    wanted = vars(parser.parse_args())
    each = wanted["each"]
    with Nursery() as nursery, scratch_folder("grokdash-kills-") as place:
        seeds = [f"--seeds=0-{SEEDS - 1}"]
        swept = sweep_file(place, "swept", workers=2, batch=False)
        joined = sweep_file(place, "joined", workers=1, batch=True)
        commands = {
            "alone": ["train", *OPTIONS],
            "together": ["train", *OPTIONS, *seeds],
            "swept": swept,
            "joined": joined,
        }

        @cache
        def good(name: str) -> dict[str, Bits]:
            return undisturbed_run(nursery, place / name, commands[name])

        attacks = {
            "single": lambda one: attack_training(one, [], good("alone")),
            "batches": lambda one: attack_training(one, seeds, good("together")),
            "workers": lambda one: attack_workers(one, swept, good("swept"), 2),
            "batched": lambda one: attack_workers(one, joined, good("joined"), each),
            "drivers": lambda one: attack_drivers(one, swept, good("swept")),
            "pack": lambda one: attack_packing(one, good("alone")),
        }
        wrong: list[str] = []
        print(f"{'killed':10}" + "".join(f"{name:>12}" for name in COLUMNS) + "   time")
        for name, act in attacks.items():
            begun = time.monotonic()
            dice = random.Random(f"{wanted['seed']} {name}")
            attack = Attack(name, wanted[name], nursery, place, dice)
            if attack.kills:
                act(attack)
            row = "".join(f"{attack.counts[column]:12}" for column in COLUMNS)
            print(f"{name:10}{row} {time.monotonic() - begun:5.0f} s", flush=True)
            wrong += [f"{name}: {one}" for one in attack.wrong]
    print("\n".join(wrong[:50]) or "nothing lost")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
