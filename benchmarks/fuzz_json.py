"""Damage every kind of small JSON file of a store, thousands of times, and count harm.

    python benchmarks/fuzz_json.py [--files 20000] [--seed 0] [--kinds lease lock]

A store of two runs and two sweeps is made in a temporary folder. Of one run and one
sweep, each kind of file in turn is replaced so many times (20,000 by default) by a
mutant: values of other types, sizes and ranges, names twice, missing or unknown, deep
and long lists, other encodings, cut and flipped bytes, pipes, links, folders. After
each the real list (the route /api/runs), the listing of the command line and, for
sweeps, the rows of their page are asked for; every tenth time the data of the run's own
page too.

Printed, by kind: mutants of which the run or sweep was then red, had a notice or was
shown as before, and of lease and lock whether their holder could be named; deaths (an
exception that is none of grokdash's, or an answer 500), hangs (over two seconds),
changes of the other run's or sweep's row, and answers with a character that a terminal
obeys. The last four must be 0.
"""

import argparse
import io
import json
import logging
import os
import random
import resource
import shutil
import signal
import stat
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from grokdash.app import create_app
from grokdash.cli import options
from grokdash.cli.runs import runs as list_runs
from grokdash.cli.sweep import list_sweeps
from grokdash.config import make_config
from grokdash.errors import GrokdashError
from grokdash.pages.sweeps.page import stored_sweeps
from grokdash.store import CheckpointData, RunWriter, lease, lock, machine, open_store
from grokdash.store.extensions import add_extension, make_extension
from grokdash.store.schema import param_shapes
from grokdash.store.sweeps import sweep_records, write_plan, write_state
from grokdash.sweeps.plan import parse_sweep

KINDS = (
    "run.json",
    "extensions.json",
    "status.json",
    "notes.json",
    "lease",
    "lock",
    "plan",
    "state",
)
HANG_S = 2.0
HARM = ("deaths", "hangs", "others changed", "unescaped")
EVIL = "\x1b]8;;https://evil\x07\x9b31m\u202e[red][link=x]y\x00\r\n"
RAW = {
    "@1e400": "1e400",
    "@-1e400": "-1e400",
    "@huge": "1" + "0" * 400,
    "@digits": "9" * 5000,
    "@nan": "NaN",
    "@inf": "-Infinity",
    "@half": r'"\ud800"',
    "@pair": r'"\ud83d\ude00"',
    "@nul": r'"a\u0000b"',
    "@deep": "[" * 10_000 + "]" * 10_000,
    "@deeper": '{"a":' * 500 + "1" + "}" * 500,
    "@long": "[" + "0," * 20_000 + "0]",
    "@twice": '{"a": 1, "a": 2}',
}
VALUES = (
    *RAW,
    *(None, True, False, 0, -1, 1, 2, 0.5, -0.5, 1e-320, 1e300, 1.7976931348623157e308),
    *(2**31 - 1, 2**31, 2**53 + 1, 2**63 - 1, 2**63, 2**64, -(2**63), 10**18),
    *(
        "",
        "5",
        "nan",
        "../..",
        "/etc/passwd",
        "running",
        "add",
        "\u0130",
        "x" * 100_000,
    ),
    *(EVIL, [], {}, [[]], [EVIL], {EVIL: EVIL}, {"a": {"b": [1, None]}}, [1, 2, "x"]),
)


@dataclass(slots=True)
class Tally:
    """What came of the mutants of one kind."""

    shown: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0
    found: list[str] = field(default_factory=list)

    def note(self, harm: str, what: str) -> None:
        """Count one harm and remember the first few."""
        self.shown[harm] += 1
        if len(self.found) < 5:
            self.found.append(f"{harm}: {what[:400]}")


