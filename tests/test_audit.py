"""An audit is believed for what it asked about, and never for how it ended."""

import importlib.util
import sys
import tomllib
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TODAY = date(2026, 12, 1)
PINS = {"flask": "3.1.3", "dash-ag-grid": "35.3.0"}
REVIEW = {
    "reviewed": date(2026, 11, 29),
    "advisory": [
        {
            "id": "CVE-2026-1",
            "package": "flask",
            "reason": "not used",
            "until": date(2026, 12, 31),
        }
    ],
}
MIRROR = {
    "dependencies": [
        {
            "name": name,
            "skip_reason": f"Dependency not found on PyPI and could not be: {name}",
        }
        for name in PINS
    ],
    "fixes": [],
}
"""What pip-audit 2.10.1 printed behind a mirror, with status 0."""


@pytest.fixture(scope="module")
def audit():
    spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
    module = sys.modules["audit"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    del sys.modules["audit"]


def report(**vulns):
    rows = {"flask": "3.1.3", "dash-ag-grid": "35.3.0"}
    return {
        "dependencies": [
            {"name": name, "version": version, "vulns": vulns.get(name, [])}
            for name, version in rows.items()
        ],
        "fixes": [],
    }


def test_every_pin_that_was_asked_about_counts(audit):
    verdict = audit.judge(PINS, report(), REVIEW, TODAY)

    assert (verdict.pinned, verdict.audited, verdict.wrong) == (2, 2, [])


def test_a_package_that_was_skipped_or_is_another_version_is_missed(audit):
    for change in ({"skip_reason": "x"}, {"version": "3.1.2"}):
        found = report()
        found["dependencies"][0] |= change
        verdict = audit.judge(PINS, found, REVIEW, TODAY)
        assert verdict.audited == 1
        assert verdict.wrong == ["not audited: flask"]


@pytest.mark.parametrize(
    ("ids", "day", "wrong"),
    [
        (["CVE-2026-1"], TODAY, ""),
        (["GHSA-x", "CVE-2026-1"], TODAY, ""),
        (["CVE-2026-1"], date(2027, 1, 1), "its review held until 2026-12-31"),
        (["CVE-2026-2"], TODAY, "is new; update the package, or review it"),
    ],
)
def test_an_advisory_is_known_for_as_long_as_its_review_holds(audit, ids, day, wrong):
    found = {"id": ids[0], "aliases": ids[1:], "fix_versions": []}
    verdict = audit.judge(PINS, report(flask=[found]), REVIEW, day)

    assert bool(verdict.wrong) == bool(wrong)
    assert wrong in "".join(verdict.wrong)
    assert len(verdict.known) == (not wrong)


@pytest.mark.parametrize("asked", [MIRROR, None, [], {"dependencies": []}])
def test_an_audit_of_nothing_fails_and_says_so(audit, tmp_path, capsys, asked):
    file = tmp_path / "constraints.txt"
    file.write_text("# none\nFlask==3.1.3\ndash_ag_grid==35.3.0\n")

    def run(**how):
        return audit.audit([file], today=TODAY, asked=lambda _file: asked, **how)

    assert run(may_be_offline=False) == 1
    told = capsys.readouterr().out
    assert "0 of 2 pinned packages audited" in told
    assert "NOT REACHED" in told
    assert run(may_be_offline=True) == 0
    assert "NOT REACHED" in capsys.readouterr().out


def test_a_review_stands_in_for_as_long_as_it_is_fresh(audit):
    assert audit.outdated(REVIEW, TODAY) == []
    assert audit.outdated(REVIEW, date(2027, 3, 1)) == [
        "flask: CVE-2026-1: its review held until 2026-12-31",
        "the last review is 92 days old, 90 may be",
    ]


def test_a_file_without_pins_is_no_audit(audit, tmp_path):
    (tmp_path / "x").write_text("flask>=3\n")

    assert audit.audit(
        [tmp_path / "x"], may_be_offline=True, today=TODAY, asked=lambda _: report()
    )


def test_the_review_file_is_complete():
    review = tomllib.loads((ROOT / ".ci" / "audit.toml").read_text("utf-8"))

    for one in review["advisory"]:
        assert one.keys() == {"id", "package", "reason", "until"}
        assert review["reviewed"] < one["until"]
