"""One file to share: a run with its player, for who has neither Python nor a server."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from grokdash.app.blocks import join_block, pack_frame
from grokdash.app.scripts import first_paint
from grokdash.bundle import assets_folder
from grokdash.cache import Cache
from grokdash.errors import ConfigError, NotStoredError
from grokdash.pages.run.panels import STRIP
from grokdash.sharing.collected import Collected, Offered, collect, offered_values, work
from grokdash.sharing.folded import Answers, why_not
from grokdash.sharing.head import SERIES, frames_part, make_head, weights_part
from grokdash.sharing.markup import Laid, write_page
from grokdash.sharing.network import Weights, finite_steps, series, weights_of
from grokdash.sharing.packing import boot, packed, packed_json, scripts
from grokdash.sharing.pictures import Pool
from grokdash.sharing.plan import RUNGS, Rung, chosen_steps, fitting
from grokdash.sharing.rounded import Rounded, write_rounded
from grokdash.sharing.seven_bits import TEXT
from grokdash.sharing.words import about
from grokdash.snapshot import RunView
from grokdash.store import Run
from grokdash.views import EXPLORE, View, get_view
from grokdash.views.core.selection import parse_selection

ENTRY = "share.js"
VIEWS = (*EXPLORE, "answers", "input-logits")
"""What a file shows below the loss chart unless told otherwise."""
_BARE = 40_000
"""Bytes of the page without its parts, at most."""
_TOLD = 3_000
"""Bytes that the answers of a checkpoint which are written down take, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a file is to hold.

    Parameters
    ----------
    views
        Those below the loss chart, by id; those that suit the run if none.
    checkpoints, weights
        How many epochs it has, and of how many the weights.
    most_bytes
        How large it may be.
    selection
        What is picked at first, as in an address.
    home
        Address of the list that the page is part of; none if it stands alone.
    """

    views: Sequence[str] = ()
    checkpoints: int = 200
    weights: int = 40
    most_bytes: int = 8_000_000
    selection: Mapping[str, str] = field(default_factory=dict)
    home: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedFile:
    """A file, and what is to be told of it, in sentences.

    ``epochs`` and ``weights`` count the checkpoints that it has, and those of which it
    has the weights.
    """

    content: bytes
    about: tuple[str, ...]
    epochs: int = 0
    weights: int = 0


Tell = Callable[[int, int], None]
"""Called with how much of the work is done, and how much there is."""


def share_run(
    stored: Run, wish: Wish, tell: Tell = lambda _done, _of: None
) -> SharedFile:
    """Make the file of a run.

    Raises
    ------
    NotStoredError
        If the run has no checkpoint, or cannot show a view.
    ConfigError
        If a view cannot be in a file, what is picked does not fit, or the file would
        be too large.
    """
    run = RunView(stored, Cache(), patience_s=None).at_this_moment()
    run.last  # noqa: B018 - raises where there is nothing to be shown
    return _Maker(run, wish, tell).make()


class _Maker:
    """Collects what a file holds, then chooses how exact it can be."""

    def __init__(self, run: RunView, wish: Wish, tell: Tell) -> None:
        self._run, self._wish, self._tell = run, wish, tell
        chart = get_view(STRIP)
        self._views = [chart, *(one for one in _views(wish, run) if one != chart)]
        selection, notices = parse_selection(wish.selection, run)
        if notices:
            raise ConfigError("--select: " + " ".join(notices))
        steps, weights = chosen_steps(run, wish.checkpoints, wish.weights)
        self._why = why_not(run.config)
        if not self._why and finite_steps(run, steps) != steps:
            self._why = "some of its weights are not numbers"
        folds = not self._why and bool(weights)
        self._offered = Offered(
            run=run,
            selection=selection,
            steps=steps,
            weights=weights or steps,
            values=offered_values(run, selection, folds=folds),
            folds=folds,
        )
        self._done = 0
        self._of = sum(work(self._offered, view) for view in self._views)
        if folds:
            self._of += len(steps) + 2 * len(weights)
        self._pool = Pool()
        self._collected: list[Collected] = []
        self._parts = scripts(ENTRY)
        self._weights: list[Weights] = []
        self._carried: dict[int, tuple[list[dict[str, Rounded]], dict[str, bytes]]] = {}
        self._frames: dict[int, dict[str, bytes]] = {}
        self._head_bytes = 0

    def _step(self) -> None:
        self._done += 1
        self._tell(min(self._done, self._of), self._of)

    def make(self) -> SharedFile:
        """Make the file."""
        offered = self._offered
        for view in self._views:
            self._collected.append(collect(offered, view, self._pool, self._step))
        if offered.folds:
            self._fold()
        rung = fitting(self._wish.most_bytes, self._size, RUNGS)
        compared = []
        rounded, _ = self._weights_of(rung.bits)
        for one, values in zip(self._weights, rounded, strict=True):
            compared.append(one.answers(self._run, values))
            self._step()
        content = self._page(rung, compared)
        return SharedFile(
            content=content,
            about=self._about(rung, compared),
            epochs=len(offered.steps),
            weights=len(offered.weights) if offered.folds else 0,
        )

    def _fold(self) -> None:
        run, offered = self._run, self._offered
        known = series(run, offered.steps, offered.selection.n, self._step)
        self._parts[SERIES] = packed(write_rounded(known))
        steps, scores = offered.steps, known["scores"]
        self._weights = weights_of(run, offered.weights, steps, scores, self._step)

    def _weights_of(
        self, bits: int
    ) -> tuple[list[dict[str, Rounded]], dict[str, bytes]]:
        """Round all weights, and pack them as parts."""
        if bits not in self._carried:
            rounded = [one.rounded(bits) for one in self._weights]
            parts = {
                weights_part(place): packed(write_rounded(one))
                for place, one in enumerate(rounded)
            }
            self._carried[bits] = rounded, parts
        return self._carried[bits]

    def _frames_of(self, every: int) -> dict[str, bytes]:
        if every not in self._frames:
            self._frames[every] = frame_parts(self._collected, every)
        return self._frames[every]

    def _size(self, rung: Rung) -> int:
        """Say how large the file will be, a little more rather than less."""
        _, weights = self._weights_of(rung.bits)
        packed = {**self._parts, **weights, **self._frames_of(rung.every)}
        if not self._head_bytes:
            head = make_head(
                self._offered, self._collected, self._pool.arrays, rung, []
            )
            self._head_bytes = len(packed_json(head))
        letters = TEXT * (self._head_bytes + sum(map(len, packed.values())))
        return int(letters) + _BARE + (_TOLD * len(weights))

    def _about(self, rung: Rung, compared: Sequence[Answers]) -> tuple[str, ...]:
        return tuple(about(self._offered, rung, compared, self._why))

    def _page(self, rung: Rung, compared: Sequence[Answers]) -> bytes:
        offered, arrays = self._offered, self._pool.arrays
        head = make_head(offered, self._collected, arrays, rung, compared)
        parts = {**self._parts, "head": packed_json(head)}
        parts |= self._frames_of(rung.every) | self._weights_of(rung.bits)[1]
        laid = Laid(
            run=self._run,
            views=tuple(self._views[1:]),
            length=len(offered.steps),
            about=self._about(rung, compared),
            home=self._wish.home,
        )
        return write_page(laid, parts, first_paint(assets_folder()), boot()).encode()


def _views(wish: Wish, run: RunView) -> list[View]:
    """Give the views that are wished for, or those of the usual ones that there are."""
    if not wish.views:
        usual = [get_view(name) for name in VIEWS]
        return [view for view in usual if view.missing(run) is None]
    views = [get_view(name) for name in dict.fromkeys(wish.views)]
    for view in views:
        if (why := view.missing(run)) is not None:
            raise NotStoredError(f"{view.id}: {why}")
        if view.kind == "surface":
            raise ConfigError(
                f"{view.id}: a file draws in two dimensions; leave this view out of "
                "--views"
            )
    return views


def frame_parts(collected: Sequence[Collected], every: int) -> dict[str, bytes]:
    """Pack the frames of every view and choice."""
    found = {}
    for one in collected:
        for i, frames in enumerate(one.frames.values() if one.view.per_step else ()):
            blocks = [pack_frame(frame, every=every) for frame in frames]
            found[frames_part(one.view.id, i)] = packed(join_block(blocks))
    return found
