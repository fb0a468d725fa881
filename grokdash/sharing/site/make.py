"""Making a site: every page, then the list of them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from grokdash.app.runs import Runs
from grokdash.cache import Cache
from grokdash.contract.rows import called, run_row
from grokdash.errors import ConfigError
from grokdash.saving.files import write_file
from grokdash.sharing.file import Tell, Wish, share_run
from grokdash.sharing.site.compared import ComparedWish, compare_page
from grokdash.sharing.site.folder import write_marker
from grokdash.sharing.site.listing import Listed, ListedRun, list_page
from grokdash.sharing.site.swept import sweep_page
from grokdash.sharing.site.wanted import (
    SiteWish,
    address,
    compare_file,
    run_file,
    sweep_file,
    wanted_columns,
    wanted_runs,
    wanted_sweeps,
    without_page,
)
from grokdash.store import RunSummary, Store
from grokdash.store.sweeps import SweepRecord
from grokdash.views import get_view
from grokdash.views.compare.naming import column_names
from grokdash.views.compare.runs import Compared
from grokdash.views.reading.fields import field_title
from grokdash.views.sweep.data import SweepReader

INDEX = "index.html"
_HOME = f"../{INDEX}"
_MOST_COMPARED = 100
"""Checkpoints of each run on the page of several, unless fewer are asked for."""

Begin = Callable[[str], Tell]
"""Called with what is made next; gives what is called as it gets on."""


class Site:
    """Everything a site is to have; nothing is made before all of it is known.

    Raises
    ------
    NotStoredError, ConfigError
        If what is asked for is not there or does not fit together.
    """

    def __init__(self, store: Store, wish: SiteWish) -> None:
        self._store, self._wish = store, wish
        if solid := [one for one in wish.views if get_view(one).kind == "surface"]:
            raise ConfigError(
                f"--views: {solid[0]} has three dimensions, and the pages draw in two: "
                "leave it out"
            )
        self._runs = wanted_runs(store, wish.runs)
        views = Runs(store, Cache())
        self._compared = wanted_columns(wish.compared, views.get)
        self._sweeps = wanted_sweeps(store, wish.sweeps)
        shown = [one for one in self._runs if self._can_be_shown(one)]
        if not shown and not self._compared and not self._sweeps:
            raise ConfigError("nothing to be shown: no run has a checkpoint yet")
        self._addresses = {one.id: address(run_file(one.id), up=True) for one in shown}
        self._pages: list[str] = []
        self._folder = Path()

    def _can_be_shown(self, summary: RunSummary) -> bool:
        return not summary.problem and len(self._store.run(summary.id).steps) > 0

    def write(self, folder: Path, begin: Begin) -> int:
        """Write all pages into a folder; give how many bytes they take."""
        self._folder, self._pages = folder, []
        runs = [self._run(one, begin) for one in self._runs]
        compared = [
            self._comparison(one, i, begin) for i, one in enumerate(self._compared, 1)
        ]
        sweeps = [self._sweep(one, begin) for one in self._sweeps]
        index = list_page(self._wish.title, runs, compared, sweeps)
        taken = sum(one.size_bytes for one in (*runs, *compared, *sweeps))
        taken += self._put(INDEX, index)
        ids = [one.row["id"] for one in runs if one.address]
        write_marker(folder, self._wish.title, ids, self._pages)
        return taken

    @property
    def told(self) -> str:
        """What it has, in words."""
        counts = {
            "run": len(self._addresses),
            "comparison": len(self._compared),
            "sweep": len(self._sweeps),
        }
        return ", ".join(
            f"{n} {name}{'s' * (n != 1)}" for name, n in counts.items() if n
        )

    def _put(self, name: str, content: bytes) -> int:
        write_file(self._folder / name, content)
        self._pages.append(name)
        return len(content)

    def _run(self, summary: RunSummary, begin: Begin) -> ListedRun:
        if summary.id not in self._addresses:
            return without_page(summary)
        wish = Wish(
            views=self._wish.views,
            checkpoints=self._wish.checkpoints,
            weights=self._wish.weights,
            most_bytes=self._wish.most_bytes,
            home=_HOME,
        )
        made = share_run(self._store.run(summary.id), wish, begin(called(summary)))
        name = run_file(summary.id)
        row = run_row(summary)
        self._put(name, made.content)
        return ListedRun(
            row=row,
            address=address(name),
            size_bytes=len(made.content),
            epochs=made.epochs,
            weights=made.weights,
        )

    def _comparison(self, compared: Compared, number: int, begin: Begin) -> Listed:
        columns = compared.columns
        name, names = compare_file(columns, number), column_names(columns)
        wish = ComparedWish(
            columns=columns,
            problems=tuple(map(self._store.inside, compared.problems)),
            views=self._wish.views,
            checkpoints=min(self._wish.checkpoints, _MOST_COMPARED),
            most_bytes=len(columns) * self._wish.most_bytes,
            addresses=self._addresses,
            home=_HOME,
        )
        title = " and ".join(names)
        made = compare_page(wish, begin(title))
        size = self._put(name, made.content)
        runs = "; ".join(one.run.title for one in columns)
        return Listed(
            address=address(name), title=title, about=f"{runs}.", size_bytes=size
        )

    def _sweep(self, record: SweepRecord, begin: Begin) -> Listed:
        data = SweepReader(self._store).get(record.id)
        addresses = {
            run: self._addresses[run] for run in record.runs if run in self._addresses
        }
        content = sweep_page(data, addresses, _HOME, begin(record.title))
        name = sweep_file(record.id)
        size = self._put(name, content)
        varied = ", ".join(map(field_title, record.axes))
        question = f"{record.question} " if record.question else ""
        about = f"{question}{len(data.runs)} runs over {varied}."
        listed = Listed(
            address=address(name), title=record.title, about=about, size_bytes=size
        )
        return replace(listed, title=record.title or record.id)
