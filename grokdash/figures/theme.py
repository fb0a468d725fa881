"""Colours and templates: what every picture has in common, in light and in dark.

Meaning is fixed: train is solid blue, test dashed vermilion, each key frequency keeps
one colour in every view, everything that is not a key is grey.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

ThemeName = Literal["light", "dark"]

TRAIN = "#0072B2"
TEST = "#D55E00"

TRANSPARENT = "rgba(0,0,0,0)"

_OKABE_ITO = ("#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")
_MORE_KEYS = ("#B15928", "#6A3D9A", "#1B9E77", "#E7298A", "#66A61E", "#A6761D")

RESTRICTED, EXCLUDED = _OKABE_ITO[:2]
"""What the key frequencies make of the logits, and what is left without them."""

EXCLUDED_LOSS = "#8a6fd1"

TRAINING_PAIRS = "#ff5fa2"
"""Seen on every colour of the sequential scale, and on both papers."""

MATRIX_COLOURS = {
    "W_E": "#4477AA",
    "W_pos": "#66CCEE",
    "W_Q": "#228833",
    "W_K": "#88AA33",
    "W_V": "#CCBB44",
    "W_O": "#EE8866",
    "W_in": "#EE6677",
    "W_out": "#AA3377",
    "W_U": "#7755CC",
}
"""One colour per kind of matrix; blocks are told apart by dashes."""

WAVE_COLOURS = {
    "sum": "#228833",
    "difference": "#AA3377",
    "linear": "#CCBB44",
    "cross": "#7d8899",
    "constant": "#66CCEE",
}
"""One colour per kind of wave in two operands."""

CIRCUIT_COLOURS = {
    "symmetricity": _OKABE_ITO[3],
    "irrelevance": _OKABE_ITO[2],
    "circularity": _OKABE_ITO[0],
}
"""One colour per measure of how a network adds."""

SOURCE_COLOURS: dict[ThemeName, tuple[str, str, str]] = {
    "light": ("#6b4fa0", "#8a6d1d", "#8a94a3"),
    "dark": ("#b8a2e8", "#d8b94e", "#7d8899"),
}
"""Attention to a, b and =; neither splits' colours nor keys'."""

RUN_COLOURS: dict[ThemeName, tuple[str, ...]] = {
    "light": ("#6a4fb3", "#b86a00", "#0f7f7f", "#c2307a", "#4f7d1c", "#5b6474"),
    "dark": ("#a892f0", "#f0a848", "#4fc4c0", "#f27fb2", "#9ccb5e", "#a9b4c4"),
}
"""Runs A … F of a comparison; none of them is that of train, test or a key."""


_OUTCOMES: dict[str, tuple[str, str]] = {
    "groks": ("#117733", "#4fc178"),
    "generalises at once": ("#56B4E9", "#56B4E9"),
    "memorises only": ("#E69F00", "#E69F00"),
    "never groks": ("#8a94a3", "#7d8899"),
    "collapses": ("#b2182b", "#ff6f61"),
    "unfinished": ("#ffffff", "#12161d"),
}
"""What became of a run, in light and in dark."""


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
    """The colours of one mode."""

    name: ThemeName
    text: str
    muted: str
    grid: str
    paper: str
    train: str
    test: str
    accent: str
    sequential: str
    diverging: Sequence[tuple[float, str]]
    cyclic: str

    def colour(self, name: str) -> str:
        """Give the colour of a role such as ``"train"``; a colour is itself."""
        return name if name.startswith(("#", "rgb")) else getattr(self, name)


LIGHT = Theme(
    name="light",
    text="#1c2430",
    muted="#8a94a3",
    grid="#e4e8ee",
    paper="#ffffff",
    train=TRAIN,
    test=TEST,
    accent="#0b62a8",
    sequential="Cividis",
    diverging=(
        (0.0, "#2166ac"),
        (0.25, "#92c5de"),
        (0.5, "#f7f7f7"),
        (0.75, "#f4a582"),
        (1.0, "#b2182b"),
    ),
    cyclic="Twilight",
)

DARK = Theme(
    name="dark",
    text="#dfe5ee",
    muted="#7d8899",
    grid="#2a323e",
    paper="#12161d",
    train="#4aa8e0",
    test="#ff8a3d",
    accent="#6cb6f5",
    sequential="Cividis",
    diverging=(
        (0.0, "#6bb3ee"),
        (0.25, "#2f6ba3"),
        (0.5, "#171c24"),
        (0.75, "#b04a3c"),
        (1.0, "#ff9d7a"),
    ),
    cyclic="IceFire",
)

THEMES: dict[str, Theme] = {"light": LIGHT, "dark": DARK}


def key_colour(rank: int) -> str:
    """Give the colour of the key frequency at this place in ascending order."""
    if rank < len(_OKABE_ITO):
        return _OKABE_ITO[rank]
    return _MORE_KEYS[(rank - len(_OKABE_ITO)) % len(_MORE_KEYS)]


def frequency_colours(
    n_frequencies: int, keys: Sequence[int], theme: Theme
) -> list[str]:
    """Give one colour per frequency 1 … n: a key's own, grey for all others."""
    colours = [theme.muted] * n_frequencies
    for rank, k in enumerate(sorted(keys)):
        if 1 <= k <= n_frequencies:
            colours[k - 1] = key_colour(rank)
    return colours


def outcome_colours(theme: Theme) -> dict[str, str]:
    """Give the colour of everything that can become of a run."""
    place = 1 if theme.name == "dark" else 0
    return {name: pair[place] for name, pair in _OUTCOMES.items()}


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
        "hoverlabel": {"font": {"family": _FONT, "size": 11}},
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
    }


def symmetric(low: float, high: float) -> tuple[float, float]:
    """Widen a range so that zero is its middle."""
    bound = max(abs(low), abs(high), np.finfo(float).tiny)
    return -bound, bound


_FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif'
