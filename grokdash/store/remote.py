"""A store on S3 or the like, read through ranged requests; the only door to fsspec.

::

    s3://bucket/prefix/<run-id>/run.json, …   small: copied when they change
    s3://bucket/prefix/<run-id>/run.h5, …     never copied whole

A mirror in the cache folder holds the small JSON files and, for every HDF5 file, an
empty file of its size. Whoever opens one of those gets a file object that fetches the
blocks it needs, so everything above this module, the safe loader included, reads a
remote store as it reads a folder. Nothing is ever written there.
"""

import contextlib
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from grokdash.errors import StoreError, UnusableFolderError
from grokdash.store import files, json_input
from grokdash.store.asking import Askers, Looking
from grokdash.store.blocks import Blocks
from grokdash.store.file_models import IndexFile
from grokdash.store.schema import (
    CHECKPOINTS,
    EXTENSIONS_FILE,
    GRIDS,
    NOTES_FILE,
    PACKED_FILE,
    RUN_FILE,
    STATUS_FILE,
    STEP_FILE,
    is_run_name,
)

T = TypeVar("T")
Fetch = Callable[[int, int], bytes]

BLOCK_BYTES = 2**21
"""Fetched at a time: the head of most run files, or some dozens of pictures."""
MOST_BLOCKS = 16
MOST_OPEN = 16
"""Files kept open, each with at most ``MOST_BLOCKS`` blocks in memory."""
MOST_JSON, MOST_INDEX = 2**20, 2**26
LOOK_AGAIN_S = 5.0
_URL = re.compile(r"([a-z][a-z0-9+.-]+):/+(.*)")
_SMALL = (RUN_FILE, EXTENSIONS_FILE, STATUS_FILE, NOTES_FILE)
_SWEEP = re.compile(r"\.sweeps/[A-Za-z0-9][A-Za-z0-9._-]{0,110}\.json")
_REPORT = re.compile(r"\.reports/[a-z0-9-]{1,60}/(figures/)?[0-9a-f]{8,64}\.json")
_INDEX = ".index.json"
_TIMEOUTS = {"connect_timeout": 5, "read_timeout": 10, "retries": {"max_attempts": 2}}
DEADLINE_S = 20.0
"""For any one answer of the store in all; a trickle of bytes is none."""
PATIENCE_S = 2.0
"""How long one waits for a new listing where there is an old one."""


def remote_url(path: str | Path) -> str | None:
    """Give the address if a path is one: ``s3://…``, also after Path folded the //."""
    found = _URL.fullmatch(str(path))
    return None if found is None else f"{found[1]}://{found[2].rstrip('/')}"


class Mirror:
    """The local folder that stands for a remote store; see the module.

    Parameters
    ----------
    url
        Where the runs are, such as ``s3://bucket/prefix``.
    cache
        Folder in which the mirror is kept between two starts; a temporary one if None.

    Raises
    ------
    UnusableFolderError
        If the address cannot be listed; the message says what to do.
    """

    def __init__(self, url: str, cache: Path | None) -> None:
        self.url = url
        self._fs, self._base = _connect(url)
        self._temporary = None if cache else tempfile.mkdtemp(prefix="grokdash-")
        name = f"remote-{sha256(url.encode()).hexdigest()[:16]}"
        self.path = Path(self._temporary or "") if cache is None else cache / name
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._seen: dict[str, list[Any]] = self._read_index()
        self._askers = Askers()
        self._looked = -LOOK_AGAIN_S
        self._lock = threading.Lock()
        self._looking: Looking | None = None
        with _telling(url):
            self._look()
        self._looked = time.monotonic()

    def refresh(self) -> None:
        """Look at the store again, at most every few seconds.

        One looks; who asks meanwhile waits for a moment at most and then goes on with
        what was seen before.

        Raises
        ------
        UnusableFolderError
            If the look that was waited for failed.
        """
        with self._lock:
            due = time.monotonic() - self._looked >= LOOK_AGAIN_S
            if due and self._looking is None:
                self._looking = Looking(PATIENCE_S)
                threading.Thread(
                    target=self._refresh, args=(self._looking,), daemon=True
                ).start()
            looking = self._looking
        if looking is None or not looking.over.wait(looking.until()):
            return
        if looking.failure is not None:
            raise looking.failure

    def _refresh(self, looking: "Looking") -> None:
        try:
            with _telling(self.url):
                self._look()
        except Exception as error:  # noqa: BLE001 - raised again by who waits
            looking.failure = error
        finally:
            with self._lock:
                self._looked = time.monotonic()
                self._looking = None
            looking.over.set()

    def open(self, path: Path) -> Blocks:
        """Give the bytes of a file of the mirror, from where it really is."""
        name = path.relative_to(self.path).as_posix()

        def fetch(start: int, end: int) -> bytes:
            place = f"{self._base}/{name}"
            return self._asked(lambda: self._fs.cat_file(place, start=start, end=end))

        return _RemoteBlocks(path, path.lstat().st_size, fetch)

    def _asked(self, ask: Callable[[], T]) -> T:
        """Ask the remote store, but wait no longer than its deadline for an answer."""
        with _telling(self.url):
            return self._askers.within(DEADLINE_S, ask, self.url)

    def close(self) -> None:
        """Remove the mirror if it is a temporary one."""
        if self._temporary:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def _look(self) -> None:
        there = self._listing()
        found = {
            name: about
            for name, about in there.items()
            if self._seen.get(name) != about or not (self.path / name).exists()
        }
        self._copy([name for name in found if name.endswith(".json")])
        for name, about in found.items():
            if name.endswith(".h5"):
                self._stand_in(name, about)
        gone = self._seen.keys() - there.keys()
        self._forget(gone)
        if found or gone:
            self._seen = there
            files.write_json(self.path / _INDEX, {"seen": self._seen})

    def _listing(self) -> dict[str, list[Any]]:
        """List what is ours below the address: name to size and version."""
        self._fs.invalidate_cache()
        listed = self._asked(lambda: self._fs.find(self._base, detail=True))
        start = len(self._base) + 1
        there = {
            path[start:]: [int(about["size"] or 0), _version(about)]
            for path, about in listed.items()
        }
        return {
            name: about
            for name, about in there.items()
            if _is_ours(name) and (name.endswith(".h5") or about[0] <= MOST_JSON)
        }

    def _copy(self, names: list[str]) -> None:
        """Copy small files; all are asked for at once."""
        if not names:
            return
        paths = [f"{self._base}/{name}" for name in names]
        # What looks like a pattern is asked for alone, or it would be taken for one. A
        # single path gives bytes rather than a table of them.
        plain = [path for path in paths if not set(path) & set("*?[")]
        alone = paths if len(plain) < 2 else set(paths) - set(plain)
        cat = self._fs.cat_file
        got = {path: self._asked(lambda one=path: cat(one)) for path in alone}
        if len(plain) > 1:
            got |= self._asked(lambda: self._fs.cat(plain))
        for name, path in zip(names, paths, strict=True):
            place = self.path / name
            place.parent.mkdir(parents=True, exist_ok=True)
            files.replace(place, got[path])

    def _stand_in(self, name: str, about: list[Any]) -> None:
        """Make the empty file whose identity changes when the remote file does."""
        place = self.path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary = place.with_name(f".{place.name}.new")
        with temporary.open("wb") as file:
            file.truncate(about[0])
        temporary.replace(place)

    def _forget(self, gone: AbstractSet[str]) -> None:
        """Remove what is no longer there, and folders that it leaves empty."""
        for name in gone:
            (self.path / name).unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                (self.path / name).parent.rmdir()

    def _read_index(self) -> dict[str, list[Any]]:
        try:
            index = json_input.read_file(
                self.path / _INDEX, IndexFile, MOST_INDEX, remedy="delete it"
            )
        except OSError:
            return {}
        return {name: about for name, about in index.seen.items() if _is_ours(name)}


