"""Parallel coordinates: one upright axis per quantity, one line per run.

Drawn of plain lines: plotly's own parallel coordinates compile code at run time, which
the page's content policy forbids, and know neither logarithms nor names.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.outcomes import OUTCOME_MARKS
from grokdash.figures.theme import Theme, layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Upright:
    """One axis: the runs' places on it from 0 to 1 ``[n]``, and its ticks."""

    title: str
    places: np.ndarray
    ticks: Sequence[tuple[float, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """One run's line: its id, its outcome for the legend, colour and text."""

    run: str
    group: str
    colour: str
    text: str


def parallel(
    uprights: Sequence[Upright], threads: Sequence[Thread], theme: Theme
) -> go.Figure:
    """Draw the runs as threads through all uprights; a missing number is a gap."""
    count = len(uprights)
    settings = layout(theme, legend=True)
    settings["margin"] = {"l": 40, "r": 56, "t": 30, "b": 34}
    settings["xaxis"] = {
        "range": [-0.15, count - 0.6],
        "tickmode": "array",
        "tickvals": list(range(count)),
        "ticktext": [one.title.replace(" ", "<br>", 1) for one in uprights],
        "tickangle": 0,
        "tickfont": {"size": 9},
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
    }
    settings["yaxis"] = {
        "range": [-0.06, 1.06],
        "visible": False,
        "fixedrange": True,
    }
    settings["shapes"] = [
        {
            "type": "line",
            "x0": place,
            "x1": place,
            "y0": 0,
            "y1": 1,
            "layer": "below",
            "line": {"width": 1, "color": theme.muted},
        }
        for place in range(count)
    ]
    settings["annotations"] = [
        {
            "text": text,
            "x": place,
            "y": height,
            "xanchor": "left",
            "xshift": 5,
            "showarrow": False,
            "bgcolor": theme.paper,
            "opacity": 0.9,
            "font": {"size": 9, "color": theme.text},
        }
        for place, one in enumerate(uprights)
        for height, text in one.ticks
    ]
    table = np.array([one.places for one in uprights], dtype=float)
    seen: set[str] = set()
    traces = []
    for place, one in enumerate(threads):
        traces.append(
            go.Scatter(
                x=np.arange(count),
                y=table[:, place],
                mode="lines+markers",
                name=one.group,
                legendgroup=one.group,
                showlegend=one.group not in seen,
                meta=one.run,
                line={"color": one.colour, "width": 1.2},
                marker={
                    "symbol": OUTCOME_MARKS[one.group],
                    "size": 5,
                    "color": one.colour,
                },
                opacity=0.75,
                connectgaps=False,
                text=one.text,
                hovertemplate="%{text}<extra></extra>",
            )
        )
        seen.add(one.group)
    return go.Figure(traces, layout=settings)
