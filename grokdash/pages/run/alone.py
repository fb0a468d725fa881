"""A page of one run that stands alone in a file: no server, no other pages.

It is laid out of the parts of the app's page, so that the same player plays it.
"""

from collections.abc import Sequence
from typing import Any

from dash import html

from grokdash.contract.codes import Action
from grokdash.pages.run.buttons import action_button
from grokdash.pages.run.panels import loss_chart, panel, scrub_bar
from grokdash.pages.run.rail import about_file, rail_foot, rail_head
from grokdash.snapshot import RunView
from grokdash.views import View

_TOOLS: tuple[tuple[Action, str], ...] = (("grok", "Go to where the run groks (G)"),)


def alone_page(
    run: RunView,
    views: Sequence[View],
    length: int,
    about: Sequence[str],
    home: str = "",
) -> list[Any]:
    """Lay out bar, rail, loss chart, scrub bar and panels.

    Parameters
    ----------
    run
        The run.
    views
        Those below the loss chart.
    length
        How many checkpoints the slider has.
    about
        What the file holds and how exact it is, in sentences.
    home
        Address of the list that the page is part of; none if it stands alone.
    """
    return [
        html.A("Skip to Play", href="#play", className="skip skip-play"),
        alone_bar(home, keys=True),
        html.Main(
            html.Div(
                [
                    _rail(run, about),
                    html.Div(
                        [
                            html.Div(
                                [loss_chart(), scrub_bar(length, _TOOLS)],
                                className="scrub-head",
                            ),
                            html.Div(
                                [panel(view) for view in views],
                                className=f"panels panels-{min(len(views), 6)}",
                            ),
                        ],
                        className="stage",
                    ),
                ],
                id="run-page",
                className="run-page page-explore",
            ),
            id="page",
            tabIndex=-1,
        ),
    ]


def alone_bar(home: str, *, keys: bool) -> html.Header:
    """Lay out the bar of a page that has no server.

    Parameters
    ----------
    home
        Address of the list that it is part of, if there is one.
    keys
        Whether there are shortcuts to be listed.
    """
    return html.Header(
        [
            html.Span("grokdash", className="brand"),
            html.A("All runs", href=home, className="alone-home") if home else None,
            html.Span(className="spacer"),
            html.Span("", id="status-line", className="quiet"),
            action_button("keys", "Keys (?)") if keys else None,
            action_button("theme", "Dark or light (D)" if keys else "Dark or light"),
        ],
        className="bar",
    )


def _rail(run: RunView, about: Sequence[str]) -> html.Aside:
    return html.Aside(
        [
            *rail_head(run),
            *rail_foot(run),
            about_file(about),
        ],
        className="rail",
        **{"aria-label": "This run"},  # pyright: ignore[reportArgumentType]
    )
