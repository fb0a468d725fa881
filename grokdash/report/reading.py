"""Read a report back out of a file that it was exported to."""

import base64
import binascii
import io
import logging
import re
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

from grokdash.errors import ConfigError, StoreError
from grokdash.report.bundle import MOST_BUNDLE, Carried, read_bundle
from grokdash.report.page import CARRIED
from grokdash.report.prose import JSON, picture_name
from grokdash.saving.browser import extra
from grokdash.store import json_input

_SCRIPT = re.compile(
    rb'<script type="application/json" id="' + CARRIED.encode() + rb'">(.*?)</script>',
    re.DOTALL,
)
_IMAGE = r'<img id="picture-{}" [^>]*src="data:image/svg\+xml;base64,([^"]*)"'
_EXPECTED = "a report as .json, .html, .md, .zip or .pdf"


def read_carried(path: Path) -> Carried:
    """Read the report that a file carries.

    Raises
    ------
    ConfigError
        If it carries none.
    StoreError
        If it cannot be read.
    """
    readers = {
        ".json": _json,
        ".html": _html,
        ".md": _markdown,
        ".zip": _archive,
        ".pdf": _pdf,
    }
    read = readers.get(path.suffix.lower())
    if read is None:
        raise ConfigError(f"{path}: expected {_EXPECTED}")
    return read(path)


def _bytes(path: Path) -> bytes:
    try:
        return json_input.read_bytes(path, MOST_BUNDLE)
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; expected {_EXPECTED}") from None
    except StoreError as error:
        raise ConfigError(str(error)) from None


def _json(path: Path) -> Carried:
    """Read JSON; pictures lie in a folder beside it, if anywhere."""
    data, folder = _bytes(path), path.parent / "pictures"
    names = [one.name for one in folder.glob("*.svg")] if folder.is_dir() else []

    def picture(item: str) -> bytes | None:
        name = picture_name(names, item)
        return None if name is None else _bytes(folder / name)

    return read_bundle(str(path), data, picture)


def _html(path: Path) -> Carried:
    page = _bytes(path)
    found = _SCRIPT.search(page)
    if found is None:
        raise ConfigError(f"{path}: carries no report: expected {_EXPECTED}")
    return read_bundle(str(path), found[1], partial(_in_page, page))


def _in_page(page: bytes, item: str) -> bytes | None:
    found = re.search(_IMAGE.format(re.escape(item)).encode(), page)
    try:
        return None if found is None else base64.b64decode(found[1], validate=True)
    except binascii.Error:
        return b""


def _markdown(path: Path) -> Carried:
    for place in (path.parent / f"{path.stem}-files" / JSON, path.parent / JSON):
        if place.exists():
            return _json(place)
    raise ConfigError(
        f"{path}: expected {JSON} beside it or in {path.stem}-files, as the export "
        "writes it"
    )


def _archive(path: Path) -> Carried:
    data = _bytes(path)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile as error:
        raise ConfigError(f"{path}: is no ZIP: {error}") from None
    names = archive.namelist()

    def read(name: str) -> bytes:
        try:
            with archive.open(name) as member:
                found = member.read(MOST_BUNDLE + 1)
        except (KeyError, OSError, RuntimeError, zipfile.BadZipFile) as error:
            raise ConfigError(f"{path}: {name}: cannot be read: {error}") from None
        if len(found) > MOST_BUNDLE:
            raise ConfigError(f"{path}: {name}: is larger than {MOST_BUNDLE:,} bytes")
        return found

    def picture(item: str) -> bytes | None:
        name = picture_name(names, item)
        return None if name is None else read(name)

    return read_bundle(f"{path}: {JSON}", read(JSON), picture)


def _pdf(path: Path) -> Carried:
    pypdf: Any = extra("pypdf")
    logging.getLogger("pypdf").setLevel(logging.ERROR)
    try:
        attached = pypdf.PdfReader(io.BytesIO(_bytes(path))).attachments
        data = attached[JSON][0]
    except (pypdf.errors.PyPdfError, KeyError, IndexError, ValueError) as error:
        raise ConfigError(f"{path}: carries no report: {error}") from None
    return read_bundle(f"{path}: {JSON}", data, lambda _item: None)
