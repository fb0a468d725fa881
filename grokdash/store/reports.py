"""The reports of a store: each save is a revision, and none replaces another unseen.

::

    store/.reports/<name>/00000012.json           a revision; the newest is the report
    store/.reports/<name>/figures/<sha256>.json   a frozen figure, written once

A revision is published under the number after the one it was made from. Who was made
from an older one finds that number taken, in this process or in any other, and is
refused: nothing needs a lock.
"""

import hashlib
import json
import re
import shutil
import time
import unicodedata
from pathlib import Path
from typing import Any

from grokdash.errors import (
    ConfigError,
    DamagedFileError,
    NotStoredError,
    OutdatedError,
    StoreError,
)
from grokdash.store import files, json_input
from grokdash.store.catalog import Store
from grokdash.store.report_models import DIGEST, MOST_ITEMS, Report

REPORTS = ".reports"
MOST_REPORT, MOST_FIGURE = 2**22, 2**24
"""Bytes of one revision and of one frozen figure."""
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_FIGURES = "figures"
_KEPT = 10
"""Revisions that stay; with them the figures that any of them shows."""
_REVISION = re.compile(r"([0-9]{8})\.json")
_REMEDY = "delete this file: the revision before it counts then"
_OUTDATED = (
    "{}: was changed elsewhere in the meantime (revision {}; this was made from {}); "
    "load the report again, or keep this under another name"
)


