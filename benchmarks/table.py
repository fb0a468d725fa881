"""Rows of measurements, their verdicts, and one table of them in three forms.

A row is ``(what, measured, unit, budget)``: a benchmark's ``rows(quick=…)`` gives such
tuples. The budget is None where there is none. It is a limit from above, but from below
where more is better: for rates (units ending in ``/s``) and gains (the unit ``×``).
"""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.table import Table

from grokdash.terminal import Terminal
from grokdash.written import number, whole

Raw = tuple[str, float, str, float | None]
"""What a benchmark gives of each thing it has measured."""

VERDICTS = ("met", "MISSED", "", "not measured", "FAILED")
BAD = ("MISSED", "FAILED")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line: a measurement with its budget, or what kept it from being measured."""

    what: str
    measured: float | None = None
    unit: str = ""
    budget: float | None = None
    said: str = ""
    failed: bool = False

    @property
    def verdict(self) -> str:
        """Give one of :data:`VERDICTS`."""
        if self.failed:
            return "FAILED"
        if self.measured is None:
            return "not measured"
        if self.budget is None:
            return ""
        if more_is_better(self.unit):
            return "met" if self.measured >= self.budget else "MISSED"
        # NaN meets nothing.
        return "met" if self.measured <= self.budget else "MISSED"

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """Give the texts of the row: what, measured, budget, verdict."""
        if self.measured is None:
            return self.what, self.said or "–", "", self.verdict
        return (
            self.what,
            with_unit(self.measured, self.unit),
            limit(self.budget, self.unit),
            self.verdict,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """How a cost grows with a size: its values, and the power that fits them best."""

    what: str
    unit: str
    along: str
    sizes: tuple[float, ...]
    costs: tuple[float, ...]

    @property
    def exponent(self) -> float:
        """Fit ``cost ∝ size^exponent`` by least squares of the logarithms."""
        return slope(
            [math.log(one) for one in self.sizes], [math.log(one) for one in self.costs]
        )

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """Give the texts of the row: what, along what, each cost, the exponent."""
        pairs = zip(self.sizes, self.costs, strict=True)
        told = ", ".join(f"{whole(size)}: {number(cost)}" for size, cost in pairs)
        return f"{self.what}, {self.unit}", self.along, told, number(self.exponent, 2)


Section = tuple[str, list[Row]]
HEAD = ("what", "measured", "budget", "verdict")
GROWTH_HEAD = ("what", "with", "cost", "exponent")


def more_is_better(unit: str) -> bool:
    return unit == "×" or unit.endswith("/s")


def with_unit(value: float, unit: str) -> str:
    return f"{number(value)} {unit}".strip()


def limit(budget: float | None, unit: str) -> str:
    if budget is None:
        return ""
    return f"{'≥' if more_is_better(unit) else '≤'} {with_unit(budget, unit)}"


def slope(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Give the slope of the line through points, by least squares."""
    middle, height = sum(xs) / len(xs), sum(ys) / len(ys)
    pairs = zip(xs, ys, strict=True)
    above = sum((x - middle) * (y - height) for x, y in pairs)
    return above / sum((x - middle) ** 2 for x in xs)


def read_rows(given: Iterable[Row | Raw | dict[str, Any]]) -> list[Row]:
    """Make rows of what a benchmark gave, or of what JSON has made of its rows."""
    return [_read(one) for one in given]


def _read(one: Row | Raw | dict[str, Any]) -> Row:
    if isinstance(one, Row):
        return one
    if isinstance(one, dict):
        return Row(**one)
    what, measured, unit, budget = one
    return Row(what=what, measured=float(measured), unit=unit, budget=budget)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that was measured: sections of rows, growths, where, and other words."""

    sections: Sequence[Section] = ()
    growths: Sequence[Growth] = ()
    where: str = ""
    about: dict[str, Any] = field(default_factory=dict)
    notes: str = ""

    @property
    def counts(self) -> dict[str, int]:
        """Count the verdicts of all rows, without those that have no budget."""
        found = [row.verdict for _, rows in self.sections for row in rows]
        return {one: found.count(one) for one in VERDICTS if one}

    @property
    def sum(self) -> str:
        """Say how many budgets were met, in one line."""
        pairs = self.counts.items()
        return ", ".join(f"{count} {verdict}" for verdict, count in pairs if count)

    def show(self) -> None:
        """Print everything as one table, and how costs grow as another."""
        terminal = Terminal()
        if self.sections:
            terminal.print(self._rows())
        if self.growths:
            table = Table(*GROWTH_HEAD, box=None, pad_edge=False)
            for one in self.growths:
                table.add_row(*one.cells)
            terminal.print(table)
        if self.where:
            terminal.print(f"\n{self.where}\n{self.sum}", soft_wrap=True)

    def _rows(self) -> Table:
        table = Table(*HEAD, box=None, pad_edge=False)
        for title, rows in self.sections:
            table.add_row(title, style="bold")
            for row in rows:
                what, *others = row.cells
                style = "red" if row.verdict in BAD else ""
                table.add_row(f"  {what}", *others, style=style)
        return table

    def markdown(self) -> str:
        """Write everything as Markdown: a table of rows, one of growth, and notes."""
        lines = ["# Budgets", "", self.where, "", self.sum, "", *_header(HEAD, "--:")]
        for title, rows in self.sections:
            lines.append(f"| **{title}** | | | |")
            lines += [_line(row.cells) for row in rows]
        if self.growths:
            lines += ["", "## Growth", "", *_header(GROWTH_HEAD, "---")]
            lines += [_line(one.cells) for one in self.growths]
        return "\n".join(lines) + "\n" + self.notes

    def json(self) -> str:
        """Write everything as JSON, for whoever compares two reports."""
        whole_report = {
            "about": self.about,
            "rows": [
                {"section": title} | asdict(row) | {"verdict": row.verdict}
                for title, rows in self.sections
                for row in rows
            ],
            "growth": [
                asdict(one) | {"exponent": one.exponent} for one in self.growths
            ],
        }
        return json.dumps(whole_report, indent=1, ensure_ascii=False) + "\n"

    def write(self, path: Path) -> None:
        """Write everything to ``path.md`` and ``path.json``."""
        path.with_suffix(".md").write_text(self.markdown(), "utf-8")
        path.with_suffix(".json").write_text(self.json(), "utf-8")


def _header(names: Sequence[str], align: str) -> list[str]:
    return [_line(names), "|---|" + f"{align}|" * (len(names) - 2) + "---|"]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
