"""make bench: verdicts, tables, benchmarks that fail, and the script for a GPU."""

import importlib
import json
import math
import sys
from pathlib import Path

import pytest
import torch

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(scope="module")
def scripts():
    """Import benchmarks by name, as they import one another."""
    before = {*sys.modules}
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        yield importlib.import_module
    for name in {*sys.modules} - before:
        if (BENCHMARKS / f"{name}.py").exists():
            del sys.modules[name]


@pytest.fixture(scope="module")
def table(scripts):
    return scripts("table")


@pytest.fixture(scope="module")
def report(scripts):
    return scripts("report")


@pytest.mark.parametrize("name", sorted(one.stem for one in BENCHMARKS.glob("*.py")))
def test_every_benchmark_finds_what_it_imports(scripts, name):
    assert scripts(name).__doc__


@pytest.mark.parametrize(
    ("measured", "unit", "budget", "verdict"),
    [
        (4.9, "ms", 5.0, "met"),
        (5.1, "ms", 5.0, "MISSED"),
        (59.0, "frames/s", 60.0, "MISSED"),
        (61.0, "frames/s", 60.0, "met"),
        (1.6, "×", 1.7, "MISSED"),
        (0.0, "", 0, "met"),
        (math.nan, "ms", 5.0, "MISSED"),
        (5.0, "ms", None, ""),
        (None, "", None, "not measured"),
    ],
)
def test_a_budget_is_a_limit_on_the_side_that_its_unit_says(
    table, measured, unit, budget, verdict
):
    row = table.Row(what="it", measured=measured, unit=unit, budget=budget)

    assert row.verdict == verdict


def test_growth_is_the_power_that_fits(table):
    sizes = (10.0, 40.0, 160.0)
    costs = tuple(0.3 * size**1.5 for size in sizes)

    one = table.Growth(what="it", unit="ms", along="p", sizes=sizes, costs=costs)

    assert one.exponent == pytest.approx(1.5)
    assert one.cells[-1] == "1.5"


@pytest.fixture
def written(table):
    """A report with a row of every kind."""
    rows = [
        *table.read_rows([("a frame", 4.2, "ms", 5.0), ("files", 7, "", None)]),
        table.Row(what="a film", said="status 1: no | Chromium", failed=True),
        table.Row(what="a GPU"),
    ]
    growth = table.Growth(
        what="list", unit="ms", along="runs", sizes=(1, 10), costs=(2, 20)
    )
    return table.Report(sections=[("Server", rows)], growths=[growth], where="Here.")


def test_the_table_has_a_line_for_every_row(written):
    text = written.markdown()

    assert "| a frame | 4.2 ms | ≤ 5 ms | met |" in text
    assert "| files | 7 |  |  |" in text
    assert "| a film | status 1: no \\| Chromium |  | FAILED |" in text
    assert "| a GPU | – |  | not measured |" in text
    assert "| list, ms | runs | 1: 2, 10: 20 | 1 |" in text
    assert "1 met, 1 not measured, 1 FAILED" in text


def test_it_is_written_for_machines_as_well(written, tmp_path, capsys):
    written.write(tmp_path / "bench")
    written.show()

    data = json.loads((tmp_path / "bench.json").read_text("utf-8"))
    assert [row["verdict"] for row in data["rows"]][:3] == ["met", "", "FAILED"]
    assert data["growth"][0]["exponent"] == pytest.approx(1)
    shown = capsys.readouterr().out
    assert shown.index("Server") < shown.index("a film") < shown.index("list, ms")


def test_a_benchmark_that_fails_is_a_row(report, monkeypatch, tmp_path):
    monkeypatch.setattr(report, "HERE", tmp_path)
    broken = "def rows(*, quick):\n    print('hello')\n    raise OSError('no disk')\n"
    (tmp_path / "broken.py").write_text(broken, "utf-8")

    told = report.run(
        "broken", quick=True, env=report.environment() | {report.STORE: ""}
    )

    assert [row.verdict for row in told.rows] == ["FAILED"]
    assert "no disk" in told.rows[0].said


def test_a_script_without_rows_is_run_as_it_is(report, monkeypatch, tmp_path):
    monkeypatch.setattr(report, "HERE", tmp_path)
    script = '"""python old.py STORE"""\nimport sys\nprint("it took", sys.argv[1])\n'
    (tmp_path / "old.py").write_text(script, "utf-8")

    told = report.as_script("old", 60, report.environment() | {report.STORE: "5 ms"})

    assert "it took 5 ms" in told.notes


def test_one_that_never_ends_is_ended(report):
    sleeping = [sys.executable, "-c", "import time; time.sleep(60)"]

    with pytest.raises(report.BenchmarkError, match="took more than"):
        report.in_process(sleeping, 0.2, report.environment())


def test_budgets_of_the_design_without_a_verdict_are_named(report, table):
    rows = {
        "frames": [table.Row(what="a frame", measured=1, unit="ms", budget=5)],
        "storing": [table.Row(what="an epoch", measured=1, unit="ms")],
        "scrub": [table.Row(what="scrub", said="no browser", failed=True)],
    }

    left = [row.what for row in report.lines_left(rows)]

    assert "one exact frame from the store" not in left
    assert "storing, as a share of training" in left
    assert any(what.startswith("from the slider") for what in left)


def test_every_benchmark_of_a_section_exists_or_is_one_to_come(report):
    named = {name for names in report.SECTIONS.values() for name in names}
    judging = {name for names in report.LINES.values() for name in names}

    assert judging <= named
    there = {path.stem for path in BENCHMARKS.glob("*.py")}
    assert named - there <= {"hour"}


@pytest.mark.parametrize(
    "part", ["steps", "agreement", "resumed", "run", "hundred seeds", "thousand seeds"]
)
def test_every_part_for_a_gpu_runs_on_a_tiny_network(scripts, part, table):
    gpu = scripts("gpu")

    rows = table.read_rows(gpu.PARTS[part](torch.device("cpu"), gpu.QUICK))

    assert rows
    assert all(math.isfinite(row.measured) for row in rows)
    if part in {"agreement", "resumed"}:
        assert {row.measured for row in rows} == {0}


def test_the_parts_for_a_gpu_take_less_than_four_minutes(scripts):
    gpu = scripts("gpu")

    assert gpu.CAPS_S.keys() == gpu.PARTS.keys()
    assert sum(gpu.CAPS_S.values()) < 240
