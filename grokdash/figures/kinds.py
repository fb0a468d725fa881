"""Heat maps of a few kinds: each cell is of one kind, and each kind has its colour."""

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go
from plotly.colors import hex_to_rgb

from grokdash.figures.grids import Scale, heat_map
from grokdash.figures.theme import Axis, Theme


def kind_map(
    kind: np.ndarray, kinds: Mapping[str, str], theme: Theme, x: Axis, y: Axis
) -> go.Figure:
    """Draw a matrix of kinds ``0 … n − 1``, NaN for none, as a heat map.

    Parameters
    ----------
    kind
        ``[rows = y, columns = x]``.
    kinds
        Colour by name, in the order of the numbers; the names stand at the colours.
    """
    count = len(kinds)
    steps = [
        (edge / count, colour)
        for place, colour in enumerate(kinds.values())
        for edge in (place, place + 1)
    ]
    scale = Scale(colours=steps, low=-0.5, high=count - 0.5, title="")
    names = np.array([*kinds, "none"])
    places = np.where(np.isnan(kind), count, kind).astype(int)
    fig = heat_map(kind, scale, theme, x, y, square=True).update_layout(margin_r=112)
    return fig.update_traces(
        text=names[places],
        hovertemplate=f"{y.name} %{{y}}, {x.name} %{{x}}<br>%{{text}}<extra></extra>",
        colorbar={"tickvals": list(range(count)), "ticktext": list(kinds)},
    )


def pale(colour: str, paper: str, share: float = 0.25) -> str:
    """Give what this share of a colour is on a paper, both as ``#rrggbb``."""
    pairs = zip(hex_to_rgb(paper), hex_to_rgb(colour), strict=True)
    mixed = [round(ground + share * (full - ground)) for ground, full in pairs]
    return "#" + "".join(f"{part:02x}" for part in mixed)
