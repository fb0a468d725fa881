"""Cut the power after every call of a run, of its packing and of its extension.

The calls by which the trainer and the packing process change the store are written
down. At every point of that list the disk is built as a power cut may leave it: without
all that was not synced, with all names but no unsynced bytes, with each unsynced page
kept or not, and with each unsynced name kept or not as well. In each of these states
every checkpoint that counted as committed must be there and equal, everything that a
reader is shown must be whole, and the newest must be one to go on from; in a part of
them the run is gone on with, to the same bits.

Whether this would notice a loss is seen by leaving out one kind of fsync at a time.

Run: ``python benchmarks/power.py``; ``--resume-every 50`` goes on with fewer.
"""

import argparse
import os
import random
import shutil
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lost.disk import RANDOM, VARIANTS, Disk, fingerprint, lay_out
from lost.log import Entry, read_log
from lost.nursery import EFFECTS, Nursery, scratch_folder
from lost.trials import Bits, Whole, final_bits, lost, run_ids, steps_there, unfinished

from grokdash.errors import GrokdashError

RUN = [
    "--preset=quick",
    "--quiet",
    "--p=5",
    "--d-model=4",
    "--d-mlp=4",
    "--n-heads=1",
    "--epochs=20",
    "--dense-until=0",
    "--checkpoint-every=5",
    "--grids=2",
]
LONGER = 35
LEFT_OUT = {
    "bytes of a checkpoint": "checkpoints/.tmp-*",
    "bytes of an optimiser state": "state/.tmp-*",
    "bytes of the packed file": ".tmp-*-run.h5",
    "bytes of run.json": ".tmp-*-run.json",
    "names of checkpoints": "add-*/checkpoints",
    "names of states": "add-*/state",
    "names in the run's folder": "store/add-*",
    "names of runs": "*/store",
}


@dataclass(frozen=True)
class Story:
    """A run's life: its calls, its id, and what it is without a power cut."""

    root: str
    log: list[Entry]
    run_id: str
    bits: Bits


@dataclass(frozen=True)
class State:
    """What one power cut has left, and what had been committed before it."""

    variant: str
    point: int
    left: dict[str, bytes]
    committed: frozenset[int]


def commands(store: Path, run_id: str) -> list[list[str]]:
    """Give the commands of the story: train a run, then train it for longer."""
    place = ["--store", str(store)]
    longer = ["--quiet", "--resume", run_id, f"--epochs={LONGER}"]
    return [["train", *RUN, *place], ["train", *longer, *place]]


def tell(nursery: Nursery, store: Path) -> Story:
    """Train the run and its extension, and write down every call."""
    log: list[Entry] = []
    run_id = ""
    for number in range(2):
        process = nursery.run(commands(store, run_id)[number], store, recording=EFFECTS)
        if process.code:
            raise SystemExit(process.said)
        log += read_log(Path(process.disk.log.decode()))
        (run_id,) = run_ids(store)
    return Story(str(store), log, run_id, final_bits(store, run_id))


def states(
    story: Story, dice: random.Random, draws: int, ignored: str = ""
) -> tuple[int, list[State]]:
    """Give how many states there are, and those that differ for a reader."""
    variants = [*VARIANTS, *(RANDOM * (draws - 1))]
    disk, committed = Disk(story.root, ignored), set[int]()
    known: set[tuple[int, frozenset[int]]] = set()
    found: list[State] = []
    for point, entry in enumerate(story.log):
        if entry.call == "note":
            committed.add(int(entry.path.split()[1]))
        disk.apply(entry)
        for variant in variants:
            left = disk.after_power_cut(variant, dice)
            state = State(variant, point, left, frozenset(committed))
            key = fingerprint(left), state.committed
            if key not in known:
                known.add(key)
                found.append(state)
    return len(story.log) * len(variants), found


