"""Peak memory of every view of one checkpoint, by the modulus.

    python benchmarks/large_moduli.py [p ...] [--most GB]

A network of random weights of the nanda sizes is written as a run of one checkpoint.
Every view that needs no stored measure is made and drawn in a process of its own, which
is forked; printed is by how much its resident memory grew at most, or what it says if
it would take more than a server allows by default (``--most 0`` allows everything).
"""

import argparse
import os
import resource
import tempfile
from pathlib import Path

import numpy as np

from grokdash.app.factory import MOST_BYTES
from grokdash.cache import Cache
from grokdash.config import RunConfig, make_config
from grokdash.errors import NoMemoryError, NotStoredError
from grokdash.model.parameters import initialise
from grokdash.snapshot import RunView
from grokdash.store import CheckpointData, RunWriter, open_store
from grokdash.views import VIEWS, View, get_view
from grokdash.views.core.render import make_drawing, render
from grokdash.views.core.selection import default_selection

UNSTORED = "needs a stored measure"
DEFAULT = (113, 499, 997)
Row = tuple[str, float, str, float | None]


def write_run(store: Path, config: RunConfig) -> None:
    with RunWriter.create(store, config) as writer:
        params = {name: value.numpy() for name, value in initialise(config).items()}
        writer.commit(CheckpointData(step=0, params=params))
        writer.flush()


def peak() -> int:
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def in_child(run: RunView, view: View) -> str:
    """Make and draw a view in a forked process; give what it took, or what it said."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        before = peak()
        try:
            selection = default_selection(run)
            render(make_drawing(run.at(run.last), view, selection, "light"), view)
            word = str(peak() - before)
        except NoMemoryError as error:
            word = str(error)
        except NotStoredError:
            word = UNSTORED
        os.write(writing, word.encode()[:500])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        word = told.read().decode()
    os.waitpid(child, 0)
    return word or "the process was killed"


def in_parent(run: RunView) -> None:
    """Draw something small, so that no child counts what importing takes."""
    view, selection = get_view("attention-score"), default_selection(run)
    render(make_drawing(run.at(run.last), view, selection, "light"), view)


def measure(p: int, most: int | None) -> dict[str, str]:
    """Make every view at one modulus; give what each took, or what it said."""
    with tempfile.TemporaryDirectory() as folder:
        config = make_config("nanda", p=p)
        write_run(Path(folder), config)
        store = open_store(folder)
        run = RunView(store.run(config.run_id()), Cache())
        run.most_bytes = most
        _ = run.fibres, run.steps
        in_parent(run)
        found = {v.id: in_child(run, v) for v in VIEWS if not v.missing(run)}
        store.close()
    return {name: word for name, word in found.items() if word != UNSTORED}


def told(p: int, found: dict[str, str], most: int | None) -> list[Row]:
    sizes = [int(word) / 1e6 for word in found.values() if word.isdigit()]
    allowed = None if most is None else most / 1e6
    refused = len(found) - len(sizes)
    return [
        (f"p = {p}: most memory of one view", round(max(sizes)), "MB", allowed),
        (f"p = {p}: median of {len(sizes)} views", np.median(sizes), "MB", None),
        (f"p = {p}: views refused", refused, "", 0),
    ]


def rows(*, quick: bool) -> list[Row]:
    """Give what was measured for the table of all benchmarks."""
    moduli = (113,) if quick else DEFAULT
    return [row for p in moduli for row in told(p, measure(p, MOST_BYTES), MOST_BYTES)]


def main() -> None:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("p", type=int, nargs="*", default=DEFAULT)
    reader.add_argument("--most", type=float, default=MOST_BYTES / 1e9)
    asked = reader.parse_args()
    most = int(asked.most * 1e9) or None
    for p in asked.p:
        found = measure(p, most)
        for what, value, unit, _budget in told(p, found, most):
            print(f"{what}: {value:,.0f} {unit}")
        sizes = {name: int(word) for name, word in found.items() if word.isdigit()}
        for name in sorted(sizes, key=lambda one: -sizes[one])[:12]:
            print(f"  {name:<28}{sizes[name] / 1e6:10,.0f} MB")
        for name in found.keys() - sizes.keys():
            print(f"  {name:<28}{found[name]}", flush=True)


if __name__ == "__main__":
    main()
