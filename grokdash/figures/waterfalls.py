"""One quantity over an index, epoch by epoch, as a picture."""

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.grids import Scale, heat_map
from grokdash.figures.theme import Axis, Theme


def waterfall(
    z: np.ndarray, epochs: np.ndarray, scale: Scale, theme: Theme, x: Axis, y: Axis
) -> go.Figure:
    """Draw ``z [rows = y, columns = epochs]`` with columns at their own epochs.

    Epochs need not be evenly spaced. On a log axis the columns before epoch 1 are left
    out, because it has no place for them.
    """
    shown = epochs >= 1 if x.kind == "log" else np.ones(len(epochs), dtype=bool)
    placed = Axis(x.title, values=epochs[shown])
    fig = heat_map(z[:, shown], scale, theme, placed, y)
    fig.update_xaxes(type=x.kind, range=x.plotly_range)
    if x.kind == "log":
        fig.update_xaxes(dtick=1)
    return fig
