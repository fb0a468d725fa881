"""A few damaged and forged files of each kind; benchmarks/fuzz.py makes thousands."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "fuzz.py"
NEVER = ("foreign bytes", "server deaths", "tracebacks", "over 500 MB")


@pytest.mark.slow
def test_no_damaged_or_forged_file_harms_the_server(tmp_path):
    told = subprocess.run(
        [sys.executable, str(SCRIPT), "--files", "4", "--forged", "40", "--seed", "7",
         "--workers", "1", "--keep", str(tmp_path)],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip

    table = [line for line in told.splitlines() if line.startswith("| ")]
    names, *rows = [[cell.strip() for cell in line.split("|")] for line in table]
    assert len(rows) == 8
    for row in rows:
        counts = dict(zip(names, row, strict=True))
        assert {counts[name] for name in NEVER} == {"0"}, row
        assert int(counts["refused"]) > 0
