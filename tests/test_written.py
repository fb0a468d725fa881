"""Numbers are written alike wherever a reader meets them."""

import json
import re
from pathlib import Path

import pytest

from grokdash import written
from grokdash.written import percent_within, with_minus

ROOT = Path(__file__).parents[1]
FORMATTED = re.compile(r"\.\d%[}'\"]|tickformat.*%")
UNWRITTEN = re.compile(r"(?<![%{])\{[^{}]*:[,z+]?\.?\d?[gef]\}(?!\})")
NO_TEXT = re.compile(r"float\(f|-wd\{|limits = |\.replace\(\"-\", \"−\"\)")
CROWDED = re.compile(r"(?<![%\w])\d[\d.,]*%(?![0-9A-F]{2})|±\d|\d±")


def cases():
    """Give function, arguments and text of every case that scripts are held to too."""
    table = json.loads((ROOT / "tests" / "written.json").read_text("utf-8"))
    for call, rows in table.items():
        name, *more = call.split()
        for value, text in rows:
            given = float(value) if isinstance(value, str) else value
            yield pytest.param(
                name, (given, *map(int, more)), text, id=f"{call}-{value}"
            )


@pytest.mark.parametrize(("name", "arguments", "text"), cases())
def test_a_number_is_written_as_in_the_browser(name, arguments, text):
    assert getattr(written, name)(*arguments) == text


@pytest.mark.parametrize(("value", "text"), [(3, "+3"), (-3, "−3"), (0, "0")])
def test_a_signed_number_shows_its_sign(value, text):
    assert written.signed(value) == text


def test_a_deviation_shares_the_unit():
    assert percent_within(0.366, 0.012) == "36.6 ± 1.2 %"
    assert percent_within(0.366, float("nan")) == "undefined"


def test_negative_numbers_have_a_minus_and_nothing_else_has():
    told = with_minus("-0.23 to 1e-07, (-5), add-p59-wd2-s0, 2-D, 3-4, 2026-11-28")
    assert told == "−0.23 to 1e-07, (−5), add-p59-wd2-s0, 2-D, 3-4, 2026-11-28"


def test_no_other_way_of_writing_a_number_is_used():
    """Formats such as ``:.3g`` know no minus, no power of ten and no missing number.

    What is computed or stored with a format is no text, and neither is a name.
    """
    for path in (ROOT / "grokdash").rglob("*.py"):
        for line in path.read_text("utf-8").splitlines():
            assert UNWRITTEN.search(line) is None or NO_TEXT.search(line), (path, line)


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
