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
import gc
import io
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from hashlib import sha256
from pathlib import Path
from typing import Any

from grokdash.errors import StoreError, UnusableFolderError
from grokdash.store import files, json_input
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
_INDEX = ".index.json"
_TIMEOUTS = {"connect_timeout": 5, "read_timeout": 30, "retries": {"max_attempts": 2}}


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
        self._looked = -LOOK_AGAIN_S
        self._lock = threading.Lock()
        self.refresh()

    def refresh(self) -> None:
        """Look at the store again, at most every few seconds."""
        with self._lock:
            if time.monotonic() - self._looked < LOOK_AGAIN_S:
                return
            with _telling(self.url):
                self._look()
            self._looked = time.monotonic()

    def open(self, path: Path) -> io.RawIOBase:
        """Open a file of the mirror where it really is."""
        name = path.relative_to(self.path).as_posix()
        with _telling(self.url):
            file = self._fs.open(
                f"{self._base}/{name}",
                "rb",
                size=path.stat().st_size,
                block_size=BLOCK_BYTES,
                cache_type="blockcache",
                cache_options={"maxblocks": MOST_BLOCKS},
            )
        return _RemoteFile(file, self.url)

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
        listed = self._fs.find(self._base, detail=True)
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
        got = {path: self._fs.cat_file(path) for path in alone}
        if len(plain) > 1:
            got |= self._fs.cat(plain)
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


_waiting = 0
_counting = threading.Lock()


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector off while HDF5 waits for the network.

    h5py holds its lock meanwhile, and fsspec fetches in a thread of its own: a cycle
    with an h5py object in it, collected there, would wait for that lock for ever.
    """
    global _waiting  # noqa: PLW0603 - one collector for the whole process
    with _counting:
        _waiting += 1
        gc.disable()
    try:
        yield
    finally:
        with _counting:
            _waiting -= 1
            if not _waiting:
                gc.enable()


class _RemoteFile(io.RawIOBase):
    """A file whose errors are ours: a lost network must not read as a damaged file."""

    def __init__(self, file: Any, url: str) -> None:
        self._remote = file
        self._url = url

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _no_collection(), _telling(self._url):
            return self._remote.readinto(buffer)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._remote.seek(offset, whence)

    def tell(self) -> int:
        return self._remote.tell()

    def close(self) -> None:
        self._remote.close()
        super().close()


def _is_ours(name: str) -> bool:
    """Say whether a name is one that a store has; nothing else becomes a file here."""
    if _SWEEP.fullmatch(name):
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
            'pip install "grokdash[cloud]"'
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
