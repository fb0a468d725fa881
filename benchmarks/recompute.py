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
from pathlib import Path

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


def measure(run: Run, view: View) -> tuple[float, str] | None:
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
    over = [
        what
        for what, ms in (("first", first), ("epoch", max(settled)))
        if ms > BUDGET_MS
    ]
    row = (
        f"| {view.id} | {view.cost} | {first:.0f} | {cpu:.0f} | {max(settled):.0f} | "
        f"{warm:.0f} | {late} | {' and '.join(over)} |"
    )
    return max(first, *settled), row


def main() -> None:
    if len(sys.argv) < 2:
        print("name a store: python benchmarks/recompute.py STORE [RUN] [VIEW …]")
        return
    keep_products_on_one_core()
    store = open_store(Path(sys.argv[1]))
    run = store.run(sys.argv[2] if len(sys.argv) > 2 else store.summaries()[0].id)
    wanted = set(sys.argv[3:])
    views = [view for view in VIEWS if not wanted or view.id in wanted]
    figure(RunView(run, Cache()), views[0], int(run.steps[-1]))  # imports, open files
    rows = [row for view in views if (row := measure(run, view)) is not None]
    rows.sort(key=lambda row: -row[0])
    print(f"{run.id}: {len(run.steps)} checkpoints; ms to the exact figure")
    print("| view | cost | first | CPU | another epoch | again | pending | over |")
    print("|---|---|---|---|---|---|---|---|")
    for _ms, row in rows:
        print(row)
    over = sum(ms > BUDGET_MS for ms, _ in rows)
    print(f"{over} of {len(rows)} views over {BUDGET_MS} ms")


if __name__ == "__main__":
    main()