class Bench:
    """The store, its app, and what everything looked like before."""

    def __init__(self, folder: Path) -> None:
        self.store = folder / "store"
        self.good, self.victim = (make_run(self.store, seed) for seed in (0, 1))
        self.sweeps = [make_sweep(self.store, name) for name in ("good", "victim")]
        self.files = {
            **{name: self.victim / name for name in KINDS if name.endswith(".json")},
            "lease": self.victim / "lease-00000007",
            "lock": self.victim / "lock",
            "plan": self.store / ".sweeps" / f"{self.sweeps[1]}.json",
            "state": self.store / ".sweeps" / f"{self.sweeps[1]}.state.json",
        }
        # Written by a process that lives, so that its number is asked after.
        owner = {"host": machine.HOST, "mark": machine.MARK, "pid": os.getpid()}
        for name in ("lease", "lock"):
            self.files[name].write_text(json.dumps(owner | {"since": 1.0}))
        status = json.loads(self.files["status.json"].read_text()) | owner
        status |= {"state": "running", "heartbeat": time.time() + 1e6, "eta_s": 9.0}
        self.files["status.json"].write_text(json.dumps(status))
        self.before = {name: path.read_bytes() for name, path in self.files.items()}
        self.opened = open_store(self.store)
        self.client = create_app(self.opened).server.test_client()
        self.rows = self.listed()
        self.sweep_rows = self.listed_sweeps()

    def close(self) -> None:
        """Close the store."""
        self.opened.close()

    def listed(self) -> dict[str, Any]:
        """Ask the route for the list of runs; rows by id."""
        answer = self.client.get("/api/runs")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        found = answer.get_json()
        assert "\x1b" not in answer.get_data(as_text=True)
        rows = found if isinstance(found, list) else found["rows"]
        return {row["id"]: row for row in rows}

    def listed_sweeps(self) -> dict[str, Any]:
        """Lay out the list of sweeps; rows by id."""
        stored_sweeps(self.opened).to_plotly_json()
        records, problems = sweep_records(self.store)
        return {one.id: one for one in records} | problems

    def restore(self, kind: str) -> None:
        """Put the victim's file back."""
        remove(self.files[kind])
        self.files[kind].write_bytes(self.before[kind])

    def look(self, kind: str, number: int) -> str:
        """Look at everything; give how the victim is shown."""
        if kind in ("lease", "lock"):
            return self._lock(kind)
        if kind in ("plan", "state"):
            rows = self.listed_sweeps()
            check_same(rows[self.sweeps[0]], self.sweep_rows[self.sweeps[0]])
            print_list(list_sweeps, self.store)
            row = rows.get(self.sweeps[1])
            return (
                "gone"
                if row is None
                else "red"
                if isinstance(row, str)
                else "as before"
            )
        rows = self.listed()
        check_same(rows[self.good.name], self.rows[self.good.name])
        print_list(list_runs, self.store)
        if number % 10 == 0:
            path = f"/api/run/{self.victim.name}/manifest"
            assert self.client.get(path).status_code != 500
        row = rows[self.victim.name]
        return "red" if row["problem"] else "notice" if row["notice"] else "as before"

    def _lock(self, kind: str) -> str:
        found = lease.holder(self.victim)
        texts = [lock._holder(self.files["lock"]), str(found)]  # noqa: SLF001
        if found is not None:
            texts.append(lease.refusal(self.victim, found))
        for text in texts:
            check_escaped(text)
        return "named" if f"on {machine.HOST}" in texts[kind == "lease"] else "nameless"


class HarmError(Exception):
    """Something that must not happen; the first argument says of which kind."""


def check_same(now: object, before: object) -> None:
    """Refuse a change of what is not damaged."""
    if now != before:
        raise HarmError("others changed", f"{now!r}")


def check_escaped(text: str) -> None:
    """Refuse what a terminal would obey."""
    if not all(one.isprintable() or one in "\n\t" for one in text):
        raise HarmError("unescaped", ascii(text))


def print_list(command: Callable[..., None], store: Path) -> None:
    """List as the command line does."""
    options.out.file = io.StringIO()
    try:
        command(store)
        check_escaped(options.out.file.getvalue())
    finally:
        options.out.file = sys.stdout


def make_run(store: Path, seed: int) -> Path:
    """Write a run of two checkpoints that was extended and has notes."""
    config = make_config(
        p=5, d_model=8, d_mlp=4, n_heads=2, seed=seed, epochs=10, train_fraction=0.5
    )
    params = {name: np.ones(s, "f4") for name, s in param_shapes(config).items()}
    with RunWriter.create(store, config, {"threads": 1, "torch": "none"}) as writer:
        for step in (0, 10):
            writer.commit(CheckpointData(step=step, params=params))
        summary = {"train_loss": 0.5, "test_loss": 1.0, "train_accuracy": 1.0}
        summary |= {"test_accuracy": 0.5, "sparkline": [0.0, 0.5], "grok_end": 5.0}
        writer.set_status(summary=summary | {"key_frequencies": [1, 2]})
        writer.finish()
    folder = store / config.run_id()
    add_extension(folder, (), make_extension(20, 10, 10, {"threads": 1}))
    notes = {"title": "a title", "tags": ["one", "two"], "notes": "some\nnotes"}
    (folder / "notes.json").write_text(json.dumps(notes))
    return folder


def make_sweep(store: Path, name: str) -> str:
    """Write the plan of a sweep and why one of its runs failed."""
    text = (
        f'title = "{name}"\nquestion = "?"\nseeds = [0, 1]\n[fields]\np = 5\nepochs = '
        "10\nd_model = 8\nn_heads = 2\n[grid]\nweight_decay = [0.5, 1.0]\n"
    )
    sweep = parse_sweep(Path(f"{name}.toml"), text)
    write_plan(store, sweep.id, sweep.plan())
    write_state(store, sweep.id, {sweep.configs[0].run_id(): "out of memory"})
    return sweep.id


def mutants(data: bytes, rng: random.Random) -> Iterator[Callable[[Path], None]]:
    """Give mutants of a file without end, each as what writes it to a path."""
    while True:
        draw = rng.random()
        if draw < 0.02:
            yield rng.choice(OTHERS)
        elif draw < 0.2:
            changed = rng.choice(BYTES)(data, rng)
            yield lambda path, changed=changed: path.write_bytes(changed) and None
        else:
            text = mutated(json.loads(data), rng)
            yield lambda path, text=text: path.write_text(text) and None


