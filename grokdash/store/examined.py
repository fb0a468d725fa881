"""What is said of a file that a child has examined, or ended over."""

import contextlib
import signal
from pathlib import Path
from typing import Any

from grokdash.errors import (
    DamagedFileError,
    FormatVersionError,
    NotPermittedError,
    StoreError,
)
from grokdash.store.safety import Verdict
from grokdash.written import number


def named(answer: dict[str, Any], path: Path) -> dict[str, Any]:
    """Call the file what the caller calls it."""
    whole, short = str(path.absolute()), str(path)
    if "message" in answer:
        return answer | {"message": answer["message"].replace(whole, short)}
    decodes, refused = answer["verdict"]
    why = {name: reason.replace(whole, short) for name, reason in refused.items()}
    return {"verdict": [decodes, why]}


def verdict(answer: dict[str, Any]) -> Verdict:
    """Give the verdict of an answer, or raise the error that it tells of."""
    if "verdict" in answer:
        whole, refused = answer["verdict"]
        return Verdict(whole, refused)
    known = DamagedFileError, FormatVersionError, NotPermittedError
    kinds = {one.__name__: one for one in known}
    if answer["error"] == FileNotFoundError.__name__:
        raise FileNotFoundError(answer["message"])
    raise kinds.get(answer["error"], StoreError)(answer["message"])


def damaged(path: str, reason: str) -> dict[str, Any]:
    """Answer that a file is damaged."""
    return {
        "error": DamagedFileError.__name__,
        "message": f"{path}: is damaged: {reason}",
    }


def ending(code: int, seconds: float) -> str:
    """Say how a process ended over a file."""
    if code == -getattr(signal, "SIGPROF", 0):
        return f"HDF5 had not read its structure after {number(seconds)} s of computing"
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"HDF5 crashed over it ({signal.Signals(-code).name})"
    return f"the process that examined it ended with status {code}"
