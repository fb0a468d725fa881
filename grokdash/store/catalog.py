"""A store: open its runs, list them, annotate and delete them."""

import contextlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from grokdash.errors import (
    DamagedFileError,
    FormatVersionError,
    GrokdashError,
    NotPermittedError,
    NotStoredError,
    StoreError,
)
from grokdash.patience import no_answer, waiting_for
from grokdash.store import record
from grokdash.store.blocks import LocalBlocks
from grokdash.store.checkpoint import html_table
from grokdash.store.examiner import Examiner
from grokdash.store.listing import WHOLE, Listing, Silences
from grokdash.store.lock import RunLock
from grokdash.store.pool import FilePool
from grokdash.store.reader import Run
from grokdash.store.remote import MOST_OPEN, Mirror, remote_url
from grokdash.store.removal import delete_files
from grokdash.store.safety import Identity, identity, is_run_folder
from grokdash.store.schema import EXTENSIONS_FILE, RUN_FILE
from grokdash.store.summaries import Row, Summaries, signature
from grokdash.store.values import Notes, RunStatus, RunSummary
from grokdash.store.verify import Verified, verify_run
from grokdash.written import whole

_MOST_SHOWN = 20
"""Runs that a notebook lists."""


def open_store(path: str | Path, cache: str | Path | None = None) -> "Store":
    """Open a folder of runs for reading.

    Parameters
    ----------
    path : path
        The store, which need not exist yet; or an address such as s3://bucket/prefix.
    cache : path, optional
        Folder for the catalogue, on a local disk and outside the store; without one
        (or if it cannot be written) the catalogue lives in memory.
    """
    folder = None if cache is None else Path(cache)
    url = remote_url(path)
    if url is None:
        return Store(Path(path), folder)
    mirror = Mirror(url, folder)
    return Store(mirror.path, folder, mirror)