def problems(story: Story, state: State, place: Path) -> list[str]:
    """Lay a state out, and say what is wrong with it."""
    lay_out(state.left, story.root, place)
    committed = set(state.committed)
    wrong = lost(place, story.run_id, committed, story.bits, measures=False)
    there = set[int]()
    try:
        there = steps_there(place, story.run_id)
        wrong += lost(
            place, story.run_id, there - committed, story.bits, measures=False
        )
        if committed:
            with Whole(place, story.run_id) as run:
                run.state(max(committed))
    except GrokdashError as error:
        wrong.append(f"unreadable: {error}")
    return wrong


class Resumption:
    """Goes on with a run on what a power cut has left."""

    def __init__(self, nursery: Nursery, story: Story) -> None:
        self._nursery, self._story, self._lock = nursery, story, threading.Lock()

    def __call__(self, place: Path) -> list[str]:
        for command in commands(place, self._story.run_id):
            with self._lock:
                process = self._nursery.start(command, place)
            if process.wait(100):
                return [f"no resume: {process.said[-600:]}"]
        wrong = unfinished(place, {self._story.run_id: self._story.bits})
        shutil.rmtree(place)
        return wrong


def main() -> None:
    """Cut the power everywhere, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resume-every", type=int, default=10, metavar="N")
    parser.add_argument(
        "--draws", type=int, default=5, help="of what is left by chance, at each point"
    )
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    begun = time.monotonic()
    with Nursery() as nursery, scratch_folder("grokdash-power-") as place:
        story = tell(nursery, place / "store")
        total, found = states(story, random.Random(wanted.seed), wanted.draws)
        calls = sum(entry.call != "note" for entry in story.log)
        print(f"{calls} calls, {total:,} states, {len(found):,} of them different")
        wrong: list[str] = []
        counts: Counter[str] = Counter()
        resumed: list[tuple[State, Path]] = []
        for number, state in enumerate(found):
            store = place / f"state-{number}"
            told = problems(story, state, store)
            counts[state.variant] += 1
            counts[f"{state.variant}, wrong"] += bool(told)
            wrong += [f"{state.variant}, call {state.point}: {one}" for one in told]
            if number % wanted.resume_every == 0:
                resumed.append((state, store))
            else:
                shutil.rmtree(store)
        go_on = Resumption(nursery, story)
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for (state, _), told in zip(
                resumed, pool.map(go_on, [store for _, store in resumed]), strict=True
            ):
                counts["not the same"] += bool(told)
                wrong += [f"{state.variant}, call {state.point}: {one}" for one in told]
        print_counts(counts, len(resumed))
        blind = try_left_out(story, place, wanted.seed)
    print(f"{time.monotonic() - begun:.0f} s")
    print("\n".join(wrong[:40]) or "nothing lost")
    sys.exit(bool(wrong or blind))


def print_counts(counts: Counter[str], resumed: int) -> None:
    """Print a row per variant, and how the resumptions ended."""
    print(f"{'left by the power cut':24}{'states':>8}{'with a loss':>14}")
    for variant in VARIANTS:
        print(f"{variant:24}{counts[variant]:8}{counts[f'{variant}, wrong']:14}")
    print(f"gone on with: {resumed}, not to the same bits: {counts['not the same']}")


def try_left_out(story: Story, place: Path, seed: int) -> list[str]:
    """Leave out every kind of fsync in turn; give those whose loss went unnoticed."""
    blind: list[str] = []
    print(f"{'fsync left out':30}{'states':>8}{'with a loss':>14}")
    for name, pattern in LEFT_OUT.items():
        _, found = states(story, random.Random(seed), 1, pattern)
        chosen = [one for one in found if one.variant == "nothing unsynced"]
        chosen += [one for one in found if one.variant == "names alone"][::3]
        losses = 0
        for state in chosen:
            store = place / "left-out"
            losses += bool(problems(story, state, store))
            shutil.rmtree(store)
        print(f"{name:30}{len(chosen):8}{losses:14}", flush=True)
        blind += [] if losses else [name]
    return blind


if __name__ == "__main__":
    main()
