"""Time every view to its exact figure, with an empty cache and with a warm one.

    python benchmarks/recompute.py STORE [RUN] [VIEW …]

Per view, as the server makes it: the first figure of a freshly opened run (with the
range locked over the run, and whatever the view needs of the whole run), two more
epochs (what settling costs once a panel is on screen: only their own arrays are new),
and the first figure again. Wall-clock milliseconds, slowest view first; ``CPU`` counts
all threads of the first figure, and tells a busy machine from a slow view.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from examples import example_store
from table import Raw

from grokdash.cache import Cache
from grokdash.snapshot import RunView
from grokdash.store import Run, open_store
from grokdash.threads import keep_products_on_one_core
from grokdash.views import VIEWS, View
from grokdash.views.core.render import make_drawing, render
from grokdash.views.core.selection import default_selection

BUDGET_MS = 300
PLACES = (0.99, 0.25, 0.6)
PATIENCE_S = 60


def figure(run: RunView, view: View, epoch: int) -> int:
    """Make the figure as the server does; give how many numbers it still lacks."""
    selection = default_selection(run)
    drawing = make_drawing(run.at(epoch), view, selection, "light")
    view.describe(drawing)
    render(drawing, view).to_json()
    return int(drawing.arrays.get("pending", 0))


def timed(make: Callable[[], int]) -> tuple[float, float, int]:
    wall, cpu = time.perf_counter(), time.process_time()
    pending = make()
    spent = time.process_time() - cpu
    return 1e3 * (time.perf_counter() - wall), 1e3 * spent, pending


def completed(make: Callable[[], int]) -> float:
    """Ask again until nothing is pending, as a panel does; give the seconds."""
    start = time.perf_counter()
    while make() and time.perf_counter() - start < PATIENCE_S:
        time.sleep(0.1)
    return time.perf_counter() - start


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of one view's figures, and what was pending after the first."""

    view: View
    first: float
    cpu: float
    epoch: float
    again: float
    late: str

    @property
    def slowest(self) -> float:
        return max(self.first, self.epoch)

    @property
    def row(self) -> str:
        named = (("first", self.first), ("epoch", self.epoch))
        over = " and ".join(what for what, ms in named if ms > BUDGET_MS)
        return (
            f"| {self.view.id} | {self.view.cost} | {self.first:.0f} | {self.cpu:.0f} "
            f"| {self.epoch:.0f} | {self.again:.0f} | {self.late} | {over} |"
        )


def measure(run: Run, view: View) -> Times | None:
    with tempfile.TemporaryDirectory() as folder:
        cache = Cache(Path(folder))
        seen = RunView(run, cache).at_this_moment()
        if view.missing(seen) is not None:
            return None
        epochs = [int(seen.steps[int(f * (len(seen.steps) - 1))]) for f in PLACES]
        first, cpu, pending = timed(lambda: figure(seen, view, epochs[0]))
        complete = completed(lambda: figure(seen, view, epochs[0])) if pending else 0
        settled = [timed(lambda e=e: figure(seen, view, e))[0] for e in epochs[1:]]
        warm, _, _ = timed(lambda: figure(seen, view, epochs[0]))
        cache.close()
    late = f"{pending} more in {complete:.1f} s" if pending else ""
    return Times(view, first, cpu, max(settled), warm, late)


def slowest_first(run: Run, views: list[View]) -> list[Times]:
    """Measure the views of a run, the slowest first."""
    keep_products_on_one_core()
    figure(RunView(run, Cache()), views[0], int(run.steps[-1]))  # imports, open files
    found = [times for view in views if (times := measure(run, view)) is not None]
    return sorted(found, key=lambda times: -times.slowest)


def rows(*, quick: bool) -> list[Raw]:
    """Give how many views are slow, and the slowest ones."""
    with example_store(quick=quick) as path:
        store = open_store(path)
        run = store.run(store.summaries()[0].id)
        found = slowest_first(run, list(VIEWS[:: 8 if quick else 1]))
        store.close()
    over = sum(times.slowest > BUDGET_MS for times in found)
    what = f"views over {BUDGET_MS} ms to their exact figure, of {len(found)}"
    slow: list[Raw] = [
        (f"exact figure of {times.view.id}, nothing cached", times.slowest, "ms", None)
        for times in found[:3]
    ]
    typical = found[len(found) // 2].epoch
    return [
        (what, over, "", None),
        ("exact figure of another epoch, median view", typical, "ms", BUDGET_MS),
        *slow,
    ]


def main() -> None:
    if len(sys.argv) < 2:
        print("name a store: python benchmarks/recompute.py STORE [RUN] [VIEW …]")
        return
    store = open_store(Path(sys.argv[1]))
    run = store.run(sys.argv[2] if len(sys.argv) > 2 else store.summaries()[0].id)
    wanted = set(sys.argv[3:])
    views = [view for view in VIEWS if not wanted or view.id in wanted]
    found = slowest_first(run, views)
    print(f"{run.id}: {len(run.steps)} checkpoints; ms to the exact figure")
    print("| view | cost | first | CPU | another epoch | again | pending | over |")
    print("|---|---|---|---|---|---|---|---|")
    for times in found:
        print(times.row)
    over = sum(times.slowest > BUDGET_MS for times in found)
    print(f"{over} of {len(found)} views over {BUDGET_MS} ms")


if __name__ == "__main__":
    main()
