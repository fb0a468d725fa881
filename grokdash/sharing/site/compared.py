"""The page of several runs: what each has as a file to share, on one scrub bar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import html

from grokdash.app.compare_routes import timeline_answer
from grokdash.app.scripts import first_paint
from grokdash.bundle import assets_folder
from grokdash.contract.share import ShareHead
from grokdash.contract.site import SiteCompare
from grokdash.pages.compare.page import (
    CHART,
    DEFAULT_VIEWS,
    compare_config,
    compared_parts,
)
from grokdash.pages.run.alone import alone_bar
from grokdash.sharing.collected import Collected, Offered, collect, offered_values, work
from grokdash.sharing.file import SharedFile, Tell, frame_parts
from grokdash.sharing.head import make_head
from grokdash.sharing.markup import write_document
from grokdash.sharing.packing import boot, packed_json, scripts
from grokdash.sharing.pictures import Pool
from grokdash.sharing.plan import RUNGS, Rung, even, fitting
from grokdash.sharing.site.mixed import Side, count, mixed_pictures
from grokdash.views import get_view
from grokdash.views.compare.alignment import ALIGNMENTS, Align, Column, make_timeline
from grokdash.views.compare.naming import column_names
from grokdash.views.core.selection import default_selection
from grokdash.views.reading.epochs import marks
from grokdash.written import whole

ENTRY = "site-compare.js"
_VIEWS = (*DEFAULT_VIEWS, "accuracy-curves", "progress-measures", "weight-norm")
"""What a page offers beside the loss chart, of what all its runs have."""
_KEPT = "Checkpoints of the runs, in their order: {}. Curves show all of training."
_EXACT = (
    "Differences are those of the numbers in this file, which for maps have up to 255 "
    "levels over their own range."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedWish:
    """What the page of several runs is to hold.

    Parameters
    ----------
    columns
        The runs, and the epochs at which some of them stay.
    problems
        What is to be said above them, in sentences.
    views
        Those that it offers, by id; the usual ones if none.
    checkpoints
        How many epochs it has of each.
    most_bytes
        How large it may be.
    addresses
        Of the pages of runs that there are, by id, as links from this page.
    home
        Address of the list.
    """

    columns: tuple[Column, ...]
    problems: tuple[str, ...] = ()
    views: Sequence[str]
    checkpoints: int
    most_bytes: int
    addresses: Mapping[str, str]
    home: str


def compare_page(wish: ComparedWish, tell: Tell) -> SharedFile:
    """Make the page of several runs.

    Raises
    ------
    NotStoredError
        If a run has no checkpoint.
    ConfigError
        If the page would be too large.
    """
    return _Maker(wish, tell).make()


class _Maker:
    """Collects what the page holds, column by column."""

    def __init__(self, wish: ComparedWish, tell: Tell) -> None:
        self._wish, self._tell = wish, tell
        columns = wish.columns
        ids = dict.fromkeys((CHART, *(wish.views or _VIEWS)))
        views = [get_view(name) for name in ids]
        self._views = [
            view
            for view in views
            if all(view.missing(one.run) is None for one in columns)
        ]
        named = [step for one in columns for step in marks(one.run).values()]
        kept = [step for step in named if step is not None]
        beside = frozenset(k for one in columns for k in one.run.keys)
        self._sides = [
            Side(column=one, offered=_offered(one, wish.checkpoints, kept, beside))
            for one in columns
        ]
        self._done = 0
        self._of = count(self._views, len(columns)) + sum(
            work(side.offered, view) for side in self._sides for view in self._views
        )

    def _step(self) -> None:
        self._done += 1
        self._tell(min(self._done, self._of), self._of)

    def make(self) -> SharedFile:
        """Make the page."""
        pools = [Pool() for _ in self._sides]
        collected = [
            [collect(side.offered, view, pool, self._step) for view in self._views]
            for side, pool in zip(self._sides, pools, strict=True)
        ]
        common = Pool()
        mixed = mixed_pictures(self._sides, self._views, common, self._step)
        parts = scripts(ENTRY)
        ids = [view.id for view in self._views]

        def page(rung: Rung) -> bytes:
            message = SiteCompare(
                config=compare_config(self._wish.columns, ids),
                heads=self._heads(collected, pools, rung),
                timelines=self._timelines(),
                mixed=mixed,
                pool=common.arrays,
                addresses=dict(self._wish.addresses),
            )
            every = {**parts, "head": packed_json(message)}
            for place, views in enumerate(collected):
                frames = frame_parts(views, rung.every)
                every |= {f"{place}-{name}": one for name, one in frames.items()}
            return self._written(every)

        rung = fitting(self._wish.most_bytes, lambda one: len(page(one)), RUNGS)
        return SharedFile(content=page(rung), about=tuple(self._about()))

    def _heads(
        self,
        collected: Sequence[Sequence[Collected]],
        pools: Sequence[Pool],
        rung: Rung,
    ) -> list[ShareHead]:
        heads = []
        for place, side in enumerate(self._sides):
            arrays = pools[place].arrays
            head = make_head(side.offered, collected[place], arrays, rung, [])
            for view in head["views"].values():
                frames = view["frames"]
                view["frames"] = {key: f"{place}-{frames[key]}" for key in frames}
            heads.append(head)
        return heads

    def _timelines(self) -> dict[str, Any]:
        kept = [side.offered.steps for side in self._sides]
        aligns: Sequence[Align] = tuple(ALIGNMENTS)
        return {
            align: timeline_answer(
                self._wish.columns, make_timeline(self._wish.columns, align, kept)
            )
            for align in aligns
        }

    def _about(self) -> list[str]:
        kept = [len(side.offered.steps) for side in self._sides]
        told = ", ".join(
            f"{whole(n)} of {whole(len(side.column.run.steps))}"
            for n, side in zip(kept, self._sides, strict=True)
        )
        return [_KEPT.format(told), _EXACT]

    def _problems(self) -> html.Div | None:
        told = [html.P(one) for one in self._wish.problems]
        return html.Div(told, className="alert alert-warning") if told else None

    def _written(self, parts: Mapping[str, bytes]) -> bytes:
        columns = self._wish.columns
        page = [
            html.A("Skip to Play", href="#play", className="skip skip-play"),
            alone_bar(self._wish.home, keys=True),
            html.Main(
                html.Div(
                    compared_parts(columns, self._problems(), about=self._about()),
                    id="compare-page",
                    className="run-page compare-page",
                ),
                id="page",
                tabIndex=-1,
            ),
        ]
        title = " and ".join(column_names(columns))
        paint = first_paint(assets_folder())
        return write_document(title, page, parts, paint, boot()).encode()


def _offered(
    column: Column, most: int, kept: Sequence[int], beside: frozenset[int]
) -> Offered:
    run = column.run
    selection = default_selection(run)
    values = offered_values(run, selection, folds=False)
    shared = {k for k in beside if k <= run.n_frequencies}
    steps = _steps(column, most, kept)
    return Offered(
        run=run,
        selection=selection,
        steps=steps,
        weights=steps,
        values=values | {"k": tuple(sorted(shared | {selection.k}))},
        folds=False,
        beside=beside,
    )


def _steps(column: Column, most: int, kept: Sequence[int]) -> tuple[int, ...]:
    """Choose epochs evenly, those with a name in any of the runs among them.

    So runs with the same checkpoints have the same here.
    """
    run = column.run
    if column.pin is not None:
        return (column.pin,)
    nearest = [run.stored.nearest_step(min(step, run.last)) for step in kept]
    return even([int(step) for step in run.steps], most, nearest)
