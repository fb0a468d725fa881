"""Families of curves: one line per run, coloured by a swept value."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.curves import log_ticks
from grokdash.figures.swept import Swept, span
from grokdash.figures.theme import Axis, Theme, axis, layout, titled_axis


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One run's curve: ``x, y [n]``, its swept value, and a text for the hover."""

    run: str
    value: Any
    text: str
    x: np.ndarray
    y: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Curves of one quantity on axes of their own."""

    x: Axis
    y: Axis
    lines: Sequence[Line]
    dash: Literal["solid", "dash"] = "solid"


def families(
    members: Sequence[Family],
    theme: Theme,
    by: Swept,
    *,
    columns: int = 1,
    legend: bool = True,
) -> go.Figure:
    """Draw families side by side, coloured alike; the first line of a value is named.

    Every trace has its run in ``meta`` and the place of its value as legend group.
    """
    colours = by.colours(theme)
    rows = -(-len(members) // columns)
    settings = layout(theme, legend=legend)
    settings["margin"] = {"l": 52, "r": 12, "t": 30 if legend else 10, "b": 40}
    settings["legend"] |= {"title": {"text": f"{by.title}  "}}
    traces, named = [], set()
    for place, family in enumerate(members):
        row, column = divmod(place, columns)
        number = str(place + 1) if place else ""
        settings |= _axes(family, theme, number)
        settings[f"xaxis{number}"]["domain"] = span(column, columns, 0.13)
        settings[f"yaxis{number}"]["domain"] = span(rows - 1 - row, rows, 0.16)
        for line in family.lines:
            group = by.index(line.value)
            traces.append(
                go.Scatter(
                    x=line.x,
                    y=_drawable(line.y, family.y.kind),
                    xaxis=f"x{number}",
                    yaxis=f"y{number}",
                    mode="lines",
                    name=by.labels[group],
                    legendgroup=str(group),
                    legendrank=group,
                    showlegend=group not in named,
                    meta=line.run,
                    line={
                        "color": colours[group],
                        "width": 1.3,
                        "dash": family.dash,
                    },
                    text=line.text,
                    hovertemplate=(
                        f"%{{text}}<br>epoch %{{x}}<br>{family.y.title} "
                        "%{y:.4g}<extra></extra>"
                    ),
                )
            )
            named.add(group)
    return go.Figure(traces, layout=settings)


def multiples(
    cells: Sequence[tuple[str, Sequence[Line], Sequence[Line]]],
    theme: Theme,
    columns: int,
    last: float,
) -> go.Figure:
    """Draw one small plot per cell: train accuracy solid, test accuracy dashed.

    A cell is its title, the train curves and the test curves; all share their axes.
    """
    rows = -(-len(cells) // columns)
    settings = layout(theme)
    settings["margin"] = {"l": 40, "r": 8, "t": 24, "b": 32}
    notes, traces = [], []
    gap_x, gap_y = 0.02, min(0.06, 0.3 / rows)
    for place, (title, train, test) in enumerate(cells):
        row, column = divmod(place, columns)
        number = str(place + 1) if place else ""
        across = span(column, columns, gap_x)
        up = span(rows - 1 - row, rows, gap_y)
        small = axis(theme) | {"tickfont": {"size": 9}}
        settings[f"xaxis{number}"] = small | {
            "domain": across,
            "anchor": f"y{number}",
            "range": [0, last],
            "nticks": 3,
            "showticklabels": row == rows - 1,
        }
        settings[f"yaxis{number}"] = small | {
            "domain": up,
            "anchor": f"x{number}",
            "range": [-0.04, 1.04],
            "tickvals": [0, 0.5, 1],
            "showticklabels": column == 0,
        }
        notes.append(
            {
                "text": title,
                "xref": "paper",
                "yref": "paper",
                "x": across[0],
                "y": up[1],
                "xanchor": "left",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 10},
            }
        )
        for lines, colour, dash in (
            (train, theme.train, "solid"),
            (test, theme.test, "dash"),
        ):
            traces += [
                go.Scatter(
                    x=line.x,
                    y=line.y,
                    xaxis=f"x{number}",
                    yaxis=f"y{number}",
                    mode="lines",
                    meta=line.run,
                    line={"color": colour, "width": 1.1, "dash": dash},
                    text=line.text,
                    hovertemplate="%{text}<br>epoch %{x}<br>accuracy %{y:.4g}"
                    "<extra></extra>",
                )
                for line in lines
            ]
    settings["annotations"] = notes
    return go.Figure(traces, layout=settings)


def _axes(family: Family, theme: Theme, number: str) -> dict[str, Any]:
    across = titled_axis(family.x, theme) | {"anchor": f"y{number}"}
    up = titled_axis(family.y, theme) | {"anchor": f"x{number}"}
    if family.x.kind == "log":
        drawn = [line.x[-1:] for line in family.lines] + [
            line.x[:1] for line in family.lines
        ]
        ends = np.concatenate([*drawn, np.ones(0)])
        across |= {"dtick": _epoch_ticks(ends), "tickformat": ",d"}
    if family.y.kind == "log":
        heights = np.concatenate([*(line.y for line in family.lines), np.ones(0)])
        up |= {"dtick": log_ticks(heights, most=5)}
    return {f"xaxis{number}": across, f"yaxis{number}": up}


def _epoch_ticks(ends: np.ndarray) -> int | str:
    """Label 1, 2 and 5 of every decade unless that would be too many."""
    wide = len(ends) > 0 and ends.max() > 200 * max(float(ends.min()), 1.0)
    return 1 if wide else "D2"


def _drawable(y: np.ndarray, kind: str) -> np.ndarray:
    y = np.asarray(y, dtype=float)
    return y if kind == "linear" else np.where(y > 0, y, np.nan)
