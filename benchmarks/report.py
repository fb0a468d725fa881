"""Measure every budget and print one table: ``make bench``.

    python benchmarks/report.py [--quick] [--out bench] [--only NAME …]

Each benchmark runs in a process of its own, one after another, for so long at most. One
that fails or takes too long is a row that says so, and not the end. ``--quick`` takes a
few minutes and smaller sizes. ``--out bench`` writes ``bench.md`` and ``bench.json`` as
well. The status is 1 if a benchmark failed, and 0 if budgets were missed: a machine may
be slow or busy.
"""

import argparse
import contextlib
import importlib
import inspect
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import table
from table import Growth, Report, Row

from grokdash.terminal import say
from grokdash.written import duration, fixed

HERE = Path(__file__).resolve().parent
STORE = "GROKDASH_BENCH_STORE"
"""Names a store with one finished run in it for all benchmarks that want one."""
PATIENCE_S = {True: 150, False: 3600}
"""For one benchmark, quick or not; an hour of scrubbing takes more than that."""
LONGER_S = {"hour": 5400, "scrub": 900}

SECTIONS = {
    "Training": ("training", "products", "batched", "memory", "bit_equal", "mirrors"),
    "Storing": ("storing", "closing", "checksums", "import_runs"),
    "Browser": ("first_paint", "scrub", "pages"),
    "Server": (
        *("frames", "recompute", "catalogue", "first_open"),
        *("sessions", "connections", "large_moduli", "hour"),
    ),
    "Files": ("exports", "film", "share"),
    "GPU": ("gpu",),
}
ONLY_GROWTH = "growth"

LINES = {
    "step of the nanda preset against a textbook step": ("training", "products"),
    "two threads against one, 40,000 epochs in 20 min": ("training",),
    "40,000 epochs, and 100 seeds at once, on a GPU": ("gpu",),
    "storing, as a share of training": ("storing",),
    "from the slider to six panels drawn; playback": ("scrub",),
    "first paint, first usable page, server start": ("first_paint", "scrub"),
    "one exact frame from the store": ("frames",),
    "list of 1,000 and of 10,000 runs": ("catalogue",),
    "memory of the server after an hour of scrubbing": ("hour",),
    "30 figures, a film, a share file": ("exports", "film", "share"),
    "interventions in the lab": (),
}
"""What has a budget in the design, and the benchmarks that measure it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one benchmark gave: rows, growths, and what else it said."""

    rows: list[Row]
    growths: list[Growth]
    notes: str = ""


def offered(module: ModuleType, name: str, *, quick: bool) -> Any:
    """Let a module measure, if it has such a function; None if it has not."""
    function = getattr(module, name, None)
    if function is None or "quick" not in inspect.signature(function).parameters:
        return None
    return function(quick=quick)


def measured(name: str, *, quick: bool) -> dict[str, Any]:
    """Import a benchmark and let it measure, here; what it prints is an error's."""
    with contextlib.redirect_stdout(sys.stderr):
        module = importlib.import_module(name)
        rows = offered(module, "rows", quick=quick)
        growths = offered(module, "growth", quick=quick) or []
    found = [
        (one.what, one.unit, one.along, list(one.sizes), list(one.costs))
        for one in growths
    ]
    plain = None if rows is None else [asdict(one) for one in table.read_rows(rows)]
    return {"rows": plain, "growths": found}


