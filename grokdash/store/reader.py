"""Read one run: its live pieces and its packed file together, as if they were one.

Every call opens what it needs through :mod:`~grokdash.store.safety`; a piece that was
packed away between the listing and the open is looked for once more. One thread reads a
run at a time; those who read other runs take no notice.
"""

import contextlib
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from grokdash.config import RunConfig
from grokdash.errors import DamagedFileError, NotStoredError
from grokdash.patience import waiting_for
from grokdash.store import labelled, record
from grokdash.store.checkpoint import Checkpoint, html_table, stored_epoch
from grokdash.store.contents import (
    Packed,
    Piece,
    noting,
    read_state,
    stack_rows,
)
from grokdash.store.digests import Digests
from grokdash.store.expected import Expected
from grokdash.store.extensions import Extension
from grokdash.store.files import folder_bytes, list_steps
from grokdash.store.imported import Imported, known_mask
from grokdash.store.pool import FilePool
from grokdash.store.safety import SafeFile, identity
from grokdash.store.schema import (
    CHECKPOINTS,
    GRID_NAMES,
    GRIDS,
    PACKED_FILE,
    STATE,
    param_shapes,
    step_file,
)
from grokdash.store.values import CheckpointData, Notes, RunStatus
from grokdash.written import size, whole

T = TypeVar("T")


