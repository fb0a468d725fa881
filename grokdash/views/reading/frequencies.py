"""How frequencies are named, which of them are keys, and in which colours."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from grokdash.analysis import fourier
from grokdash.figures.marks import mark_columns, mark_rows
from grokdash.figures.theme import Axis, Theme, frequency_colours
from grokdash.snapshot import RunView
from grokdash.views.core.selection import Selection, chosen_keys
from grokdash.views.core.view import Drawing
from grokdash.views.reading.words import listed


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


def alternates(run: RunView, k: int) -> bool:
    """Say whether k is half of the frame's modulus: two values, a sign and no sine."""
    return fourier.alternates(k, run.modulus)


def parities(run: RunView) -> tuple[str, str]:
    """Name the tokens on which the alternating wave is +1, and those where it is −1.

    Among discrete logarithms the even ones are those of the squares.
    """
    if run.canonical and run.canonical.basis == "multiplicative":
        return "squares", "non-squares"
    return "even tokens", "odd tokens"


def short_frequency_title(run: RunView, selection: Selection) -> str:
    """Name the frequency axis where there is little room."""
    if in_frame(run, selection):
        return "frequency k"
    return "frequency k (additive)"


def frequency_axis(drawing: Drawing, count: int) -> Axis:
    """Give the axis of the frequencies 1 … count in the frame in force."""
    title = frequency_title(drawing.run, drawing.selection)
    return Axis(title, (0.0, count + 1.0), values=np.arange(1, count + 1))


def coloured(keys: Sequence[int], more: Sequence[int], theme: Theme) -> dict[int, str]:
    """Give keys their colours in ascending order, then ``more`` in the same way."""
    others = sorted(set(more) - set(keys))
    return {k: theme.key(place) for place, k in enumerate([*sorted(keys), *others])}


def key_colours(drawing: Drawing) -> dict[int, str]:
    """Give every key frequency its colour; those only chosen come after the run's.

    Beside other runs their keys have colours too: a frequency has one in all of them.
    """
    run, keys = drawing.run, drawing.beside.union(drawing.run.keys)
    return coloured(sorted(keys), chosen_keys(drawing.selection, run), drawing.theme)


def own_key_colours(drawing: Drawing) -> dict[int, str]:
    """Give the colours of this run's keys and of those chosen alone."""
    own = {*drawing.run.keys, *chosen_keys(drawing.selection, drawing.run)}
    return {k: colour for k, colour in key_colours(drawing).items() if k in own}


def colours_of(drawing: Drawing, count: int) -> list[str]:
    """Give a colour to each frequency 1 … count: keys their own in the run's frame."""
    own = in_frame(drawing.run, drawing.selection)
    return frequency_colours(count, key_colours(drawing) if own else {}, drawing.theme)


def mark_key_columns(fig: go.Figure, drawing: Drawing) -> go.Figure:
    """Put a tab over the column of every key frequency."""
    colours = own_key_colours(drawing)
    return mark_columns(fig, list(colours), list(colours.values()))


def mark_key_rows(
    fig: go.Figure, drawing: Drawing, most: int | None = None
) -> go.Figure:
    """Put a strip beside every key frequency, those above ``most`` left out."""
    found = own_key_colours(drawing)
    colours = {k: c for k, c in found.items() if most is None or k <= most}
    spans = [(k - 0.5, k + 0.5) for k in colours]
    return mark_rows(fig, spans, list(colours.values()))


def list_frequencies(keys: Sequence[int], most: int = 8) -> str:
    """Write frequencies as words: ``3, 5 and 11``."""
    names = [str(k) for k in keys[:most]]
    if len(keys) > most:
        return f"{', '.join(names)} and {len(keys) - most} more"
    return listed(names)