class Reports:
    """The reports of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._folder = store.path / REPORTS

    def names(self) -> list[str]:
        """List the reports by name.

        Raises
        ------
        StoreError
            If the folder cannot be listed.
        """
        try:
            found = [one.name for one in self._folder.iterdir() if one.is_dir()]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreError(
                f"{self._folder}: cannot be listed: {error.strerror}"
            ) from error
        names = filter(NAME.fullmatch, found)
        return sorted(name for name in names if self._revisions(name))

    def read(self, name: str) -> Report:
        """Read a report in its newest revision.

        Raises
        ------
        NotStoredError
            If there is no such report; the message lists those that are there.
        DamagedFileError
            If its file is not what it must be.
        """
        revisions = self._revisions(name) if NAME.fullmatch(name) else []
        if not revisions:
            has = ", ".join(self.names()) or "none"
            raise NotStoredError(f"no report {name[:80]!r} in this store; it has {has}")
        path = self._path(name, revisions[-1])
        try:
            values = json_input.read_object(path, MOST_REPORT)
        except DamagedFileError as error:
            raise DamagedFileError(f"{error}; {_REMEDY}") from None
        report = json_input.check(path, values, Report, remedy=_REMEDY)
        if report.revision != revisions[-1]:
            raise DamagedFileError(
                f"{path}: revision: expected {revisions[-1]} as its name says, got "
                f"{report.revision}; {_REMEDY}"
            )
        return report

    def create(self, title: str, report: Report | None = None) -> str:
        """Begin a report under a name that follows from its title, and give the name.

        Parameters
        ----------
        report
            What is in it; nothing if it is left out.

        Raises
        ------
        ConfigError
            If the title cannot be one.
        StoreError
            If the store cannot be written.
        """
        self._check_writable()
        now = time.time()
        values = {} if report is None else report.model_dump()
        values |= {"title": title, "revision": 1, "created": now, "changed": now}
        begun, stem = checked(values), _name_of(title)
        for place in range(1, 10_000):
            name = stem if place == 1 else f"{stem[:54]}-{place}"
            if self._publish(name, begun):
                return name
        raise ConfigError(f"{title[:80]!r}: too many reports of that name")

    def save(self, name: str, report: Report) -> Report:
        """Publish what was made from revision ``report.revision`` as the next one.

        Raises
        ------
        OutdatedError
            If it was made from another revision than the newest.
        NotStoredError
            If there is no such report.
        StoreError
            If the store cannot be written.
        """
        self._check_writable()
        newest = self.read(name).revision
        following = report.model_dump() | {
            "revision": report.revision + 1,
            "changed": time.time(),
        }
        made = checked(following)
        if newest != report.revision or not self._publish(name, made):
            newest = self.read(name).revision
            raise OutdatedError(_OUTDATED.format(name, newest, report.revision))
        self._prune(name)
        return made

    def delete(self, name: str) -> None:
        """Delete a report with its revisions and figures, for good.

        Raises
        ------
        NotStoredError
            If there is no such report.
        StoreError
            If the file system refuses.
        """
        self._check_writable()
        self.read(name)
        try:
            shutil.rmtree(self._folder / name)
        except OSError as error:
            raise files.failed_write(self._folder / name, error) from error

    def copy(self, name: str, title: str, report: Report) -> str:
        """Begin a report with the items of another one and their figures."""
        made = self.create(title, report)
        for digest in {one.figure for one in (*report.items, *report.removed)} - {""}:
            self.put_figure(made, self.figure(name, digest))
        return made

    def put_figure(self, name: str, figure: dict[str, Any]) -> str:
        """Keep a figure with a report and give its digest.

        Raises
        ------
        ConfigError
            If it is too large.
        StoreError
            If the store cannot be written.
        """
        self._check_writable()
        data = canonical(figure)
        if len(data) > MOST_FIGURE:
            raise ConfigError(
                f"this picture takes {len(data):,} bytes and a report keeps at most "
                f"{MOST_FIGURE:,} of each: save it as a file instead"
            )
        digest = hashlib.sha256(data).hexdigest()
        path = self._figure(name, digest)
        self._make_folder(path.parent)
        if not path.exists():
            files.replace(path, data)
        return digest

    def figure(self, name: str, digest: str) -> dict[str, Any]:
        """Read a frozen figure, whose bytes must be those that its name sums up.

        Raises
        ------
        NotStoredError
            If there is none.
        DamagedFileError
            If it is not what its name says.
        """
        path = self._figure(name, digest)
        if not (NAME.fullmatch(name) and DIGEST.fullmatch(digest)):
            raise NotStoredError(f"no figure {digest[:80]!r} in report {name[:80]!r}")
        try:
            data = json_input.read_bytes(path, MOST_FIGURE)
        except FileNotFoundError:
            raise NotStoredError(
                f"{name}: the frozen figure {digest[:12]}… is not there"
            ) from None
        if hashlib.sha256(data).hexdigest() != digest:
            raise DamagedFileError(
                f"{path}: is not the figure that was frozen: remove the picture from "
                "the report and add it anew"
            )
        return json_input.parse_object(path, data)

    def inside(self, error: Exception) -> str:
        """Say what is wrong without the place where the store lies."""
        return self._store.inside(str(error))

    def _check_writable(self) -> None:
        if self._store.read_only:
            raise StoreError(
                f"{self._store.name}: is only read; write where the store is"
            )

    def _revisions(self, name: str) -> list[int]:
        try:
            found = [one.name for one in (self._folder / name).iterdir()]
        except OSError:
            return []
        matches = map(_REVISION.fullmatch, found)
        return sorted(int(match[1]) for match in matches if match)

    def _publish(self, name: str, report: Report) -> bool:
        """Write a revision; False if there is one of that number."""
        path = self._path(name, report.revision)
        self._make_folder(path.parent)
        data = canonical(report.model_dump())
        if len(data) > MOST_REPORT:
            raise ConfigError(
                f"{name}: takes {len(data):,} bytes and a report has at most "
                f"{MOST_REPORT:,}: divide it into two"
            )
        try:
            files.publish(path, data)
        except FileExistsError:
            return False
        return True

    def _prune(self, name: str) -> None:
        """Delete old revisions, and figures that none of the others shows."""
        revisions = self._revisions(name)
        for number in revisions[:-_KEPT]:
            files.remove(self._path(name, number))
        shown: set[str] = set()
        for number in revisions[-_KEPT:]:
            try:
                text = self._path(name, number).read_text("utf-8")
            except (OSError, UnicodeDecodeError):
                return
            shown |= set(DIGEST.findall(text))
        for path in (self._folder / name / _FIGURES).glob("*.json"):
            if path.stem not in shown and _is_old(path):
                files.remove(path)

    def _path(self, name: str, revision: int) -> Path:
        return self._folder / name / f"{revision:08d}.json"

    def _figure(self, name: str, digest: str) -> Path:
        return self._folder / name / _FIGURES / f"{digest}.json"

    def _make_folder(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise files.failed_write(folder, error) from error


def canonical(values: dict[str, Any]) -> bytes:
    """Write JSON in the one way of which digests are made."""
    text = json.dumps(
        values,
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )
    return text.encode()


def digest_of(values: dict[str, Any]) -> str:
    """Give the digest of JSON."""
    return hashlib.sha256(canonical(values)).hexdigest()


def checked(values: dict[str, Any]) -> Report:
    """Hold what somebody wrote against what a report may be.

    Raises
    ------
    ConfigError
        If it is no report; the message says what is expected.
    """
    if len(values.get("items", ())) > MOST_ITEMS:
        raise ConfigError(
            f"a report has at most {MOST_ITEMS} items, got {len(values['items'])}: "
            "begin a second one"
        )
    try:
        return Report.model_validate(values)
    except json_input.ValidationError as error:
        raise ConfigError(json_input.wrong(error)) from None


def _is_old(path: Path) -> bool:
    """Say whether a figure was not just put there, for a revision still to come."""
    try:
        return time.time() - path.stat().st_mtime > _YOUNG_S
    except OSError:
        return False


_YOUNG_S = 3600.0


def _name_of(title: str) -> str:
    """Make a name for addresses and folders of a title."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    return words[:60].strip("-") or "report"
