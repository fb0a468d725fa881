"""docs/findings: a page per shipped sweep, and every number in it is in its runs."""

import csv
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from grokdash.analysis.survival import rank_test
from grokdash.sweeps.plan import find_sweep, read_sweep, shipped

FINDINGS = Path(__file__).parents[1] / "docs" / "findings"
NAMES = sorted(
    name for name in shipped() if not name.endswith("-small") and name != "twins"
)
"""All but the twins, whose page is docs/measured.md."""


def page(name):
    return (FINDINGS / f"{name}.md").read_text(encoding="utf-8")


def tables(name):
    """Give the tables that docs/findings.py wrote, as lists of dictionaries."""
    made = page(name).split("<!-- Made by docs/findings.py. -->")[1]
    made = made.split("<!-- End. -->")[0]
    found = []
    for block in re.findall(r"(?:^\|.*\n)+", made, flags=re.MULTILINE):
        rows = [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in block.splitlines()
        ]
        found.append([dict(zip(rows[0], row, strict=True)) for row in rows[2:]])
    return found


def runs(name):
    with (FINDINGS / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def as_label(value):
    """Write a value of the CSV as the tables write it."""
    try:
        number = float(value)
    except ValueError:
        return {"True": "yes", "False": "no"}.get(value, value.replace("_", " "))
    return f"{number:g}"


def grok_epochs(rows):
    """Give grok epochs in ascending order; infinite where a run has none."""
    return sorted(float(row["grok until"] or "inf") for row in rows)


def number(text):
    return float("inf") if text == "not reached" else float(text.replace(",", ""))


@pytest.mark.parametrize("name", NAMES)
def test_page_shows_the_runs_of_its_sweep(name):
    sweep = read_sweep(find_sweep(f"{name}-small"))

    planned = sorted(config.run_id() for config in sweep.configs)
    assert sorted(row["run"] for row in runs(name)) == planned
    assert {row["state"] for row in runs(name)} == {"finished"}
    assert f"]({name}.svg)" in page(name)
    assert f"]({name}.csv)" in page(name)


@pytest.mark.parametrize("name", NAMES)
def test_counts_and_medians_follow_from_the_runs(name):
    """All runs that do not grok end at one epoch: the median is the middle run."""
    values = tables(name)[0]
    keys = list(values[0])[: list(values[0]).index("grok")]
    groups = defaultdict(list)
    for row in runs(name):
        groups[tuple(as_label(row[key]) for key in keys)].append(row)

    assert len({row["within"] for row in runs(name)}) == 1
    assert {tuple(as_label(row[key]) for key in keys) for row in values} == set(groups)
    for row in values:
        members = groups[tuple(as_label(row[key]) for key in keys)]
        times = grok_epochs(members)
        grokked = sum(np.isfinite(times))
        assert row["grok"] == f"{grokked} of {len(members)}"
        assert number(row["median grok epoch"]) == np.median(times)
        counts = [int(one["key frequencies"]) for one in members]
        low, _, high = row["key frequencies"].partition(" to ")
        assert (int(low), int(high or low)) == (min(counts), max(counts))


PLAIN = [n for n in NAMES if len(tables(n)) == 2 and list(tables(n)[0][0])[1] == "grok"]
"""Pages of one quantity, whose tests need no strata."""


@pytest.mark.parametrize("name", PLAIN)
def test_p_values_follow_from_the_runs(name):
    values, tests = tables(name)
    key = next(iter(values[0]))
    for row in tests:
        both = [
            [one for one in runs(name) if as_label(one[key]) == as_label(row[side])]
            for side in (key, "and")
        ]
        merged = [*both[0], *both[1]]
        observed = np.array([bool(one["grok until"]) for one in merged])
        times = np.array([float(one["grok until"] or one["within"]) for one in merged])
        first = np.arange(len(merged)) < len(both[0])
        found = rank_test(times, observed, first)
        assert float(row["p"]) == pytest.approx(found.p_value, rel=0.01)


def test_index_names_every_page():
    assert sorted(re.findall(r"\]\(([a-z-]+)\.md\)", page("index"))) == NAMES
