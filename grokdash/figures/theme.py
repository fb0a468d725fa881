"""Themes and layouts: what every picture has in common, in light and in dark."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

from grokdash.figures import colours, scales
from grokdash.figures.colours import ThemeName

TRANSPARENT = "rgba(0,0,0,0)"

NUMBERS = {"exponentformat": "power", "minexponent": 5, "separatethousands": True}
"""How axes and colour bars write numbers: as sentences do, never 0.01µ or 40k."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: its title with the unit, its fixed range in data units, its kind.

    ``values`` are the coordinates along it where they are not 0, 1, 2, …
    """

    title: str
    limits: tuple[float, float] | None = None
    kind: Literal["linear", "log"] = "linear"
    values: np.ndarray | None = None

    @property
    def name(self) -> str:
        """What it is called beside one value: the title without its last brackets."""
        return re.sub(r"(?<=.) \([^()]*\)$", "", self.title)

    @property
    def plotly_range(self) -> list[float] | None:
        """The range as plotly wants it: exponents on a log axis."""
        if self.limits is None:
            return None
        if self.kind == "linear":
            return list(self.limits)
        return [float(np.log10(limit)) for limit in self.limits]


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """The colours of one mode: papers and inks, scales, and whatever has a name."""

    name: ThemeName
    text: str
    quiet: str
    muted: str
    grid: str
    paper: str
    train: str
    test: str
    accent: str
    sequential: str
    diverging: scales.Stops
    cyclic: scales.Stops
    ramp: scales.Stops
    """For points, which are seen against the paper all around them."""

    def colour(self, name: str) -> str:
        """Give the colour that belongs to a name of the table; a colour is itself."""
        if name.startswith(("#", "rgb")):
            return name
        return self._of(colours.NAMED[name])

    def key(self, place: int) -> str:
        """Give the colour of the key frequency at this place in ascending order."""
        return self._of(colours.KEYS[place % len(colours.KEYS)])

    def run(self, place: int) -> str:
        """Give the colour of the run in this column of a comparison."""
        return self._of(colours.RUNS[place])

    def _of(self, pair: colours.Pair) -> str:
        return pair[self.name == "dark"]


def _theme(name: ThemeName) -> Theme:
    of = {role: pair[name == "dark"] for role, pair in colours.NAMED.items()}
    return Theme(
        name=name,
        text=of["text"],
        quiet=of["quiet"],
        muted=of["muted"],
        grid=of["line"],
        paper=of["surface"],
        train=of["train"],
        test=of["test"],
        accent=of["accent"],
        sequential=scales.SEQUENTIAL,
        diverging=scales.DIVERGING[name],
        cyclic=scales.CYCLIC,
        ramp=scales.ramp_scale(name),
    )


LIGHT, DARK = _theme("light"), _theme("dark")

THEMES: dict[str, Theme] = {"light": LIGHT, "dark": DARK}
"""Of the app."""

PAPER = replace(LIGHT, **colours.PRINT)
"""Black on white, for print."""

PRINTS: dict[str, Theme] = {**THEMES, "paper": PAPER}
"""Of the app and of files made from it."""


def frequency_colours(
    n_frequencies: int, of_keys: Mapping[int, str], theme: Theme
) -> list[str]:
    """Give one colour per frequency 1 … n: a key's own, grey for all others."""
    return [of_keys.get(k, theme.muted) for k in range(1, n_frequencies + 1)]


def figure(
    traces: Sequence[object], theme: Theme, x: Axis, y: Axis, *, legend: bool = False
) -> go.Figure:
    """Make a figure with titled axes in the look of the house."""
    # All at once: plotly's update_* functions take ten times as long.
    settings = layout(theme, legend=legend)
    settings |= {"xaxis": titled_axis(x, theme), "yaxis": titled_axis(y, theme)}
    return go.Figure(list(traces), layout=settings)


def titled_axis(one: Axis, theme: Theme, *, grid: bool = True) -> dict[str, object]:
    """Give the settings of an axis with its title, kind and range."""
    look: dict[str, object] = axis(theme, grid=grid)
    look |= {"title_text": one.title, "type": one.kind}
    if one.limits is not None:
        look["range"] = one.plotly_range
    return look


def layout(theme: Theme, *, legend: bool = False) -> dict[str, Any]:
    """Give the layout settings shared by every figure."""
    return {
        "template": "none",
        "paper_bgcolor": theme.paper,
        "plot_bgcolor": theme.paper,
        "font": {"family": _FONT, "size": 11, "color": theme.text},
        "margin": {"l": 52, "r": 12, "t": 8, "b": 40},
        "showlegend": legend,
        "legend": {
            "orientation": "h",
            "y": 1.0,
            "yanchor": "bottom",
            "x": 0,
            "font": {"size": 10},
        },
        "hoverlabel": {
            "bgcolor": theme.paper,
            "bordercolor": theme.muted,
            "font": {"family": _FONT, "size": 11, "color": theme.text},
        },
        "uirevision": "keep",
        "hovermode": "closest",
        "modebar": {
            "bgcolor": TRANSPARENT,
            "color": theme.muted,
            "activecolor": theme.text,
        },
    }


def nothing() -> dict[str, Any]:
    """Give a figure without anything in it, for a panel that waits for its own."""
    hidden = {"visible": False}
    return {
        "data": [],
        "layout": {
            "autosize": True,
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
            "paper_bgcolor": TRANSPARENT,
            "plot_bgcolor": TRANSPARENT,
            "xaxis": hidden,
            "yaxis": hidden,
        },
    }


def axis(theme: Theme, *, grid: bool = True) -> dict[str, Any]:
    """Give the axis settings shared by every figure."""
    return {
        "gridcolor": theme.grid,
        "showgrid": grid,
        "linecolor": theme.muted,
        "zeroline": False,
        "ticks": "outside",
        "ticklen": 3,
        "tickcolor": theme.muted,
        "title_standoff": 6,
        "title_font": {"size": 11},
        "tickfont": {"size": 10},
        "automargin": False,
    } | NUMBERS


def symmetric(low: float, high: float) -> tuple[float, float]:
    """Widen a range so that zero is its middle."""
    bound = max(abs(low), abs(high), np.finfo(float).tiny)
    return -bound, bound


_FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif'
