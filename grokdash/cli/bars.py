"""Progress bars of commands that make pages and films."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from grokdash.cli.options import out

Tell = Callable[[int, int], None]


@contextmanager
def bar() -> Iterator[Callable[[str], Tell]]:
    """Show how much of a page is collected; on no terminal nothing.

    What it gives is called with the name of each page, and gives what is called with
    how much is done and how much there is.
    """
    with _progress(TaskProgressColumn()) as progress:
        task = progress.add_task("", total=None)

        def begin(name: str) -> Tell:
            progress.reset(task, description=name, total=None)
            return lambda done, of: progress.update(task, completed=done, total=of)

        yield begin


@contextmanager
def counted(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show how many of something are done; on no terminal nothing."""
    with _progress(MofNCompleteColumn()) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done: progress.update(task, completed=done)


def _progress(how_far: ProgressColumn) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        how_far,
        TimeRemainingColumn(),
        console=out,
        expand=True,
        transient=True,
        disable=not out.is_terminal,
    )
