"""In which order a view reads tokens and pairs, and how it says so on its axes."""

from collections.abc import Callable

import numpy as np

from grokdash.analysis.groups import Canonical, primitive_root
from grokdash.analysis.terms import TOKENS, Terms, terms
from grokdash.snapshot import RunView
from grokdash.views.core.selection import Selection
from grokdash.views.reading.frequencies import in_frame


def frame_of(run: RunView, selection: Selection) -> Canonical | None:
    """Give the frame in force, None where pairs are read token by token."""
    return run.canonical if in_frame(run, selection) else None


def modulus_of(run: RunView, selection: Selection) -> int:
    """Give the number of tokens that the frame in force reads."""
    frame = frame_of(run, selection)
    return frame.q if frame else run.p


def tokens_of(run: RunView, selection: Selection, operand: str = "a") -> np.ndarray:
    """List tokens in the order of the frame for operand a, b or the answer c."""
    frame = frame_of(run, selection)
    if frame is None:
        return np.arange(run.p)
    return {"a": frame.a_order, "b": frame.b_order, "c": frame.c_order}[operand]


def grid_of(run: RunView, selection: Selection, X: np.ndarray) -> np.ndarray:
    """Read a grid over (a, b) in the frame in force; further axes are untouched."""
    frame = frame_of(run, selection)
    return X if frame is None else frame.grid(X)


def terms_of(run: RunView, selection: Selection) -> Terms:
    """Give the words for the variables of the frame in force."""
    if run.canonical is not None and frame_of(run, selection) is None:
        return TOKENS
    return terms(run.config.rule)


def token_title(run: RunView, selection: Selection, name: str) -> str:
    """Name an axis along which one variable runs in the order of the frame."""
    word = getattr(terms_of(run, selection), name)
    if word == name:
        return "c (class)" if name == "c" else f"{name} (token)"
    return f"{word} {logarithms(run)}"


def token_line_title(run: RunView, selection: Selection) -> str:
    """Name an axis along which any token runs in the order of the frame."""
    if is_logarithmic(run, selection):
        return f"log of the token {logarithms(run)}"
    return "token"


def logarithms(run: RunView) -> str:
    """Say what the logarithms of a multiplicative frame are taken to and of."""
    return f"(base {primitive_root(run.p)}, mod {run.modulus})"


def is_logarithmic(run: RunView, selection: Selection) -> bool:
    """Say whether the frame in force reads tokens by their logarithms."""
    frame = frame_of(run, selection)
    return frame is not None and frame.basis == "multiplicative"


def basis_note(run: RunView) -> str:
    """Say, where it is so, that the operation has no basis of its own."""
    if run.canonical is not None:
        return ""
    return " The operation has no canonical basis: frequencies are additive."


def needs_stored(name: str) -> Callable[[RunView], str | None]:
    """Make a ``missing`` for a measure that every checkpoint should hold."""

    def missing(run: RunView) -> str | None:
        if run.has(name):
            return None
        return (
            f"The checkpoints of this run were stored without {name}; train the "
            f"configuration again: grokdash train --operation {run.config.operation} "
            f"--p {run.p} --seed {run.config.seed}"
        )

    return missing
