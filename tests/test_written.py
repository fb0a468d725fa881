"""Numbers are written alike wherever a reader meets them."""

import re
from pathlib import Path

import pytest

from grokdash.written import percent, percent_within, with_minus

ROOT = Path(__file__).parents[1]
FORMATTED = re.compile(r"\.\d%[}'\"]|tickformat.*%")
CROWDED = re.compile(r"(?<![%\w])\d[\d.,]*%(?![0-9A-F]{2})|±\d|\d±")


def test_a_percentage_has_a_space_before_its_sign():
    assert percent(0.366) == "36.6 %"
    assert percent(0.3, 0) == "30 %"
    assert percent(float("nan")) == "undefined"


def test_a_deviation_shares_the_unit():
    assert percent_within(0.366, 0.012) == "36.6 ± 1.2 %"
    assert percent_within(0.366, float("nan")) == "undefined"


def test_negative_numbers_have_a_minus_and_nothing_else_has():
    told = with_minus("-0.23 to 1e-07, (-5), add-p59-wd2-s0, 2-D, 3-4, 2026-11-28")
    assert told == "−0.23 to 1e-07, (−5), add-p59-wd2-s0, 2-D, 3-4, 2026-11-28"


def test_no_other_way_of_writing_a_percentage_is_used():
    """Formats such as ``:.1%`` leave the space out, in Python and in hovers."""
    for folder in ("grokdash", "docs", "benchmarks"):
        for path in (ROOT / folder).rglob("*.py"):
            found = FORMATTED.search(path.read_text("utf-8"))
            assert found is None, (path, found)


@pytest.mark.parametrize(
    "path",
    [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_the_documentation_writes_them_so(path):
    text = re.sub(r"`[^`]*`", "", path.read_text("utf-8"))

    assert CROWDED.search(text) is None, CROWDED.search(text)
