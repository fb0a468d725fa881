"""What a page that stands alone runs, and its parts as packed bytes."""

import gzip
import json
from typing import Any

from grokdash.app.scripts import PLOTLY, style_sheet
from grokdash.bundle import assets_folder, bundle, reached, read_modules

_BOOT = "share-boot.js"


def scripts(entry: str, *, plotly: bool = True) -> dict[str, bytes]:
    """Pack what a page runs, from its first module on, and how it looks."""
    assets = assets_folder()
    modules = read_modules(assets)
    wanted = {name: modules[name] for name in sorted(reached(modules, entry))}
    parts = {
        "styles": packed(style_sheet(assets)),
        "app": packed(bundle(wanted).encode()),
    }
    if plotly:
        parts["plotly"] = packed((assets / "plotly" / PLOTLY).read_bytes())
    return parts


def boot() -> str:
    """Read the script that reads the parts."""
    return (assets_folder() / "js" / _BOOT).read_text("utf-8")


def packed(content: bytes) -> bytes:
    """Pack bytes, alike whenever it is done."""
    return gzip.compress(content, mtime=0)


def packed_json(message: Any) -> bytes:
    """Pack a message."""
    text = json.dumps(message, separators=(",", ":"), allow_nan=False, sort_keys=True)
    return packed(text.encode())