class Run:
    """One stored run; made by ``Store.run``. All methods are thread-safe.

    Parameters
    ----------
    folder : Path
        The run's folder.
    pool : FilePool
        Open files of the store; shared by its runs.

    Raises
    ------
    NotStoredError
        If there is no run.
    DamagedFileError, FormatVersionError
        If run.json or run.h5 cannot be used.

    Attributes
    ----------
    place : str
        The folder, with every link on the way followed.
    expected : Expected
        What run.json says of every HDF5 file of the run.
    status : RunStatus
        As of the last :meth:`refresh`.
    steps, grid_steps : ndarray of int64, [C] and [C']
        Stored checkpoints, and those with grids; ascending.
    damaged : dict
        Steps whose file turned out to be damaged, and why; the others stay usable.
    """

    def __init__(self, folder: Path, pool: FilePool) -> None:
        self.path = folder
        self._pool = pool
        with waiting_for(folder.name):
            self.place = str(folder.resolve())
            self._record = record.read_record(folder)
        self.expected = Expected.of(self.fingerprint, self.config)
        self._digests = Digests(list(param_shapes(self.config)))
        self._packed: Packed | None = None
        self._packed_identity: Any = None
        self._pieces: dict[int, Piece] = {}
        self._grid_pieces: frozenset[int] = frozenset()
        self._listing: Any = None
        self._names: tuple[str, ...] = ()
        self._mask: np.ndarray | None = None
        self.damaged: dict[int, str] = {}
        self.status = RunStatus()
        self.steps: Int[np.ndarray, " C"] = np.empty(0, dtype=np.int64)
        self.grid_steps: Int[np.ndarray, " G"] = np.empty(0, dtype=np.int64)
        self.refresh()

    @property
    def id(self) -> str:
        """Name of the run and of its folder."""
        return self._record.id

    @property
    def store(self) -> str:
        """Folder of the store that it lies in, or the address of a remote one."""
        return self._pool.name

    @property
    def config(self) -> RunConfig:
        """What the run computes, up to the last epoch of its newest extension."""
        return self._record.config

    @property
    def provenance(self) -> dict[str, Any]:
        """Versions, machine and commit that made the run, and all that extended it."""
        added = [asdict(one) for one in self._record.extensions]
        return self._record.provenance | ({"extensions": added} if added else {})

    @property
    def extensions(self) -> tuple[Extension, ...]:
        """How the run was extended past the end it was begun with, oldest first."""
        return self._record.extensions

    @property
    def imported(self) -> Imported | None:
        """Where the run comes from, if it was trained elsewhere."""
        return self._record.imported

    @property
    def split_known(self) -> bool:
        """Whether it is known which pairs the run was trained on."""
        return self.imported is None or self.imported.train_mask is not None

    @property
    def created(self) -> float:
        """When the run was started, Unix seconds."""
        return self._record.created

    @property
    def fingerprint(self) -> str:
        """Hash of run.json: the same for as long as the run only grows."""
        return self._record.fingerprint

    @property
    def notice(self) -> str:
        """What a user should know of where it comes from; empty if there is nothing."""
        return self._record.notice

    @property
    def notes(self) -> Notes:
        """The user's title, tags and notes."""
        with waiting_for(self.path.name):
            return record.read_notes(self.path)

    @property
    def size_bytes(self) -> int:
        """Bytes of all files of the run."""
        with waiting_for(self.path.name):
            return folder_bytes(self.path)

    @property
    def key_frequencies(self) -> tuple[int, ...] | None:
        """The frequencies fixed at the final checkpoint, once the run is packed.

        Those of an earlier end do not count once the run has been extended.
        """
        if self._packed is None:
            return None
        if self.extensions and max(self._packed.rows) < self.config.epochs:
            return None
        return self._packed.key_frequencies

    @property
    def packed_steps(self) -> tuple[int, ...]:
        """Steps that run.h5 holds."""
        return () if self._packed is None else tuple(self._packed.rows)

    @property
    def unpacked_grids(self) -> frozenset[int]:
        """Steps whose grids are not in run.h5 yet."""
        return self._grid_pieces

    @property
    def scalar_names(self) -> tuple[str, ...]:
        """Every per-update scalar that is stored, sorted."""
        return self._retry(self._find_scalar_names)

    def _find_scalar_names(self) -> tuple[str, ...]:
        names = set() if self._packed is None else set(self._packed.scalars)
        for step in self._pieces:
            with noting(self.damaged, step):
                names |= self._piece_scalars(step).keys() - {"step"}
        return tuple(sorted(names))

    @property
    def measure_names(self) -> tuple[str, ...]:
        """Every measure that some checkpoint has, sorted."""
        return self._names

    def refresh(self) -> bool:
        """Look for new checkpoints and a new status; say whether there are any."""
        with self._pool.reading(self.path):
            status = record.observed(record.read_status(self.path), self.path.parent)
            changed = status != self.status
            self.status = status
            listing = self._list()
            if listing != self._listing:
                self._load(*listing)
                self._listing = listing
                changed = True
            return changed

    def _list(self) -> tuple[Any, frozenset[int], frozenset[int]]:
        # Pieces before the packed file: what packing moves is then seen in either.
        checkpoints = list_steps(self.path / CHECKPOINTS)
        grids = list_steps(self.path / GRIDS)
        try:
            packed = identity(self.path / PACKED_FILE)
        except FileNotFoundError:
            packed = None
        return packed, checkpoints, grids

    def _load(
        self, packed: Any, checkpoints: frozenset[int], grids: frozenset[int]
    ) -> None:
        if packed != self._packed_identity:
            self._packed = None if packed is None else Packed(self._open_packed())
            self._packed_identity = packed
        rows = {} if self._packed is None else self._packed.rows
        grid_rows = {} if self._packed is None else self._packed.grid_rows
        self._pieces = {
            step: self._pieces.get(step) or Piece(step)
            for step in sorted(checkpoints - rows.keys())
        }
        self._grid_pieces = frozenset(grids - grid_rows.keys())
        self.steps = _sorted(rows.keys() | self._pieces.keys())
        self.grid_steps = _sorted(grid_rows.keys() | self._grid_pieces)
        names = set() if self._packed is None else set(self._packed.measures)
        if self._pieces:
            names |= self._names_of_newest_piece()
        self._names = tuple(sorted(names))

    def _names_of_newest_piece(self) -> set[str]:
        for step in reversed(self._pieces):
            try:
                return set(self._pieces[step].names(self._open_piece(step)))
            except (DamagedFileError, FileNotFoundError):
                continue
        return set()

    def digest(self, step: int) -> str:
        """Give what tells the parameters of a stored step from any others.

        The same before and after packing, and cheap: made of the hashes in the file. Of
        a file without hashes, the identity of the file.

        Raises
        ------
        NotStoredError
            If the step is not stored.
        DamagedFileError
            If its file is.
        """
        found = None
        with contextlib.suppress(FileNotFoundError):
            found = self._digests.get(step, self._place_of(step))
        return found or self._retry(lambda: self._made_digest(step))

    def _place_of(self, step: int) -> Path:
        if step in self._pieces:
            return self.path / CHECKPOINTS / step_file(step)
        return self.path / PACKED_FILE

    def _made_digest(self, step: int) -> str:
        file, row = self.checkpoint_file(step)
        packed = self._packed
        if step not in self._pieces and packed is not None:
            return self._digests.add(step, file, row, len(packed.rows))
        return self._digests.add(step, file, 0, 1)

    def all_digests(self, steps: Sequence[int]) -> str:
        """Sum up the digests of many steps; a damaged file counts as none."""
        found, packed, now = hashlib.sha256(), self.path / PACKED_FILE, None
        with contextlib.suppress(FileNotFoundError):
            now = identity(packed)  # looked at once for all that it holds
        for step in steps:
            inside = now is not None and step not in self._pieces
            known = self._digests.get(step, packed, now) if inside else None
            with contextlib.suppress(DamagedFileError):
                found.update(f"{step} {known or self.digest(step)} ".encode())
        return found.hexdigest()

    def nearest_step(self, step: int) -> int:
        """Give the stored step nearest to any step; the earlier of two."""
        if not len(self.steps):
            raise NotStoredError(f"{self.id}: has no checkpoint yet")
        return int(self.steps[np.abs(self.steps - int(step)).argmin()])

    def at(self, epoch: int | None = None) -> Checkpoint:
        """Give the checkpoint nearest to an epoch, the newest by default.

        ``run.at(2000)["W_E"]`` reads one array of it; its ``epoch`` says which stored
        one it is. Of two that are as near it is the earlier.

        Raises
        ------
        ConfigError
            If it is no epoch.
        NotStoredError
            If no checkpoint is stored yet.
        """
        return Checkpoint(self, stored_epoch(self.steps, epoch, self.id))

    def to_pandas(self, *names: str) -> Any:
        """Make a pandas table: a row per checkpoint, a column per measure.

        Parameters
        ----------
        names : str
            Measures of one number or one axis, which gets a column per place, such as
            ``loss/restricted[test]``; or scalars of every update, a row each. By
            default every measure of one number.

        Returns
        -------
        pandas.DataFrame
            Its index is ``epoch``, or ``update`` for scalars.

        Raises
        ------
        ConfigError
            If pandas is not installed, or a measure has more axes.
        NotStoredError
            If a name is not stored; the message says what is.
        """
        return labelled.to_pandas(self, names)

    def to_xarray(self, *names: str) -> Any:
        """Make an xarray data set of parameters and measures, read when they are used.

        Parameters
        ----------
        names : str
            Parameters and measures; all of them by default.

        Returns
        -------
        xarray.Dataset
            Every axis has the name that :mod:`~grokdash.store.axes` explains, the
            first is ``epoch``; ``attrs`` are the id and the settings of the run.

        Raises
        ------
        ConfigError
            If xarray is not installed.
        NotStoredError
            If a name is not stored; the message says what is.
        """
        return labelled.to_xarray(self, names)

    def figure(
        self,
        view: str,
        epoch: int | None = None,
        *,
        theme: str = "light",
        **selection: Any,
    ) -> Any:
        """Give the figure that the app shows; see :func:`grokdash.figure`."""
        # Views stand above the store, which knows none: they are asked for by name.
        draw = import_module("grokdash").figure
        return draw(self, view, epoch, theme=theme, **selection)

    def __repr__(self) -> str:
        stored = f"{len(self.steps)} checkpoints"
        if len(self.steps):
            stored += f", epochs {whole(self.steps[0])} to {whole(self.steps[-1])}"
        return f"<Run {self.id}: {stored}, {self.status.state}>"

    def _repr_html_(self) -> str:
        c = self.config
        last = whole(self.steps[-1]) if len(self.steps) else "none"
        rows = [
            ("operation", f"{c.rule.title} mod {c.p}"),
            ("state", f"{self.status.state}, epoch {last} of {whole(c.epochs)}"),
            ("checkpoints", f"{len(self.steps)}, {len(self.grid_steps)} with grids"),
            ("network", f"d_model {c.d_model}, d_mlp {c.d_mlp}, blocks {c.n_layers}"),
            ("weight decay, seed", f"{c.weight_decay}, {c.seed}"),
            ("key frequencies", ", ".join(map(str, self.key_frequencies or ("–",)))),
            ("size", size(self.size_bytes)),
        ]
        return html_table(f"Run {self.id}", rows)

    def param(self, name: str, step: int) -> Float[np.ndarray, "..."]:
        """Read one parameter at one stored step, float32.

        Raises
        ------
        NotStoredError
            If the name or the step is not stored; the message says what is.
        DamagedFileError
            If its bytes are not what was written.
        """
        shape = param_shapes(self.config).get(name)
        if shape is None:
            known = ", ".join(param_shapes(self.config))
            raise NotStoredError(f"{self.id}: no parameter {name!r}; it has {known}")

        def read() -> np.ndarray:
            file, row = self.checkpoint_file(step)
            return file.read(f"params/{name}", row, (None, *shape))

        return self._retry(read)

    def params(self, step: int) -> dict[str, Float[np.ndarray, "..."]]:
        """Read all parameters at one stored step."""
        return {name: self.param(name, step) for name in param_shapes(self.config)}

    def measure(self, name: str, step: int) -> Shaped[np.ndarray, "..."]:
        """Read one measure at one stored step; NaN where it was not measured."""
        return np.asarray(self._retry(lambda: self._series(name, [step]))[0])

    def series(
        self, name: str, steps: Sequence[int] | np.ndarray | None = None
    ) -> Shaped[np.ndarray, "C ..."]:
        """Read one measure over checkpoints.

        Parameters
        ----------
        name : str
            One of ``measure_names``.
        steps : sequence of int, optional
            Stored steps; all of ``steps`` by default.

        Returns
        -------
        ndarray, [C, …]
            NaN rows where a checkpoint lacks the measure or its file is damaged
            (``damaged`` then names it).

        Raises
        ------
        NotStoredError
            If the name or a step is not stored.
        """

        def read() -> np.ndarray:
            wanted = self.steps if steps is None else np.asarray(steps)
            return self._series(name, wanted.tolist(), self.damaged)

        return self._retry(read)

    def _series(
        self, name: str, wanted: list[int], damaged: dict[int, str] | None = None
    ) -> np.ndarray:
        found: dict[int, np.ndarray] = {}
        if self._packed is not None and name in self._packed.measures:
            found = self._packed.measure(self._open_packed(), name, wanted)
        elif name not in self._names:
            raise NotStoredError(
                f"{self.id}: no measure {name!r}; it has {', '.join(self._names)}"
            )
        self._look_ahead(wanted)
        for step in wanted:
            if step in self._pieces:
                with noting(damaged, step):
                    values = self._piece_measure(step, name)
                    if values is not None:
                        found[step] = values
            elif step not in found:
                self._check_stored(step)
        return stack_rows([found.get(step) for step in wanted], self.path, name)

    def _piece_measure(self, step: int, name: str) -> np.ndarray | None:
        return self._pieces[step].measure(lambda: self._open_piece(step), name)

    def scalars(
        self, name: str
    ) -> tuple[Int[np.ndarray, " S"], Float[np.ndarray, " S"]]:
        """Read a per-update scalar: the steps it was measured at, and its values."""
        return self._retry(lambda: self._scalars(name))

    def _scalars(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        labels: list[np.ndarray] = []
        values: list[np.ndarray] = []
        if self._packed is not None and name in self._packed.scalars:
            file = self._open_packed()
            labels.append(file.read("steps/step", (), (None,)))
            values.append(file.read(f"steps/{name}", (), (None,)))
        self._look_ahead(list(self._pieces))
        for step in self._pieces:
            with noting(self.damaged, step):
                table = self._piece_scalars(step)
                if name in table:
                    labels.append(table["step"].astype(np.int64))
                    values.append(table[name])
        if not labels:
            raise NotStoredError(f"{self.id}: no per-epoch scalar {name!r}")
        steps, first = np.unique(np.concatenate(labels), return_index=True)
        return steps, np.concatenate(values)[first].astype(np.float64)

    def _look_ahead(self, steps: list[int]) -> None:
        """Have pieces that nobody has opened yet examined, some at once."""
        new = [s for s in steps if s in self._pieces and not self._pieces[s].is_opened]
        paths = [self.path / CHECKPOINTS / step_file(step) for step in new]
        self._pool.ahead(paths, "checkpoint", self.expected)

    def _piece_scalars(self, step: int) -> dict[str, np.ndarray]:
        return self._pieces[step].scalars(lambda: self._open_piece(step))

    def grid(
        self, name: str, step: int, index: int | tuple[int, ...] | None = None
    ) -> Float[np.ndarray, "..."] | None:
        """Read activation pictures at one step, float32.

        Parameters
        ----------
        name : {"neurons", "attention", "correct_logit", "loss"}
            Which grid.
        step : int
            Any stored step.
        index : int or tuple of int, optional
            Leading indices: one neuron, one head, or (head, source position).

        Returns
        -------
        ndarray or None
            None if no grids are stored at that step: compute them.
        """
        if name not in GRID_NAMES:
            raise NotStoredError(f"no grid {name!r}; there are {', '.join(GRID_NAMES)}")
        picked = (
            () if index is None else index if isinstance(index, tuple) else (index,)
        )

        def read() -> np.ndarray | None:
            if not self._has_grids(step):
                return None
            file, row = self.grid_file(step)
            if name not in file.names("grids"):
                return None
            return file.read(f"grids/{name}", (row, *picked)).astype(np.float32)

        return self._retry(read)

    def grid_type(self, name: str, step: int) -> np.dtype:
        """Give the type that a grid of a step is stored in."""
        return self._retry(
            lambda: self.grid_file(step)[0].dataset(f"grids/{name}").dtype
        )

    def has_hashes(self, step: int, *, grids: bool = False) -> bool:
        """Say whether the file of a step has a hash of every chunk."""
        find = self.grid_file if grids else self.checkpoint_file
        return self._retry(lambda: find(step)[0].hashes.there)

    def train_mask(self) -> Bool[np.ndarray, "p p"]:
        """Mark the training pairs (a, b): no pair where the split is not known.

        Recomputed from the configuration; stored for a run that was trained elsewhere.
        """
        if self._mask is None:
            mask = known_mask(self.config, self.imported)
            mask.flags.writeable = False
            self._mask = mask
        return self._mask

    def state(self, step: int) -> dict[str, dict[str, np.ndarray]]:
        """Read optimiser and generator state of one of the newest checkpoints."""
        path = self.path / STATE / step_file(step)
        with self._pool.reading(self.path):
            try:
                file = self._pool.open(path, "state", self.expected)
                return read_state(file)
            except FileNotFoundError:
                raise NotStoredError(
                    f"{self.id}: no optimiser state at epoch {step}"
                ) from None

    def checkpoint(self, step: int) -> CheckpointData:
        """Read parameters and measures of one step as one value."""
        measures = {name: self.measure(name, step) for name in self._names}
        return CheckpointData(step=step, params=self.params(step), measures=measures)

    def close(self) -> None:
        """Close this run's files; a later call opens them again."""
        self._pool.close(self.path)

    def __enter__(self) -> "Run":  # noqa: PYI034 - beartype rejects Self here
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _retry(self, read: Callable[[], T]) -> T:
        with self._pool.reading(self.path):
            try:
                return read()
            except FileNotFoundError:
                self.refresh()
            try:
                return read()
            except FileNotFoundError as error:
                raise NotStoredError(
                    f"{error.filename}: was there a moment ago; somebody deleted it"
                ) from None

    def checkpoint_file(self, step: int) -> tuple[SafeFile, int]:
        """Give the open file and the row that hold a checkpoint; for packing."""
        if step in self._pieces:
            return self._open_piece(step), 0
        self._check_stored(step)
        packed = self._packed
        if packed is None:
            raise NotStoredError(f"{self.id}: epoch {step} is not stored")
        return self._open_packed(), packed.rows[step]

    def read_small(self, step: int) -> None:
        """Read small measures and scalars of a checkpoint and keep them; for packing.

        Raises
        ------
        DamagedFileError
            If they cannot be read.
        """
        if step in self._pieces:
            self._pieces[step].keep(lambda: self._open_piece(step))

    def grid_file(self, step: int) -> tuple[SafeFile, int]:
        """Give the open file and the row that hold the grids of a step."""
        if step in self._grid_pieces:
            return self._open(GRIDS, step, "grids"), 0
        if self._packed is None or step not in self._packed.grid_rows:
            raise NotStoredError(f"{self.id}: no grids at epoch {step}")
        return self._open_packed(), self._packed.grid_rows[step]

    def _has_grids(self, step: int) -> bool:
        return step in self._grid_pieces or (
            self._packed is not None and step in self._packed.grid_rows
        )

    def _check_stored(self, step: int) -> None:
        if step in self._pieces or (
            self._packed is not None and step in self._packed.rows
        ):
            return
        order = np.abs(self.steps - step).argsort(kind="stable")[:2]
        nearest = ", ".join(map(str, sorted(self.steps[order]))) or "none"
        raise NotStoredError(
            f"epoch {step} is not stored in {self.id}; nearest stored: {nearest}"
        )

    def _open_packed(self) -> SafeFile:
        return self._pool.open(self.path / PACKED_FILE, "run", self.expected)

    def _open_piece(self, step: int) -> SafeFile:
        file = self._open(CHECKPOINTS, step, "checkpoint")
        with contextlib.suppress(DamagedFileError):  # said by who reads parameters
            if self._digests.get(step, file.path, file.identity) is None:
                if self._digests.is_known(step):  # of another file of this name
                    self._pieces[step] = Piece(step)
                self._digests.add(step, file, 0, 1)
        return file

    def _open(self, folder: str, step: int, kind: str) -> SafeFile:
        path = self.path / folder / step_file(step)
        file = self._pool.open(path, kind, self.expected)
        if file.meta.get("step") != step:
            raise DamagedFileError(f"{path}: holds epoch {file.meta.get('step')}")
        return file


def _sorted(steps: Any) -> np.ndarray:
    found = np.array(sorted(steps), dtype=np.int64)
    found.flags.writeable = False
    return found
