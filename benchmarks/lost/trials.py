"""What a run must have kept after any disaster: it is compared with one that met none.

Everything here reads a store as the app does, and never trusts what was printed.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from grokdash.errors import GrokdashError, NotStoredError
from grokdash.store import Run, open_store
from grokdash.store.lease import holder

FIELDS = {
    "p": 7,
    "d_model": 8,
    "d_mlp": 12,
    "n_heads": 2,
    "epochs": 60,
    "dense_until": 0,
    "checkpoint_every": 10,
    "grids": 3,
}
OPTIONS = [
    "--preset",
    "quick",
    "--quiet",
    *(f"--{name.replace('_', '-')}={value}" for name, value in FIELDS.items()),
]
LAST = FIELDS["epochs"]

Bits = dict[str, str]
"""A hash of every array, by ``step kind/name``."""


def bits(run: Run, steps: Sequence[int], *, measures: bool = True) -> Bits:
    """Hash the arrays of some checkpoints of a run, and its scalars and grids."""
    found: Bits = {}
    for step in steps:
        arrays = {f"params/{k}": v for k, v in run.params(step).items()}
        if measures:
            arrays |= {f"measures/{k}": run.measure(k, step) for k in run.measure_names}
        found |= {f"{step} {name}": _hash(array) for name, array in arrays.items()}
    return found


def final_bits(store: Path, run_id: str) -> Bits:
    """Hash everything that a finished run has stored."""
    with Whole(store, run_id) as run:
        found = bits(run, run.steps.tolist())
        for name in run.scalar_names:
            found[f"scalars/{name}"] = _hash(np.stack(run.scalars(name)))
        for step in run.grid_steps.tolist():
            for name in ("neurons", "attention", "correct_logit", "loss"):
                found[f"{step} grids/{name}"] = _hash(run.grid(name, step))
        for group, arrays in run.state(int(run.steps[-1])).items():
            if isinstance(arrays, dict):
                found |= {f"{group}/{k}": _hash(v) for k, v in arrays.items()}
    return found


class Whole:
    """A run, opened anew through its store; a context manager."""

    def __init__(self, store: Path, run_id: str) -> None:
        self._store = open_store(store)
        self._id = run_id

    def __enter__(self) -> Run:
        return self._store.run(self._id)

    def __exit__(self, *_: object) -> None:
        self._store.close()


def steps_there(store: Path, run_id: str) -> set[int]:
    """Give the checkpoints that a reader of the store sees; none without the run."""
    try:
        with Whole(store, run_id) as run:
            return set(run.steps.tolist())
    except NotStoredError:
        return set()


def lost(
    store: Path,
    run_id: str,
    known: set[int],
    undisturbed: Bits,
    *,
    measures: bool = True,
) -> list[str]:
    """Say what of the known checkpoints is missing, unreadable or different.

    Measures are read of the newest of them, unless they may be others: an extension
    measures all checkpoints by new key frequencies.
    """
    wrong: list[str] = []
    if not known:
        return wrong
    try:
        with Whole(store, run_id) as run:
            there = set(run.steps.tolist())
            wrong += [f"lost: {run_id} {step}" for step in sorted(known - there)]
            for step in sorted(known & there):
                try:
                    whole = measures and step == max(known)
                    found = bits(run, [step], measures=whole)
                except GrokdashError as error:
                    wrong.append(f"unreadable: {run_id} {step}: {error}")
                    continue
                differing = [k for k, v in found.items() if undisturbed.get(k) != v]
                wrong += [f"different: {run_id} {k}" for k in differing]
    except GrokdashError as error:
        wrong.append(f"lost: {run_id}: {error}")
    return wrong


def states(store: Path) -> dict[str, str]:
    """Give the state of every run as the list of runs shows it."""
    opened = open_store(store)
    try:
        return {one.id: one.state for one in opened.summaries()}
    finally:
        opened.close()


def unfinished(store: Path, undisturbed: dict[str, Bits]) -> list[str]:
    """Say where a store is not what it is without a disaster."""
    wrong: list[str] = []
    shown = states(store)
    for run_id, expected in undisturbed.items():
        if shown.get(run_id) != "finished":
            wrong.append(f"shown as {shown.get(run_id)}: {run_id}")
            continue
        try:
            found = final_bits(store, run_id)
        except GrokdashError as error:
            wrong.append(f"unreadable: {run_id}: {error}")
            continue
        differing = _differing(_scheduled(found, expected), expected)
        if differing:
            wrong.append(f"different: {run_id}: {sorted(differing)[:5]}")
    return wrong + [f"left over: {path}" for path in left_overs(store)]


def left_overs(store: Path) -> list[str]:
    """Name temporary files, and locks of processes that are gone."""
    found = [str(path) for path in store.rglob(".tmp-*")]
    found += [str(path) for path in store.rglob("*.damaged")]
    folders = (path.parent for path in store.rglob("lock"))
    return found + [f"lease of {one}" for one in folders if holder(one) is not None]


def run_ids(store: Path) -> Iterator[str]:
    """Name the folders of a store that may be runs."""
    for path in sorted(store.glob("*")):
        if path.is_dir() and not path.name.startswith("."):
            yield path.name


def _scheduled(found: Bits, expected: Bits) -> Bits:
    """Leave out checkpoints that only a run has which was stopped between two."""
    steps = {name.split()[0] for name in expected}
    return {name: one for name, one in found.items() if name.split()[0] in steps}


def _differing(found: Bits, expected: Bits) -> set[str]:
    names = found.keys() ^ expected.keys()
    same = found.keys() & expected.keys()
    return names | {name for name in same if found[name] != expected[name]}


def _hash(values: np.ndarray) -> str:
    array = np.ascontiguousarray(values)
    text = f"{array.dtype} {array.shape}".encode()
    return hashlib.sha256(text + array.tobytes()).hexdigest()[:16]
