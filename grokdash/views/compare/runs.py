"""Which runs a comparison asks for, what it must refuse, and how their configs differ.

The address holds ``runs=A,B@4000``: ids joined by commas, ``@`` pins one to an epoch.
A comma, ``@`` or ``%`` of an id itself is escaped by ``%``.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from grokdash.errors import DamagedFileError, GrokdashError
from grokdash.figures.colours import RUNS
from grokdash.snapshot import RunView
from grokdash.views.compare.alignment import Align, Column, letter_of
from grokdash.views.core.view import NO_SPLIT
from grokdash.views.reading.keys import keys_cell
from grokdash.views.reading.trouble import divergence
from grokdash.written import MISSING, number, percent

MOST_RUNS = len(RUNS)
CHOOSE = f"Choose two to {MOST_RUNS} runs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The columns that can be shown, and one sentence per thing that cannot.

    ``damaged`` holds the errors of runs whose files are damaged.
    """

    columns: tuple[Column, ...]
    problems: tuple[str, ...]
    damaged: tuple[DamagedFileError, ...] = ()


def read_runs(text: str, run_view: Callable[[str], RunView]) -> Compared:
    """Open the runs of an address; whatever cannot be shown is told, not raised."""
    asked = asked_runs(text)
    columns: list[Column] = []
    problems: list[str] = []
    damaged: list[DamagedFileError] = []
    for run_id, pin in asked[:MOST_RUNS]:
        try:
            column, notice = _column(run_id, pin, run_view)
        except DamagedFileError as error:
            problems.append(f"{run_id}: left out, because files of it are damaged.")
            damaged.append(error)
            continue
        except GrokdashError as error:
            problems.append(str(error))
            continue
        columns.append(column)
        if notice:
            problems.append(notice)
    if len(asked) > MOST_RUNS:
        left = ", ".join(name[:60] for name, _ in asked[MOST_RUNS:][:MOST_RUNS])
        problems.append(
            f"At most {MOST_RUNS} runs fit beside each other; left out: {left}."
        )
    problems += _mismatches(columns)
    return Compared(
        columns=tuple(columns), problems=tuple(problems), damaged=tuple(damaged)
    )


def asked_runs(text: str) -> list[tuple[str, str]]:
    """Split a list of runs into ids and the epochs they are pinned to, as text."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    named = (part.partition("@") for part in parts)
    return [(unquote(run_id), pin) for run_id, _, pin in named]


def address_of(column: Column) -> str:
    """Name a column as :func:`asked_runs` reads it."""
    escaped = re.sub("[%,@]", lambda one: quote(one[0], safe=""), column.run.id)
    return escaped if column.pin is None else f"{escaped}@{column.pin}"


def _column(
    run_id: str, pin: str, run_view: Callable[[str], RunView]
) -> tuple[Column, str | None]:
    run = run_view(run_id)
    last, _keys = run.last, run.keys  # raise where there is nothing to be shown
    if not pin:
        return Column(run=run), None
    if not pin.isdecimal():
        return Column(run=run), f"{run_id}: {pin[:40]!r} is no epoch; it moves along."
    wanted = int(pin)
    step = run.stored.nearest_step(min(wanted, last))
    notice = None
    if step != wanted:
        notice = f"{run_id}: epoch {wanted:,} is not stored; pinned at {step:,}."
    return Column(run=run, pin=step), notice


def _mismatches(columns: Sequence[Column]) -> list[str]:
    found = [
        f"{letter_of(i)}: {told}"
        for i, one in enumerate(columns)
        if (told := divergence(one.run))
    ]
    moduli = {letter_of(i): one.run.p for i, one in enumerate(columns)}
    if len(set(moduli.values())) > 1:
        words = ", ".join(f"{letter}: p = {p}" for letter, p in moduli.items())
        found.append(
            f"The moduli differ ({words}): pictures over tokens have different sizes "
            "and no differences; curves and what is side by side can be compared."
        )
    return found


def read_align(text: str) -> Align:
    """Read the alignment of an address; epoch where it is no known one."""
    for known in ("fraction", "grok"):
        if text == known:
            return known
    return "epoch"


def config_rows(columns: Sequence[Column]) -> tuple[list[tuple[str, list[str]]], int]:
    """List the settings in which runs differ.

    Returns
    -------
    rows, same
        Name and one value per column; how many settings are the same everywhere.
    """
    dumps: list[dict[str, Any]] = [one.run.fields for one in columns]
    names = list(dict.fromkeys(name for dump in dumps for name in dump))
    rows = [(name, [plain(dump.get(name)) for dump in dumps]) for name in names]
    differing = [(name, values) for name, values in rows if len(set(values)) > 1]
    return differing, len(rows) - len(differing)


def _outcome(run: RunView) -> str:
    return run.grok().text if run.split_known else f"{NO_SPLIT}."


def outcome_rows(columns: Sequence[Column]) -> list[tuple[str, list[str]]]:
    """Say what came of each run: when it grokked, its keys, its accuracy."""
    rows = [
        ("outcome", [_outcome(one.run) for one in columns]),
        (
            "key frequencies",
            [keys_cell(one.run) for one in columns],
        ),
    ]
    if all(one.run.has("accuracy/test") for one in columns):
        values = [float(one.run.series("accuracy/test")[-1]) for one in columns]
        rows.append(("test accuracy at the end", [f"{percent(v)}" for v in values]))
    return rows


def plain(value: object) -> str:
    """Write the value of a field."""
    if isinstance(value, float):
        return number(value, 6)
    return MISSING if value is None else str(value)
