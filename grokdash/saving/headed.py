"""Lines above a figure that name it: whole, however narrow the figure is."""

import textwrap
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

_LETTER = 7.2
"""Pixels of a letter of 14 pixels, in any font of the system at most on average."""
_SMALL = 5.6
_SIZE = 14
_LINE = 18
_PAD = 12


def headed(
    figure: go.Figure, title: str, lines: Sequence[str], width: int, height: int
) -> go.Figure:
    """Put a title and smaller lines above a figure, which grows by their height.

    Parameters
    ----------
    title, lines
        Broken where they are longer than the figure is wide.
    width, height
        Of the figure in pixels, without the title.
    """
    room = width - 2 * _PAD
    first = textwrap.wrap(title, max(8, int(room / _LETTER)))
    rest = [
        part
        for line in lines
        for part in textwrap.wrap(line, max(8, int(room / _SMALL)))
    ]
    text = "<br>".join(first + [f"<sub>{part}</sub>" for part in rest])
    head = _PAD + _LINE * (len(first) + len(rest))
    layout: Any = figure.layout
    figure.update_layout(
        width=width,
        height=height + head,
        margin_t=int(layout.margin.t or 0) + head,
        title={
            "text": text,
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            # The foot of the first line: only from there do all programs count alike.
            "y": 1 - (_PAD + _SIZE) / (height + head),
            "yref": "container",
            "yanchor": "bottom",
            "pad": {"l": _PAD},
            "font": {"size": _SIZE},
        },
    )
    return figure
