"""Progress bars of commands that collect pages."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    Progress,
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
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=out,
        expand=True,
        transient=True,
        disable=not out.is_terminal,
    )
    with progress:
        task = progress.add_task("", total=None)

        def begin(name: str) -> Tell:
            progress.reset(task, description=name, total=None)
            return lambda done, of: progress.update(task, completed=done, total=of)

        yield begin