class Store:
    """The runs of one folder; all methods are thread-safe.

    Attributes
    ----------
    path : Path
        The folder; of a remote store, its mirror.
    name : str
        What a user calls it: the absolute path, or the address.
    read_only : bool
        Whether it can only be read, because it is a remote one.
    """

    def __init__(
        self, path: Path, cache: Path | None = None, mirror: Mirror | None = None
    ) -> None:
        self.path = path
        self.name = str(path.resolve()) if mirror is None else mirror.url
        self.read_only = mirror is not None
        self._mirror = mirror
        opener = None if mirror is None else mirror.open
        self._examiner = Examiner(cache, opener)
        self._pool = (
            FilePool(path, source=LocalBlocks, examine=self._examiner)
            if mirror is None
            else FilePool(path, MOST_OPEN, mirror.open, self._examiner)
        )
        self._pool.name = self.name
        self._runs: dict[str, tuple[tuple[Identity, ...], Run]] = {}
        self._problems: dict[str, tuple[str, str]] = {}
        self._summaries = Summaries(cache, self._pool.root)
        self.silences = Silences()
        self._listing = Listing(path, self._summaries, self.silences)
        self._listed: tuple[list[Row], list[RunSummary]] = [], []
        self._roots = _ways_to_write(path, self._pool.root)

    def __repr__(self) -> str:
        try:
            runs = self.run_ids()
        except GrokdashError as error:
            return f"<Store {self.name}: {error}>"
        some = f", such as store.run({runs[0]!r})" if runs else ""
        count = "1 run" if len(runs) == 1 else f"{len(runs)} runs"
        return f"<Store {self.name}: {count}{some}>"

    def _repr_html_(self) -> str:
        found = self.summaries()
        rows = [
            (one.id, one.problem or f"{one.state}, epoch {whole(one.step)}")
            for one in found[:_MOST_SHOWN]
        ]
        if len(found) > _MOST_SHOWN:
            rows.append(("…", f"{len(found) - _MOST_SHOWN} more: store.run_ids()"))
        return html_table(f"Store {self.name}", rows)

    def run_ids(self) -> list[str]:
        """List the runs that can be opened; :meth:`summaries` has the others too."""
        return sorted(one.id for one in self.summaries() if not one.problem)

    def run(self, run_id: str) -> Run:
        """Give one run, the same object until it is trained anew or extended.

        Raises
        ------
        NotStoredError
            If there is no such run.
        DamagedFileError, FormatVersionError, NotPermittedError
            If it cannot be used; ``summaries`` then lists it with this reason.
        NoAnswerError
            If somebody waits for its disk already, or for too long.
        """
        folder = self.path / record.check_run_id(run_id)
        self.silences.check(WHOLE)
        self.silences.check(run_id)
        self._look()
        with self._pool.reading(folder):
            if not is_run_folder(folder):
                self._runs.pop(run_id, None)
                raise NotStoredError(f"no run {run_id!r} in this store")
            try:
                return self._opened(run_id, folder)
            except (DamagedFileError, FormatVersionError, NotPermittedError) as error:
                self.report_problem(run_id, str(error))
                raise

    def _opened(self, run_id: str, folder: Path) -> Run:
        try:
            now = identity(folder / RUN_FILE), *_if_there(folder / EXTENSIONS_FILE)
        except PermissionError as error:
            raise NotPermittedError.of(folder) from error
        except OSError:
            raise NotStoredError(f"no run {run_id!r} in this store") from None
        before, run = self._runs.get(run_id, (None, None))
        if run is None or before != now:
            run = Run(folder, self._pool)
            self._runs[run_id] = now, run
        return run

    def verify(
        self, run_id: str, on_bytes: Callable[[int], None] | None = None
    ) -> Verified:
        """Check every array of a run; see :func:`~grokdash.store.verify.verify_run`."""
        source = LocalBlocks if self._mirror is None else self._mirror.open
        pool = FilePool(self.path, 1, source, self._examiner)
        try:
            return verify_run(self._folder(run_id), pool, on_bytes)
        finally:
            pool.close()

    def report_problem(self, run_id: str, reason: str) -> None:
        """Show a reason in the list until the run's files change."""
        with waiting_for(run_id):
            known = signature(self.path / run_id)
        self._problems[run_id] = known, self.inside(reason)

    def reported(self, run_id: str) -> str:
        """Give the reason reported of a run as it is now; empty if there is none."""
        known, reason = self._problems.get(run_id, ("", ""))
        if not known:
            return ""
        with waiting_for(run_id):
            return reason if known == signature(self.path / run_id) else ""

    def inside(self, text: str) -> str:
        """Write the files of this store in a text without the place where it lies."""
        for root in self._roots:
            text = text.replace(f"{root}{os.sep}", "")
            if Path(root).is_absolute():
                text = text.replace(f"{root}:", "the store:")
        return text

    def summaries(self) -> list[RunSummary]:
        """Summarise every run, newest first, without opening an HDF5 file.

        A run whose disk does not answer keeps its row, with that as its problem.
        """
        self._look()
        with waiting_for(WHOLE):
            self._listing.look_by(self._list)
            rows, unusable = self._listed
            found = {one.id: one for one in (self._current(*row) for row in rows)}
        for run_id in self.silences.names() - {WHOLE}:
            found[run_id] = replace(
                found.get(run_id, RunSummary(id=run_id)),
                state="broken",
                problem=no_answer(run_id),
            )
        return sorted(
            (*found.values(), *unusable),
            key=lambda summary: (-summary.created, summary.id),
        )

    def _list(self) -> None:
        """Look at every run and keep what was seen."""
        looked, silent = self._listing.look(), self.silences.names()
        unusable = [one.unusable for one in looked.values() if one.unusable]
        self._listed = self._summaries.update(looked, silent), unusable

    def _current(
        self, signature: str, summary: RunSummary, status: RunStatus
    ) -> RunSummary:
        """Correct a row by what only this moment knows; most need no new one."""
        known, reason = self._problems.get(summary.id, ("", ""))
        if known == signature:
            why = "; ".join(filter(None, (summary.notice, reason)))
            return replace(summary, state="broken", problem=why)
        if summary.problem:
            return replace(summary, problem=self.inside(summary.problem))
        if status.state != "running":
            return summary
        seen = record.observed(status, self.path)
        return replace(
            summary, state=seen.state, message=seen.message, eta_s=seen.eta_s
        )

    def read_notes(self, run_id: str) -> Notes:
        """Read the user's title, tags and notes of a run."""
        with waiting_for(run_id):
            return record.read_notes(self._folder(run_id))

    def write_notes(self, run_id: str, notes: Notes) -> None:
        """Replace the user's title, tags and notes of a run."""
        self._check_writable()
        with waiting_for(run_id):
            record.write_notes(self._folder(run_id), notes)
        self._listing.forget()

    def delete_run(self, run_id: str) -> str:
        """Delete a run and its files, for good; of a link only the link.

        Returns
        -------
        str
            Which files the folder is kept for, because the store did not make them;
            empty if nothing is left.

        Raises
        ------
        RunLockedError
            If it is being written.
        StoreError
            If the file system refuses.
        """
        self._check_writable()
        folder = self.path / record.check_run_id(run_id)
        with self._pool.reading(folder), RunLock(self._folder(run_id)):
            self._runs.pop(run_id, None)
            self._pool.close(folder)
            try:
                if folder.is_symlink():
                    folder.unlink()
                    return ""
                return self.inside(delete_files(folder))
            finally:
                self._listing.forget()

    def close(self) -> None:
        """Close every file."""
        self._pool.close()
        self._summaries.close()
        self._examiner.close()
        if self._mirror is not None:
            self._mirror.close()

    def _look(self) -> None:
        """Bring the mirror of a remote store up to date."""
        if self._mirror is not None:
            self._mirror.refresh()

    def _check_writable(self) -> None:
        if self.read_only:
            raise StoreError(f"{self.name}: is only read; write where the store is")

    def _folder(self, run_id: str) -> Path:
        folder = self.path / record.check_run_id(run_id)
        self.silences.check(run_id)
        if not is_run_folder(folder):
            raise NotStoredError(f"no run {run_id!r} in this store")
        return folder


def _ways_to_write(path: Path, root: Path) -> list[str]:
    """Give the ways to write where a store lies, longest first."""
    found = {str(root), str(path), str(path.absolute())}
    with contextlib.suppress(OSError, RuntimeError):  # a link to itself
        found.add(str(path.resolve()))
    return sorted(found, key=len, reverse=True)


def _if_there(path: Path) -> tuple[Identity, ...]:
    try:
        return (identity(path),)
    except FileNotFoundError:
        return ()
