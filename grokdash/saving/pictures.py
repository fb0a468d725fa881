"""Pictures outside the browser: views at epochs, titled, in files of any format.

What a browser draws needs Kaleido and a Chromium on this computer; HTML and JSON do
not.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import plotly.graph_objects as go

from grokdash.contract.words import RANGE_BUTTON
from grokdash.saving.browser import browser
from grokdash.saving.files import write_file
from grokdash.saving.fitting import Heading, fitted
from grokdash.saving.look import FONTS, Look
from grokdash.saving.origins import provenance
from grokdash.saving.picture_formats import Still
from grokdash.saving.sheets import Sheet, alone
from grokdash.snapshot import RunView
from grokdash.views.core.ranges import of_epoch
from grokdash.views.core.render import make_drawing, render, sentence
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing, View

_AHEAD = 4
"""Pictures that are begun before the first of them is written."""


@dataclass(frozen=True, slots=True)
class Job:
    """One file to be made: where, what, in which format, how fine."""

    path: Path
    sheet: Callable[[], Sheet]
    written_as: Still
    scale: float


def sheet_of(
    run: RunView, view: View, epoch: int, selection: Selection, look: Look
) -> Sheet:
    """Draw a view at an epoch as it goes into a file."""
    drawing = make_drawing(run.at(epoch), view, selection, look.theme)
    figure = _fitted(drawing, view, look)
    return alone(
        figure,
        look,
        provenance(drawing, view),
        title=f"{view.title}, epoch {drawing.step:,}; {run.title}",
        told=sentence(drawing, view),
    )


def titled(
    run: RunView, view: View, epoch: int, selection: Selection, look: Look
) -> go.Figure:
    """Draw a view with a title that says what, when and of which run."""
    drawing = make_drawing(run.at(epoch), view, selection, look.theme)
    return _fitted(drawing, view, look)


def _fitted(drawing: Drawing, view: View, look: Look) -> go.Figure:
    fig = render(drawing, view)
    fig.update_layout(font_family=FONTS[look.font])
    run, heading = drawing.run, None
    if look.title:
        ranged = f", {RANGE_BUTTON}" if of_epoch(drawing, view) else ""
        when = f", epoch {drawing.step:,}" if view.per_step else ""
        heading = Heading(f"{view.title}{when}{ranged}", f"{run.title}; run {run.id}")
    return fitted(fig, *look.inner, heading, letter=look.letter)


def save(jobs: Iterable[Job]) -> Iterator[Path]:
    """Make files, several at a time in one browser, and name each once it is there.

    Raises
    ------
    ConfigError
        If what a format needs is not installed.
    StoreError
        If a file cannot be written.
    """
    with ExitStack() as opened:
        drawer = None
        begun: deque[tuple[Job, Sheet, Future[bytes]]] = deque()
        for job in jobs:
            if job.written_as.drawn and drawer is None:
                drawer = opened.enter_context(browser())
            sheet = job.sheet()
            made = job.written_as.begin(sheet, job.scale, drawer)
            begun.append((job, sheet, made))
            if len(begun) > _AHEAD:
                yield _written(*begun.popleft())
        while begun:
            yield _written(*begun.popleft())


def _written(job: Job, sheet: Sheet, made: Future[bytes]) -> Path:
    write_file(job.path, job.written_as.finish(made.result(), sheet))
    return job.path
