"""What this machine has for training, serving, exporting and testing."""

import platform
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from grokdash.errors import ConfigError
from grokdash.saving.browser import find_browser
from grokdash.store import HDF5_VERSION
from grokdash.written import size

State = Literal["ok", "missing", "problem"]

_MIN_PYTHON = (3, 11)
_MIN_FREE = 2e9
_PORT = 8050
_PACKAGES = ("torch", "numpy", "h5py", "dash", "plotly", "waitress", "pydantic")
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line: ``missing`` costs a feature, ``problem`` stops the main commands."""

    name: str
    state: State
    found: str


def examine(store: Path) -> list[Check]:
    """Check everything; imports none of the heavy packages.

    Parameters
    ----------
    store
        Folder of the runs, there or not.
    """
    return [
        _python(),
        *(_package(name, "problem", "everything") for name in _PACKAGES),
        Check(name="HDF5", state="ok", found=HDF5_VERSION),
        _package("kaleido", "missing", "pictures as PNG, SVG and PDF"),
        _package("pypdf", "missing", "pictures as PDF"),
        _package("av", "missing", "films as MP4, WebM and GIF"),
        _package("choreographer", "missing", "films"),
        _program("Chromium", _chromium(), "pictures, films and browser tests"),
        _program("chromedriver", shutil.which("chromedriver"), "browser tests"),
        _writable(store),
        _room(store),
        _port(),
    ]


def _python() -> Check:
    good = sys.version_info >= _MIN_PYTHON
    return Check(
        name="Python",
        state="ok" if good else "problem",
        found=platform.python_version() + ("" if good else ", needs 3.11 or newer"),
    )


def _package(name: str, otherwise: State, use: str) -> Check:
    try:
        return Check(name=name, state="ok", found=version(name))
    except PackageNotFoundError:
        found = f"not installed: pip install {name}; needed for {use}"
        return Check(name=name, state=otherwise, found=found)


def _chromium() -> str | None:
    """Find the browser that films are drawn in, or another that is on the path."""
    try:
        return find_browser()
    except ConfigError:  # what drives it is missing, as another line says
        return next(filter(None, map(shutil.which, _CHROMIUM)), None)


def _program(name: str, path: str | None, use: str) -> Check:
    if path is None:
        return Check(name=name, state="missing", found=f"not found; needed for {use}")
    return Check(name=name, state="ok", found=_name_and_version(path))


def _name_and_version(path: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603
            [path, "--version"], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return path
    named = re.match(r"[^\d\n]*\d\S*", done.stdout)
    return named[0] if named else path


def _existing(folder: Path) -> Path:
    folder = folder.absolute()
    while not folder.exists():
        folder = folder.parent
    return folder


def _writable(store: Path) -> Check:
    try:
        with tempfile.TemporaryFile(dir=_existing(store)):
            return Check(name="store", state="ok", found=f"{store} can be written")
    except OSError as error:
        found = f"{store} cannot be written: {error.strerror}"
        return Check(name="store", state="problem", found=found)


def _room(store: Path) -> Check:
    free = shutil.disk_usage(_existing(store)).free
    good = free >= _MIN_FREE
    return Check(
        name="free disk",
        state="ok" if good else "missing",
        found=size(free) + ("" if good else "; a nanda run takes about 1 GB"),
    )


def _port() -> Check:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        taken = probe.connect_ex(("127.0.0.1", _PORT)) == 0
    found = "taken; the next free one is used" if taken else "free"
    return Check(name=f"port {_PORT}", state="ok", found=found)
