"""Read every array of a run and say what is not as it was written.

It opens the files one after the other, and reads a row of chunks at a time, so
that neither memory nor anybody else's reading depends on it.
"""

import contextlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grokdash.errors import GrokdashError
from grokdash.store import record
from grokdash.store.contents import Packed
from grokdash.store.expected import Expected
from grokdash.store.files import list_steps
from grokdash.store.hashes import sides
from grokdash.store.pool import FilePool
from grokdash.store.safety import SafeFile, identity, reading
from grokdash.store.schema import (
    CHECKPOINTS,
    GRIDS,
    PACKED_FILE,
    STATE,
    TABLE,
    TRAIN_MASK,
    param_shapes,
    step_file,
)

_KINDS = ((CHECKPOINTS, "checkpoint"), (STATE, "state"), (GRIDS, "grids"))
_ROUNDS = 3
"""How often the folder is looked at again: packing moves files meanwhile."""


@dataclass(slots=True)
class Verified:
    """What was found in one run.

    ``damage`` has one sentence for each damaged file, array and epoch; ``without`` the
    files that were written before hashes, of which only HDF5's checksums were checked.
    """

    run: str
    files: int = 0
    arrays: int = 0
    n_bytes: int = 0
    damage: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)


def verify_run(
    folder: Path, pool: FilePool, on_bytes: Callable[[int], None] | None = None
) -> Verified:
    """Check every file of a run; damage is noted, never raised.

    Parameters
    ----------
    folder : Path
        The run's folder.
    pool : FilePool
        Opens its files; one of its own, so that nobody else's reading depends on it.
    on_bytes : callable, optional
        Told after each piece how many bytes of values have been read since.
    """
    found = Verified(folder.name)
    known: record.RunRecord | None = None
    with _noting(found):
        known = record.read_record(folder)
    for _, wrong in (record.look_at_status(folder), record.look_at_notes(folder)):
        found.damage += [wrong] if wrong else []
    if known is None:
        return found
    check = _Check(folder, known, pool, found, on_bytes)
    for _ in range(_ROUNDS):
        if not check.look():
            break
    return found


class _Check:
    """One pass over the files of a run."""

    def __init__(
        self,
        folder: Path,
        known: record.RunRecord,
        pool: FilePool,
        found: Verified,
        on_bytes: Callable[[int], None] | None,
    ) -> None:
        self.folder = folder
        self.known = known
        self.pool = pool
        self.expected = Expected.of(known.fingerprint, known.config)
        self.found = found
        self.on_bytes = on_bytes
        self.seen: set[Any] = set()

    def look(self) -> bool:
        """Check the files that were not there before; say whether there were any."""
        new = False
        with _noting(self.found):
            for path, kind in self._files():
                with contextlib.suppress(FileNotFoundError):
                    mark = path, identity(path)
                    if mark not in self.seen:
                        self.seen.add(mark)
                        new = True
                        self._file(path, kind)
        return new

    def _files(self) -> Iterator[tuple[Path, str]]:
        for name, kind in _KINDS:
            for step in sorted(list_steps(self.folder / name)):
                yield self.folder / name / step_file(step), kind
        yield self.folder / PACKED_FILE, "run"

    def _file(self, path: Path, kind: str) -> None:
        with _noting(self.found), self.pool.reading(self.folder):
            self._arrays(self.pool.open(path, kind, self.expected), kind)

    def _arrays(self, file: SafeFile, kind: str) -> None:
        self.found.files += 1
        name = file.path.relative_to(self.folder).as_posix()
        if not file.hashes.there:
            self.found.without.append(name)
        epochs: dict[str, list[int]] = {}
        if kind == "run":
            packed = Packed(file)
            epochs = {"params": list(packed.rows), "grids": list(packed.grid_rows)}
            epochs["measures"] = epochs["params"]
        else:
            step = file.meta.get("step")
            if path_step(file.path) != step:
                self.found.damage.append(f"{name}: holds epoch {step}")
        for array in sorted({*file.hashes.names, *self._names(file, kind)}):
            with _noting(self.found):
                self._array(file, array, epochs.get(array.partition("/")[0], []))

    def _names(self, file: SafeFile, kind: str) -> list[str]:
        """Give the arrays that a file must have by its own lists."""
        if kind == "state":
            return [
                f"{group}/{name}"
                for group in ("optimizer", "rng")
                for name, shape in file.meta.get(group, {}).items()
                if math.prod(shape)
            ]
        names = [f"grids/{one}" for one in file.names("grids")]
        if kind == "grids":
            return names
        names += [f"params/{one}" for one in param_shapes(self.known.config)]
        names += [f"measures/{one}" for one in file.names("measures")]
        if kind == "run":
            scalars = file.names("scalars")
            names += [f"steps/{one}" for one in scalars]
            names += ["step", *(["grids/step"] if file.names("grids") else [])]
            origin = self.known.imported
            if origin is not None and origin.train_mask is not None:
                names.append(TRAIN_MASK)
            return names + (["steps/step"] if scalars else [])
        names += [f"measures/{TABLE}"] if file.meta.get("table") else []
        has_steps = file.meta.get("scalars") and file.meta.get("n_scalars")
        return names + ([f"steps/{TABLE}"] if has_steps else [])

    def _array(self, file: SafeFile, name: str, epochs: list[int]) -> None:
        dataset = file.dataset(name)
        self.found.arrays += 1
        row_bytes = math.prod(dataset.shape[1:]) * dataset.dtype.itemsize
        wrong: list[int] = []
        first = Verified(self.found.run)
        for row in range(0, dataset.shape[0], sides(dataset)[0]):
            before = len(first.damage)
            with _noting(first), reading(file.path):
                file.hashes.check_block(name, row)
            if len(first.damage) > before:
                wrong.append(row)
            n = min(sides(dataset)[0], dataset.shape[0] - row) * row_bytes
            self.found.n_bytes += n
            if self.on_bytes is not None:
                self.on_bytes(n)
        if wrong:
            which = _which([epochs[row] for row in wrong if row < len(epochs)])
            self.found.damage.append(f"{name}: {which}{first.damage[0]}")


def _which(epochs: list[int]) -> str:
    """Name damaged epochs; of many the first, the last and how many."""
    if len(epochs) < 2:
        return "".join(f"epoch {one:,}: " for one in epochs)
    return f"{len(epochs):,} epochs from {epochs[0]:,} to {epochs[-1]:,}: "


def path_step(path: Path) -> int:
    """Give the epoch in the name of a piece."""
    return int(path.stem.partition("-")[2])


@contextlib.contextmanager
def _noting(found: Verified, which: str = "") -> Iterator[None]:
    """Write damage down and go on; a file that is gone was packed or deleted."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (GrokdashError, OSError) as error:
        found.damage.append(f"{which}{error}")
