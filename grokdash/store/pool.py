"""The open files of a store: opened once, closed when others are used more."""

from collections import OrderedDict
from pathlib import Path
from threading import RLock

from grokdash.store.examiner import Examination, Examiner
from grokdash.store.expected import Expected
from grokdash.store.safety import Opener, SafeFile, identity


class FilePool:
    """Keep the newest used files of one store open; hold ``lock`` while reading.

    HDF5 has one lock for the whole process anyway, so one lock here costs nothing and
    keeps a file from being closed under a reader.
    """

    def __init__(
        self,
        root: Path,
        limit: int = 64,
        opener: Opener | None = None,
        examine: Examination | None = None,
    ) -> None:
        self._path = root
        self.root = root.resolve()
        self.lock = RLock()
        self._opener = opener
        self._examine = examine or Examiner(opener=opener)
        self._limit = limit
        self._files: OrderedDict[Path, SafeFile] = OrderedDict()

    def open(self, path: Path, kind: str, expected: Expected) -> SafeFile:
        """Give the open file, opening or reopening it when it changed."""
        found = self._files.get(path)
        if found is not None:
            if found.identity == identity(path):
                self._files.move_to_end(path)
                return found
            self._files.pop(path).close()
        folder = self._path / path.relative_to(self._path).parts[0]
        verdict = self._examine(path, folder, kind, expected)
        found = SafeFile(
            path, folder, kind, expected, opener=self._opener, verdict=verdict
        )
        self._files[path] = found
        while len(self._files) > self._limit:
            self._files.popitem(last=False)[1].close()
        return found

    def close(self, folder: Path | None = None) -> None:
        """Close all files, or those below a folder."""
        with self.lock:
            for path in list(self._files):
                if folder is None or path.is_relative_to(folder):
                    self._files.pop(path).close()
