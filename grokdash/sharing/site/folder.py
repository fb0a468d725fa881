"""The folder of a site: written beside its place, then moved there whole."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from grokdash.contract.site import SiteMarker
from grokdash.errors import ConfigError, UnusableFolderError
from grokdash.saving.files import write_file
from grokdash.store.files import temporary_name

MARKER = "site.json"
_MADE_BY = "grokdash site"


def refuse_folder(folder: Path, *, force: bool) -> None:
    """Refuse to write where something lies already.

    Raises
    ------
    ConfigError
        If the folder is there and not empty, unless it is to be replaced and
        ``grokdash site`` has made it; if it is no folder.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise ConfigError(f"{folder}: expected the name of a new folder, got a file")
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not force:
        raise ConfigError(f"{folder}: there already; with --force it is replaced")
    if not is_site(folder):
        raise ConfigError(
            f"{folder}: grokdash site has not made this folder (no {MARKER} in it says "
            "so), and replaces only what it has made: name another one"
        )


def is_site(folder: Path) -> bool:
    """Say whether a folder says that it was written here."""
    try:
        marker = json.loads((folder / MARKER).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(marker, dict) and marker.get("made_by") == _MADE_BY


def write_marker(folder: Path, title: str, runs: list[str], pages: list[str]) -> None:
    """Say in a file of the folder what made it and what it has."""
    message = SiteMarker(
        made_by=_MADE_BY,
        version=version("grokdash"),
        title=title,
        runs=runs,
        pages=pages,
    )
    write_file(folder / MARKER, f"{json.dumps(message, indent=1)}\n".encode())


@contextmanager
def written_whole(folder: Path) -> Iterator[Path]:
    """Give a folder to write in, which takes its place when all is written.

    Raises
    ------
    UnusableFolderError
        If nothing can be written there.
    """
    place = folder.absolute()
    temporary = temporary_name(place)
    try:
        temporary.mkdir(parents=True)
    except OSError as error:
        raise UnusableFolderError(f"{folder}: {error.strerror}") from error
    try:
        yield temporary
        _put(temporary, place)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _put(temporary: Path, place: Path) -> None:
    """Put a folder in the place of what is there; on failure that stays."""
    before = temporary_name(place)
    if place.exists():
        place.rename(before)
    try:
        temporary.rename(place)
    except OSError:
        if before.exists():
            before.rename(place)
        raise
    shutil.rmtree(before, ignore_errors=True)