def mutated(values: Any, rng: random.Random) -> str:
    """Change one to three values of a JSON tree and write it."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        places = list(walk(values))
        if places:
            change(places, rng)
    text = json.dumps(values)
    for name, raw in RAW.items():
        text = text.replace(f'"{name}"', raw)
    if values and rng.random() < 0.05:
        text = text.replace("{", f"{{{json.dumps(rng.choice(list(values)))}: 1, ", 1)
    return text


def change(places: list[tuple[Any, Any]], rng: random.Random) -> None:
    """Replace, remove, move or add one value."""
    holder, key = rng.choice(places)
    draw = rng.random()
    if draw < 0.7:
        holder[key] = rng.choice(VALUES)
    elif draw < 0.8:
        del holder[key]
    elif draw < 0.9:
        other, there = rng.choice(places)
        holder[key] = json.loads(json.dumps(other[there]))
    elif isinstance(holder, dict):
        holder[rng.choice(("zzz", EVIL, "", "format"))] = rng.choice(VALUES)


def walk(values: Any) -> Iterator[tuple[Any, Any]]:
    """Give every place of a JSON tree as its container and key."""
    found: list[Any] = [values]
    while found:
        one = found.pop()
        keys = range(len(one)) if isinstance(one, list) else list(one)
        for key in keys:
            yield one, key
            if isinstance(one[key], dict | list) and one[key]:
                found.append(one[key])


def _flip(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


BYTES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip,
    lambda data, rng: data[: rng.randrange(len(data))],
    lambda data, rng: data[: rng.randrange(len(data))].ljust(len(data), b"\0"),
    lambda data, rng: data + rng.randbytes(9),
    lambda data, _: data + data,
    lambda data, _: data.decode().encode("utf-16"),
    lambda data, _: b"\xef\xbb\xbf" + data,
    lambda data, _: b"\xff\xfe" + data,
    lambda data, _: data + b" " * 2**21,
    lambda *_: b"",
    lambda *_: b"null",
    lambda *_: b"[" * 200_000,
    lambda *_: b'{"a":' * 100_000,
    lambda *_: b'"' * 100_000,
)
OTHERS: tuple[Callable[[Path], Any], ...] = (
    os.mkfifo,
    lambda path: path.mkdir(),
    lambda path: path.symlink_to("/dev/zero"),
    lambda path: path.symlink_to("/etc/passwd"),
    lambda path: path.symlink_to(path.name),
    lambda path: os.mknod(path, stat.S_IFSOCK | 0o600),
    lambda _: None,
)


def remove(path: Path) -> None:
    """Remove whatever has this name."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def fuzz(bench: Bench, kind: str, count: int, seed: int) -> Tally:
    """Damage one kind of file so many times."""
    tally, rng = Tally(), random.Random(f"{kind} {seed}")
    made = mutants(bench.before[kind], rng)
    path = bench.files[kind]
    for number in range(count):
        write = next(made)
        remove(path)
        write(path)
        start = time.perf_counter()
        signal.alarm(30)
        try:
            tally.shown[bench.look(kind, number)] += 1
        except HarmError as harm:
            tally.note(*harm.args)
        except GrokdashError as error:
            tally.note("deaths", f"the list is refused: {error}")
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            tally.note("deaths", f"{type(error).__name__}: {error}")
        finally:
            signal.alarm(0)
        took = time.perf_counter() - start
        tally.slowest_s = max(tally.slowest_s, took)
        if took > HANG_S:
            tally.note("hangs", f"{took:.1f} s")
    bench.restore(kind)
    return tally


def _stuck(*_: object) -> None:
    raise TimeoutError("still waiting after 30 s")


def main() -> int:
    """Fuzz every kind and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=int, default=20_000, help="mutants of each")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    asked = parser.parse_args()
    count, seed = asked.files, asked.seed
    logging.disable(logging.CRITICAL)
    signal.signal(signal.SIGALRM, _stuck)
    harmed = 0
    names = ("red", "notice", "as before", "gone", "named", "nameless", *HARM)
    print(f"{count:,} mutants of each kind, seed {seed}")
    print(f"{'':16}" + "".join(f"{name:>15}" for name in names) + "   slowest")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        for kind in asked.kinds:
            tally = fuzz(bench, kind, count, seed)
            counts = "".join(f"{tally.shown[name]:15,}" for name in names)
            print(f"{kind:16}{counts}{1000 * tally.slowest_s:7.0f} ms", flush=True)
            for line in tally.found:
                print(f"    {line}")
            harmed += sum(tally.shown[name] for name in HARM)
        bench.close()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"most memory: {most:,.0f} MB")
    print("verdict: " + ("no harm" if not harmed else f"{harmed} times harm"))
    return int(bool(harmed))


if __name__ == "__main__":
    sys.exit(main())
