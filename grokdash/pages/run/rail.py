"""What stands beside the panels of a run, in the app and in a file of its own."""

from collections.abc import Sequence
from typing import Any

from dash import html

from grokdash.pages.run.buttons import action_button, copy_link, record
from grokdash.snapshot import RunView
from grokdash.written import number


def rail_head(run: RunView) -> list[Any]:
    """Lay out what stands at the top of the rail: which run, and how it is doing."""
    return [
        html.H1(run.title, id="run-title", title=run.id),
        html.P(
            [
                html.Span("", id="run-state", className="state"),
                html.Span("", id="run-progress"),
            ],
            className="run-line",
        ),
    ]


def rail_foot(run: RunView, *tools: Any) -> list[Any]:
    """Lay out what is picked, the phases, the tools of the page, what the run is."""
    save = "Save all panels as one picture (Shift+S)"
    return [
        html.Div(id="selection", className="selection"),
        html.Div(id="phase-list", className="phase-list"),
        html.Div(
            [
                copy_link(),
                action_button("export-all", save, text="Save all"),
                record(),
                *tools,
            ],
            className="tools rail-tools",
        ),
        html.Dl(_facts(run), className="facts"),
    ]


def about_file(sentences: Sequence[str]) -> html.Details:
    """Say of a page that stands alone what it holds and how exact it is."""
    return html.Details(
        [html.Summary("This file"), *(html.P(one) for one in sentences)],
        className="looks about-file",
    )


def _facts(run: RunView) -> list[Any]:
    config, origin = run.config, run.stored.imported
    rows = {
        "run": run.id,
        "config": config.hash(),
        "operation": config.rule.title,
        "p": config.p,
        "train": f"{number(100 * config.train_fraction)} %",
        "wd": number(config.weight_decay),
        "lr": number(config.lr),
        "seed": config.seed,
        "size": f"{config.n_layers}L {config.n_heads}H {config.d_model}/{config.d_mlp}",
    }
    if origin is not None:
        rows |= {one: "unknown" for one, name in _SAID if name in origin.unknown}
        rows |= {"from": f"{origin.source} ({origin.layout})", "pairs": origin.split}
    return [part for name, value in rows.items() for part in _fact(name, value)]


_SAID = (
    ("train", "train_fraction"),
    ("wd", "weight_decay"),
    ("lr", "lr"),
    ("seed", "seed"),
)
"""Facts that a run which was trained elsewhere may not say, and their fields."""


def _fact(name: str, value: object) -> tuple[html.Dt, html.Dd]:
    return html.Dt(name), html.Dd(str(value), title=str(value))