class _RemoteBlocks(Blocks):
    """A file of the store by blocks, each fetched by a range of its own."""

    def __init__(self, path: Path, size: int, fetch: "Fetch") -> None:
        super().__init__(path, size, BLOCK_BYTES, MOST_BLOCKS)
        self._ask = fetch
        self.fetch({0})

    def _fetch(self, start: int, end: int) -> bytes:
        return self._ask(start, end)


def _is_ours(name: str) -> bool:
    """Say whether a name is one that a store has; nothing else becomes a file here."""
    if _SWEEP.fullmatch(name) or _REPORT.fullmatch(name):
        return True
    run, _, rest = name.partition("/")
    if not is_run_name(run):
        return False
    folder, _, step = rest.rpartition("/")
    if folder in (CHECKPOINTS, GRIDS):
        return STEP_FILE.fullmatch(step) is not None
    return rest in (*_SMALL, PACKED_FILE)


def _version(about: dict[str, Any]) -> str:
    keys = ("ETag", "etag", "LastModified", "mtime", "created")
    return str(next((about[key] for key in keys if about.get(key)), ""))


def _connect(url: str) -> tuple[Any, str]:
    try:
        import fsspec  # noqa: PLC0415 - only a remote store needs it

        options = (
            {"config_kwargs": _TIMEOUTS} if url.startswith(("s3:", "s3a:")) else {}
        )
        system, base = fsspec.core.url_to_fs(url, **options)
    except ImportError as error:
        raise UnusableFolderError(
            f"{url}: reading a remote store needs {error.name or 'fsspec'}: "
            "pip install fsspec s3fs"
        ) from error
    except ValueError as error:
        raise UnusableFolderError(
            f"{url}: {error}; expected an address such as s3://bucket/prefix"
        ) from error
    return system, base.rstrip("/")


@contextlib.contextmanager
def _telling(url: str) -> Iterator[None]:
    """Turn whatever a remote file system raises into one message with a remedy."""
    try:
        yield
    except (StoreError, GeneratorExit):
        raise
    except FileNotFoundError as error:
        raise UnusableFolderError(
            f"{url}: there is nothing: check the bucket's name and the prefix"
        ) from error
    except PermissionError as error:
        raise UnusableFolderError(
            f"{url}: access is refused: {_short(error)}; check the credentials "
            "(AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE)"
        ) from error
    # Each of the many libraries behind fsspec has exceptions of its own.
    except Exception as error:
        hint = "; for a server that is not Amazon's set AWS_ENDPOINT_URL"
        raise UnusableFolderError(
            f"{url}: cannot be read: {_short(error)}; check the address, the network "
            f"and the credentials{hint if url.startswith('s3') else ''}"
        ) from error


def _short(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text[:300]
