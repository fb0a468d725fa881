"""The token embeddings in a frame that stays: main axes, and the colours of tokens."""

import numpy as np

from grokdash.analysis import embedding
from grokdash.cache import Arrays
from grokdash.figures.grids import Scale
from grokdash.snapshot import RunView
from grokdash.views.core.selection import Selection
from grokdash.views.core.view import Drawing
from grokdash.views.reading.frames import terms_of


def main_axes(run: RunView, step: int) -> embedding.Components:
    """Give the principal axes of the number tokens at one epoch."""

    def compute() -> Arrays:
        found = embedding.pca(run.at(step).W_E_canonical, 2)
        return {
            "scores": found.scores,
            "axes": found.axes,
            "mean": found.mean,
            "share": found.share,
        }

    kept = run.remember("embedding-frame", (step,), compute, disk=False, step=step)
    return embedding.Components(**kept)


def projected(run: RunView, step: int, axes: embedding.Components) -> np.ndarray:
    """Give the tokens of one epoch on the axes of another, ``[q, 2]``."""
    W = run.at(step).W_E_canonical.astype(np.float64)
    return (W - W.mean(axis=0)) @ axes.axes.T


def token_names(run: RunView) -> list[str]:
    """Name the tokens in the order of the frame."""
    return [f"token {token}" for token in run.order]


def turned(run: RunView, k: int | str) -> str:
    """Name what k times the place of a token in the frame is, ``3·log a``."""
    return f"{k}·{terms_of(run, Selection()).a}"


def token_colours(drawing: Drawing, k: int) -> np.ndarray:
    """Give the numbers that colour the tokens: k times their places, or themselves."""
    run = drawing.run
    if drawing.selection.colour == "ka":
        return k * np.arange(run.modulus) % run.modulus
    return run.order


def token_scale(drawing: Drawing, k: int | str) -> Scale:
    """Give the cyclic scale that these numbers are read by; ``k`` names the factor."""
    run, by_place = drawing.run, drawing.selection.colour == "ka"
    unit = f"{turned(run, k)} mod {run.modulus}" if by_place else "a (token)"
    high = run.modulus if by_place else run.p
    return Scale(colours=drawing.theme.cyclic, low=0.0, high=float(high), title=unit)


def square_bound(drawing: Drawing) -> float:
    """Give half the width of a square in which all points lie over the whole run."""
    limits = (*drawing.limits["x"], *drawing.limits["y"])
    return 1.08 * max(map(abs, limits)) or 1.0
