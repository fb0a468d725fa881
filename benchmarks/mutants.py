"""Break the analysis formulas on purpose, one at a time, and see which test notices.

    python benchmarks/mutants.py [--count 320] [--only MODULE] [--workers 2] [--keep F]

A mutant is one module of grokdash/analysis with one change: a sign, an operator, an
index, an axis, a swapped argument, a dropped square, root, division or conjugate, a
mean for a sum, training for test, a flipped comparison, a constant plus one. Each runs
in its own process against the tests that call the changed function, the quickest first:
without the checks of shapes and types, which take longer than most tests, then with
them, then, without, against every test of the files that touch the module. What
survives must be listed, with the reason, in tests/analysis/survivors.toml: the script
ends with 1 if something else survives. The choice is by a hash of the change, so it is
the same in every run, and a larger count adds to a smaller one. --keep names a file of
those that were killed: they are not tried again.
"""

import argparse
import ast
import copy
import hashlib
import importlib
import importlib.machinery
import json
import os
import signal
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parents[1]
ANALYSIS = HERE / "grokdash" / "analysis"
LISTED = HERE / "tests" / "analysis" / "survivors.toml"
TESTS = ("tests/analysis", "tests/model")
SECONDS = 120
"""CPU time after which a mutant counts as killed: a busy machine kills nothing."""
NOTICED = {
    int(pytest.ExitCode.TESTS_FAILED): "killed",
    int(pytest.ExitCode.INTERRUPTED): "killed",  # a test file cannot be imported
    int(pytest.ExitCode.USAGE_ERROR): "killed",  # conftest.py cannot be imported
}
HEAVY = (
    *("numpy", "scipy.linalg", "scipy.stats", "torch", "pydantic", "h5py", "requests"),
    *("dash.testing", "hypothesis.extra.numpy", "beartype", "selenium.webdriver"),
)
"""What every process would import again: none of it is changed."""
IMPORTED = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
QUIET = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "--no-header")
UNCHECKED = ("-o", "addopts=--import-mode=importlib")
NEAR, CHECKED, FAR = range(3)
"""What is tried one after another on what still lives."""

OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
COMPARED = {
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
NAMES = {
    "mean": "sum",
    "sum": "mean",
    "cos": "sin",
    "sin": "cos",
    "max": "min",
    "min": "max",
    "argmax": "argmin",
    "argmin": "argmax",
    "any": "all",
    "all": "any",
    "real": "imag",
    "imag": "real",
    "train": "test",
    "test": "train",
}
SYMMETRIC = {"max", "min", "maximum", "minimum", "multiply", "add"}
"""Calls whose two arguments may change places."""
DROPPED = {"sqrt", "square", "abs", "conj", "log", "exp", "maximum"}


@dataclass(frozen=True)
class Mutant:
    """One change: where it is, what the text was and what it became."""

    module: str
    function: str
    line: int
    before: str
    after: str
    nth: int
    source: Callable[[], str]

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        return (self.module, self.function, self.before, self.after, self.nth)

    @property
    def order(self) -> str:
        return hashlib.sha256(repr(self.key).encode()).hexdigest()

    def __str__(self) -> str:
        where = f"{self.module}.py:{self.line} {self.function}"
        return f"{where}: {self.before}  →  {self.after}"


def operators(node: ast.BinOp) -> Iterator[ast.expr]:
    other = OPERATORS.get(type(node.op))
    if other:
        yield ast.BinOp(node.left, other(), node.right)
    if isinstance(node.op, ast.Div | ast.Pow | ast.Mod):
        yield node.left
    if isinstance(node.op, ast.MatMult):
        yield ast.BinOp(node.right, ast.MatMult(), node.left)


def swaps(name: str) -> bool:
    return name not in SYMMETRIC and not name.startswith("is")


def called(node: ast.Call) -> Iterator[ast.expr]:
    name = ast.unparse(node.func).rpartition(".")[2]
    if name in DROPPED and isinstance(node.func, ast.Attribute):
        inside = node.args[0] if node.args else None
        yield inside or getattr(node.func, "value")  # noqa: B009
    plain = [one for one in node.args if not isinstance(one, ast.Starred)]
    if name == "transpose" and len(plain) > 1:
        args = [*plain[:-2], plain[-1], plain[-2]]
        yield ast.Call(node.func, args, node.keywords)
    elif len(plain) == len(node.args) == 2 and swaps(name):
        yield ast.Call(node.func, plain[::-1], node.keywords)


def constants(node: ast.Constant) -> Iterator[ast.expr]:
    if isinstance(node.value, str) and node.value in NAMES:
        yield ast.Constant(NAMES[node.value])
    elif isinstance(node.value, int | float) and not isinstance(node.value, bool):
        yield ast.Constant(node.value + 1)


def compared(node: ast.Compare) -> Iterator[ast.expr]:
    other = COMPARED.get(type(node.ops[0]))
    if other:
        yield ast.Compare(node.left, [other(), *node.ops[1:]], node.comparators)


def named(node: ast.Attribute) -> Iterator[ast.expr]:
    if node.attr == "T":
        yield node.value
    elif node.attr in NAMES:
        yield ast.Attribute(node.value, NAMES[node.attr], node.ctx)


def changed(node: ast.AST) -> Iterator[ast.AST]:
    """Give what a node may become."""
    match node:
        case ast.BinOp():
            yield from operators(node)
        case ast.UnaryOp(op=ast.USub() | ast.Not() | ast.Invert()):
            yield node.operand
        case ast.Compare():
            yield from compared(node)
        case ast.Call():
            yield from called(node)
        case ast.Attribute(ctx=ast.Load()):
            yield from named(node)
        case ast.Constant():
            yield from constants(node)
        case ast.AugAssign() if type(node.op) in OPERATORS:
            yield ast.AugAssign(node.target, OPERATORS[type(node.op)](), node.value)


Place = tuple[str, int | None]


def formulas(
    node: ast.AST, path: tuple[Place, ...] = (), function: str = ""
) -> Iterator[tuple[tuple[Place, ...], ast.AST, str]]:
    """Walk over what is computed: no types, decorators, messages or docstrings."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "bases"):
            continue
        several = isinstance(value, list)
        for i, child in enumerate(value if several else [value]):
            silent = ast.Raise | ast.JoinedStr | ast.Import | ast.ImportFrom
            if not isinstance(child, ast.AST) or isinstance(child, silent):
                continue
            if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
                continue
            inside = function
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                inside = f"{function}.{child.name}" if function else child.name
            place = (*path, (field, i if several else None))
            yield place, child, inside
            yield from formulas(child, place, inside)


def rebuilt(tree: ast.Module, path: tuple[Place, ...], new: ast.AST) -> str:
    """Give the text of a module with another node at a place."""
    tree = copy.deepcopy(tree)
    node: ast.AST = tree
    for field, i in path[:-1]:
        value = getattr(node, field)
        node = value if i is None else value[i]
    field, i = path[-1]
    if i is None:
        setattr(node, field, new)
    else:
        getattr(node, field)[i] = new
    return ast.unparse(ast.fix_missing_locations(tree))


def mutants(module: Path) -> Iterator[Mutant]:
    tree = ast.parse(module.read_text("utf-8"))
    seen: Counter[tuple[str, str, str]] = Counter()
    for path, node, function in formulas(tree):
        for new in changed(node):
            before, after = ast.unparse(node), ast.unparse(new)
            name = (function, before, after)
            seen[name] += 1
            line = getattr(node, "lineno", 0)
            source = partial(rebuilt, tree, path, new)
            yield Mutant(module.stem, *name[:1], line, *name[1:], seen[name], source)


def put_in_place(module: str, source: str) -> None:
    """Let this process import another text for one module of the analysis."""
    wanted = str(ANALYSIS / f"{module}.py")
    loader = importlib.machinery.SourceFileLoader
    data, stats = loader.get_data, loader.path_stats

    def get_data(self, path):  # noqa: ANN001, ANN202
        return source.encode() if str(path) == wanted else data(self, path)

    def path_stats(self, path):  # noqa: ANN001, ANN202
        if str(path) == wanted:
            raise OSError("never from the cache of compiled modules")
        return stats(self, path)

    loader.get_data, loader.path_stats = get_data, path_stats


class Touched:
    """Note which functions of the analysis each test calls, and how long it takes."""

    def __init__(self) -> None:
        self.tests: dict[str, tuple[float, list[str]]] = {}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item):  # noqa: ANN001, ANN201
        names: set[str] = set()
        prefix = str(ANALYSIS)

        def called_in(frame, *_):  # noqa: ANN001, ANN002, ANN202
            code = frame.f_code
            if code.co_filename.startswith(prefix):
                names.add(f"{Path(code.co_filename).stem}:{code.co_qualname}")

        started = time.perf_counter()
        # Called for Python's own functions alone, which costs less than a profile.
        sys.settrace(called_in)
        yield
        sys.settrace(None)
        took = time.perf_counter() - started
        self.tests[item.nodeid] = (took, sorted(names))


def in_child(work: Callable[[], int]) -> int:
    """Fork; the child works in silence and ends with the number that it gets."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    code = 99
    try:
        code = work()
    finally:
        os._exit(code)


def mapped() -> dict[str, tuple[float, list[str]]]:
    """Run the tests once; give their time and the functions that each calls."""
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "touched.json"

        def work() -> int:
            signal.setitimer(signal.ITIMER_PROF, 0)
            touched = Touched()
            code = int(pytest.main([*QUIET, *IMPORTED, *TESTS], plugins=[touched]))
            found.write_text(json.dumps(touched.tests), "utf-8")
            return code

        _, status = os.waitpid(in_child(work), 0)
        if status:
            raise SystemExit("the tests fail without any mutant")
        return json.loads(found.read_text("utf-8"))


class Chooser:
    """Give the tests that may notice a change: the nearest first, then the rest."""

    def __init__(self, tests: dict[str, tuple[float, list[str]]]) -> None:
        self._tests = tests

    def _quickest(self, wanted: Callable[[list[str]], bool]) -> list[str]:
        found = [name for name, (_, names) in self._tests.items() if wanted(names)]
        return sorted(found, key=lambda name: self._tests[name][0])

    def near(self, mutant: Mutant) -> list[str]:
        start = f"{mutant.module}:{mutant.function}"
        return self._quickest(lambda names: any(n.startswith(start) for n in names))

    def far(self, mutant: Mutant) -> list[str]:
        start = f"{mutant.module}:"
        touch = self._quickest(lambda names: any(n.startswith(start) for n in names))
        files = {name.partition("::")[0] for name in touch}
        near = set(self.near(mutant)) if mutant.function else set()
        cost = {name: self._tests[name][0] for name in self._tests}
        rest = [n for n in cost if n.partition("::")[0] in files and n not in near]
        return sorted(rest, key=lambda name: cost[name])


def survives(mutant: Mutant, tests: list[str], trial: int) -> Callable[[], int]:
    def work() -> int:
        put_in_place(mutant.module, mutant.source())
        how = [*IMPORTED, *(UNCHECKED if trial != CHECKED else ())]
        # Without a test to run, pytest would run all that it finds.
        return int(pytest.main([*QUIET, *how, *tests])) if tests else 0

    return work


def killed_by(status: int) -> str:
    """Say what noticed; an error of pytest itself ends the script."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        return "endless" if number == signal.SIGPROF else f"signal {number}"
    if (code := os.WEXITSTATUS(status)) not in NOTICED:
        raise SystemExit(f"pytest ended with {code}: that is no test that failed")
    return NOTICED[code]


def attack(
    chosen: list[Mutant],
    chooser: Chooser,
    workers: int,
    note: Callable[[Mutant], object],
) -> list[Mutant]:
    """Run every mutant; note those that are killed, give those that nothing noticed."""
    waiting = [(one, NEAR) for one in reversed(chosen)]
    running: dict[int, tuple[Mutant, int]] = {}
    alive: list[Mutant] = []
    done = 0
    while waiting or running:
        while waiting and len(running) < workers:
            mutant, trial = waiting.pop()
            tests = chooser.far(mutant) if trial == FAR else chooser.near(mutant)
            running[in_child(survives(mutant, tests, trial))] = (mutant, trial)
        pid, status = os.waitpid(-1, 0)
        mutant, trial = running.pop(pid)
        if status == 0 and trial != FAR:
            waiting.append((mutant, trial + 1))
            continue
        done += 1
        if status == 0:
            alive.append(mutant)
        else:
            note(mutant)
        verdict = "SURVIVED" if status == 0 else killed_by(status)
        print(f"{done:4d} {verdict:8} {mutant} (no. {mutant.nth})", flush=True)
    return alive


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


def check_nothing_fails(mutant: Mutant) -> None:
    """See that a module that is put in place unchanged survives all tests."""
    text = (ANALYSIS / f"{mutant.module}.py").read_text("utf-8")
    unchanged = replace(mutant, source=lambda: text)
    if os.waitpid(in_child(survives(unchanged, list(TESTS), NEAR)), 0)[1]:
        raise SystemExit("the tests fail for a module that is put in place unchanged")


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
    for name in HEAVY:
        importlib.import_module(name)
    started = time.perf_counter()
    chooser = Chooser(mapped())
    print(f"tests mapped in {time.perf_counter() - started:.0f} s", flush=True)
    check_nothing_fails(found[0])
    waiting = [one for one in chosen if one.order not in kept.orders]
    alive = attack(waiting, chooser, asked.workers, kept.note)
    return report(chosen, alive, time.perf_counter() - started)


if __name__ == "__main__":
    raise SystemExit(main())
