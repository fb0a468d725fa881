"""Open the run that a configuration names: begin it, go on with it, or refuse."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grokdash.config import RunConfig, validate_config
from grokdash.errors import ConfigError, NotStoredError, StoreError
from grokdash.store import RunStatus, RunWriter, open_store

ENDED = ("finished", "diverged")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """A run that is in the store already.

    ``provenance`` is that of its newest extension, if it was extended: what it goes on
    with; ``extended_from`` the checkpoint that this one began at, else −1;
    ``imported`` says that it was trained elsewhere.
    """

    id: str
    config: RunConfig
    provenance: dict[str, Any]
    status: RunStatus
    extended_from: int = -1
    imported: bool = False


def find_run(store: Path, run_id: str) -> StoredRun | None:
    """Look a run up; None if the store has none of that name.

    Raises
    ------
    StoreError
        If it is there and damaged, or of a newer format.
    """
    if not (store / run_id / "run.json").exists():
        return None
    opened = open_store(store)
    try:
        run = opened.run(run_id)
        added = run.extensions
        return StoredRun(
            id=run.id,
            config=run.config,
            provenance=added[-1].provenance if added else run.provenance,
            status=run.status,
            extended_from=added[-1].step if added else -1,
            imported=run.imported is not None,
        )
    finally:
        opened.close()


def run_to_resume(store: Path, run_id: str) -> StoredRun:
    """Look up the run that ``--resume`` names.

    Raises
    ------
    NotStoredError
        If there is none; the message lists those there are.
    ConfigError
        If it was trained elsewhere.
    """
    found = find_run(store, run_id)
    if found is None:
        ids = open_store(store).run_ids() if store.exists() else []
        known = ", ".join(ids[:20]) or "no runs"
        raise NotStoredError(f"--resume: no run {run_id!r} in {store}; it has {known}")
    if found.imported:
        raise ConfigError(
            f"--resume: {run_id} was trained elsewhere and imported without the state "
            "of its optimiser, so it cannot be trained on"
        )
    return found


def wanted_epochs(stored: StoredRun, given: Mapping[str, tuple[Any, str]]) -> int:
    """Say up to which epoch a run is to go on, if what is given agrees with it.

    Parameters
    ----------
    stored
        The run.
    given
        Fields by name, each with its value and how the user gave it.

    Raises
    ------
    ConfigError
        Naming everything that contradicts the run, or would shorten it.
    """
    wanted = {name: value for name, (value, _) in given.items()}
    changed = validate_config(stored.config.model_dump() | wanted)
    now = stored.config
    wrong: dict[str, list[str]] = {}
    for name, (_, words) in given.items():
        if name != "epochs" and getattr(changed, name) != getattr(now, name):
            wrong.setdefault(words, []).append(f"{name} = {getattr(now, name)}")
    if wrong:
        told = [
            f"{words} contradicts {stored.id}, which has {', '.join(own)}"
            for words, own in wrong.items()
        ]
        raise ConfigError(
            f"--resume: {'; '.join(told)}. A run goes on as it was begun: leave this "
            "out; or leave --resume out to train another run"
        )
    if changed.epochs < now.epochs:
        raise ConfigError(
            f"--resume: {given['epochs'][1]} is less than the {now.epochs:,} epochs of "
            f"{stored.id}: a run is extended, never shortened. Earlier epochs can be "
            "looked at as they are stored; leave this out to go on to the end"
        )
    return changed.epochs


def check_new(store: Path, config: RunConfig) -> None:
    """Refuse to begin a run that exists.

    Raises
    ------
    StoreError
        If it does.
    """
    if find_run(store, config.run_id()) is not None:
        raise StoreError(
            f"--new: {store / config.run_id()} exists and is never overwritten; leave "
            "--new out to go on with it, change a field (another --seed makes another "
            "run), or choose another --store"
        )


def begin(store: Path, config: RunConfig, provenance: dict[str, Any]) -> RunWriter:
    """Create the run; a folder that cannot become a run is not left behind."""
    folder = store / config.run_id()
    existed = folder.exists()
    try:
        return RunWriter.create(store, config, provenance)
    except BaseException:
        if not existed and folder.is_dir() and not (folder / "run.json").exists():
            for name in ("checkpoints", "state", "grids", "lock"):
                _remove(folder / name)
            for lease in folder.glob("lease-*"):
                _remove(lease)
            _remove(folder)
        raise


def _remove(path: Path) -> None:
    """Remove an empty folder or a file, if that is possible."""
    try:
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
    except OSError:
        return
