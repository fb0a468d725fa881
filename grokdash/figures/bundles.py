"""Many like lines as one quiet trace, behind the few that matter."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from grokdash.figures.theme import Axis, Theme


def add_bundle(
    fig: go.Figure,
    bundle: tuple[np.ndarray, np.ndarray],
    labels: Sequence[str],
    theme: Theme,
    axes: tuple[Axis, Axis],
    *,
    name: str,
) -> go.Figure:
    """Put thin grey lines behind all others, as one trace with one legend entry.

    Parameters
    ----------
    fig
        The figure; its own traces stay in front.
    bundle
        ``x [n]`` and ``y [n, m]``, one column per line.
    labels
        What the pointer shows for each of the m lines.
    theme
        The colours.
    axes
        The x and the y axis of the figure.
    name
        Legend entry; the trace is there even when m is 0, so that the number of traces
        does not depend on the data.
    """
    x, y = bundle
    n, m = y.shape
    values = np.full((m, n + 1), np.nan)
    values[:, :n] = y.T
    if axes[1].kind == "log":
        values = np.where(values > 0, values, np.nan)
    places = np.tile(np.append(np.asarray(x, dtype=float), np.nan), m)
    trace = go.Scatter(
        x=places.astype(np.float32),
        y=values.ravel().astype(np.float32),
        name=name,
        mode="lines",
        line={"color": theme.muted, "width": 0.7},
        opacity=0.9,  # 3 : 1 against either paper
        connectgaps=False,
        text=np.repeat(np.asarray(labels, dtype=object), n + 1) if m else None,
        hovertemplate=(f"{axes[0].name} %{{x}}<br>%{{text}} %{{y:.4g}}<extra></extra>"),
    )
    fig.add_trace(trace)
    fig.data = (fig.data[-1], *fig.data[:-1])
    return fig
