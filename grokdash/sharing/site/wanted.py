"""What a site is to have: names as they are asked for, checked at first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from grokdash.contract.rows import run_row
from grokdash.errors import ConfigError, NotStoredError
from grokdash.listed import listed
from grokdash.sharing.site.listing import ListedRun
from grokdash.snapshot import RunView
from grokdash.store import RunSummary, Store
from grokdash.store.sweeps import SweepRecord, sweep_records
from grokdash.views.compare.alignment import Column
from grokdash.views.compare.runs import MOST_RUNS, Compared, address_of, read_runs

ALL, NONE = "all", "none"
_LONGEST = 120
"""Letters that the name of a page may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteWish:
    """What a site is to have, as it is asked for.

    Parameters
    ----------
    title
        Of the first page.
    runs, sweeps
        Ids joined by commas, ``all`` or ``none``.
    compared
        Runs of each comparison, as the address of the Compare page names them.
    views
        Those of the pages of runs and comparisons; those that suit each if none.
    checkpoints, weights, most_bytes
        As ``grokdash share`` takes them, for each page.
    """

    title: str
    runs: str = ALL
    compared: Sequence[str] = ()
    sweeps: str = ALL
    views: Sequence[str] = ()
    checkpoints: int = 200
    weights: int = 40
    most_bytes: int = 8_000_000


def wanted_runs(store: Store, asked: str) -> list[RunSummary]:
    """Find the runs that are asked for.

    Raises
    ------
    NotStoredError
        If one of them is not there, or the store has none at all.
    """
    known = {one.id: one for one in store.summaries()}
    if asked != ALL:
        names = _names(asked)
        if missing := [name for name in names if name not in known]:
            raise NotStoredError(
                f"--runs: no run {missing[0]!r}; see them with: grokdash runs list"
            )
        return [known[name] for name in names]
    if not known:
        raise NotStoredError(
            f"{store.path}: no run is stored here; train one with grokdash train, or "
            "name another store"
        )
    return list(known.values())


def wanted_columns(
    asked: Sequence[str], run_view: Callable[[str], RunView]
) -> list[Compared]:
    """Find the runs of every comparison, and what is to be said of them.

    Raises
    ------
    ConfigError
        If there are too few, too many, or one cannot be shown.
    """
    found = []
    for text in dict.fromkeys(asked):
        names = _names(text)
        if not 2 <= len(names) <= MOST_RUNS:
            raise ConfigError(
                f"--compare: expected two to {MOST_RUNS} runs joined by commas, got "
                f"{text[:80]!r}"
            )
        compared = read_runs(text, run_view)
        if len(compared.columns) < len(names):
            raise NotStoredError(f"--compare: {' '.join(compared.problems)}")
        found.append(compared)
    return found


def wanted_sweeps(store: Store, asked: str) -> list[SweepRecord]:
    """Find the sweeps that are asked for, of all only those that have a run.

    Raises
    ------
    NotStoredError
        If one of them is not there.
    """
    records, _problems = sweep_records(store.path)
    known = {one.id: one for one in records}
    if asked == ALL:
        there = {one.id for one in store.summaries() if not one.problem}
        return [one for one in records if there & set(one.runs)]
    names = _names(asked)
    if missing := [name for name in names if name not in known]:
        there = ", ".join(known) or "none"
        raise NotStoredError(f"--sweeps: no sweep {missing[0]!r}; there is {there}")
    return [known[name] for name in names]


def _names(text: str) -> list[str]:
    found = listed(text)
    return [] if found == [NONE] else found


def run_file(run_id: str) -> str:
    """Name the page of a run within the folder."""
    return f"runs/{run_id}.html"


def sweep_file(sweep_id: str) -> str:
    """Name the page of a sweep within the folder."""
    return f"sweeps/{sweep_id}.html"


def compare_file(columns: Sequence[Column], number: int) -> str:
    """Name the page of a comparison within the folder."""
    name = "-vs-".join(address_of(one) for one in columns)
    if len(name) > _LONGEST:
        name = f"{name[:_LONGEST]}-{number}"
    return f"compare/{name}.html"


def address(file: str, *, up: bool = False) -> str:
    """Write the link to a file of the folder, from the first page or one below it."""
    return ("../" if up else "") + quote(file)


def without_page(summary: RunSummary) -> ListedRun:
    """List a run of which the site has no page, with the reason."""
    why = "its files cannot be used" if summary.problem else "no checkpoint is stored"
    return ListedRun(row=run_row(summary), why=why)
