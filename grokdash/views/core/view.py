"""What a view is: a value that says what to read, how to draw it and how to read it.

The app, the export, the notebook, the guide and the tests all work from these fields;
adding a view is adding one ``View(...)`` to the list of its subject. How it looks is a
picture, one of ``grokdash.views.pictures``.
"""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Literal, Protocol, runtime_checkable

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis.terms import terms
from grokdash.backlog import Gathered
from grokdash.cache import Arrays
from grokdash.figures.theme import Theme
from grokdash.snapshot import RunView, Snapshot
from grokdash.views.core.selection import Selection

Kind = Literal["grid", "points", "bars", "lines", "curves", "surface", "table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """How to read a view: plain sentences, the formula in plain characters.

    What differs between operations is named as ``$a``, ``$sum`` or ``$offset``: a field
    of :class:`~grokdash.analysis.terms.Terms`.
    """

    what: str
    formula: str
    before: str
    after: str
    normal: str
    wrong: str
    reference: str = ""

    def told(self, operation: str) -> "Guide":
        """Give the guide in the words of one operation."""
        words = terms(operation)
        texts = {one.name: getattr(self, one.name) for one in fields(self)}
        return Guide(**{name: words.fill(text) for name, text in texts.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Everything a figure is made from.

    ``limits`` holds, for every array that has one, the range locked over the run, or
    the range of this epoch when the selection asks for that. ``beside`` holds the key
    frequencies of runs that are shown beside this one, which share out the colours.
    """

    arrays: Arrays
    limits: Mapping[str, tuple[float, float]]
    selection: Selection
    theme: Theme
    snapshot: Snapshot
    beside: frozenset[int] = frozenset()

    @property
    def run(self) -> RunView:
        """The run the arrays come from."""
        return self.snapshot.run

    @property
    def step(self) -> int:
        """The epoch the arrays come from."""
        return self.snapshot.step

    @property
    def pending(self) -> int:
        """Number of checkpoints whose part of the picture is still being computed."""
        return int(self.arrays.get("pending", 0))

    @property
    def progress(self) -> str:
        """Say how far the computation is."""
        wanted = int(self.arrays.get("wanted", 0))
        return f"{wanted - self.pending} of {wanted} checkpoints"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What the browser must know of a picture.

    Parameters
    ----------
    kind
        Its shape.
    scrub
        Which attribute of which trace takes which array while scrubbing, such as
        ``{"0.z": "z"}``; ``"*.z"`` spreads the first axis over the traces.
    picks
        What a click on an axis value selects, such as ``{"x": "b", "y": "a"}``;
        ``"point"`` is the index of a point.
    styles
        Fields of the selection that change only the figure, never the arrays.
    texts
        Whether notes or names of ticks say something of the epoch: they are dimmed
        while another one is drawn.
    """

    kind: Kind
    scrub: Mapping[str, str] = field(default_factory=dict)
    picks: Mapping[str, str] = field(default_factory=dict)
    styles: tuple[str, ...] = ()
    texts: bool = False


@runtime_checkable
class Picture(Protocol):
    """How arrays become a figure, and what of that the browser must know."""

    @property
    def traits(self) -> Traits:
        """What the browser must know."""
        ...

    def draw(self, drawing: Drawing, /) -> go.Figure:
        """Make the figure."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One panel; the folder that lists it gives its page.

    Parameters
    ----------
    id, title, question
        Slug, heading, and the question it answers.
    reads
        Fields of the selection that change the arrays; ``"step"`` is among them unless
        the picture shows all of training at once.
    arrays
        Compute the arrays of one checkpoint. Deterministic, cached by ``version``.
    picture
        How they are drawn.
    describe
        Say in one sentence what there is to be seen: from the arrays, the run and what
        it reads of the selection, never from ranges or styles, so that it can be said
        of every epoch before that is drawn.
    fixed
        Ranges known beforehand, by array name.
    titles
        What arrays are called in files and tables, where their names are not that.
    own_axes
        Whether the axes are made from the run, so that two runs share no plane.
    missing
        Say why this run cannot show the view and what would make it, or give None.
    replaces
        Rows of the earlier project's list of 23 that this view stands for.
    cost
        ``stored`` reads arrays, ``light`` computes for milliseconds from parameters,
        ``heavy`` needs a forward pass over all pairs and is kept on disk.
    frequency_shares
        Whether the sentence compares frequencies or gives the share of one. Where the
        frame has one frequency alone, which holds whatever varies, it is said that such
        a share says nothing.
    """

    id: str
    title: str
    question: str
    reads: tuple[str, ...]
    arrays: Callable[[Snapshot, Selection], Arrays]
    picture: Picture
    describe: Callable[[Drawing], str]
    guide: Guide
    fixed: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    titles: Callable[[RunView], Mapping[str, str]] = lambda _run: {}
    own_axes: bool = False
    missing: Callable[[RunView], str | None] = lambda _run: None
    replaces: tuple[int, ...] = ()
    cost: Literal["stored", "light", "heavy"] = "light"
    version: int = 1
    frequency_shares: bool = False

    @property
    def kind(self) -> Kind:
        """Shape of the picture."""
        return self.picture.traits.kind

    @property
    def scrub(self) -> Mapping[str, str]:
        """Which trace attribute takes which array while scrubbing."""
        return self.picture.traits.scrub

    @property
    def picks(self) -> Mapping[str, str]:
        """What a click selects."""
        return self.picture.traits.picks

    @property
    def styles(self) -> tuple[str, ...]:
        """Fields of the selection that change only the figure."""
        return self.picture.traits.styles

    @property
    def per_step(self) -> bool:
        """Whether the arrays differ from checkpoint to checkpoint."""
        return "step" in self.reads

    @property
    def cursor(self) -> bool:
        """Whether the x axis is the epoch, so that a line can mark where one is."""
        return self.kind == "curves"


def pending(found: Gathered, steps: np.ndarray) -> Arrays:
    """Give the arrays by which a picture says how much of it is still to come."""
    return {"pending": np.array(found.pending), "wanted": np.array(len(steps))}


def needs_measure(name: str) -> Callable[[RunView], str | None]:
    """Make a ``missing`` that asks for one stored measure."""

    def missing(run: RunView) -> str | None:
        if run.has(name):
            return None
        return (
            f"This run has no {name}: it is computed when training ends. "
            f"Finish it with: grokdash train --resume {shlex.quote(run.id)}"
        )

    return missing


NO_SPLIT = "Which pairs this run was trained on is not known"


def needs_split(
    other: Callable[[RunView], str | None] = lambda _run: None,
) -> Callable[[RunView], str | None]:
    """Make a ``missing`` that asks for the training pairs, and then for something else.

    Runs that were trained elsewhere may come without.
    """

    def missing(run: RunView) -> str | None:
        if run.split_known:
            return other(run)
        return (
            f"{NO_SPLIT}, and this view compares them with the others. Where they can "
            "be had, import it again with grokdash import and --train-pairs or --split."
        )

    return missing


def array_limits(array: np.ndarray) -> tuple[float, float]:
    """Give the smallest and largest finite value; (0, 1) when there is none."""
    finite = array[np.isfinite(array)]
    if not finite.size:
        return 0.0, 1.0
    return float(finite.min()), float(finite.max())
