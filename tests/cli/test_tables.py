"""What tables keep on terminals of any width."""

import io

import pytest
from rich.table import Column, Table

from grokdash.cli import tables
from grokdash.terminal import Terminal

HEADINGS = ("run", "state", "epoch", "test accuracy", "grokked", "size")
RUN = "sum_of_squares-p113-wd0.3-s12-0123abcd"
CELLS = (RUN, "finished", "1,500 / 20,000", "100.00 %", "after 1,140, by 1,150", "9 MB")


def printed(monkeypatch: pytest.MonkeyPatch, width: int) -> list[str]:
    written = io.StringIO()
    out = Terminal(file=written, width=width, color_system=None)
    monkeypatch.setattr(tables, "out", out)
    table = Table(Column(HEADINGS[0], no_wrap=True), *HEADINGS[1:])
    table.add_row(*CELLS)
    out.print(tables.fitted(table))
    return written.getvalue().splitlines()


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 200])
def test_nothing_is_cut(monkeypatch, width):
    lines = printed(monkeypatch, width)

    there = "".join(sorted("".join(lines).replace(" ", "")))
    assert there == "".join(sorted("".join([*HEADINGS, *CELLS]).replace(" ", "")))
    assert max(map(len, lines)) <= width


@pytest.mark.parametrize("width", [100, 200])
def test_words_stay_whole_where_there_is_room(monkeypatch, width):
    words = " ".join(printed(monkeypatch, width)).split()

    assert sorted(words) == sorted(" ".join([*HEADINGS, *CELLS]).split())


def test_a_wide_terminal_has_one_line_for_a_row(monkeypatch):
    assert len(printed(monkeypatch, 200)) == 2
