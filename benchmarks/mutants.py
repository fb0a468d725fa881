"""Break the analysis formulas on purpose, one at a time, and see which test notices.

    python benchmarks/mutants.py [--count 320] [--only MODULE] [--workers 2] [--keep F]

A mutant is one module of grokdash/analysis with one change: a sign, an operator, an
index, an axis, a swapped argument, a dropped square, root, division or conjugate, a
mean for a sum, training for test, a flipped comparison, a constant plus one. Each runs
in a process of its own, which is forked where all tests are collected already, and only
gets other code in its functions; against the tests that call the changed function, the
quickest first, then against every test of the files that touch the module. What changes
on import, and what has survived so far, is imported anew, the latter with the checks of
shapes and types. What survives must be listed, with the reason, in
tests/analysis/survivors.toml: the script ends with 1 if something else survives. The
choice is by a hash of the change, so it is the same in every run, and a larger count
adds to a smaller one. --keep names a file of those that were killed: they are not tried
again.
"""

import argparse
import importlib
import json
import os
import signal
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pytest
from mutation.changes import Mutant, mutants
from mutation.exchange import ANALYSIS, exchange, put_in_place

HERE = Path(__file__).resolve().parents[1]
LISTED = HERE / "tests" / "analysis" / "survivors.toml"
TESTS = ("tests/analysis", "tests/model")
SECONDS = 120
"""CPU time after which a mutant counts as killed: a busy machine kills nothing."""
NOTICED = (
    int(pytest.ExitCode.TESTS_FAILED),
    int(pytest.ExitCode.INTERRUPTED),  # a test file cannot be imported
    int(pytest.ExitCode.USAGE_ERROR),  # conftest.py cannot be imported
)
HEAVY = (
    *("numpy", "scipy.linalg", "scipy.stats", "torch", "pydantic", "h5py", "requests"),
    *("dash.testing", "hypothesis.extra.numpy", "beartype", "selenium.webdriver"),
)
"""What every process would import again: none of it is changed."""
QUIET = (
    *("-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "--no-header"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)
UNCHECKED = ("-o", "addopts=--import-mode=importlib")
FORKED, IMPORTED, CHECKED = range(3)
"""How a mutant is tried: one of the first two, then with the checks."""

Touched = dict[str, tuple[float, list[str]]]
"""The seconds of every test, and the functions of the analysis that it calls."""


class Calls:
    """Note the functions of the analysis that are called."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self._prefix = str(ANALYSIS)

    def __call__(self, frame, *_) -> None:  # noqa: ANN001, ANN002
        code = frame.f_code
        if code.co_filename.startswith(self._prefix):
            self.names.add(f"{Path(code.co_filename).stem}:{code.co_qualname}")

    def __enter__(self) -> Self:
        # Called for Python's own functions alone, which costs less than a profile.
        sys.settrace(self)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)


def run_tests(session: pytest.Session, names: list[str]) -> int:
    """Run some of the tests that were collected, until one fails."""
    items = {item.nodeid: item for item in session.items}
    chosen = [items[name] for name in names]
    for item, following in zip(chosen, [*chosen[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            return int(pytest.ExitCode.TESTS_FAILED)
    return 0


def in_child(work: Callable[[], int], seconds: float = SECONDS) -> int:
    """Fork; the child works in silence and ends with the number that it gets."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    code = 99
    try:
        code = work()
    finally:
        os._exit(code)


def mapped(session: pytest.Session) -> Touched:
    """Run all tests once; give their times and the functions that each calls."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "touched.json"

        def work() -> int:
            found: Touched = {}
            for item in session.items:
                started = time.perf_counter()
                with Calls() as calls:
                    code = run_tests(session, [item.nodeid])
                found[item.nodeid] = (time.perf_counter() - started, [*calls.names])
                if code:
                    return code
            told.write_text(json.dumps(found), "utf-8")
            return 0

        if os.waitpid(in_child(work, 0), 0)[1]:
            raise SystemExit("the tests fail without any mutant")
        return json.loads(told.read_text("utf-8"))


class Chooser:
    """Give the tests that may notice a change: the nearest first, then the rest."""

    def __init__(self, tests: Touched) -> None:
        self._tests = tests

    def _quickest(self, names: list[str]) -> list[str]:
        return sorted(names, key=lambda name: self._tests[name][0])

    def near(self, mutant: Mutant) -> list[str]:
        start = f"{mutant.module}:{mutant.function}"
        return self._quickest(self._touching(start))

    def all(self, mutant: Mutant) -> list[str]:
        near = self.near(mutant)
        touching = self._touching(f"{mutant.module}:")
        files = {name.partition("::")[0] for name in touching}
        return near + self._quickest(
            [n for n in self._tests if n.partition("::")[0] in files and n not in near]
        )

    def _touching(self, start: str) -> list[str]:
        return [
            name
            for name, (_, called) in self._tests.items()
            if any(one.startswith(start) for one in called)
        ]


class Attack:
    """A plugin that tries every mutant once all tests are collected.

    ``importing`` has the functions that were called while they were.
    """

    def __init__(
        self,
        chosen: list[Mutant],
        workers: int,
        note: Callable[[Mutant], object],
        importing: Calls,
    ) -> None:
        self._chosen = chosen
        self._workers = workers
        self._note = note
        self._importing = importing
        self.alive: list[Mutant] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        started = time.perf_counter()
        self._importing.__exit__()
        self._session, self._choose = session, Chooser(mapped(session))
        took = time.perf_counter() - started
        print(f"{len(session.items)} tests mapped in {took:.0f} s", flush=True)
        check_nothing_fails(session)
        self._try_all()
        return True

    def _try_all(self) -> None:
        """Run every mutant; note those that are killed, keep those that are not."""
        waiting = [(one, self._first(one)) for one in reversed(self._chosen)]
        running: dict[int, tuple[Mutant, int]] = {}
        done = 0
        while waiting or running:
            while waiting and len(running) < self._workers:
                mutant, trial = waiting.pop()
                running[in_child(self._work(mutant, trial))] = (mutant, trial)
            pid, status = os.waitpid(-1, 0)
            mutant, trial = running.pop(pid)
            if status == 0 and trial != CHECKED:
                waiting.append((mutant, CHECKED))
                continue
            done += 1
            verdict = killed_by(status) if status else "SURVIVED"
            (self._note if status else self.alive.append)(mutant)
            print(f"{done:4d} {verdict:8} {mutant} (no. {mutant.nth})", flush=True)

    def _first(self, mutant: Mutant) -> int:
        name = f"{mutant.module}:{mutant.function}"
        called = any(one.startswith(name) for one in self._importing.names)
        return FORKED if mutant.inside and not called else IMPORTED

    def _work(self, mutant: Mutant, trial: int) -> Callable[[], int]:
        near, every = self._choose.near(mutant), self._choose.all(mutant)

        def forked() -> int:
            exchange(mutant.module, mutant.source())
            return run_tests(self._session, every)

        def imported() -> int:
            tests, how = (near, ()) if trial == CHECKED else (every, UNCHECKED)
            # Without a test to run, pytest would run all that it finds.
            if not tests:
                return 0
            return run_apart(mutant, [*QUIET, *how, *tests])

        return forked if trial == FORKED else imported


def run_apart(mutant: Mutant, arguments: list[str]) -> int:
    """Run pytest where nothing of grokdash is imported yet."""
    for name in [*sys.modules]:
        if name.partition(".")[0] in {"grokdash", "tests"}:
            del sys.modules[name]
    put_in_place(mutant.module, mutant.source())
    return int(pytest.main(arguments))


def killed_by(status: int) -> str:
    """Say what noticed; an error of pytest itself ends the script."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        return "endless" if number == signal.SIGPROF else f"signal {number}"
    if (code := os.WEXITSTATUS(status)) not in NOTICED:
        raise SystemExit(f"pytest ended with {code}: that is no test that failed")
    return "killed"


def check_nothing_fails(session: pytest.Session) -> None:
    """See that all modules survive all tests with their own code in them."""

    def work() -> int:
        for path in sorted(ANALYSIS.glob("*.py")):
            if f"grokdash.analysis.{path.stem}" in sys.modules:
                exchange(path.stem, path.read_text("utf-8"))
        return run_tests(session, [item.nodeid for item in session.items])

    if os.waitpid(in_child(work, 0), 0)[1]:
        raise SystemExit("the tests fail for modules that were given their own code")


class Kept:
    """The killed ones of earlier runs, a line each, if there is a file for them."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        there = path is not None and path.exists()
        self.orders = set(path.read_text("utf-8").split()) if path and there else set()

    def note(self, mutant: Mutant) -> None:
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(f"{mutant.order}\n")


def listed() -> dict[tuple, str]:
    """Give the survivors that are known, with the reasons."""
    rows = tomllib.loads(LISTED.read_text("utf-8"))["survivor"]
    names = ("module", "function", "before", "after")
    return {
        (*(row[n] for n in names), row.get("nth", 1)): row["because"] for row in rows
    }


def report(chosen: list[Mutant], alive: list[Mutant], took: float) -> int:
    known = listed()
    new = [one for one in alive if one.key not in known]
    keys = {one.key for one in chosen} - {one.key for one in alive}
    dead = [key for key in known if key in keys]
    print(f"{len(chosen)} mutants of {len({one.module for one in chosen})} modules")
    print(f"killed                {len(chosen) - len(alive):5d}")
    print(f"survived, with reason {len(alive) - len(new):5d}")
    print(f"survived, unlisted    {len(new):5d}")
    print(f"took                  {took:5.0f} s")
    for one in new:
        print(f"not noticed: {one} (no. {one.nth})")
    for key in dead:
        print("listed, but killed:", *key)
    return 1 if new or dead else 0


def main() -> int:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("--count", type=int, default=320)
    reader.add_argument("--only", default="", help="one module")
    reader.add_argument("--workers", type=int, default=2)
    reader.add_argument("--keep", type=Path, help="file of those that were killed")
    asked = reader.parse_args()
    kept = Kept(asked.keep and asked.keep.resolve())
    os.chdir(HERE)
    sys.path.insert(0, str(HERE))
    storage = tempfile.mkdtemp()
    # Compiling all modules anew takes longer than the tests.
    sys.dont_write_bytecode, sys.pycache_prefix = False, storage
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = storage
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    found = [one for path in sorted(ANALYSIS.glob("*.py")) for one in mutants(path)]
    print(f"{len(found)} possible mutants")
    found = [one for one in found if asked.only in ("", one.module)]
    chosen = sorted(found, key=lambda one: one.order)[: asked.count]
    waiting = [one for one in chosen if one.order not in kept.orders]
    for name in HEAVY:
        importlib.import_module(name)
    started = time.perf_counter()
    with Calls() as importing:
        attack = Attack(waiting, asked.workers, kept.note, importing)
        code = pytest.main([*QUIET, "-s", *UNCHECKED, *TESTS], plugins=[attack])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise SystemExit(f"pytest ended with {code}")
    return report(chosen, attack.alive, time.perf_counter() - started)


if __name__ == "__main__":
    raise SystemExit(main())
