"""What a picture of a report is before it is frozen, and what it is made from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from grokdash.figures.theme import Theme
from grokdash.snapshot import RunView
from grokdash.store.report_models import ItemKind, RunThen
from grokdash.views.sweep.data import SweepData


@dataclass(frozen=True, slots=True)
class Sources:
    """Where pictures come from: runs by id, sweeps by id with their content."""

    run: Callable[[str], RunView]
    sweep: Callable[[str], tuple[SweepData, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A picture as an address names it.

    Parameters
    ----------
    kind, of, view
        A view of the run ``of``, a picture of the sweep ``of``, a view of several runs.
    query
        What the address says after the question mark.
    """

    kind: ItemKind
    of: str
    view: str
    query: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture that can be drawn, with what is said of it.

    ``query`` asks for the same again and names every choice; ``pending`` says what of
    it is still being computed.
    """

    title: str
    about: str
    sentence: str
    query: dict[str, str]
    origin: dict[str, Any]
    draw: Callable[[Theme], go.Figure]
    runs: Sequence[RunThen] = ()
    content: str = ""
    height: int = 0
    pending: str = ""


def lined(
    figure: go.Figure, lines: Sequence[tuple[float, str]], halo: str
) -> go.Figure:
    """Mark epochs on a chart over epochs by upright lines, as the page does.

    Parameters
    ----------
    lines
        Place and colour of each; a logarithmic axis has no place for epoch 0.
    """
    layout: Any = figure.layout
    log = layout.xaxis.type == "log"
    for x, colour in lines:
        if x <= 0 and log:
            continue
        for stroke in ({"color": halo, "width": 3}, {"color": colour, "width": 1}):
            figure.add_shape(
                type="line", xref="x", yref="paper", x0=x, x1=x, y0=0, y1=1, line=stroke
            )
    return figure