def in_process(command: list[str], seconds: float, env: dict[str, str]) -> str:
    """Run a command with all that it starts, for so long at most; give its output."""
    with subprocess.Popen(
        command,
        cwd=HERE.parent,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as child:
        try:
            out, errors = child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise BenchmarkError(f"took more than {duration(seconds)}") from None
        finally:
            # With the servers and browsers that it has left behind.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
    if child.returncode:
        last = [line for line in errors.splitlines() if line.strip()] or ["no message"]
        raise BenchmarkError(f"status {child.returncode}: {last[-1][:200]}")
    return out


class BenchmarkError(Exception):
    """A benchmark that has measured nothing, and why."""


def run(name: str, *, quick: bool, env: dict[str, str]) -> Told:
    """Run one benchmark, and say on standard error that it is done."""
    started = time.perf_counter()
    told = run_apart(name, quick=quick, env=env)
    took = duration(time.perf_counter() - started)
    say(f"{name}: {len(told.rows)} rows in {took}", to_errors=True)
    return told


def run_apart(name: str, *, quick: bool, env: dict[str, str]) -> Told:
    """Run one benchmark in a process of its own."""
    if not (HERE / f"{name}.py").exists():
        return Told(rows=[], growths=[])
    seconds = LONGER_S.get(name, PATIENCE_S[quick]) if not quick else PATIENCE_S[quick]
    command = [sys.executable, __file__, "--measure", name]
    try:
        out = in_process([*command, *["--quick"] * quick], seconds, env)
        found = json.loads(out.splitlines()[-1])
        if found["rows"] is None and not found["growths"]:
            return as_script(name, seconds, env)
        rows = table.read_rows(found["rows"] or ())
    except (BenchmarkError, ValueError, IndexError) as error:
        return Told(rows=[Row(what=name, said=str(error), failed=True)], growths=[])
    return Told(rows=rows, growths=[read_growth(*one) for one in found["growths"]])


def environment() -> dict[str, str]:
    """Let a process import the benchmarks and the package beside them."""
    return os.environ | {
        "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent)]),
    }


def read_growth(
    what: str, unit: str, along: str, sizes: list[float], costs: list[float]
) -> Growth:
    return Growth(
        what=what, unit=unit, along=along, sizes=tuple(sizes), costs=tuple(costs)
    )


def as_script(name: str, seconds: float, env: dict[str, str]) -> Told:
    """Run a benchmark that gives no rows as the script that it is; keep its words."""
    command = [sys.executable, str(HERE / f"{name}.py")]
    if "STORE" in (HERE / f"{name}.py").read_text("utf-8").partition('"""\n')[0]:
        command.append(env[STORE])
    out = in_process(command, seconds, env)
    row = Row(what=name, said="see below")
    return Told(
        rows=[row], growths=[], notes=f"\n## {name}\n\n```\n{out.strip()}\n```\n"
    )


def lines_left(found: dict[str, list[Row]]) -> list[Row]:
    """Give the budgets of the design that no row has a verdict on."""
    judged = {
        name
        for name, rows in found.items()
        if any(row.verdict in {"met", "MISSED"} for row in rows)
    }
    return [Row(what=what) for what, names in LINES.items() if not judged & {*names}]


def about(*, quick: bool) -> dict[str, Any]:
    """Say on what machine and with what this is measured."""
    return {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": quick,
        "processor": processor(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
    }


def processor() -> str:
    """Give the model of the processor, as far as the system says it."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def sentence(where: dict[str, Any], seconds: float) -> str:
    load = "" if where["load"] is None else f", load {fixed(where['load'], 1)}"
    return (
        f"{where['when']}, {where['cores']} cores of {where['processor']}{load} at the "
        f"start; Python {where['python']}; {'quick, ' if where['quick'] else ''}"
        f"measured in {duration(seconds)}."
    )


def measure_all(wanted: set[str], *, quick: bool) -> Report:
    """Run the benchmarks one after another."""
    where, started = about(quick=quick), time.perf_counter()
    found: dict[str, Told] = {}
    with tempfile.TemporaryDirectory() as folder:
        env = environment() | {STORE: os.environ.get(STORE, folder)}
        if env[STORE] == folder:
            say("training a run to measure on", to_errors=True)
            make = [sys.executable, str(HERE / "examples.py"), folder]
            in_process([*make, *["--quick"] * quick], PATIENCE_S[quick], env)
        for name in [*sum(SECTIONS.values(), ()), ONLY_GROWTH]:
            if not wanted or name in wanted:
                found[name] = run(name, quick=quick, env=env)
    rows = {name: one.rows for name, one in found.items()}
    sections = [
        (title, [row for name in names for row in rows.get(name, [])])
        for title, names in SECTIONS.items()
    ]
    sections.append(("Growth", rows.get(ONLY_GROWTH, [])))
    if not wanted:
        sections.append(("Budgets without a verdict", lines_left(rows)))
    return Report(
        sections=[(title, rows) for title, rows in sections if rows],
        growths=[one for told in found.values() for one in told.growths],
        where=sentence(where, time.perf_counter() - started),
        about=where,
        notes="".join(one.notes for one in found.values()),
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a few minutes")
    parser.add_argument("--out", type=Path, help="write OUT.md and OUT.json as well")
    parser.add_argument("--only", nargs="+", default=[], help="names of benchmarks")
    parser.add_argument("--measure", help="one of them, here, told as JSON")
    asked = parser.parse_args()
    if asked.measure:
        say(json.dumps(measured(asked.measure, quick=asked.quick)))
        return 0
    report = measure_all({*asked.only}, quick=asked.quick)
    report.show()
    if asked.out:
        report.write(asked.out)
    return int(report.counts["FAILED"] > 0)


if __name__ == "__main__":
    raise SystemExit(main())
