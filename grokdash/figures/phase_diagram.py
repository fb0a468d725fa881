"""Phase diagrams: what became of the runs over two swept quantities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.grids import Scale, scale_bar
from grokdash.figures.outcomes import OUTCOME_MARKS
from grokdash.figures.swept import Swept
from grokdash.figures.theme import Theme, axis, layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One run in the diagram: the values on both axes, what became of it, a text."""

    run: str
    x: Any
    y: Any
    outcome: str
    text: str


def phase_diagram(
    cells: Sequence[Cell],
    z: np.ndarray,
    scale: Scale,
    theme: Theme,
    x: Swept,
    y: Swept,
) -> go.Figure:
    """Draw a number per cell as colour, and every run on top as a mark.

    Rows and columns are equally wide whatever the values; NaN is a gap.

    Parameters
    ----------
    cells
        One entry per run.
    z
        The number of each pair of values, ``[len(y.values), len(x.values)]``.
    """
    settings = layout(theme, legend=True)
    settings["margin"] = {"l": 64, "r": 72, "t": 30, "b": 42}
    settings["xaxis"] = _named(x, theme)
    settings["yaxis"] = _named(y, theme)
    heat = go.Heatmap(
        z=z,
        x=np.arange(len(x.values)),
        y=np.arange(len(y.values)),
        colorscale=scale.colours,
        zmin=scale.low,
        zmax=scale.high,
        xgap=1,
        ygap=1,
        opacity=0.75,
        colorbar=scale_bar(scale, theme),
        hoverinfo="skip",
    )
    return go.Figure([heat, *_marks(cells, theme, x, y)], layout=settings)


def _marks(cells: Sequence[Cell], theme: Theme, x: Swept, y: Swept) -> list[go.Scatter]:
    across, up = _inside(cells, x, y)
    traces = []
    for outcome, symbol in OUTCOME_MARKS.items():
        chosen = [place for place, one in enumerate(cells) if one.outcome == outcome]
        if not chosen:
            continue
        traces.append(
            go.Scatter(
                x=across[chosen],
                y=up[chosen],
                mode="markers",
                name=outcome,
                marker={
                    "symbol": symbol,
                    "size": 9,
                    "color": theme.text
                    if symbol.endswith("-open")
                    else theme.colour(outcome),
                    "line": {"width": 1.2, "color": theme.text},
                },
                customdata=[cells[place].run for place in chosen],
                text=[cells[place].text for place in chosen],
                hovertemplate="%{text}<extra></extra>",
            )
        )
    return traces


def _inside(cells: Sequence[Cell], x: Swept, y: Swept) -> tuple[np.ndarray, np.ndarray]:
    """Set the runs of one cell out on a small square grid inside it."""
    members: dict[tuple[int, int], list[int]] = {}
    for place, one in enumerate(cells):
        members.setdefault((x.index(one.x), y.index(one.y)), []).append(place)
    across, up = np.zeros(len(cells)), np.zeros(len(cells))
    for (column, row), places in members.items():
        side = int(np.ceil(np.sqrt(len(places))))
        rows = -(-len(places) // side)
        for number, place in enumerate(places):
            down, right = divmod(number, side)
            across[place] = column + 0.64 * ((right + 0.5) / side - 0.5)
            up[place] = row - 0.64 * ((down + 0.5) / rows - 0.5)
    return across, up


def outcome_bars(counts: Mapping[str, np.ndarray], theme: Theme, x: Swept) -> go.Figure:
    """Draw stacked bars: the share of runs of each value with each outcome."""
    total = np.maximum(sum(counts.values()), 1)
    settings = layout(theme, legend=True)
    settings["margin"] = {"l": 52, "r": 12, "t": 30, "b": 42}
    settings["barmode"] = "stack"
    settings["legend"] |= {"traceorder": "normal"}
    settings["bargap"] = 0.25
    settings["xaxis"] = _named(x, theme)
    settings["yaxis"] = axis(theme) | {
        "title_text": "share of runs",
        "range": [0, 1],
    }
    bars = [
        go.Bar(
            x=np.arange(len(x.values)),
            y=number / total,
            name=outcome,
            marker={
                "color": theme.colour(outcome),
                "line": {"width": 0.8, "color": theme.muted},
            },
            customdata=np.stack([number, total], axis=1),
            hovertemplate=f"{outcome}: %{{customdata[0]}} of %{{customdata[1]}} runs"
            "<extra></extra>",
        )
        for outcome, number in counts.items()
        if np.any(number)
    ]
    return go.Figure(bars, layout=settings)


def _named(one: Swept, theme: Theme) -> dict[str, Any]:
    count = len(one.values)
    return axis(theme, grid=False) | {
        "title_text": one.title,
        "range": [-0.5, count - 0.5],
        "tickmode": "array",
        "tickvals": list(range(count)),
        "ticktext": one.short,
        "automargin": True,
    }
