"""Colour scales: numbers as colours where many lie side by side."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from plotly.colors import sample_colorscale

from grokdash.figures.colours import ThemeName

Stops: TypeAlias = Sequence[tuple[float, str]]

SEQUENTIAL = "Cividis"

DIVERGING: Mapping[ThemeName, Stops] = {
    "light": (
        (0.0, "#2166ac"),
        (0.25, "#92c5de"),
        (0.5, "#f7f7f7"),
        (0.75, "#f4a582"),
        (1.0, "#b2182b"),
    ),
    "dark": (
        (0.0, "#6bb3ee"),
        (0.25, "#2f6ba3"),
        (0.5, "#171c24"),
        (0.75, "#b04a3c"),
        (1.0, "#ff9d7a"),
    ),
}

_ROUND = (
    "#6989d9",
    "#8a80da",
    "#a875d5",
    "#c369ca",
    "#da5bba",
    "#ec4ea6",
    "#f74490",
    "#fd4179",
    "#fd4562",
    "#f74f4c",
    "#ed5c38",
    "#df6926",
    "#ce7518",
    "#bc7f11",
    "#a88819",
    "#948f2a",
    "#7f943e",
    "#6a9754",
    "#55996c",
    "#3e9a85",
    "#269a9c",
    "#1698b2",
    "#2795c4",
    "#4790d1",
)

CYCLIC: Stops = tuple(
    zip(np.linspace(0, 1, 25).tolist(), (*_ROUND, _ROUND[0]), strict=True)
)
"""Points of a circle in CIELAB: L* = 58, radius 53 about a* = 20, b* = 8. Being equally
light all the way round it favours no angle, and it is seen on both papers."""

_RAMPS: Mapping[ThemeName, tuple[float, float]] = {
    "light": (0.0, 0.63),
    "dark": (0.4, 1.0),
}
"""The part of Plasma that is seen on the paper as a thin line."""


def ramp(shares: Sequence[float], mode: ThemeName) -> list[str]:
    """Give a colour to lines and points in an order; each share is within 0 … 1."""
    low, high = _RAMPS[mode]
    places = [low + (high - low) * share for share in shares]
    return [str(colour) for colour in sample_colorscale("Plasma", places)]


def ramp_scale(mode: ThemeName) -> Stops:
    """Give the same as a scale, for points whose numbers are read off a bar."""
    places = np.linspace(0, 1, 13).tolist()
    return tuple(zip(places, ramp(places, mode), strict=True))
