"""One quantity per frequency over training: keys in their colours, the rest grey."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.bundles import add_bundle
from grokdash.figures.curves import Curve, curves
from grokdash.figures.theme import Axis, key_colour
from grokdash.snapshot import RunView
from grokdash.views.core.selection import Selection, chosen_keys
from grokdash.views.core.view import Drawing
from grokdash.views.reading.epochs import (
    add_phases,
    epoch_axis,
    on_axis,
    shown_epochs,
    spread,
)

_MOST_QUIET_POINTS = 160


def in_frame(run: RunView, selection: Selection) -> bool:
    """Say whether spectra are read in the run's own frame, not the additive one."""
    return selection.basis == "canonical" and run.canonical is not None


def frequency_title(run: RunView, selection: Selection) -> str:
    """Name the frequency axis, with the modulus it belongs to."""
    if not in_frame(run, selection):
        note = "; no canonical basis" if run.canonical is None else ""
        return f"frequency k (cycles per {run.p} tokens{note})"
    if run.canonical and run.canonical.basis == "multiplicative":
        return f"frequency k (cycles per {run.modulus} discrete logarithms)"
    return f"frequency k (cycles per {run.modulus} tokens)"


def short_frequency_title(run: RunView, selection: Selection) -> str:
    """Name the frequency axis where there is little room."""
    if in_frame(run, selection):
        return "frequency k"
    return "frequency k (additive)"


def list_frequencies(keys: Sequence[int], most: int = 8) -> str:
    """Write frequencies as words: ``3, 5 and 11``."""
    names = [str(k) for k in keys[:most]]
    if len(keys) > most:
        return f"{', '.join(names)} and {len(keys) - most} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def draw_frequencies(
    values: np.ndarray, drawing: Drawing, y: Axis, *, own: bool = True
) -> go.Figure:
    """Draw ``values [C, nf]`` over the epochs of the run.

    Key frequencies have their own colours and legend entries; the chosen frequency is
    dotted where it is no key. ``own`` says whether the frequencies are those of the
    run's frame, in which its keys are.
    """
    run, theme, epochs = drawing.run, drawing.theme, shown_epochs(drawing)
    n = values.shape[1]
    keys = sorted(k for k in chosen_keys(drawing.selection, run) if own and k <= n)
    lines = [
        Curve(name=f"k = {k}", x=epochs, y=values[:, k - 1], colour=key_colour(rank))
        for rank, k in enumerate(keys)
    ]
    chosen = drawing.selection.k
    if chosen not in keys and chosen <= n:
        line = Curve(
            name=f"k = {chosen} (chosen)",
            x=epochs,
            y=values[:, chosen - 1],
            colour=theme.text,
            dash="dot",
            width=1.2,
        )
        lines.append(line)
    x = epoch_axis(drawing)
    fig = curves(lines, theme, x, y)
    others = [k for k in range(1, n + 1) if k not in keys]
    rows = spread(len(values), _MOST_QUIET_POINTS)
    quiet = values[np.ix_(rows, np.array(others, dtype=int) - 1)]
    at = on_axis(drawing.arrays["epochs"][rows], drawing)
    labels = [f"k = {k}" for k in others]
    name = "all frequencies" if not keys else "others"
    add_bundle(fig, (at, quiet), labels, theme, (x, y), name=name)
    return add_phases(fig, drawing)
