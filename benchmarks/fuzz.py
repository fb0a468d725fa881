"""Damage and forge files of a run, read them as the server does, and count what came.

Every kind of file (checkpoint, state, grids, packed) is damaged in ``--files`` ways:
flipped bits, overwritten bytes, erased, swapped and repeated pages, cut off. Then
``--forged`` files of all kinds together have changed fields in any block of HDF5's
metadata, or changed values, each with a checksum that fits. Every file is read through
``open_store`` with examining children, as in ``grokdash serve``, and each value is
compared with what was written.

Run: ``python benchmarks/fuzz.py --files 500 --forged 500``; the same seed makes the
same files. What was not refused cleanly is kept in ``--keep``. Memory that was never
written is filled with a pattern, so that it is known where it is handed out.
"""

import argparse
import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, Self

import h5py
from hostile.cases import KINDS, PATTERN, Case

HANG_S = 2.0
MOST_BYTES = 500 * 2**20


def peak_bytes() -> int:
    """Give the largest resident size since the last call, and begin anew (Linux)."""
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/self/status").read_text().splitlines()
        line = next(line for line in lines if line.startswith("VmHWM"))
        Path("/proc/self/clear_refs").write_text("5")
        return int(line.split()[1]) * 1024
    return 0


def work(arguments: argparse.Namespace) -> None:
    """Read files in turn; say before each which it is, after it what came."""
    kind, first, step = arguments.kind, arguments.first, arguments.step
    with tempfile.TemporaryDirectory(dir=_memory()) as place:
        case = Case(Path(place), kind)
        for number in range(first, arguments.files, step):
            rng = random.Random(f"{arguments.seed} {kind} {arguments.forge} {number}")
            data, what = case.changed(rng, forged=arguments.forge)
            case.put(data)
            Path(arguments.last).write_bytes(data)
            _say({"number": number, "what": what})
            peak_bytes()
            start = time.perf_counter()
            verdict, why = case.judge()
            took = time.perf_counter() - start
            _say({"verdict": verdict, "why": why, "s": took, "bytes": peak_bytes()})


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


class Tally:
    """What came of all files of one kind."""

    def __init__(self, name: str, keep: Path) -> None:
        self.name = name
        self.keep = keep
        self.counts: Counter[str] = Counter()
        self.forged: Counter[str] = Counter()
        self.blocks: Counter[str] = Counter()
        self.slowest = 0.0
        self.largest = 0

    def add(self, about: dict[str, Any], line: dict[str, Any], data: bytes) -> None:
        verdict = line["verdict"]
        if about["what"] == "values" and verdict == "silently wrong":
            verdict = "wrong values, right checksum"
        self.counts[verdict] += 1
        self.slowest = max(self.slowest, line["s"])
        self.largest = max(self.largest, line["bytes"])
        self.blocks.update(about["what"].split("+"))
        self.counts["hang"] += line["s"] > HANG_S
        self.counts["over 500 MB"] += line["bytes"] > MOST_BYTES
        bad = verdict not in ("refused", "equal", "wrong values, right checksum")
        if bad or line["s"] > HANG_S or line["bytes"] > MOST_BYTES:
            place = f"{self.name}-{about['number']}-{verdict.replace(' ', '-')}"
            (self.keep / f"{place}.h5").write_bytes(data)
            (self.keep / f"{place}.txt").write_text(f"{about} {line}\n")

    def row(self) -> str:
        names = ("refused", "equal", "silently wrong", "wrong values, right checksum")
        names += ("foreign bytes", "server death", "child died", "traceback", "hang")
        cells = [f"{self.counts[name]:,}" for name in (*names, "over 500 MB")]
        cells += [f"{self.slowest:.2f} s", f"{self.largest / 1e6:.0f} MB"]
        return f"| {self.name} | {' | '.join(cells)} |"


def drive(arguments: argparse.Namespace, kind: str, *, forged: bool) -> Tally:
    """Share the files out among workers, and start those again that died."""
    name = f"{kind}, {'forged' if forged else 'damaged'}"
    tally = Tally(name, arguments.keep)
    total = arguments.forged // len(KINDS) if forged else arguments.files
    n = arguments.workers
    with contextlib.ExitStack() as stack:
        running = [
            stack.enter_context(_Worker(arguments, kind, (i, n, total), forged=forged))
            for i in range(n)
        ]
        while running:
            running = [one for one in running if one.go_on(tally)]
    return tally


class _Worker:
    def __init__(
        self,
        arguments: argparse.Namespace,
        kind: str,
        share: tuple[int, int, int],
        *,
        forged: bool,
    ) -> None:
        self.first, self.step, self.total = share
        self._last = arguments.keep / f"last-{self.first}"
        self._command = [sys.executable, __file__, "--kind", kind]
        self._command += ["--seed", arguments.seed, "--last", str(self._last)]
        self._command += ["--step", str(self.step), "--files", str(self.total)]
        self._command += ["--forge"] if forged else []
        self._about: dict[str, Any] = {}
        self._process = self._start()

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*self._command, "--first", str(self.first)],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"MALLOC_PERTURB_": str(PATTERN)},
        )

    def go_on(self, tally: Tally) -> bool:
        """Take one line from the worker; say whether there are more to come."""
        assert self._process.stdout is not None
        text = self._process.stdout.readline()
        if text:
            line = json.loads(text)
            if "verdict" in line:
                tally.add(self._about, line, self._last.read_bytes())
                self.first = self._about["number"] + self.step
            else:
                self._about = line
            return True
        code = self._process.wait()
        if code == 0:
            return False
        if self._about.get("number") != self.first:
            raise SystemExit(f"a worker ends with {code} before its first file")
        tally.counts["server death"] += 1
        saved = tally.keep / f"{tally.name}-{self.first}-death{code}.h5"
        shutil.copy(self._last, saved)
        self.first += self.step
        self._process.stdout.close()
        self._process = self._start()
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._last.unlink(missing_ok=True)
        if self._process.stdout is not None:
            self._process.stdout.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=500, help="damaged, of each kind")
    parser.add_argument("--forged", type=int, default=500, help="forged, of all kinds")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-found"))
    for name in ("--kind", "--last"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    for name in ("--first", "--step"):
        parser.add_argument(name, type=int, help=argparse.SUPPRESS)
    parser.add_argument("--forge", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.kind:
        work(arguments)
        return
    arguments.keep.mkdir(exist_ok=True)
    print(f"HDF5 {h5py.version.hdf5_version}, seed {arguments.seed}")
    print(
        "| files | refused | read, equal | silently wrong | wrong with right checksum "
        "| foreign bytes | server deaths | caught in the child | tracebacks "
        "| over 2 s | over 500 MB | slowest | largest |"
    )
    print("|---|" + "---:|" * 12)
    forged: Counter[str] = Counter()
    start = time.perf_counter()
    for is_forged in (False, True):
        for kind in KINDS:
            tally = drive(arguments, kind, forged=is_forged)
            print(tally.row(), flush=True)
            forged += tally.blocks if is_forged else Counter()
    told = ", ".join(f"{kind} {n:,}" for kind, n in sorted(forged.items()))
    print(f"forged in: {told}")
    print(f"{(time.perf_counter() - start) / 60:.1f} minutes")


if __name__ == "__main__":
    main()
