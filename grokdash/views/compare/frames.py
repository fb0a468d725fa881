"""Whether what several runs show lies on the same axes, and what to say if it does not.

A frequency per 59 tokens is none per 58 discrete logarithms, though both are numbers
from 1 to 29; a logit of a + b is none of a × b, though both belong to a pair (a, b).
"""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from grokdash.errors import NotStoredError
from grokdash.snapshot import RunView
from grokdash.views.core.render import render
from grokdash.views.core.view import Drawing, View


def frame_words(run: RunView) -> str:
    """Say what a run's tokens are counted in."""
    if run.canonical is None:
        return f"{run.p} tokens in no canonical order"
    if run.canonical.basis == "multiplicative":
        return f"{run.modulus} discrete logarithms"
    return f"{run.modulus} tokens"


def unlike(runs: Sequence[tuple[str, RunView]]) -> str:
    """Say in what the runs of a picture, each with its letter, are no two of a kind.

    Empty if they compute the same operation with the same modulus.
    """
    tasks = {letter: f"{run.config.rule.title} mod {run.p}" for letter, run in runs}
    if len(set(tasks.values())) < 2:
        return ""
    told = ", ".join(f"{letter} computes {task}" for letter, task in tasks.items())
    frames = {letter: frame_words(run) for letter, run in runs}
    if len(set(frames.values())) == 1:
        return f"Unlike runs: {told}. What is asked at the same place differs."
    words = ", ".join(f"{letter} in {frame}" for letter, frame in frames.items())
    return (
        f"Unlike runs: {told}, and they are read otherwise ({words}). The same place "
        "stands for something else in each."
    )


def refuse_unlike_axes(
    view: View, first: tuple[str, Drawing], second: tuple[str, Drawing]
) -> None:
    """Refuse to subtract pictures whose axes count different things.

    Raises
    ------
    NotStoredError
        If an axis of one is titled otherwise than that of the other; both are named.
    """
    (one, drawing), (other, beside) = first, second
    if drawing.run.id == beside.run.id:
        return
    titles = axis_titles(render(drawing, view)), axis_titles(render(beside, view))
    for name, title in titles[0].items():
        if title != titles[1].get(name, title):
            raise NotStoredError(
                f"{view.title} of {one} is over {title}, of {other} over "
                f"{titles[1][name]}: the same place is not the same thing, so nothing "
                f"is subtracted. {_advice(drawing.run, beside.run)}"
            )


def _advice(one: RunView, other: RunView) -> str:
    if unlike([("A", one), ("B", other)]):
        return "Choose side by side, or runs of one operation and one p."
    return "Choose side by side, or pick the same for both."


def axis_titles(fig: go.Figure) -> dict[str, str]:
    """Give the titles of the axes along which a figure is laid out, by axis.

    Where bars and lines have a height, its title is a unit that says nothing of places.
    """
    layout: dict[str, Any] = fig.layout.to_plotly_json()
    traces: Any = list(fig.select_traces())
    drawn = {trace.type for trace in traces}
    heights = bool(drawn & {"bar", "scatter"}) and "heatmap" not in drawn
    kinds = ("xaxis",) if heights else ("xaxis", "yaxis")
    return {
        name: text
        for name, axis in layout.items()
        if name.startswith(kinds) and (text := axis.get("title", {}).get("text"))
    }
