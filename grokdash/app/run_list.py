"""The list of runs as the browser gets it: whole once, then what has changed since.

The text of a row is made when the row changes, not when somebody looks: a page that is
open asks every few seconds, and a store may hold ten thousand runs. The store is asked
outside the lock, so that who waits for its disk keeps nobody from the rows known.
"""

import itertools
import json
import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import TypeAdapter

from grokdash.contract.listing import RunRow
from grokdash.contract.rows import run_row
from grokdash.store import RunSummary, Store

_write = TypeAdapter(RunRow).dump_json


@dataclass(frozen=True, slots=True)
class _Row:
    summary: RunSummary
    text: bytes
    revision: int


class RunList:
    """Rows of the catalogue as JSON, numbered by when they last changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._name = secrets.token_hex(4)
        self._revision = 0
        self._asked = itertools.count(1)
        self._newest = 0
        self._rows: dict[str, _Row] = {}
        self._gone: dict[str, int] = {}
        self._lock = threading.Lock()

    def all_rows(self) -> bytes:
        """Give every :class:`RunRow`, newest run first, as a JSON array."""
        self._look()
        with self._lock:
            return _array(self._rows.values())

    def changes(self, since: str) -> bytes:
        """Give what changed since an earlier answer.

        Parameters
        ----------
        since
            The ``token`` of that answer; any other text stands for never.

        Returns
        -------
        text
            The JSON of :class:`~grokdash.contract.listing.Changes`.
        """
        self._look()
        with self._lock:
            name, _, number = since[:40].partition("-")
            known = name == self._name and number.isdecimal()
            after = int(number) if known else -1
            rows = [row for row in self._rows.values() if row.revision > after]
            gone = [one for one, when in self._gone.items() if known and when > after]
            head = (
                f'{{"token": "{self._name}-{self._revision}", '
                f'"all": {json.dumps(not known)}, "gone": {json.dumps(gone)}, "rows": '
            )
            return head.encode() + _array(rows) + b"}"

    def _look(self) -> None:
        """Bring the rows up to date, unless a later look has been faster."""
        number = next(self._asked)
        found = self._store.summaries()
        with self._lock:
            if number > self._newest:
                self._newest = number
                self._take(found)

    def _take(self, found: Iterable[RunSummary]) -> None:
        """Make the rows that changed anew; the others stay as they are."""
        number = self._revision + 1
        before, self._rows = self._rows, {}
        for summary in found:
            row = before.pop(summary.id, None)
            if row is None or not (row.summary is summary or row.summary == summary):
                row = _Row(summary, _write(run_row(summary)), number)
                self._gone.pop(summary.id, None)
                self._revision = number
            self._rows[summary.id] = row
        if before:
            self._gone.update(dict.fromkeys(before, number))
            self._revision = number


def _array(rows: Iterable[_Row]) -> bytes:
    return b"[" + b",".join(row.text for row in rows) + b"]"
