"""The panels of a sweep's page: what each asks, and which function draws it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dash import dcc, html

from grokdash.figures.theme import Theme
from grokdash.pages.run.panels import GRAPH_CONFIG
from grokdash.views.sweep import curves, grokking
from grokdash.views.sweep.choice import Chosen
from grokdash.views.sweep.grokking import Drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepPanel:
    """One picture of a sweep.

    ``judged`` says whether it depends on the thresholds, ``width`` how many of twelve
    columns it takes.
    """

    name: str
    title: str
    question: str
    draw: Callable[[Chosen, Theme], Drawn]
    judged: bool
    width: int
    height: int


PANELS: tuple[SweepPanel, ...] = (
    SweepPanel(
        name="grok",
        title="Grok epoch",
        question="When do the runs grok, and how sure is that?",
        draw=grokking.grok_epochs,
        judged=True,
        width=7,
        height=360,
    ),
    SweepPanel(
        name="phases",
        title="Phase diagram",
        question="Where do two settings together make runs grok?",
        draw=grokking.phases,
        judged=True,
        width=5,
        height=360,
    ),
    SweepPanel(
        name="accuracy",
        title="Test accuracy of all runs",
        question="How does each run get there, early and late?",
        draw=curves.accuracies,
        judged=False,
        width=12,
        height=280,
    ),
    SweepPanel(
        name="growing",
        title="Training of all runs, animated",
        question="What happens together while the runs train?",
        draw=curves.growing,
        judged=False,
        width=12,
        height=440,
    ),
    SweepPanel(
        name="shares",
        title="Outcomes",
        question="What share of the runs has which outcome?",
        draw=grokking.shares,
        judged=True,
        width=5,
        height=300,
    ),
    SweepPanel(
        name="ends",
        title="What the networks end as",
        question="How many frequencies, how sparse, how large?",
        draw=curves.ends,
        judged=False,
        width=7,
        height=300,
    ),
    SweepPanel(
        name="losses",
        title="Losses",
        question="Does every run fit its training pairs, and stay there?",
        draw=curves.losses,
        judged=False,
        width=6,
        height=280,
    ),
    SweepPanel(
        name="weights",
        title="Sparsity and weight norm",
        question="Do sparsity and small weights go with grokking?",
        draw=curves.weights,
        judged=False,
        width=6,
        height=280,
    ),
    SweepPanel(
        name="spectra",
        title="Final spectra",
        question="Which frequencies does each run end with?",
        draw=curves.spectra,
        judged=False,
        width=5,
        height=380,
    ),
    SweepPanel(
        name="parallel",
        title="Parallel coordinates",
        question="Which settings lead to which ends?",
        draw=curves.coordinates,
        judged=True,
        width=7,
        height=380,
    ),
    SweepPanel(
        name="multiples",
        title="Every value by itself",
        question="What do the accuracies of each value look like?",
        draw=curves.small_multiples,
        judged=True,
        width=12,
        height=360,
    ),
)
"""The pictures of a sweep, in the order of the page."""

NOTHING: dict[str, Any] = {
    "data": [],
    "layout": {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": {"visible": False},
        "yaxis": {"visible": False},
    },
}
"""A figure without anything in it."""


def graph_id(name: str) -> str:
    """Give the id of a panel's graph."""
    return f"sweep-graph-{name}"


def graph_style(height: int) -> dict[str, str]:
    """Give a graph its height in pixels."""
    return {"height": f"{height}px"}


def caption_id(name: str) -> str:
    """Give the id of a panel's sentence."""
    return f"sweep-caption-{name}"


def sweep_panel(panel: SweepPanel) -> html.Figure:
    """Lay out one empty panel; a callback draws its picture."""
    title = f"sweep-title-{panel.name}"
    more = [_transport()] if panel.name == "growing" else []
    return html.Figure(
        [
            html.Div(
                [
                    html.H2(panel.title, id=title),
                    html.Span(panel.question, className="quiet"),
                ],
                className="sweep-panel-head",
            ),
            *more,
            dcc.Graph(
                id=graph_id(panel.name),
                figure=NOTHING,
                config=GRAPH_CONFIG,  # pyright: ignore[reportArgumentType]
                responsive=True,
                style=graph_style(panel.height),
                className="sweep-graph",
            ),
            html.Figcaption("", id=caption_id(panel.name)),
        ],
        className=f"sweep-panel span-{panel.width}",
        role="group",
        **{  # pyright: ignore[reportArgumentType]
            "aria-labelledby": title,
            "aria-describedby": caption_id(panel.name),
        },
    )


def _transport() -> html.Div:
    """Lay out the player of the animation."""
    return html.Div(
        [
            html.Button(
                "Play epochs",
                id="sweep-play-epochs",
                type="button",
                className="tool",
                **{"data-sweep": "epochs"},  # pyright: ignore[reportArgumentType]
            ),
            html.Button(
                "Play values",
                id="sweep-play-values",
                type="button",
                className="tool",
                **{"data-sweep": "values"},  # pyright: ignore[reportArgumentType]
            ),
            html.Div(
                dcc.Slider(
                    id="sweep-playhead",
                    min=0,
                    max=1000,
                    step=1,
                    value=1000,
                    marks=None,
                    updatemode="drag",
                    included=False,
                    allow_direct_input=False,
                ),
                className="sweep-playhead",
            ),
            html.Span("", id="sweep-play-label", className="sweep-play-label"),
        ],
        className="sweep-transport",
    )
