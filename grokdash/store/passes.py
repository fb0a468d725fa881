"""The memory of which files passed an examination, and which did not.

What passed is kept in a small SQLite file in the cache folder, which is the user's own:
a store brings none along. It can be lost at any time; then files are examined again.
"""

import contextlib
import json
import logging
import sqlite3
import threading
from pathlib import Path
from typing import Any

from grokdash.store.safety import HDF5_VERSION

logger = logging.getLogger(__name__)

EXAMINED_VERSION = 1
"""Raise it when an examination finds more than before."""
MOST = 200_000
_NAME = "grokdash-examined.sqlite"
"""A damaged file of this name is deleted and made anew, so no other may bear it."""
_known: dict[str, dict[str, Any]] = {}


class Passes:
    """Answers of examinations by key.

    Parameters
    ----------
    cache : Path, optional
        Folder of the file; without one, or if it cannot be written, the memory ends
        with the process.
    """

    def __init__(self, cache: Path | None) -> None:
        self._known = _known
        self._lock = threading.Lock()
        self._version = f"{EXAMINED_VERSION} {HDF5_VERSION} "
        self._path = None if cache is None else cache / _NAME
        self._database: sqlite3.Connection | None = None

    def get(self, key: str) -> dict[str, Any] | None:
        """Give what was answered, or None."""
        with self._lock:
            found = self._known.get(key)
            database = self._connected() if found is None else None
            if database is None:
                return found
            with contextlib.suppress(sqlite3.Error, ValueError):
                query = "SELECT answer FROM passed WHERE key = ?"
                row = database.execute(query, (self._version + key,)).fetchone()
                if row is not None:
                    return {"verdict": json.loads(row[0])}
        return None

    def add(self, keys: list[str], answer: dict[str, Any]) -> None:
        """Remember an answer; on disk only if the file passed.

        A disk that did not answer in time is no answer.
        """
        if answer.get("error") not in (None, "DamagedFileError"):
            return
        with self._lock:
            if len(self._known) > MOST:
                self._known.clear()
            self._known.update(dict.fromkeys(keys, answer))
            database = self._connected() if "verdict" in answer else None
            if database is None:
                return
            text = json.dumps(answer["verdict"])
            rows = [(self._version + key, text) for key in keys]
            try:
                with database:
                    database.executemany(
                        "INSERT OR REPLACE INTO passed VALUES (?, ?)", rows
                    )
            except sqlite3.Error as error:
                logger.warning("%s: not saved: %s", _NAME, error)

    def _connected(self) -> sqlite3.Connection | None:
        """Open the file when it is first needed; a listing needs none."""
        if self._path is not None:
            self._database = _connect(self._path)
            self._path = None
        return self._database

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None


def _connect(path: Path) -> sqlite3.Connection | None:
    for _ in range(2):
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            database = sqlite3.connect(path, check_same_thread=False, timeout=1)
            # Only a cache: the loss of a row costs one examination.
            database.execute("PRAGMA synchronous = OFF")
            database.execute(
                "CREATE TABLE IF NOT EXISTS passed (key TEXT PRIMARY KEY, answer TEXT)"
            )
            database.execute(
                "DELETE FROM passed WHERE rowid <= (SELECT MAX(rowid) FROM passed) - ?",
                (MOST,),
            )
            database.commit()
        except sqlite3.OperationalError as error:
            logger.warning("%s: kept in memory: %s", path, error)
            return None
        except sqlite3.Error as error:
            logger.warning("%s: rebuilt: %s", path, error)
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        except OSError as error:
            logger.warning("%s: kept in memory: %s", path, error)
            return None
        else:
            return database
    return None
